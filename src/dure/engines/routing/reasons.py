# SPDX-License-Identifier: Apache-2.0
"""Why nobody can go somewhere, whatever else is planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .plan import Kind, Words
from .problem import Loads, Problem, Stop, Vehicle
from .timetable import Sequence, timetable


def kinds_of(vehicles: Iterable[Vehicle]) -> list[Vehicle]:
    """One of each kind of vehicle that differ in their names alone."""
    return list({replace(vehicle, name=""): vehicle for vehicle in reversed(list(vehicles))}.values())[::-1]


def why_nobody_can(problem: Problem, stop: Stop, kinds: list[Vehicle]) -> Words | None:
    """Why no vehicle could visit ``stop`` even with nothing else to do, or None when one could.

    ``kinds``: ``kinds_of`` the problem's vehicles.
    """
    named = [problem.vehicle_named[name] for name in sorted(stop.vehicles)]
    allowed = [vehicle for vehicle in named or kinds if vehicle.may_visit(stop)]
    if not allowed:
        return _nobody_may(stop, kinds)
    wide = [vehicle for vehicle in allowed if _holds(vehicle, stop.collect) and _holds(vehicle, stop.deliver)]
    if not wide:
        return "어느 차에도 다 실을 수 없습니다", "no vehicle that may go there holds so much"
    alone = _alone(problem, stop)
    if all(timetable(problem, vehicle, way) is None for vehicle in wide for way in _with_a_site(vehicle, alone)):
        return (
            "아무도 근무 시간 안에 정해진 시각에 갈 수 없습니다",
            "nobody can be there within its windows and be back in time",
        )
    return None


def _nobody_may(stop: Stop, kinds: list[Vehicle]) -> Words:
    if stop.vehicles:
        names = ", ".join(sorted(stop.vehicles))
        return f"정해진 차량({names})의 자격이나 구역이 맞지 않습니다", f"{names} lacks the skill or has other areas"
    had = frozenset[str]().union(*(vehicle.skills for vehicle in kinds))
    lacking = ", ".join(sorted(stop.skills - had))
    if lacking:
        return f"이 자격을 가진 차량이 없습니다: {lacking}", f"no vehicle has {lacking}"
    skills = ", ".join(sorted(stop.skills))
    return (
        f"구역 {stop.area or '-'}에서 자격({skills or '-'})을 모두 가진 차량이 없습니다",
        f"no vehicle of area {stop.area or '-'} has all of: {skills or '-'}",
    )


def _holds(vehicle: Vehicle, loads: Loads) -> bool:
    most = [limit for limit in (vehicle.capacity, vehicle.day_load) if limit]
    return not loads or all(amount <= room for limit in most for amount, room in zip(loads, limit, strict=True))


def _alone(problem: Problem, stop: Stop) -> Sequence:
    """The stop, or the pair that it is of, by itself."""
    for pair in problem.pairs:
        if stop.name in (pair.first, pair.second):
            return (Kind.STOP, pair.first), (Kind.STOP, pair.second)
    return ((Kind.STOP, stop.name),)


def _with_a_site(vehicle: Vehicle, sequence: Sequence) -> list[Sequence]:
    """With each of its sites at the end for whoever must end empty."""
    if not vehicle.empty_at_end or not vehicle.sites:
        return [sequence]
    return [(*sequence, (Kind.SITE, name)) for name in vehicle.sites]
