# SPDX-License-Identifier: Apache-2.0
"""Workers' loads in a city with many of them: pages, search, who is offered, and the warning nobody can miss."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dure.city import rules
from dure.city.models import Role, User
from dure.services.care import loads
from dure.services.care.models import Enrolment
from dure.services.care.rules import CareRules
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled, enrolled_many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]


@pytest.fixture
def officer(city: City, standing_clock: StandingClock) -> User:
    return city.users[Role.WELFARE_OFFICER]


def workers(count: int) -> None:
    made = User.objects.bulk_create(User(username=f"w{n:04d}", display_name=f"김일꾼{n:04d}") for n in range(count))
    for one in made:
        one.memberships.create(role=Role.CARE_WORKER)


def page_of(user: User, address: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(address)


def test_many_workers_are_pages_and_found_by_name(city: City, officer: User) -> None:
    workers(130)
    enrolled(city)
    first = page_of(officer, "/care/workers/")
    assert [load.worker.username for load in first.context["loads"]][:2] == ["care_worker", "w0000"]
    assert (len(first.context["loads"]), first.context["page"].paginator.num_pages) == (60, 3)
    assert len(page_of(officer, "/care/workers/?page=3").context["loads"]) == 131 - 120
    found = page_of(officer, "/care/workers/?q=김일꾼0077").context["loads"]
    assert [load.worker.username for load in found] == ["w0077"]


def test_a_page_asks_the_database_no_more_in_a_city_of_many(city: City, officer: User) -> None:
    enrolled(city)
    client = Client()
    client.force_login(officer)
    with CaptureQueriesContext(connection) as few:
        client.get("/care/workers/?of=care_worker")
    workers(100)
    enrolled_many(city, range(2, 12))
    with CaptureQueriesContext(connection) as many:
        client.get("/care/workers/?of=care_worker")
    assert len(many) <= len(few) + 3
    assert max(len(query["sql"]) for query in many.captured_queries) < 20_000


def test_who_knows_the_place_is_offered_first_then_who_has_fewest(city: City, officer: User) -> None:
    workers(80)
    make_user("neighbour", Role.CARE_WORKER)
    for number in (1, 2, 3):
        enrolled(city, number=number, worker="neighbour")
    offered = loads.offered_for(officer, [city.dongs[0]])
    assert (len(offered), offered[0].worker and offered[0].worker.username) == (loads.OFFERED, "neighbour")
    assert {load.people for load in offered[1:]} == {0}
    neighbour = User.objects.get(username="neighbour")
    assert neighbour not in [load.worker for load in loads.offered_for(officer, [city.dongs[0]], but=neighbour)]


def test_too_many_people_are_said_on_the_board_and_on_the_worker_s_own_page(city: City, officer: User) -> None:
    rules.set_rule(CareRules, "care", "people_per_worker", 2, by=officer)
    worker = city.users[Role.CARE_WORKER]
    for number in (1, 2):
        enrolled(city, number=number)
    assert loads.overload(officer) is None
    assert "한도" not in page_of(worker, "/care/today/").content.decode()
    enrolled(city, number=3)
    said = "생활지원사 1명이 한도 2명을 넘게 맡고 있습니다. 가장 많은 이는 3명입니다."
    assert said in page_of(officer, "/care/board/").content.decode()
    assert said in page_of(officer, "/care/workers/").content.decode()
    assert "맡으신 분이 3명으로 한도 2명을 넘습니다" in page_of(worker, "/care/today/").content.decode()
    far = make_user("far", Role.WELFARE_OFFICER, area=city.dongs[1])
    assert loads.overload(far) is None


def test_person_page_offers_whoever_looks_after_them_now_and_others(city: City, officer: User) -> None:
    workers(100)
    enrolment = enrolled(city)
    page = page_of(officer, f"/care/people/{enrolment.person.ref}/").context["page"]
    assert page.workers[0].worker == Enrolment.objects.get().worker
    assert len(page.workers) == loads.OFFERED + 1
