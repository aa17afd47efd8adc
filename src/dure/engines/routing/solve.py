# SPDX-License-Identifier: Apache-2.0
"""A plan for a problem, and only one that the checker has passed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence as Several
from concurrent.futures import ProcessPoolExecutor

from . import pyvrp_data, search
from .check import check
from .insertion import Mending
from .plan import LeftOut, Plan, Route
from .problem import Problem
from .reasons import kinds_of, why_nobody_can
from .search import Budget
from .timetable import Sequence, cost_of

MOST_STOPS = 500
"""Beyond this VROOM's one long step is no longer done in seconds."""

MOST_PROFILES = 6
"""Kinds of permission beyond which PyVRP, which needs matrices for each, is the heavier of the two."""


class NoPlan(ValueError):
    """There is no plan with everything that must be in it.

    ``left``: what could not be put into any, and why. ``partial``: the plan of the rest, which breaks no other rule,
    or None when single stops are beyond everybody.
    """

    def __init__(self, left: Several[LeftOut], partial: Plan | None = None) -> None:
        names = "; ".join(f"{one.stop}: {one.why[1]}" for one in left[:5])
        super().__init__(f"{len(left)} stops that must be visited do not fit: {names}")
        self.left, self.partial = tuple(left), partial


class RefusedPlan(RuntimeError):
    """The checker refuses what the solver made: a fault of this engine, and nobody is to see the plan."""


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 1,
    start: Plan | None = None,
    processes: int = 1,
) -> Plan:
    """The cheapest plan found.

    Parameters
    ----------
    seconds, iterations
        How long to search: CPU seconds, or iterations, by which alone the same seed gives the same plan anywhere.
    start
        A plan to begin from, as yesterday's; what it visits need not be what is asked today.
    processes
        So many searches at once, from ``seed`` up, in processes of their own; the cheapest plan counts.

    Raises NoPlan with the stops that cannot be visited and why, and ValueError without ``seconds`` and ``iterations``.
    """
    kinds = kinds_of(problem.vehicles)
    beyond = {stop.name: why for stop in problem.stops if (why := why_nobody_can(problem, stop, kinds)) is not None}
    required = [LeftOut(name, why) for name, why in beyond.items() if problem.stop_named[name].prize is None]
    if required:
        raise NoPlan(required)
    if processes == 1:
        plan = _search(problem, seconds, iterations, seed, start)
    else:
        plan = _best_of(problem, seconds, iterations, range(seed, seed + processes), start)
    left = tuple(LeftOut(one.stop, beyond.get(one.stop, one.why)) for one in plan.left_out)
    plan = Plan(plan.routes, left, plan.cost, plan.said, plan.solver)
    violations = check(problem, plan)
    if not violations:
        return plan
    if any(one.rule != "must" for one in violations):
        raise RefusedPlan("; ".join(str(one) for one in violations[:5]))
    raise NoPlan([one for one in left if problem.stop_named[one.stop].prize is None], plan)


def assemble(problem: Problem, sequences: dict[str, Sequence], solver: str) -> Plan:
    """A plan of these sequences: with times, breaks, cost, and where they are not possible, as near as can be."""
    mended = Mending(problem, sequences)
    routes = tuple(mended.routes[one.name] for one in problem.vehicles if one.name in mended.routes)
    left = tuple(LeftOut(name, why) for name, why in mended.left_out.items())
    said = {problem.travel[vehicle.profile].said for vehicle in problem.vehicles}
    return Plan(routes, left, cost(problem, routes, left), tuple(sorted(said - {("", "")})), solver)


def cost(problem: Problem, routes: tuple[Route, ...], left: tuple[LeftOut, ...]) -> int:
    """What a plan costs."""
    prizes = sum(problem.stop_named[one.stop].prize or 0 for one in left)
    return prizes + sum(cost_of(problem.vehicle_named[route.vehicle], route) for route in routes)


def _best_of(problem: Problem, seconds: float | None, iterations: int | None, seeds: range, start: Plan | None) -> Plan:
    """The best of several searches: the fewest stops that must be visited left out, then the cheapest."""
    with ProcessPoolExecutor(len(seeds), multiprocessing.get_context("spawn")) as pool:
        plans = list(
            pool.map(_search, *zip(*((problem, seconds, iterations, one, start) for one in seeds), strict=True))
        )
    return min(plans, key=lambda plan: (_missed(problem, plan), plan.cost))


def _missed(problem: Problem, plan: Plan) -> int:
    return sum(problem.stop_named[one.stop].prize is None for one in plan.left_out)


def _search(problem: Problem, seconds: float | None, iterations: int | None, seed: int, start: Plan | None) -> Plan:
    if _is_for_vroom(problem):
        from . import vroom_data  # noqa: PLC0415 pandas comes with it: seconds that most plans never need

        return assemble(problem, vroom_data.sequences(problem, seconds), "VROOM")
    words = pyvrp_data.translate(problem, pyvrp_data.common_breaks(problem))
    initial = None if start is None else words.solution(_still_asked(problem, start))
    found = search.improve(words.data, Budget(seconds, iterations), seed, initial)
    return assemble(problem, words.sequences(found), "PyVRP")


def _still_asked(problem: Problem, start: Plan) -> dict[str, Sequence]:
    """The plan's sequences without what there is no more, made possible, and with what is new put in."""
    kept = {
        route.vehicle: tuple(
            step for step in route.sequence if step[1] in problem.stop_named or step[1] in problem.site_named
        )
        for route in start.routes
        if route.vehicle in problem.vehicle_named
    }
    return {name: route.sequence for name, route in Mending(problem, kept).routes.items()}


def _is_for_vroom(problem: Problem) -> bool:
    """Whether breaks or skills rule this problem and VROOM has a word for all the rest."""
    breaks = {vehicle.breaks for vehicle in problem.vehicles}
    permissions = {(vehicle.skills, vehicle.areas) for vehicle in problem.vehicles}
    asked = any(stop.skills or stop.area for stop in problem.stops)
    return (
        (len(breaks) > 1 or (asked and len(permissions) > MOST_PROFILES))
        and len(problem.stops) <= MOST_STOPS
        and not any(vehicle.sites or any(vehicle.on_board) or vehicle.day_load for vehicle in problem.vehicles)
        and not any(stop.release for stop in problem.stops)
    )
