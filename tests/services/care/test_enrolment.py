# SPDX-License-Identifier: Apache-2.0
"""Taking people into care from a file: a bad line harms no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dure.city import audit, people
from dure.city.models import AuditEntry, Consent, Device, Household, Person, Role
from dure.cli import main
from dure.services.care.actions import enrolment
from dure.services.care.actions.enrolment import enrol_file
from dure.services.care.models import Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_feed

pytestmark = pytest.mark.django_db


def line(number: int = 1, **changed: object) -> dict[str, Any]:
    return {
        "area": "4199151000",
        "address": "두레로 1",
        "person": {"name": "김순자", "phone": f"010-0000-{number:04d}", "birth_year": 1941, "sex": "F"},
        "contacts": [{"name": "김하나", "phone": "010-0000-5001", "relation": "딸"}],
        "consents": ["power_watch", "ai_call"],
        "consent_until": "2027-12-31",
        "worker": "care_worker",
        "devices": [
            {
                "feed": "ami",
                "code": f"meter-{number}",
                "kind": "power_meter",
                "series": [{"name": "power", "unit": "kWh", "interval_minutes": 30}],
            }
        ],
    } | changed


@pytest.fixture
def folder(city: City, standing_clock: StandingClock, tmp_path: Path) -> Path:
    make_feed()
    return tmp_path


def enrol_lines(folder: Path, *lines: object) -> tuple[int, list[tuple[int, str]]]:
    file = folder / "homes.jsonl"
    text = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines]
    file.write_text("\n".join(text), encoding="utf-8")
    done = enrol_file(file, actor="tests")
    return done.taken, done.refused


def test_good_lines_are_taken_and_bad_ones_named(folder: Path) -> None:
    taken, refused = enrol_lines(
        folder,
        line(1),
        line(2, area="9999999999"),
        "{not json",
        line(3, consents=["ai_call"]),
        line(4, worker="nobody"),
        line(5, person={"name": "", "birth_year": 1941, "sex": "F"}),
        line(6, devices=[]),
        line(7, colour="blue"),
        line(8),
        line(9, devices=[*line(9)["devices"], *line(10)["devices"]]),
    )
    assert taken == 2
    fields = [message.split(":")[0] for _, message in refused]
    assert [number for number, _ in refused] == [2, 3, 4, 5, 6, 7, 8, 10]
    expected = ["area", "line", "consents", "worker", "person.name", "devices", "colour", "devices.series"]
    assert fields == expected
    assert Enrolment.objects.count() == Household.objects.count() == Device.objects.count() == 2


def test_a_file_as_some_editors_write_it_is_taken_whole(folder: Path) -> None:
    assert enrol_lines(folder, "\ufeff" + json.dumps(line(1)) + "\r", line(2)) == (2, [])


def test_the_same_file_again_changes_nothing_and_nothing_is_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol_lines(folder, line(1), line(2)) == (2, [])
    assert enrol_lines(folder, line(1), line(2)) == (0, [])
    assert main(["care", "enrol", str(folder / "homes.jsonl")]) == 0
    said = capsys.readouterr()
    assert "already enrolled: 2" in said.out
    assert said.err == ""
    assert Household.objects.count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"person": {"name": "박영희", "phone": "010-0000-0009", "birth_year": 1941, "sex": "F"}},
        {"area": "4199152000"},
        {"devices": [*line(1)["devices"], *line(2)["devices"]]},
    ],
    ids=["somebody else", "another area", "a meter more"],
)
def test_a_meter_of_a_home_that_is_written_otherwise_is_refused(folder: Path, changed: dict[str, object]) -> None:
    enrol_lines(folder, line(1))
    taken, refused = enrol_lines(folder, line(1) | changed)
    assert taken == 0
    assert refused[0][1].startswith(("devices.code", "devices.series"))
    assert Household.objects.count() == 1


def test_every_home_gets_its_own_row_in_the_engine(folder: Path) -> None:
    enrol_lines(folder, *(line(number) for number in range(1, 6)))
    assert sorted(Enrolment.objects.values_list("row", flat=True)) == [0, 1, 2, 3, 4]


def test_a_consent_holds_until_the_end_of_its_last_day_in_korea(folder: Path) -> None:
    enrol_lines(folder, line(1))
    expires = Consent.objects.values_list("expires_at", flat=True).distinct().get()
    assert expires.isoformat() == "2027-12-31T15:00:00+00:00"


def test_a_hundred_homes_need_no_more_statements_than_one(folder: Path) -> None:
    with CaptureQueriesContext(connection) as one:
        enrol_lines(folder, line(1))
    with CaptureQueriesContext(connection) as many:
        enrol_lines(folder, *(line(number) for number in range(2, 102)))
    assert Enrolment.objects.count() == 101
    assert len(many) <= len(one) + 6, "rows go in by hundreds; a few statements more for limits on parameters"


def test_what_a_batch_did_is_on_the_chain_by_kind_and_names_everybody(folder: Path) -> None:
    before = audit.count()
    enrol_lines(folder, *(line(number) for number in range(1, 4)))
    entries = {entry.tag: entry for entry in AuditEntry.objects.filter(seq__gt=before)}
    assert set(entries) == {
        "household:record:registered",
        "person:record:registered",
        "person:contact:added",
        "person:consent:granted",
        "device:record:registered",
        "care:enrolment:made",
    }
    people = {str(ref) for ref in Enrolment.objects.values_list("person__ref", flat=True)}
    for tag in ("person:record:registered", "person:consent:granted", "care:enrolment:made"):
        assert set(entries[tag].detail["refs"]) == people
    assert audit.count() - before == 7, "one entry for each of the two consents"
    assert audit.verify() == []


def test_two_lines_with_one_meter_are_one_home(folder: Path) -> None:
    taken, refused = enrol_lines(folder, line(1), line(1, address="두레로 2"), "", line(2))
    assert taken == Household.objects.count() == 2
    assert [(number, message.split(":")[0]) for number, message in refused] == [(2, "devices.code")]
    assert enrol_lines(folder, line(1), line(1, address="두레로 2"), "", line(2)) == (0, refused), (
        "the second time, too"
    )


def test_a_file_longer_than_a_batch_is_taken_whole_and_its_lines_keep_their_numbers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment, "LINES_AT_ONCE", 2)
    taken, refused = enrol_lines(folder, line(1), line(2), line(3), line(4, area="0"), line(5))
    assert (taken, [number for number, _ in refused]) == (4, [4])
    assert sorted(Enrolment.objects.values_list("row", flat=True)) == [0, 1, 2, 3]


def test_a_file_that_stopped_in_the_middle_is_simply_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "LINES_AT_ONCE", 2)
    lines = [line(number) for number in range(1, 6)]
    enrol_lines(folder, *lines[:3])
    taken, refused = enrol_lines(folder, *lines)
    assert (taken, refused) == (2, [])
    assert Household.objects.count() == Device.objects.count() == 5


def test_names_phones_and_addresses_are_sealed_and_a_phone_is_found_by_its_index(folder: Path, city: City) -> None:
    enrol_lines(folder, line(1))
    found = people.find_by_phone(city.users[Role.WELFARE_OFFICER], "010-0000-0001", people.Purpose.ENROLMENT)
    assert [(one.name, one.address, [contact.name for contact in one.contacts]) for one in found] == [
        ("김순자", "두레로 1", ["김하나"])
    ]
    kept: Any = Person.objects.values_list("name", flat=True).get()
    assert kept.token.startswith("gAAAA")
