# SPDX-License-Identifier: Apache-2.0
"""The demo's password is shown in a demo and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from dure.web.demo.people import PASSWORD, SIGN_INS

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def test_a_real_city_shows_no_sign_ins(client: Client) -> None:
    assert PASSWORD not in client.get(LOGIN).content.decode()


def test_a_demo_offers_its_people(client: Client, settings: Settings) -> None:
    settings.DURE_SIMULATION = True
    page = client.get(LOGIN).content.decode()
    assert PASSWORD in page
    assert 'value="worker"' in page


def test_every_role_has_somebody() -> None:
    from dure.city.models import Role

    assert {one.role for one in SIGN_INS} == set(Role)
