# SPDX-License-Identifier: Apache-2.0
"""Routes out of sequences that may not be possible as they are: what does not fit is taken out and put where it does.

Whether a route is possible is asked of ``timetable`` and of the checker itself, so that all that the language can say
is kept, also what a solver has no word for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .check import check_route
from .plan import Kind, Route, Words
from .problem import Problem, Stop, Vehicle
from .sites import with_last_site
from .timetable import Sequence, cost_of, timetable

TRIES = 60
"""Places tried for a stop, the shortest detours first."""

_NOWHERE = -1

NO_ROOM: Words = ("남은 차량·시간에 들어가지 않습니다", "does not fit into what time and room the vehicles have left")


@dataclass(frozen=True)
class _Detour:
    """A sequence with the stops put in, and about what that costs more."""

    cost: int
    vehicle: Vehicle
    sequence: Sequence


@dataclass(frozen=True)
class _Legs:
    """``legs``: (n, 2) places driven between; ``_NOWHERE``: where an open route begins or ends."""

    distance: NDArray[np.int64]
    metre_cost: int
    legs: NDArray[np.int64]

    def shortest_detour(self, place: int) -> int:
        """The least that it costs to pass by ``place``."""
        before, after = self.legs.T
        there = np.where(before == _NOWHERE, 0, self.distance[before, place])
        back = np.where(after == _NOWHERE, 0, self.distance[place, after])
        direct = np.where((before == _NOWHERE) | (after == _NOWHERE), 0, self.distance[before, after])
        return self.metre_cost * int((there + back - direct).min())


def fit(problem: Problem, vehicle: Vehicle, sequence: Sequence) -> Route | None:
    """The route of this sequence if it keeps all that is asked of one route."""
    route = timetable(problem, vehicle, sequence)
    return None if route is None or check_route(problem, route) else route


class Mending:
    """Routes being made possible. ``routes`` by vehicle; ``left_out``: why, by stop."""

    def __init__(self, problem: Problem, sequences: dict[str, Sequence]) -> None:
        self.problem = problem
        self.routes = dict[str, Route]()
        self.left_out = dict[str, Words]()
        self._legs: list[_Legs] | None = None
        for name, sequence in sequences.items():
            route = self._kept(problem.vehicle_named[name], sequence)
            if route is not None:
                self.routes[name] = route
        self._put_in_what_is_missing()
        self._unload()

    def _kept(self, vehicle: Vehicle, sequence: Sequence) -> Route | None:
        """The whole sequence, or in its order what fits after what came before."""
        route = fit(self.problem, vehicle, sequence)
        if route is not None or not sequence:
            return route
        kept: Sequence = ()
        for step in sequence:
            if self._closed(vehicle, (*kept, step)) is not None:
                kept = (*kept, step)
        names = {name for kind, name in kept if kind is Kind.STOP}
        partner = self.problem.partner
        whole = tuple(step for step in kept if step[1] not in partner or partner[step[1]] in names)
        return self._closed(vehicle, whole)

    def _closed(self, vehicle: Vehicle, sequence: Sequence) -> Route | None:
        """The route with a site at its end where it must end empty; None when it is not possible, or goes nowhere."""
        if not any(kind is Kind.STOP for kind, _ in sequence) and not any(vehicle.on_board):
            return None
        if vehicle.empty_at_end:
            sequence = with_last_site(self.problem, vehicle, sequence)
        return fit(self.problem, vehicle, sequence)

    def _unload(self) -> None:
        """Whoever begins with something on board and must end empty drives at least to a site."""
        for vehicle in self.problem.vehicles:
            if vehicle.empty_at_end and any(vehicle.on_board) and vehicle.name not in self.routes:
                route = self._closed(vehicle, ())
                if route is not None:
                    self.routes[vehicle.name] = route

    def _put_in_what_is_missing(self) -> None:
        """What must be visited first, then what is worth most."""
        visited = {name for route in self.routes.values() for name in route.stops}
        missing = [stop for stop in self.problem.stops if stop.name not in visited]
        seconds = {pair.second for pair in self.problem.pairs}
        for stop in sorted(missing, key=lambda one: (one.prize is not None, -(one.prize or 0))):
            if stop.name not in seconds:
                self._put_in(stop)

    def _put_in(self, stop: Stop) -> None:
        partner = self.problem.partner.get(stop.name)
        stops = [stop] if partner is None else [stop, self.problem.stop_named[partner]]
        prize = None if stop.prize is None else sum(one.prize or 0 for one in stops)
        if prize is not None and partner is None and (least := self._least_detour(stop)) >= prize:
            self.left_out[stop.name] = _not_worth(self.problem, least, prize)
            return
        why = NO_ROOM
        detours = sorted(self._detours(stops), key=lambda one: one.cost)
        for detour in detours[:TRIES]:
            if prize is not None and detour.cost >= prize:
                break
            route = self._closed(detour.vehicle, detour.sequence)
            before = self.routes.get(detour.vehicle.name)
            if route is None:
                continue
            more = cost_of(detour.vehicle, route) - (0 if before is None else cost_of(detour.vehicle, before))
            if prize is None or more < prize:
                self.routes[detour.vehicle.name] = route
                self._legs = None
                return
            why = _not_worth(self.problem, more, prize)
        for one in stops:
            self.left_out[one.name] = why

    def _least_detour(self, stop: Stop) -> int:
        """No vehicle could go there for less: the shortest detour from any leg, whoever drives it."""
        if self._legs is None:
            self._legs = self._all_legs()
        return min(legs.shortest_detour(stop.place) for legs in self._legs)

    def _all_legs(self) -> list[_Legs]:
        found = defaultdict[tuple[str, int], set[tuple[int, int]]](set)
        for vehicle in self.problem.vehicles:
            route = self.routes.get(vehicle.name)
            between = [self._place(step) for step in route.sequence] if route else []
            places = [_NOWHERE if one is None else one for one in (vehicle.start, *between, vehicle.end)]
            found[vehicle.profile, vehicle.metre_cost].update(pairwise(places))
        travel = self.problem.travel
        return [
            _Legs(travel[profile].distance, cost, np.array(sorted(legs))) for (profile, cost), legs in found.items()
        ]

    def _detours(self, stops: list[Stop]) -> Iterator[_Detour]:
        """Every place in every route where the stops could come, one after the other; of idle vehicles one a kind."""
        idle = set[Vehicle]()
        for vehicle in self.problem.vehicles:
            if not all(vehicle.may_visit(stop) for stop in stops):
                continue
            route = self.routes.get(vehicle.name)
            if route is None:
                alike = replace(vehicle, name="")
                if alike in idle:
                    continue
                idle.add(alike)
            sequence = () if route is None else route.sequence
            for number in range(len(sequence) + 1):
                yield self._detour(vehicle, sequence, number, stops)

    def _detour(self, vehicle: Vehicle, sequence: Sequence, number: int, stops: list[Stop]) -> _Detour:
        distance = self.problem.travel[vehicle.profile].distance
        before = vehicle.start if number == 0 else self._place(sequence[number - 1])
        after = vehicle.end if number == len(sequence) else self._place(sequence[number])
        places = [before, *(stop.place for stop in stops), after]
        metres = sum(int(distance[a, b]) for a, b in pairwise(places) if None not in (a, b))
        if before is not None and after is not None and sequence:
            metres -= int(distance[before, after])
        steps = tuple((Kind.STOP, stop.name) for stop in stops)
        fixed = 0 if sequence else vehicle.fixed_cost
        longer = (*sequence[:number], *steps, *sequence[number:])
        return _Detour(vehicle.metre_cost * metres + fixed, vehicle, longer)

    def _place(self, step: tuple[Kind, str]) -> int:
        kind, name = step
        return self.problem.stop_named[name].place if kind is Kind.STOP else self.problem.site_named[name].place


def without_what_costs_more(problem: Problem, sequences: dict[str, Sequence]) -> dict[str, Sequence]:
    """The sequences without stops that cost more metres than their prize; for solvers that know no prizes."""
    return {name: _worthwhile(problem, problem.vehicle_named[name], sequence) for name, sequence in sequences.items()}


def _worthwhile(problem: Problem, vehicle: Vehicle, sequence: Sequence) -> Sequence:
    route = timetable(problem, vehicle, sequence)
    for step in sequence:
        prize = problem.stop_named[step[1]].prize if step[0] is Kind.STOP else None
        if prize is None or step[1] in problem.partner:
            continue
        shorter = tuple(one for one in sequence if one != step)
        fewer = timetable(problem, vehicle, shorter) if shorter else None
        saved = (0 if route is None else cost_of(vehicle, route)) - (0 if fewer is None else cost_of(vehicle, fewer))
        if saved > prize and (fewer is not None or not shorter):
            sequence, route = shorter, fewer
    return sequence


def _not_worth(problem: Problem, more: int, prize: int) -> Words:
    """In kilometres where metres are all that costs."""
    if all((one.metre_cost, one.second_cost, one.fixed_cost) == (1, 0, 0) for one in problem.vehicles):
        far, worth = f"{more / 1000:.1f} km", f"{prize / 1000:.1f} km"
        return (
            f"가려면 {far}를 더 달려야 하는데, 지금 가는 것은 {worth}만큼의 값입니다",
            f"going there means {far} more, and going now is worth {worth}",
        )
    return (
        f"가려면 {more}이(가) 더 들고 값은 {prize}입니다",
        f"going there would cost {more} more, for a prize of {prize}",
    )
