# SPDX-License-Identifier: Apache-2.0
"""From what a policy asks for to trucks on their way: one problem of the routing engine per decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dure.engines.filling.shape import Floats
from dure.engines.routing import Problem, Route, Site, Stop, Vehicle, Window, straight_lines
from dure.engines.routing.solve import NoPlan, solve
from dure.services.waste.prizes import litres_in, prizes, usual_metres

from .policies import Ask
from .tables import Bins

Place = tuple[float, float]
"""Longitude, latitude."""

DEPOT, TIP, FIRST_BIN = 0, 1, 2
"""Rows of the matrices."""

TIP_NAME = " tip"
"""Not the name of any bin: those are stripped."""


@dataclass(frozen=True)
class Fleet:
    """Assumptions about the trucks, each of them said in the summary.

    ``capacity`` in litres, ``kmh`` along straight lines × 1.3, ``bin_seconds`` at each bin, ``tip_seconds`` at the
    tip, at most ``shift_hours`` at work after each decision. ``margin``: points by which a bin is planned fuller than
    expected. ``stop_metres``: a stop costs as much as driving so far, whatever its detour.
    """

    depot: Place
    tip: Place
    trucks: int = 4
    capacity: int = 6_000
    kmh: float = 20.0
    bin_seconds: int = 60
    tip_seconds: int = 900
    shift_hours: int = 8
    margin: float = 5.0
    stop_metres: int = 100
    iterations: int = 150


@dataclass(frozen=True)
class Drive:
    """Routes, when each bin is empty (seconds after the decision), and whether all that had to be visited fitted."""

    routes: tuple[Route, ...]
    emptied: dict[int, int]
    feasible: bool

    @property
    def metres(self) -> int:
        """Of all routes."""
        return sum(route.distance for route in self.routes)


class Dispatch:
    """Plans each decision's routes."""

    def __init__(self, bins: Bins, fleet: Fleet) -> None:
        self.bins, self.fleet = bins, fleet
        lon = np.concatenate([[fleet.depot[0], fleet.tip[0]], bins.lon])
        lat = np.concatenate([[fleet.depot[1], fleet.tip[1]], bins.lat])
        self.travel = straight_lines(lon, lat, kmh=fleet.kmh)
        self.usual = usual_metres(self.travel.distance[FIRST_BIN:, FIRST_BIN:], fleet.stop_metres)
        """(bins,): what an ordinary visit costs, metres."""

    def plan(self, ask: Ask, hours: int, seed: int) -> Drive:
        """Routes for what ``ask`` says, to be driven within ``hours``, the time to the next decision."""
        prize = ask.prize + prizes(ask.worth, self.usual, self.fleet.stop_metres)
        chosen = np.flatnonzero(ask.must | (prize > 0))
        if not len(chosen):
            return Drive((), {}, True)
        problem = self._problem(ask, prize, chosen, min(hours, self.fleet.shift_hours) * 3600)
        feasible = True
        try:
            plan = solve(problem, iterations=self.fleet.iterations, seed=seed)
        except NoPlan as wrong:
            feasible = False
            if wrong.partial is None:
                return Drive((), {}, False)
            plan = wrong.partial
        number = {self.bins.names[one]: int(one) for one in chosen}
        emptied = {
            number[visit.name]: visit.end for route in plan.routes for visit in route.visits if visit.name in number
        }
        return Drive(plan.routes, emptied, feasible)

    def _problem(self, ask: Ask, prize: Floats, chosen: NDArray[np.intp], shift: int) -> Problem:
        fleet = self.fleet
        rows = np.concatenate([[DEPOT, TIP], FIRST_BIN + chosen])
        picked = np.ix_(rows, rows)
        travel = replace(
            self.travel, distance=self.travel.distance[picked].copy(), duration=self.travel.duration[picked].copy()
        )
        litres = [litres_in(*one, fleet.margin) for one in zip(ask.level, self.bins.volume, strict=True)]
        stops = tuple(
            Stop(
                self.bins.names[one],
                FIRST_BIN + place,
                fleet.bin_seconds,
                collect=(min(litres[one], fleet.capacity),),
                prize=None if ask.must[one] else round(max(prize[one], 0)),
            )
            for place, one in enumerate(chosen)
        )
        truck = Vehicle("", DEPOT, DEPOT, Window(0, shift), (fleet.capacity,), sites=(TIP_NAME,), empty_at_end=True)
        trucks = tuple(replace(truck, name=f"truck-{number + 1}") for number in range(fleet.trucks))
        return Problem(stops, trucks, {"": travel}, (Site(TIP_NAME, TIP, fleet.tip_seconds),), load_kinds=("litres",))
