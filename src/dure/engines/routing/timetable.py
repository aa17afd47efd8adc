# SPDX-License-Identifier: Apache-2.0
"""The best times for a given order of stops: as early as can be done, then leaving as late as still does it.

Used by what makes plans, not by what checks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from .plan import Kind, Route, Visit
from .problem import Break, Problem, Vehicle, Window
from .travel import UNREACHABLE

Sequence = tuple[tuple[Kind, str], ...]
"""Stops and sites in the order in which they are visited."""


@dataclass(frozen=True)
class _Task:
    """One stop or site of the sequence: driving there, staying, and the release of the trip that then begins."""

    kind: Kind
    name: str
    driving: int
    stays: int
    windows: tuple[Window, ...]
    release: int


@dataclass(frozen=True)
class _Timed:
    """How far along: free to go on at ``free``, ``taken`` breaks behind; ``last``: the visit before, and its state."""

    free: int
    taken: int
    last: tuple[Visit, _Timed] | None


def timetable(problem: Problem, vehicle: Vehicle, sequence: Sequence) -> Route | None:
    """Times for ``sequence``, or None when there are none within windows, breaks, releases and the shift.

    The earliest possible end, and for that the latest possible start. Loads and permissions are not looked at.
    """
    tasks, back, distance = _tasks(problem, vehicle, sequence)
    if distance >= UNREACHABLE:
        return None
    leaving = max(vehicle.shift.start, _first_release(problem, sequence))
    earliest = _run(vehicle, tasks, back, leaving)
    if earliest is None:
        return None
    low, high = leaving, earliest[0]
    while low < high:
        middle = (low + high + 1) // 2
        later = _run(vehicle, tasks, back, middle)
        if later is not None and later[0] == earliest[0]:
            low, earliest = middle, later
        else:
            high = middle - 1
    end, visits = earliest
    if vehicle.most_duration is not None and end - low > vehicle.most_duration:
        return None
    return Route(vehicle.name, low, end, visits, distance)


def cost_of(vehicle: Vehicle, route: Route) -> int:
    """What the route adds to a plan's cost."""
    return vehicle.fixed_cost + vehicle.metre_cost * route.distance + vehicle.second_cost * (route.end - route.start)


def _tasks(problem: Problem, vehicle: Vehicle, sequence: Sequence) -> tuple[list[_Task], int, int]:
    """The tasks, the drive home and the metres of all of it."""
    matrices = problem.travel[vehicle.profile]
    tasks, here, distance = list[_Task](), vehicle.start, 0
    releases = _releases(problem, sequence)
    for (kind, name), release in zip(sequence, releases, strict=True):
        if kind is Kind.STOP:
            stop = problem.stop_named[name]
            place, stays, windows = stop.place, stop.service, stop.windows
        else:
            site = problem.site_named[name]
            place, stays, windows = site.place, site.service, (site.window,) if site.window else ()
        driving = 0 if here is None else int(matrices.duration[here, place])
        distance += 0 if here is None else int(matrices.distance[here, place])
        tasks.append(_Task(kind, name, driving, stays, tuple(sorted(windows, key=lambda one: one.start)), release))
        here = place
    if here is None or vehicle.end is None:
        return tasks, 0, distance
    return tasks, int(matrices.duration[here, vehicle.end]), distance + int(matrices.distance[here, vehicle.end])


def _releases(problem: Problem, sequence: Sequence) -> list[int]:
    """For each site in the sequence when the trip after it may leave; 0 for stops."""
    wanted = [problem.stop_named[name].release if kind is Kind.STOP else -1 for kind, name in reversed(sequence)]
    latest = list(accumulate(wanted, lambda so_far, one: 0 if one < 0 else max(so_far, one), initial=0))[:-1]
    return [release if one < 0 else 0 for release, one in zip(latest, wanted, strict=True)][::-1]


def _first_release(problem: Problem, sequence: Sequence) -> int:
    latest = 0
    for kind, name in sequence:
        if kind is Kind.SITE:
            break
        latest = max(latest, problem.stop_named[name].release)
    return latest


def _run(vehicle: Vehicle, tasks: list[_Task], back: int, leaving: int) -> tuple[int, tuple[Visit, ...]] | None:
    """Earliest end and the visits when leaving at ``leaving``; None when it cannot be done."""
    breaks = [
        (number, rest)
        for number, rest in sorted(enumerate(vehicle.breaks), key=lambda one: one[1].window.end)
        if leaving < rest.window.end
    ]
    reached = [_Timed(leaving, 0, None)]
    for task in tasks:
        reached = _next(reached, task, breaks)
    home = _next(reached, _Task(Kind.STOP, "", back, 0, (Window(0, vehicle.shift.end),), 0), breaks)
    done = [
        one
        for one in home
        if one.last is not None
        and one.last[0].arrive == one.free
        and all(one.free <= rest.window.end for _, rest in breaks[one.taken :])
    ]
    if not done:
        return None
    best = min(done, key=lambda one: one.free)
    visits, last = list[Visit](), best.last
    while last is not None:
        visits.append(last[0])
        last = last[1].last
    return best.free, tuple(visits[:0:-1])


def _next(reached: list[_Timed], task: _Task, breaks: list[tuple[int, Break]]) -> list[_Timed]:
    """All ways to have done ``task`` too: the earliest for each number of breaks behind."""
    best: dict[int, _Timed] = {}
    for before in reached:
        state, arrive = before, before.free + task.driving
        while True:
            done = _do(state, task, arrive)
            if done is not None and (state.taken not in best or done.free < best[state.taken].free):
                best[state.taken] = done
            if state.taken == len(breaks):
                break
            number, rest = breaks[state.taken]
            begin = max(state.free, rest.window.start)
            if begin > rest.window.end:
                break
            if begin < arrive:  # on the way
                arrive += rest.seconds
            visit = Visit(Kind.BREAK, str(number), begin, begin, begin + rest.seconds)
            state = _Timed(visit.end, state.taken + 1, (visit, state))
    return list(best.values())


def _do(state: _Timed, task: _Task, arrive: int) -> _Timed | None:
    """The task at its earliest, or None when no window is left."""
    start = max(arrive, state.free)
    if task.windows:
        window = next((one for one in task.windows if start <= one.end), None)
        if window is None:
            return None
        start = max(start, window.start)
    end = max(start + task.stays, task.release)
    return _Timed(end, state.taken, (Visit(task.kind, task.name, arrive, start, end), state))
