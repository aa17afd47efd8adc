# SPDX-License-Identifier: Apache-2.0
"""Enrolling many at once, from a file of one JSON object a line. Running a file again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dure.city.errors import DureError, Invalid
from dure.services.waste.actions.bins import BinSpec, enrol
from dure.services.waste.actions.influences import InfluenceSpec, tell
from dure.services.waste.actions.trucks import SiteSpec, TruckSpec, enrol_site, enrol_truck

Enrolled = tuple[int, list[tuple[int, str]]]
"""How many lines are enrolled, and which were not (number, why)."""


class FleetLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line of a file of trucks: a site or a truck, sites first."""

    site: SiteSpec | None = None
    truck: TruckSpec | None = None


def enrol_file(path: Path, *, actor: str) -> Enrolled:
    """Enrol the bin of every line; a bad line is refused by itself."""
    return _each_line(path, BinSpec, lambda spec: enrol(spec, actor=actor))


def enrol_trucks(path: Path, *, actor: str) -> Enrolled:
    """Enrol the site or truck of every line; a bad line is refused by itself."""

    def keep(line: FleetLine) -> None:
        if (line.site is None) == (line.truck is None):
            raise Invalid("site와 truck 가운데 하나를 적으세요", "give either a site or a truck", field="site")
        if line.site is not None:
            enrol_site(line.site, actor=actor)
        elif line.truck is not None:
            enrol_truck(line.truck, actor=actor)

    return _each_line(path, FleetLine, keep)


def tell_influences(path: Path, *, actor: str) -> Enrolled:
    """Keep the event or weather of every line (:class:`InfluenceSpec`); a bad line is refused by itself."""
    return _each_line(path, InfluenceSpec, lambda spec: tell(spec, actor=actor))


def _each_line(path: Path, kind: type[Any], keep: Callable[[Any], object]) -> Enrolled:
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
