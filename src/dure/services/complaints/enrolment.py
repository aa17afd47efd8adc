# SPDX-License-Identifier: Apache-2.0
"""The desk's departments, duties and topics, and what it may quote, from files of one JSON object a line.

Running a file again changes nothing; a bad line is refused by itself, with its number and field.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from dure.city.errors import Invalid
from dure.city.json_lines import Enrolled, each_line
from dure.services.complaints.actions.departments import (
    DepartmentSpec,
    TopicSpec,
    add_duty,
    set_department,
    set_topic,
)
from dure.services.complaints.actions.knowledge import TemplateSpec, TextSpec, add_synonym, set_template, set_text


class DutySpec(msgspec.Struct, forbid_unknown_fields=True):
    """One line of the table of duties."""

    department: str
    text: str


class DeskLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line: ``{"department": {…}}``, ``{"duty": {…}}`` or ``{"topic": {…}}``; departments before what is theirs."""

    department: DepartmentSpec | None = None
    duty: DutySpec | None = None
    topic: TopicSpec | None = None


class SynonymSpec(msgspec.Struct, forbid_unknown_fields=True):
    """Words that mean the same, with ``=`` between them."""

    words: str


class KnowledgeLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line: ``{"text": {…}}``, ``{"synonym": {"words": "a=b"}}`` or ``{"template": {…}}``."""

    text: TextSpec | None = None
    synonym: SynonymSpec | None = None
    template: TemplateSpec | None = None


def enrol_departments(path: Path, *, actor: str) -> Enrolled:
    """Keep what every line says of departments, duties and topics."""
    return each_line(path, DeskLine, lambda line: _keep(line, actor))


def enrol_knowledge(path: Path, *, actor: str) -> Enrolled:
    """Keep what every line says of texts, synonyms and templates."""
    return each_line(path, KnowledgeLine, lambda line: _keep_knowledge(line, actor))


def _keep_knowledge(line: KnowledgeLine, actor: str) -> None:
    if sum(one is not None for one in (line.text, line.synonym, line.template)) != 1:
        raise Invalid(
            "text, synonym, template 가운데 하나를 적으세요", "give one of text, synonym and template", field="text"
        )
    if line.text is not None:
        set_text(line.text, actor=actor)
    elif line.synonym is not None:
        add_synonym(line.synonym.words, actor=actor)
    elif line.template is not None:
        set_template(line.template, actor=actor)


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
