# SPDX-License-Identifier: Apache-2.0
"""Each role is led to its pages, and every icon that is named is drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from dure.city import navigation
from dure.city.models import Role
from tests.factories import City

SOURCE = Path(__file__).resolve().parent.parent.parent / "src/dure"


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_every_way_that_is_shown_can_be_gone(city: City, role: Role) -> None:
    client = Client()
    client.force_login(city.users[role], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/", follow=True)
    assert page.status_code == 200
    for way in page.context["ways"]:
        assert client.get(way.address).status_code == 200, way.address


@pytest.mark.django_db
def test_reader_with_one_page_is_led_there(city: City) -> None:
    client = Client()
    client.force_login(city.users[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").headers["Location"] == "/board/"


def test_entries_are_in_their_order_and_only_for_their_roles() -> None:
    entries = navigation.entries_for([Role.CARE_WORKER])
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)
    assert navigation.entries_for([]) == []
    assert "care:board" not in {entry.url_name for entry in entries}


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'id="([^"]+)"', Path(str(finders.find("img/icons.svg"))).read_text()))
    templates = [path.read_text() for path in SOURCE.rglob("templates/**/*.html")]
    named = {name for text in templates for name in re.findall(r'{% icon "([^"]+)"', text)}
    named |= {name for text in templates for name in re.findall(r'icon_name="([^"]+)"', text)}
    named |= {entry.icon for entry in navigation.entries_for(Role)}
    assert named - drawn == set()
