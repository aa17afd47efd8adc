# SPDX-License-Identifier: Apache-2.0
"""The privacy officer finds everything about one person, also where a list named many."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from dure.city import audit, cases, people
from dure.city.errors import NotFound
from dure.city.models import AuditEntry, AuditMention, Person, Role, User
from dure.city.oversight import entries_about
from tests.city.casework import open_care_case
from tests.conftest import StandingClock
from tests.factories import City, Home, make_home, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]


@pytest.fixture
def homes(city: City, standing_clock: StandingClock) -> list[Home]:
    return [make_home(city.dongs[0]) for _ in range(3)]


@pytest.fixture
def officer(city: City) -> User:
    return city.users[Role.PRIVACY_OFFICER]


def tags(user: User, home: Home) -> list[str]:
    return list(entries_about(user, home.person.ref).order_by("seq").values_list("tag", flat=True))


def test_a_list_that_names_many_is_found_for_each_of_them_and_for_nobody_else(
    city: City, homes: list[Home], officer: User
) -> None:
    first, second, third = homes
    worker = city.users[Role.CARE_WORKER]
    people.access_people(
        worker,
        Person.objects.filter(pk__in=[first.person.pk, second.person.pk]),
        people.Purpose.WELL_BEING_CHECK,
    )
    assert ["person:record:listed" in tags(officer, one) for one in (first, second, third)] == [True, True, False]


def test_what_was_done_with_the_home_and_its_cases_is_found(city: City, homes: list[Home], officer: User) -> None:
    case = open_care_case(city.dongs[0], city.team, household=homes[0].household)
    cases.thread(city.users[Role.CARE_WORKER], case)
    found = tags(officer, homes[0])
    assert {"household:record:registered", "person:record:registered", "city:case:thread_read"} <= set(found)
    assert "city:case:thread_read" not in tags(officer, homes[1])


def test_looking_is_on_the_chain_and_only_for_who_answers_for_the_area(
    city: City, homes: list[Home], officer: User
) -> None:
    tags(officer, homes[0])
    told = AuditEntry.objects.order_by("-seq")[0]
    assert (told.tag, told.subject) == ("audit:chain:viewed", f"person:{homes[0].person.ref}")
    elsewhere = make_user("elsewhere", Role.PRIVACY_OFFICER, area=city.dongs[1])
    for user, ref in ((elsewhere, homes[0].person.ref), (officer, uuid4()), (city.users[Role.CARE_WORKER], uuid4())):
        with pytest.raises(NotFound):
            entries_about(user, ref)
        assert AuditEntry.objects.order_by("-seq")[0].tag == "person:record:denied"


def test_the_page_finds_lists_too_when_it_is_asked_for_a_person(city: City, homes: list[Home], officer: User) -> None:
    worker = city.users[Role.CARE_WORKER]
    people.access_people(worker, Person.objects.all(), people.Purpose.WELL_BEING_CHECK)
    client = Client()
    client.force_login(officer)
    answer = client.get("/audit/", {"subject": f"person:{homes[1].person.ref}", "actor": "user:care_worker"})
    assert [one.subject for one in answer.context["entries"]] == ["people:3"]
    assert client.get("/audit/", {"subject": f"person:{uuid4()}"}).context["entries"] == []


def test_mentions_cannot_be_changed_or_removed(homes: list[Home]) -> None:
    audit.record("person:record:listed", actor="tests", subject="people:1", detail={"refs": [homes[0].person.ref]})
    for change in (
        lambda: AuditMention.objects.update(seq=1),
        lambda: AuditMention.objects.filter(ref=homes[0].person.ref).delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
