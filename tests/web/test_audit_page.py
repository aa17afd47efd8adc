# SPDX-License-Identifier: Apache-2.0
"""The privacy officer sees who looked at whom, and is seen looking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from dure.city import people
from dure.city.models import AuditEntry, Role
from dure.city.people import Purpose
from dure.web.actors import names_of
from dure.web.audit_words import DEEDS
from tests.factories import City, make_home

SOURCE = Path(__file__).resolve().parent.parent.parent / "src/dure"


@pytest.fixture
def officer(city: City, client: Client) -> Client:
    client.force_login(city.users[Role.PRIVACY_OFFICER])
    return client


@pytest.mark.django_db
def test_a_reading_of_a_record_is_found_by_its_subject(city: City, officer: Client) -> None:
    home, other = make_home(city.dongs[0]), make_home(city.dongs[1])
    worker = city.users[Role.WELFARE_OFFICER]
    for one in (home, other):
        people.access_person(worker, one.person.ref, Purpose.WELL_BEING_CHECK)
    page = officer.get("/audit/", {"subject": f"person:{home.person.ref}", "tag": "person:record:read"})
    (entry,) = page.context["entries"]
    assert (entry.actor, entry.purpose) == ("user:welfare_officer", "well_being_check")


@pytest.mark.django_db
def test_looking_is_on_the_chain_too(city: City, officer: Client) -> None:
    officer.get("/audit/", {"actor": "user:welfare_officer"})
    entry = AuditEntry.objects.latest("seq")
    assert (entry.tag, entry.actor) == ("audit:chain:viewed", "user:privacy_officer")
    assert entry.detail == {"asked": {"actor": "user:welfare_officer"}}


@pytest.mark.django_db
def test_older_entries_are_a_page_further(city: City, officer: Client) -> None:
    for _ in range(60):
        officer.get("/audit/", {"tag": "nothing"})
    first = officer.get("/audit/")
    seen = [entry.seq for entry in first.context["entries"]]
    second = officer.get("/audit/", {"before": first.context["older"]})
    further = [entry.seq for entry in second.context["entries"]]
    assert len(seen) == 50
    assert further
    assert further[0] == seen[-1] - 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CARE_WORKER, Role.WELFARE_OFFICER, Role.ADMINISTRATOR])
def test_it_is_the_privacy_officers_alone(city: City, client: Client, role: Role) -> None:
    client.force_login(city.users[role])
    assert client.get("/audit/").status_code == 403


@pytest.mark.django_db
def test_entries_are_said_in_words_beside_their_codes(city: City, officer: Client) -> None:
    home, worker = make_home(city.dongs[0]), city.users[Role.WELFARE_OFFICER]
    people.access_person(worker, home.person.ref, Purpose.WELL_BEING_CHECK)
    page = officer.get("/audit/", {"tag": "person:record:read"})
    (line,) = page.context["lines"]
    assert (line.who, line.deed, line.why) == (str(worker), "기록을 열어 봄", "안부를 살피려고")
    assert line.whom == f"person:{str(home.person.ref)[:8]}…"
    text = page.content.decode()
    assert f'href="?subject=person%3A{home.person.ref}"' in text
    assert "person:record:read" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("care:plan", "단계 계획"),
        ("feed:telephony", "공급원 telephony"),
        ("command:users-add", "명령 users-add"),
        ("user:gone", "user:gone"),
        ("something new", "something new"),
    ],
)
def test_process_is_called_by_its_name_and_the_unknown_as_on_the_chain(actor: str, name: str) -> None:
    assert names_of([actor]) == {actor: name}


def test_everything_that_is_recorded_has_words_for_people() -> None:
    written = re.compile(
        r'"((?:person|household|device|care|city|complaints|monitoring|account|audit|area|fhir):[a-z_]+:[a-z_]+)"'
    )
    sources = [path for path in SOURCE.rglob("*.py") if path.name != "audit_words.py"]
    tags = {tag for path in sources for tag in written.findall(path.read_text())}
    assert len(tags) > 60
    assert tags - DEEDS.keys() == set()
