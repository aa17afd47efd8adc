# SPDX-License-Identifier: Apache-2.0
"""The made city's complaint desk as the platform is given it, and what its citizens have to say, from ``made/*.jsonl``.

The sayings are never given to the platform, and none was made from a text of ``knowledge.jsonl`` or the other way
round: what the platform makes of them shows how it fares with words that it has not seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copyfile
from typing import Any

MADE = Path(__file__).parent / "made"
FILES = ("departments.jsonl", "knowledge.jsonl")
"""What the city hands over: for ``dure complaints departments`` and ``dure complaints knowledge``."""


@dataclass(frozen=True)
class Topic:
    """What is so of a topic: who is in charge, whether it has a place, and how long its things stay (days)."""

    code: str
    department: str
    placed: bool
    days: int


@dataclass(frozen=True)
class Saying:
    """Ways in which people say the same matter; ``topic`` None: a danger for which no department is the only right
    one. ``{w}`` stands for where, ``{t}`` for since when."""

    topic: Topic | None
    korean: tuple[str, ...]
    english: tuple[str, ...]
    danger: bool

    @property
    def placed(self) -> bool:
        return "{w}" in self.korean[0] and (self.topic is None or self.topic.placed)


def write_desk(folder: Path) -> None:
    """Put the desk's files into a city's folder."""
    for name in FILES:
        copyfile(MADE / name, folder / name)


@cache
def topics() -> dict[str, Topic]:
    """By code."""
    held = (line["topic"] for line in _lines("departments.jsonl") if "topic" in line)
    return {one["code"]: Topic(one["code"], one["department"], one["placed"], one["days"]) for one in held}


@cache
def sayings() -> tuple[Saying, ...]:
    """Each topic's, and the dangers."""
    return tuple(
        Saying(topics().get(one["topic"]), tuple(one["ko"]), tuple(one["en"]), one.get("danger", False))
        for one in _lines("sayings.jsonl")
    )


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (MADE / name).open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)
