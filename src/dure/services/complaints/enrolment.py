# SPDX-License-Identifier: Apache-2.0
"""Departments, duties and topics from a file of one JSON object a line. Running a file again changes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dure.city.errors import DureError, Invalid
from dure.services.complaints.actions.departments import (
    DepartmentSpec,
    TopicSpec,
    add_duty,
    set_department,
    set_topic,
)

Enrolled = tuple[int, list[tuple[int, str]]]
"""How many lines are enrolled, and which were not (number, why)."""


class DutySpec(msgspec.Struct, forbid_unknown_fields=True):
    """One line of the table of duties."""

    department: str
    text: str


class DeskLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line: ``{"department": {…}}``, ``{"duty": {…}}`` or ``{"topic": {…}}``; departments before what is theirs."""

    department: DepartmentSpec | None = None
    duty: DutySpec | None = None
    topic: TopicSpec | None = None


def enrol_departments(path: Path, *, actor: str) -> Enrolled:
    """Keep what every line says; a bad line is refused by itself, with its number and field."""
    reader = msgspec.json.Decoder(DeskLine)
    enrolled, refused = 0, []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                _keep(reader.decode(line), actor)
                enrolled += 1
            except (msgspec.MsgspecError, UnicodeDecodeError, DureError) as error:
                refused.append((number, str(error)))
    return enrolled, refused


def _keep(line: DeskLine, actor: str) -> None:
    if sum(one is not None for one in (line.department, line.duty, line.topic)) != 1:
        words = "department, duty, topic 가운데 하나를 적으세요", "give one of department, duty and topic"
        raise Invalid(*words, field="department")
    if line.department is not None:
        set_department(line.department, actor=actor)
    elif line.duty is not None:
        add_duty(line.duty.department, line.duty.text, actor=actor)
    elif line.topic is not None:
        set_topic(line.topic, actor=actor)
