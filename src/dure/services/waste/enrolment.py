# SPDX-License-Identifier: Apache-2.0
"""Enrolling many bins at once, from a file of one JSON object a line. Running a file again changes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dure.city.errors import DureError
from dure.services.waste.actions.bins import BinSpec, enrol


def enrol_file(path: Path, *, actor: str) -> tuple[int, list[tuple[int, str]]]:
    """Enrol the bin of every line; a bad line is refused by itself. How many are enrolled, and which lines were not
    (number, why)."""
    reader = msgspec.json.Decoder(BinSpec)
    enrolled, refused = 0, []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                enrol(reader.decode(line), actor=actor)
                enrolled += 1
            except (msgspec.MsgspecError, UnicodeDecodeError, DureError) as error:
                refused.append((number, str(error)))
    return enrolled, refused
