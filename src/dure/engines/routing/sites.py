# SPDX-License-Identifier: Apache-2.0
"""Where to unload on the way home."""

from __future__ import annotations

from .plan import Kind
from .problem import Problem, Vehicle
from .timetable import Sequence


def with_last_site(problem: Problem, vehicle: Vehicle, sequence: Sequence) -> Sequence:
    """``sequence`` with the site at its end through which home is nearest; as it is when it ends at one."""
    if not vehicle.sites or (sequence and sequence[-1][0] is Kind.SITE):
        return sequence
    distance = problem.travel[vehicle.profile].distance
    here = problem.stop_named[sequence[-1][1]].place if sequence else vehicle.start

    def metres(name: str) -> int:
        place = problem.site_named[name].place
        there = 0 if here is None else distance[here, place]
        return int(there + (0 if vehicle.end is None else distance[place, vehicle.end]))

    return (*sequence, (Kind.SITE, min(vehicle.sites, key=metres)))
