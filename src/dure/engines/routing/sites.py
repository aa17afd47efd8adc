# SPDX-License-Identifier: Apache-2.0
"""Where to unload on the way home."""

from __future__ import annotations

from .plan import Kind
from .problem import Problem, Vehicle
from .timetable import Sequence


def with_last_site(problem: Problem, vehicle: Vehicle, sequence: Sequence) -> Sequence:
    """``sequence`` with the site at its end through which home is nearest; as it is when it ends at one."""
    if not sequence or sequence[-1][0] is Kind.SITE or not vehicle.sites:
        return sequence
    distance = problem.travel[vehicle.profile].distance
    here = problem.stop_named[sequence[-1][1]].place

    def metres(name: str) -> int:
        place = problem.site_named[name].place
        return int(distance[here, place] + (0 if vehicle.end is None else distance[place, vehicle.end]))

    return (*sequence, (Kind.SITE, min(vehicle.sites, key=metres)))
