# SPDX-License-Identifier: Apache-2.0
"""The demo's complaint desk: its team, the departments with somebody in each, and what they may quote."""

from __future__ import annotations

import json
from pathlib import Path

from dure.city import clock, duty, teams
from dure.city.errors import Invalid
from dure.city.models import Membership, Role, Team, User
from dure.services.complaints.actions.departments import DepartmentSpec, set_department
from dure.services.complaints.enrolment import enrol_departments, enrol_knowledge
from dure.services.complaints.models import Department
from dure.web.demo import making
from dure.web.demo.making import ACTOR, SHIFT
from dure.web.demo.people import DEPARTMENT_OFFICERS, PASSWORD

CLERK = "at-desk"
"""Who works at the desk beside those who sign in."""


def open_desk(folder: Path, keys: Path) -> int:
    """The desk as departments.jsonl and knowledge.jsonl hold it; how many departments. Made clerks, who work at its
    pages, have their passwords beside the feeds' keys. Raises DureError for a line that is wrong."""
    _make_user(CLERK, "민원실 담당", Role.CALL_AGENT)
    agents = User.objects.filter(memberships__role__in=[Role.CALL_AGENT, Role.DESK_LEAD])
    _on_duty(teams.set_team("민원실", agents, service="complaints", actor=ACTOR))
    for name, enrol in (("departments.jsonl", enrol_departments), ("knowledge.jsonl", enrol_knowledge)):
        _, refused = enrol(folder / name, actor=ACTOR)
        for number, why in refused:
            raise Invalid(f"{name} {number}번째 줄: {why}", f"{name}, line {number}: {why}")
    officers = _officers()
    clerks = {"desk": CLERK} | {code: name for code, name in officers.items() if code not in DEPARTMENT_OFFICERS}
    making.add_keys(keys, {f"clerk:{code}:{name}": PASSWORD for code, name in clerks.items()})
    for line in (folder / "departments.jsonl").read_text(encoding="utf-8").splitlines():
        said = json.loads(line).get("department")
        if said and said["code"] in officers:
            department = set_department(DepartmentSpec(**said, members=[officers[said["code"]]]), actor=ACTOR)
            _on_duty(department.team)
    return len(officers)


def _officers() -> dict[str, str]:
    """By department: the user who works there. Those who cannot sign in from the login page are made here."""
    officers = dict(DEPARTMENT_OFFICERS)
    for department in Department.objects.filter(outside=False).exclude(code__in=officers):
        officers[department.code] = _make_user(f"at-{department.code}", f"{department} 담당", Role.OFFICER)
    return officers


def _make_user(username: str, name: str, role: Role) -> str:
    user = User.objects.create(username=username, display_name=name, password=making.hashed_password())
    Membership.objects.create(user=user, role=role)
    return username


def _on_duty(team: Team) -> None:
    """Everybody but the made agent: danger rings who sits in front of the demo."""
    now = clock.now()
    for user in team.members.exclude(username=CLERK):
        duty.add_shift(team, user, starts_at=now, ends_at=now + SHIFT, actor=ACTOR)
