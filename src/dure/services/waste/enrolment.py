# SPDX-License-Identifier: Apache-2.0
"""Enrolling many at once, from a file of one JSON object a line. Running a file again changes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dure.city.errors import Invalid
from dure.city.json_lines import Enrolled, each_line
from dure.services.waste.actions.bins import BinSpec, enrol
from dure.services.waste.actions.influences import InfluenceSpec, tell
from dure.services.waste.actions.trucks import SiteSpec, TruckSpec, enrol_site, enrol_truck


class FleetLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line of a file of trucks: a site or a truck, sites first."""

    site: SiteSpec | None = None
    truck: TruckSpec | None = None


def enrol_file(path: Path, *, actor: str) -> Enrolled:
    """Enrol the bin of every line; a bad line is refused by itself."""
    return each_line(path, BinSpec, lambda spec: enrol(spec, actor=actor))


def enrol_trucks(path: Path, *, actor: str) -> Enrolled:
    """Enrol the site or truck of every line; a bad line is refused by itself."""

    def keep(line: FleetLine) -> None:
        if (line.site is None) == (line.truck is None):
            raise Invalid("site와 truck 가운데 하나를 적으세요", "give either a site or a truck", field="site")
        if line.site is not None:
            enrol_site(line.site, actor=actor)
        elif line.truck is not None:
            enrol_truck(line.truck, actor=actor)

    return each_line(path, FleetLine, keep)


def tell_influences(path: Path, *, actor: str) -> Enrolled:
    """Keep the event or weather of every line (:class:`InfluenceSpec`); a bad line is refused by itself."""
    return each_line(path, InfluenceSpec, lambda spec: tell(spec, actor=actor))
