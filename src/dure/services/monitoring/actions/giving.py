# SPDX-License-Identifier: Apache-2.0
"""Giving many devices at once, from a file. Running a file again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dure.city.errors import DureError, Invalid
from dure.city.models import Feed, Person
from dure.services.monitoring.actions.devices import give


class GiveLine(BaseModel):
    """One line: whose, from which feed, which device, of which kind."""

    model_config = ConfigDict(extra="forbid")
    person: UUID
    feed: str
    code: Annotated[str, Field(min_length=1, max_length=64)]
    kind: str


def give_file(path: Path, *, actor: str) -> tuple[int, list[tuple[int, str]]]:
    """Give the device of every line; a bad line is refused by itself. How many were given, and which lines were not
    (number, why)."""
    given, refused = 0, []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                _give_line(GiveLine.model_validate_json(line), actor)
                given += 1
            except ValidationError as error:
                fault = error.errors(include_url=False, include_input=False)[0]
                refused.append((number, f"{'.'.join(map(str, fault['loc'])) or 'line'}: {fault['msg']}"))
            except DureError as error:
                refused.append((number, str(error)))
    return given, refused


def _give_line(line: GiveLine, actor: str) -> None:
    person = Person.objects.filter(ref=line.person, left_at=None).select_related("household__area").first()
    if person is None:
        raise Invalid("그런 주민이 없습니다", "there is no such person", field="person")
    feed = Feed.objects.filter(code=line.feed).first()
    if feed is None:
        raise Invalid("등록되지 않은 공급원입니다", "no such feed is registered", field="feed")
    give(person, feed=feed, code=line.code, kind=line.kind, actor=actor)
