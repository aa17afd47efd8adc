# SPDX-License-Identifier: Apache-2.0
"""The checker lets valid plans pass and catches every single thing that is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.engines.routing import Kind, LeftOut, Plan, Problem, Route, Stop, Vehicle, Visit, Window, check

from .made_plans import plan_and_problem

SEEDS = st.integers(0, 2**32 - 1)
PlanChange = Callable[[Plan, np.random.Generator], Plan]


@given(SEEDS, st.integers(1, 3), st.integers(2, 4))
@settings(max_examples=40)
def test_a_valid_plan_passes(seed: int, vehicles: int, trips: int) -> None:
    problem, plan = plan_and_problem(seed, vehicles, trips)
    assert [str(one) for one in check(problem, plan)] == []


def _in_a_route(change: Callable[[Route, np.random.Generator], Route]) -> PlanChange:
    def changed(plan: Plan, chance: np.random.Generator) -> Plan:
        routes = list(plan.routes)
        number = int(chance.integers(len(routes)))
        routes[number] = change(routes[number], chance)
        return replace(plan, routes=tuple(routes))

    return changed


def _in_a_visit(change: Callable[[Visit, int], Visit]) -> PlanChange:
    def changed(route: Route, chance: np.random.Generator) -> Route:
        visits = list(route.visits)
        number = int(chance.integers(len(visits)))
        by = int(chance.integers(1, 2_000)) * int(chance.choice([-1, 1]))
        visits[number] = change(visits[number], by)
        return replace(route, visits=tuple(visits))

    return _in_a_route(changed)


def _exchanged(route: Route, chance: np.random.Generator) -> Route:
    visits = list(route.visits)
    stops = [number for number, visit in enumerate(visits) if visit.kind is Kind.STOP]
    a, b = chance.choice(stops, 2, replace=False)
    visits[a], visits[b] = replace(visits[a], name=visits[b].name), replace(visits[b], name=visits[a].name)
    return replace(route, visits=tuple(visits))


def _dropped(route: Route, chance: np.random.Generator) -> Route:
    number = int(chance.integers(len(route.visits)))
    return replace(route, visits=route.visits[:number] + route.visits[number + 1 :])


def _doubled(route: Route, chance: np.random.Generator) -> Route:
    number = int(chance.integers(len(route.visits)))
    return replace(route, visits=route.visits[: number + 1] + route.visits[number:])


def _renamed_vehicle(route: Route, chance: np.random.Generator) -> Route:
    return replace(route, vehicle="v1" if route.vehicle == "v0" else "v0")


CHANGES: dict[str, PlanChange] = {
    "a visit arrives at another time": _in_a_visit(lambda visit, by: replace(visit, arrive=visit.arrive + by)),
    "starts at another": _in_a_visit(lambda visit, by: replace(visit, start=visit.start + by)),
    "ends at another": _in_a_visit(lambda visit, by: replace(visit, end=visit.end + by)),
    "is all of it at another": _in_a_visit(
        lambda visit, by: Visit(visit.kind, visit.name, visit.arrive + by, visit.start + by, visit.end + by)
    ),
    "is no place we know": _in_a_visit(lambda visit, by: replace(visit, name=f"nowhere{by}")),
    "two stops exchanged": _in_a_route(_exchanged),
    "a visit dropped": _in_a_route(_dropped),
    "a visit made twice": _in_a_route(_doubled),
    "another vehicle": _in_a_route(_renamed_vehicle),
    "a route starts at another time": _in_a_route(lambda route, chance: replace(route, start=route.start - 1)),
    "a route ends at another time": _in_a_route(lambda route, chance: replace(route, end=route.end + 1)),
    "another distance": _in_a_route(lambda route, chance: replace(route, distance=route.distance - 1)),
    "another cost": lambda plan, chance: replace(plan, cost=plan.cost - int(chance.integers(1, 90))),
    "a route is missing": lambda plan, chance: replace(plan, routes=plan.routes[:-1]),
    "a route is there twice": lambda plan, chance: replace(plan, routes=(*plan.routes, plan.routes[0])),
    "nothing is said of what was left out": lambda plan, chance: replace(plan, left_out=()),
    "what is visited is left out": lambda plan, chance: replace(
        plan, left_out=(*plan.left_out, LeftOut(plan.routes[0].stops[0], ("", "")))
    ),
    "what nobody knows is left out": lambda plan, chance: replace(
        plan, left_out=(*plan.left_out, LeftOut("nowhere", ("", "")))
    ),
    "an empty route": lambda plan, chance: replace(plan, routes=(*plan.routes[1:], replace(plan.routes[0], visits=()))),
}


@pytest.mark.parametrize("name", CHANGES)
@settings(max_examples=20)
@given(SEEDS)
def test_any_one_change_of_a_plan_is_caught(name: str, seed: int) -> None:
    problem, plan = plan_and_problem(seed)
    changed = CHANGES[name](plan, np.random.default_rng(seed))
    assert changed != plan
    assert check(problem, changed)


def _vehicle(**change: Callable[[Vehicle], Any]) -> Callable[[Problem], Problem]:
    def changed(problem: Problem) -> Problem:
        first, *rest = problem.vehicles
        fresh = replace(first, **{name: to(first) for name, to in change.items()})
        return replace(problem, vehicles=(fresh, *rest))

    return changed


def _stop(**change: Callable[[Stop], Any]) -> Callable[[Problem], Problem]:
    def changed(problem: Problem) -> Problem:
        first, *rest = problem.stops
        fresh = replace(first, **{name: to(first) for name, to in change.items()})
        return replace(problem, stops=(fresh, *rest))

    return changed


ASKED: dict[str, tuple[Callable[[Problem], Problem], str]] = {
    "less room": (_vehicle(capacity=lambda one: (one.capacity[0], one.capacity[1] - 1)), "capacity"),
    "less in the day": (_vehicle(day_load=lambda one: (one.day_load[0] - 1, one.day_load[1])), "day_load"),
    "something on board": (_vehicle(on_board=lambda one: (99, 0)), "capacity"),
    "a later shift": (_vehicle(shift=lambda one: Window(one.shift.start + 1, one.shift.end)), "shift"),
    "a shorter shift": (_vehicle(shift=lambda one: Window(one.shift.start, one.shift.end - 1)), "shift"),
    "fewer hours": (_vehicle(most_duration=lambda one: (one.most_duration or 0) - 1), "duration"),
    "fewer metres": (_vehicle(most_distance=lambda one: (one.most_distance or 0) - 1), "most_distance"),
    "fewer stops": (_vehicle(most_stops=lambda one: (one.most_stops or 0) - 1), "most_stops"),
    "fewer trips": (_vehicle(most_reloads=lambda one: (one.most_reloads or 0) - 1), "most_reloads"),
    "another site": (_vehicle(sites=lambda one: ()), "site"),
    "no skill": (_vehicle(skills=lambda one: frozenset({"other"})), "skills"),
    "another area": (_vehicle(areas=lambda one: frozenset({"other"})), "area"),
    "a longer break": (_vehicle(breaks=lambda one: (replace(one.breaks[0], seconds=901),)), "break"),
    "a second break": (_vehicle(breaks=lambda one: (*one.breaks, one.breaks[0])), "break"),
    "another way": (_vehicle(start=lambda one: 0), "travel"),
    "a window that is over": (_stop(windows=lambda one: (Window(0, one.windows[0].start - 100),)), "window"),
    "longer there": (_stop(service=lambda one: one.service + 1), "service"),
    "another vehicle only": (_stop(vehicles=lambda one: frozenset({"v1"})), "forbidden"),
    "ready too late": (_stop(release=lambda one: 100_000), "release"),
}


@pytest.mark.parametrize("name", ASKED)
@settings(max_examples=8)
@given(seed=SEEDS)
def test_what_was_asked_is_held_to(name: str, seed: int) -> None:
    """The plan keeps every limit exactly; with any of them one unit tighter it breaks just that one."""
    problem, plan = plan_and_problem(seed)
    change, rule = ASKED[name]
    assert rule in {one.rule for one in check(change(problem), plan)}


def test_a_stop_that_must_be_visited_is_not_left_out() -> None:
    problem, plan = plan_and_problem(1)
    must = replace(problem, stops=tuple(replace(one, prize=None) for one in problem.stops))
    assert [(one.rule, one.stop) for one in check(must, plan) if one.rule == "must"] == [("must", "skipped")]


def test_a_full_truck_that_ends_its_day_is_caught() -> None:
    problem, plan = plan_and_problem(2)
    route = plan.routes[0]
    kept = replace(plan, routes=(replace(route, visits=route.visits[:-1]), *plan.routes[1:]))
    assert "empty_at_end" in {one.rule for one in check(problem, kept)}


def test_a_violation_names_who_and_where_in_both_languages() -> None:
    problem, plan = plan_and_problem(3)
    change, _ = ASKED["no skill"]
    first = next(one for one in check(change(problem), plan) if one.rule == "skills")
    assert (first.vehicle, first.stop) == ("v0", "s0")
    assert first.ko == "자격이 없습니다: skill0"
    assert str(first) == "v0 s0: lacks skill0"
