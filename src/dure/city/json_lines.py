# SPDX-License-Identifier: Apache-2.0
"""Files of one JSON object a line, by which a city tells many things at once. A bad line is refused by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from dure.city.errors import DureError

Line = TypeVar("Line")
Enrolled = tuple[int, list[tuple[int, str]]]
"""How many lines are enrolled, and which were not (number, why)."""


def each_line(path: Path, kind: type[Line], keep: Callable[[Line], object]) -> Enrolled:
    """``keep`` what every line says, as a ``kind`` that msgspec reads; empty lines are passed over."""
    reader = msgspec.json.Decoder(kind)
    enrolled, refused = 0, []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                keep(reader.decode(line))
                enrolled += 1
            except (msgspec.MsgspecError, UnicodeDecodeError, DureError) as error:
                refused.append((number, str(error)))
    return enrolled, refused
