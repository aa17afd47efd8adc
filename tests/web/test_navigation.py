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
from dure.web.shell import MOST_WAYS
from tests.factories import City
from tests.services.care.living import enrolled
from tests.services.monitoring.wearing import wearing

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
    client.force_login(city.users[Role.TRAFFIC_ENGINEER], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").headers["Location"] == "/board/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "address"),
    [(Role.CARE_WORKER, "/care/today/"), (Role.CITIZEN, "/care/my/day/"), (Role.FAMILY, "/care/family/")],
)
def test_reader_with_the_page_in_one_hand_begins_with_their_work(city: City, role: Role, address: str) -> None:
    client = Client()
    client.force_login(city.users[role], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").headers["Location"] == address


@pytest.mark.django_db
def test_person_is_led_only_to_the_services_they_are_in(city: City) -> None:
    in_care, worn = enrolled(city).person, wearing(city, "wearable").person
    client = Client()
    client.force_login(city.users[Role.WELFARE_OFFICER], backend="django.contrib.auth.backends.ModelBackend")
    for person, there in ((in_care, True), (worn, False)):
        page = client.get(f"/monitoring/people/{person.ref}/").content.decode()
        assert (f'href="/care/people/{person.ref}/"' in page) is there
    assert client.get(f"/care/people/{worn.ref}/").status_code == 404


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


@pytest.mark.django_db
def test_ways_beyond_a_phones_width_stand_in_a_menu_too(city: City) -> None:
    client = Client()
    client.force_login(city.users[Role.WELFARE_OFFICER], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/duty/", follow=True)
    ways, more = page.context["ways"], page.context["ways_more"]
    assert len(ways) > MOST_WAYS
    assert more == ways[MOST_WAYS - 1 :]
    menu = page.content.decode().partition("ways__more")[2].partition("</details>")[0]
    assert [way.address for way in more if f'href="{way.address}"' not in menu] == []
    assert "ways__here" in menu
    client.force_login(city.users[Role.PRIVACY_OFFICER], backend="django.contrib.auth.backends.ModelBackend")
    assert "ways__more" not in client.get("/audit/").content.decode()
