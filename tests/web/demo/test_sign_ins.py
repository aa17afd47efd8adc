# SPDX-License-Identifier: Apache-2.0
"""The demo's password is shown in a demo and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from dure.services.care.rules import CareRules
from dure.web.demo.people import PASSWORD, SIGN_INS, WORKERS, care_workers

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


@pytest.mark.parametrize("homes", [1, 81, 200, 2_000, 10_000])
def test_no_worker_of_a_demo_begins_with_more_homes_than_the_rule(homes: int) -> None:
    workers = care_workers(homes)
    assert homes <= len(workers) * CareRules().people_per_worker
    assert workers[0] == WORKERS[0]
    assert len(set(workers)) == len(workers)


def test_a_whole_city_has_as_many_workers_as_a_real_one() -> None:
    assert len(care_workers(170_000)) == 500
