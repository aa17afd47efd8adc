# SPDX-License-Identifier: Apache-2.0
"""A ``Problem`` in VROOM's words, and VROOM's routes in ours: for workers whose breaks and skills differ."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import vroom
from numpy.typing import NDArray

from .insertion import without_what_costs_more
from .plan import Kind
from .problem import Problem, Stop, Vehicle, Window
from .timetable import Sequence

LARGEST = 1 << 24
"""VROOM's matrices are 32 bits wide, summed and scaled by 100: what has no way is this far away (half a year)."""

EXPLORATION = 5
"""VROOM's own levels are 0 to 5."""


def sequences(problem: Problem, seconds: float | None) -> dict[str, Sequence]:
    """The order of stops by vehicle. VROOM does a fixed amount of work; ``seconds`` only cuts it off, softly."""
    asked = vroom.Input()
    for name, matrices in problem.travel.items():
        asked.set_durations_matrix(_profile(name), _narrow(matrices.duration))
        asked.set_distances_matrix(_profile(name), _narrow(matrices.distance))
    skill, kinds = _Skills(problem), len(problem.load_kinds)
    asked.add_vehicle([_vehicle(vehicle, number, skill, kinds) for number, vehicle in enumerate(problem.vehicles)])
    for number, stop in enumerate(problem.stops):
        if stop.name not in problem.partner:
            asked.add_job(_job(stop, number, skill, kinds))
    numbers = {stop.name: number for number, stop in enumerate(problem.stops)}
    for pair in problem.pairs:
        first, second = problem.stop_named[pair.first], problem.stop_named[pair.second]
        steps = [
            vroom.ShipmentStep(numbers[one.name], one.place, 0, one.service, time_windows=_windows(one.windows))
            for one in (first, second)
        ]
        amount = vroom.Amount(_loads(first.collect, kinds))
        asked.add_shipment(*steps, amount, skill.needed(first) | skill.needed(second), _priority(first))
    limit = None if seconds is None else timedelta(seconds=seconds)
    found = asked.solve(EXPLORATION, nb_threads=1, timeout=limit).to_dict()
    ordered = {problem.vehicles[route["vehicle"]].name: _sequence(problem, route["steps"]) for route in found["routes"]}
    return without_what_costs_more(problem, ordered)


class _Skills:
    """Numbers for skills, areas and named vehicles, which are all one to VROOM."""

    def __init__(self, problem: Problem) -> None:
        self._numbers = dict[object, int]()
        self._areas = {stop.area for stop in problem.stops if stop.area}
        self._named = {stop.vehicles for stop in problem.stops if stop.vehicles}

    def _number(self, *what: object) -> int:
        return self._numbers.setdefault(what, len(self._numbers))

    def needed(self, stop: Stop) -> set[int]:
        found = {self._number("skill", skill) for skill in stop.skills}
        if stop.area:
            found.add(self._number("area", stop.area))
        if stop.vehicles:
            found.add(self._number("named", stop.vehicles))
        return found

    def had(self, vehicle: Vehicle) -> set[int]:
        found = {self._number("skill", skill) for skill in vehicle.skills}
        found |= {self._number("area", area) for area in vehicle.areas or self._areas}
        return found | {self._number("named", names) for names in self._named if vehicle.name in names}


def _vehicle(vehicle: Vehicle, number: int, skill: _Skills, kinds: int) -> vroom.Vehicle:
    return vroom.Vehicle(
        number,
        start=vehicle.start,
        end=vehicle.end,
        profile=_profile(vehicle.profile),
        capacity=vroom.Amount(list(vehicle.capacity) or [LARGEST] * kinds),
        skills=skill.had(vehicle),
        time_window=_window(vehicle.shift),
        breaks=[vroom.Break(one, [_window(rest.window)], rest.seconds) for one, rest in enumerate(vehicle.breaks)],
        costs=vroom.VehicleCosts(vehicle.fixed_cost, vehicle.second_cost * 3600, vehicle.metre_cost * 1000),
        **_limits(vehicle),
    )


def _limits(vehicle: Vehicle) -> dict[str, Any]:
    limits = {"max_tasks": vehicle.most_stops, "max_distance": vehicle.most_distance}
    return {name: most for name, most in limits.items() if most is not None}


def _job(stop: Stop, number: int, skill: _Skills, kinds: int) -> vroom.Job:
    return vroom.Job(
        number,
        stop.place,
        default_service=stop.service,
        delivery=vroom.Amount(_loads(stop.deliver, kinds)),
        pickup=vroom.Amount(_loads(stop.collect, kinds)),
        skills=skill.needed(stop),
        priority=_priority(stop),
        time_windows=_windows(stop.windows),
    )


def _priority(stop: Stop) -> int:
    """What must be visited before what may be left out."""
    return 100 if stop.prize is None else 1


def _windows(windows: tuple[Window, ...]) -> list[vroom.TimeWindow]:
    return [_window(window) for window in sorted(windows, key=lambda one: one.start)]


def _window(window: Window) -> vroom.TimeWindow:
    return vroom.TimeWindow(min(window.start, LARGEST), min(window.end, LARGEST))


def _loads(loads: tuple[int, ...], kinds: int) -> list[int]:
    return list(loads) or [0] * kinds


def _sequence(problem: Problem, steps: list[dict[str, Any]]) -> Sequence:
    tasks = [step["id"] for step in steps if step["type"] in {"job", "pickup", "delivery"}]
    return tuple((Kind.STOP, problem.stops[number].name) for number in tasks)


def _profile(name: str) -> str:
    return name or "default"


def _narrow(matrix: NDArray[np.int64]) -> NDArray[np.uint32]:
    return np.minimum(matrix, LARGEST).astype(np.uint32)
