# SPDX-License-Identifier: Apache-2.0
"""The table of duties from a file, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure.city.errors import Conflict
from dure.city.models import AuditEntry, Role
from dure.services.complaints.actions.departments import retire_department, retire_topic
from dure.services.complaints.enrolment import enrol_departments
from dure.services.complaints.models import Department, Duty, Topic
from dure.services.complaints.teams import desk_team
from tests.factories import City
from tests.services.complaints.office import make_office

pytestmark = pytest.mark.django_db
FILE = """{"department":{"code":"roads","name":{"ko":"도로과","en":"Roads"},"phone":"031-1","members":["officer"]}}
{"duty":{"department":"roads","text":"가로등과 보안등 수리"}}
{"topic":{"code":"lamp","name":{"ko":"가로등","en":"Lamp"},"department":"roads","placed":true,"metres":50,\
"fields":[{"code":"pole","name":{"ko":"번호","en":"Number"},"type":"text"}]}}
{"topic":{"code":"pit","name":{"ko":"도로 파손"},"department":"roads"}}
{"topic":{"code":"pit","name":{"ko":"도로 파손","en":"Pit"},"department":"parks"}}
{"duty":{"department":"roads"}}
{}
not json
"""


def test_a_file_of_departments_is_kept_and_bad_lines_are_named(city: City, tmp_path: Path) -> None:
    path = tmp_path / "desk.jsonl"
    path.write_text(FILE, encoding="utf-8")
    enrolled, refused = enrol_departments(path, actor="tests")
    assert (enrolled, [line for line, _ in refused]) == (3, [4, 5, 6, 7, 8])
    assert [words.split(":")[0] for _, words in refused[:2]] == ["name.en", "department"]
    roads = Department.objects.get()
    assert list(roads.team.members.all()) == [city.users[Role.OFFICER]]
    assert (Duty.objects.get().text, Topic.objects.get().fields[0]["code"]) == ("가로등과 보안등 수리", "pole")
    entries = AuditEntry.objects.count()
    assert enrol_departments(path, actor="tests")[0] == 3
    assert AuditEntry.objects.count() == entries


def test_a_department_is_retired_when_nothing_is_its_any_more(city: City) -> None:
    office = make_office(city)
    roads = office.departments["roads"]
    with pytest.raises(Conflict):
        retire_department(roads, actor="tests")
    retire_topic(Topic.objects.get(code="lamp"), actor="tests")
    retire_department(roads, actor="tests")
    roads.refresh_from_db()
    assert roads.retired_at is not None


def test_what_nobody_has_sorted_is_the_desks_and_no_departments(city: City) -> None:
    assert desk_team(city.area) == city.team
    office = make_office(city)
    assert desk_team(office.area) == office.team
