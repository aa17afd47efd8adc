# SPDX-License-Identifier: Apache-2.0
"""A round of collection as a problem of the routing engine: values in, values out, no record, no clock.

Times are seconds since the round's begin, places degrees east and north. **One kind of waste a truck and round:** each
truck is given a kind beforehand, for what is mixed cannot be unmixed, and a truck is not washed between two trips. So a
kind is a skill, of which every truck has one. A narrow street is a skill, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dure.engines.routing import (
    Break,
    Kind,
    Matrices,
    Plan,
    Problem,
    Route,
    Site,
    Stop,
    Vehicle,
    Violation,
    Visit,
    Window,
    Words,
    check,
    check_route,
    timetable,
)
from dure.engines.routing import (
    Sequence as Steps,
)
from dure.engines.routing.sites import with_last_site

Place = tuple[float, float]
"""°E, °N."""
Travel = Callable[[Sequence[Place]], Matrices]

NARROW = "좁은 길 / narrow streets"
LITRES = ("L",)
NO_TRUCK: Words = ("나갈 차량이 없습니다", "no truck goes out")
TOO_LATE: Words = ("정해진 시간 안에 갈 수 없습니다", "cannot be done in time")
A_DAY = 24 * 3600


@dataclass(frozen=True)
class BinAsk:
    """A bin that may be visited. ``prize``: metres that a detour may cost, None: it must be visited. ``trucks``: the
    only ones that may go there (none: all)."""

    code: str
    place: Place
    litres: int
    kind: str
    area: str = ""
    narrow: bool = False
    prize: int | None = None
    trucks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tip:
    """Where trucks unload; ``window``: when that may begin."""

    code: str
    place: Place
    seconds: int
    window: Window | None = None


@dataclass(frozen=True)
class TruckDay:
    """A truck in this round. ``kinds``: what it may take (none: anything); ``kind``: what it has been given already.

    ``tips``: none means that it unloads at home, once.
    """

    code: str
    start: Place
    end: Place
    shift: Window
    capacity: int
    on_board: int = 0
    kinds: frozenset[str] = frozenset()
    kind: str = ""
    narrow: bool = False
    areas: frozenset[str] = frozenset()
    tips: tuple[str, ...] = ()
    lunch: Break | None = None


@dataclass(frozen=True)
class Situation:
    """All that a plan is made from. ``words``: each kind of waste in words."""

    bins: tuple[BinAsk, ...]
    trucks: tuple[TruckDay, ...]
    tips: tuple[Tip, ...]
    bin_seconds: int
    words: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan of ``problem`` that the checker has passed. ``left``: who is not visited, and why; ``kinds``: by truck."""

    problem: Problem | None
    routes: tuple[Route, ...]
    left: dict[str, Words]
    kinds: dict[str, str]
    said: tuple[Words, ...]
    solver: str


def with_kinds(situation: Situation) -> Situation:
    """Give every truck one kind of waste.

    First by what it was told to visit; then, truck by truck, those that may take the fewest kinds first, the kind with
    the most litres for each truck that has it.
    """
    wanted: dict[str, float] = {}
    for one in situation.bins:
        wanted[one.kind] = wanted.get(one.kind, 0) + one.litres * (2 if one.prize is None else 1)
    told = {truck: one.kind for one in reversed(situation.bins) for truck in one.trucks}
    given: dict[str, str] = {truck.code: truck.kind for truck in situation.trucks if truck.kind}
    for truck in situation.trucks:
        kind = told.get(truck.code, "")
        if truck.code not in given and kind and (not truck.kinds or kind in truck.kinds):
            given[truck.code] = kind
    rest = [truck for truck in situation.trucks if truck.code not in given]
    for truck in sorted(rest, key=lambda truck: (len(truck.kinds) or len(wanted) + 1, truck.code)):
        may = [kind for kind in wanted if not truck.kinds or kind in truck.kinds]
        have = list(given.values())
        if may:
            given[truck.code] = max(may, key=lambda kind: (wanted[kind] / (1 + have.count(kind)), kind))
    return replace(
        situation, trucks=tuple(replace(truck, kind=given.get(truck.code, "")) for truck in situation.trucks)
    )


def problem_of(situation: Situation, travel: Travel) -> Problem:
    """The routing engine's problem; every truck has its kind. Raises ProblemError without any truck."""
    places: dict[Place, int] = {}

    def at(place: Place) -> int:
        return places.setdefault(place, len(places))

    largest = max((truck.capacity for truck in situation.trucks), default=0)
    vehicles = tuple(_vehicle(truck, situation, at) for truck in situation.trucks)
    sites = tuple(Site(tip.code, at(tip.place), tip.seconds, tip.window) for tip in situation.tips)
    stops = tuple(
        Stop(
            one.code,
            at(one.place),
            situation.bin_seconds,
            collect=(min(one.litres, largest),),
            skills=frozenset({situation.words[one.kind]} | ({NARROW} if one.narrow else set())),
            area=one.area,
            vehicles=one.trucks,
            prize=one.prize,
        )
        for one in situation.bins
    )
    problem = Problem(stops, vehicles, {"": travel(list(places))}, sites, load_kinds=LITRES)
    return replace(problem, vehicles=tuple(_that_gets_home(problem, vehicle) for vehicle in vehicles))


def _that_gets_home(problem: Problem, vehicle: Vehicle) -> Vehicle:
    """A truck that is too late to unload what it has on board within its shift does so after it, and nothing else; one
    that finds every tip closed drives home with it."""
    if not vehicle.sites or not any(vehicle.on_board):
        return vehicle
    way = with_last_site(problem, vehicle, ())
    if timetable(problem, vehicle, way) is not None:
        return vehicle
    later = replace(vehicle, shift=Window(vehicle.shift.start, vehicle.shift.end + A_DAY), breaks=())
    route = timetable(problem, later, way)
    if route is None:
        return replace(vehicle, sites=(), empty_at_end=False, capacity=vehicle.on_board)
    return replace(later, shift=Window(vehicle.shift.start, route.end))


def _vehicle(truck: TruckDay, situation: Situation, at: Callable[[Place], int]) -> Vehicle:
    skills = {situation.words[truck.kind]} if truck.kind else set()
    return Vehicle(
        truck.code,
        at(truck.start),
        at(truck.end),
        truck.shift,
        (truck.capacity,),
        on_board=(truck.on_board,),
        breaks=(truck.lunch,) if truck.lunch else (),
        skills=frozenset(skills | ({NARROW} if truck.narrow else set())),
        areas=truck.areas,
        sites=truck.tips,
        empty_at_end=bool(truck.tips),
    )


def solved(
    situation: Situation,
    travel: Travel,
    *,
    seconds: float,
    iterations: int,
    seed: int = 1,
    start: Mapping[str, Steps] | None = None,
) -> Solved:
    """The best plan found in so many CPU seconds or iterations. What must be visited and cannot is left out with the
    reason; nothing that the checker refuses comes out of here. ``start``: sequences to begin from, by truck."""
    from dure.engines.routing.solve import NoPlan, solve  # noqa: PLC0415 the solvers: a second that pages need not wait

    situation = with_kinds(situation)
    kinds = {truck.code: truck.kind for truck in situation.trucks}
    if not situation.trucks:
        return Solved(None, (), {one.code: NO_TRUCK for one in situation.bins}, kinds, (), "")
    known = {truck.code for truck in situation.trucks}
    beyond = {one.code: NO_TRUCK for one in situation.bins if one.trucks and not one.trucks & known}
    bins = tuple(replace(one, trucks=one.trucks & known) for one in situation.bins if one.code not in beyond)
    problem = problem_of(replace(situation, bins=bins), travel)
    begun = None if start is None else _as_plan(start)
    while True:
        try:
            plan = solve(problem, seconds=seconds, iterations=iterations, seed=seed, start=begun)
        except NoPlan as wrong:
            beyond |= {one.stop: one.why for one in wrong.left}
            problem = replace(problem, stops=tuple(one for one in problem.stops if one.name not in beyond))
            if wrong.partial is None:
                continue
            plan = wrong.partial
            plan = replace(plan, left_out=tuple(one for one in plan.left_out if one.stop not in beyond))
        break
    if violations := check(problem, plan):
        raise RuntimeError("; ".join(map(str, violations[:5])))
    left = beyond | {one.stop: one.why for one in plan.left_out}
    return Solved(problem, plan.routes, left, kinds, plan.said, plan.solver)


def _as_plan(start: Mapping[str, Steps]) -> Plan:
    routes = tuple(
        Route(truck, 0, 0, tuple(Visit(kind, name, 0, 0, 0) for kind, name in steps), 0)
        for truck, steps in start.items()
    )
    return Plan(routes, (), 0)


@dataclass(frozen=True)
class Timed:
    """A truck's route in a given order, None where it goes nowhere; and what is wrong with it."""

    route: Route | None
    wrong: tuple[Words, ...] = ()


def timed(problem: Problem, truck: str, steps: Steps) -> Timed:
    """The times of ``steps``, and every violation in words. A route that takes too long is timed all the same."""
    vehicle = problem.vehicle_named[truck]
    if not any(kind is Kind.STOP for kind, _ in steps) and not any(vehicle.on_board):
        return Timed(None)
    route = timetable(problem, vehicle, steps)
    if route is not None:
        return Timed(route, tuple(_words(one) for one in check_route(problem, route)))
    longer = replace(vehicle, shift=Window(vehicle.shift.start, vehicle.shift.end + A_DAY))
    route = timetable(problem, longer, steps)
    if route is None:
        return Timed(None, (TOO_LATE,))
    return Timed(route, tuple(_words(one) for one in check_route(problem, route)))


def _words(violation: Violation) -> Words:
    where = f"{violation.stop}: " if violation.stop else ""
    return where + violation.ko, where + violation.en


def put_in(problem: Problem, truck: str, steps: Steps, stop: str, position: int | None = None) -> Steps:
    """``steps`` with the stop at ``position`` among stops and sites, or (None) where it is possible and costs least;
    where it is possible nowhere, first."""
    step = (Kind.STOP, stop)
    if position is not None:
        return (*steps[:position], step, *steps[position:])
    ways = [(*steps[:place], step, *steps[place:]) for place in range(len(steps) + 1)]
    found = [(way, timed(problem, truck, way)) for way in ways]
    fine = [(one.route.distance, way) for way, one in found if one.route is not None and not one.wrong]
    return min(fine)[1] if fine else ways[0]
