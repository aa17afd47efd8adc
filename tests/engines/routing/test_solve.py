# SPDX-License-Identifier: Apache-2.0
"""Plans keep every rule of the language, are as cheap as they can be, and say what could not be done."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest

from dure.engines.routing import (
    Break,
    Kind,
    Matrices,
    Pair,
    Plan,
    Problem,
    Route,
    Site,
    Stop,
    Vehicle,
    Window,
    check,
    timetable,
)
from dure.engines.routing.solve import NoPlan, cost, solve

HOUR = 3600
DAY = Window(8 * HOUR, 18 * HOUR)


def town(places: int, seed: int = 1) -> Matrices:
    """Places in a square of 10 km, driven straight at 10 m/s."""
    xy = np.random.default_rng(seed).integers(0, 10_000, (places, 2))
    metres = np.rint(np.hypot(*np.moveaxis(xy[:, None] - xy, 2, 0))).astype(np.int64)
    return Matrices(metres, metres // 10)


def van(name: str = "van", **more: Any) -> Vehicle:
    return Vehicle(name, 0, 0, **{"shift": DAY, **more})


def stops(count: int, **more: Any) -> tuple[Stop, ...]:
    """Stops at the places from 1 up."""
    return tuple(Stop(f"s{number}", number, 300, **more) for number in range(1, count + 1))


def solved(problem: Problem, **more: Any) -> Plan:
    """A plan of 300 iterations that the checker passed, here again."""
    plan = solve(problem, **{"iterations": 300, "seed": 1, **more})
    assert [str(one) for one in check(problem, plan)] == []
    return plan


def test_the_cheapest_plan_of_all_is_found() -> None:
    """Against every assignment and order of five stops to two vehicles of their own capacity and cost."""
    vehicles = (van("a", capacity=(8,), fixed_cost=500), van("b", capacity=(20,), metre_cost=2))
    some = tuple(replace(one, collect=(number,)) for number, one in enumerate(stops(5), 1))
    problem = Problem(some, vehicles, {"": town(6)})
    assert solved(problem).cost == _cheapest(problem)


def _cheapest(problem: Problem) -> int:
    best = 1 << 60
    for given in product(problem.vehicles, repeat=len(problem.stops)):
        parts = [
            [one.name for one, whose in zip(problem.stops, given, strict=True) if whose is v] for v in problem.vehicles
        ]
        if any(
            sum(sum(problem.stop_named[name].collect) for name in part) > vehicle.capacity[0]
            for part, vehicle in zip(parts, problem.vehicles, strict=True)
        ):
            continue
        routes = [_shortest(problem, v, part) for v, part in zip(problem.vehicles, parts, strict=True) if part]
        best = min(best, cost(problem, tuple(routes), ()))
    return best


def _shortest(problem: Problem, vehicle: Vehicle, names: list[str]) -> Route:
    orders = (timetable(problem, vehicle, tuple((Kind.STOP, n) for n in order)) for order in permutations(names))
    return min((route for route in orders if route is not None), key=lambda route: route.distance)


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = Problem(stops(30, collect=(3,)), tuple(van(f"v{n}", capacity=(20,)) for n in range(6)), {"": town(31)})
    assert solved(problem) == solved(problem)


def test_skills_areas_and_the_dispatcher_are_obeyed() -> None:
    vehicles = (
        van("narrow", skills=frozenset({"narrow"}), areas=frozenset({"north"})),
        van("wide", areas=frozenset({"south", "north"})),
    )
    problem = Problem(
        (
            Stop("alley", 1, skills=frozenset({"narrow"})),
            Stop("south", 2, area="south"),
            Stop("pinned", 3, vehicles=frozenset({"wide"})),
            Stop("same place as the alley", 1, area="south"),
        ),
        vehicles,
        {"": town(4)},
    )
    found = {route.vehicle: set(route.stops) for route in solved(problem).routes}
    assert found == {"narrow": {"alley"}, "wide": {"south", "pinned", "same place as the alley"}}


def test_a_prize_is_worth_its_metres_and_no_more() -> None:
    line = np.abs(np.subtract.outer(np.arange(5), np.arange(5))).astype(np.int64) * 1000
    problem = Problem(
        (Stop("must", 2), Stop("on the way", 1, prize=1), Stop("worth it", 3, prize=2001), Stop("far", 4, prize=1900)),
        (van(),),
        {"": Matrices(line, line // 10)},
    )
    plan = solved(problem)
    assert [(one.stop, one.why[1]) for one in plan.left_out] == [
        ("far", "going there means 2.0 km more, and going now is worth 1.9 km")
    ]
    assert plan.cost == 6000 + 1900


@pytest.mark.parametrize("breaks", ["the same", "each its own"])
def test_lunch_is_taken_by_everybody_who_works_through_it(breaks: str) -> None:
    """The same for all (PyVRP on a shortened clock) and each its own (VROOM)."""
    noon = Break(Window(11 * HOUR, 12 * HOUR), HOUR)
    other = noon if breaks == "the same" else Break(Window(12 * HOUR, 13 * HOUR), 1800)
    long = tuple(replace(one, service=1800) for one in stops(16))
    vehicles = (van("a", breaks=(noon,)), van("b", breaks=(other,)))
    plan = solved(Problem(long, vehicles, {"": town(17)}))
    assert plan.solver == ("PyVRP" if breaks == "the same" else "VROOM")
    resting = [visit for route in plan.routes for visit in route.visits if visit.kind is Kind.BREAK]
    assert len(resting) == len([route for route in plan.routes if route.end > 12 * HOUR]) >= 1


def test_trips_unload_where_it_is_near_and_end_empty() -> None:
    sites = (Site("near", 1, 600), Site("far", 2, 600))
    vehicle = van(capacity=(4,), sites=("near", "far"), empty_at_end=True)
    some = tuple(Stop(f"s{number}", number, 60, collect=(2,)) for number in range(3, 9))
    plan = solved(Problem(some, (vehicle,), {"": town(9)}, sites))
    (route,) = plan.routes
    assert [kind for kind, _ in route.sequence].count(Kind.SITE) >= 3
    assert route.visits[-1].kind is Kind.SITE


def test_at_noon_the_rest_is_planned_from_where_the_trucks_are_with_what_they_have_on_board() -> None:
    """One truck is nearly full, one is full and has nothing to do but unload, one has broken down and is not there."""
    half: dict[str, Any] = {"capacity": (4,), "sites": ("tip",), "empty_at_end": True}
    vehicles = (
        Vehicle("nearly full", 3, 0, Window(12 * HOUR, 18 * HOUR), on_board=(3,), **half),
        Vehicle(
            "full",
            4,
            0,
            Window(12 * HOUR, 18 * HOUR),
            on_board=(4,),
            skills=frozenset(),
            areas=frozenset({"none"}),
            **half,
        ),
    )
    some = tuple(Stop(f"s{number}", number, 60, collect=(1,), area="all") for number in range(5, 10))
    plan = solved(Problem(some, vehicles, {"": town(10)}, (Site("tip", 1, 600),)))
    found = {route.vehicle: route for route in plan.routes}
    assert found["full"].sequence == ((Kind.SITE, "tip"),)
    assert [kind for kind, _ in found["nearly full"].sequence].count(Kind.SITE) >= 2
    lost = replace(plan, routes=(found["nearly full"],), cost=plan.cost - found["full"].distance)
    problem = Problem(some, vehicles, {"": town(10)}, (Site("tip", 1, 600),))
    assert [(one.rule, one.vehicle) for one in check(problem, lost)] == [("empty_at_end", "full")]


def test_a_days_limit_holds_over_all_trips() -> None:
    sites = (Site("tip", 1, 600),)
    vehicles = tuple(
        van(f"v{n}", capacity=(4,), day_load=(6,), sites=("tip",), empty_at_end=True, fixed_cost=100_000) for n in "ab"
    )
    some = tuple(Stop(f"s{number}", number, 60, collect=(1,)) for number in range(2, 12))
    plan = solved(Problem(some, vehicles, {"": town(12)}, sites))
    assert sorted(len(route.stops) for route in plan.routes) in ([4, 6], [5, 5])


def test_what_is_fetched_is_brought_by_the_same_vehicle_afterwards() -> None:
    some = (*stops(4), Stop("fetch", 5, collect=(2,)), Stop("bring", 6, deliver=(2,)))
    vehicles = (van("a", capacity=(2,)), van("b", capacity=(2,)))
    plan = solved(Problem(some, vehicles, {"": town(7)}, pairs=(Pair("fetch", "bring"),)))
    route = next(route for route in plan.routes if "fetch" in route.stops)
    assert route.stops.index("fetch") < route.stops.index("bring")


def test_a_stop_with_two_windows_is_visited_in_one_of_them() -> None:
    morning, evening = Window(8 * HOUR, 8 * HOUR + 60), Window(17 * HOUR, 17 * HOUR + 600)
    some = (
        Stop("early", 1, 60, (Window(8 * HOUR, 8 * HOUR + 1800),)),
        Stop("either", 2, 60, (morning, evening)),
        Stop("late", 3, 60, (Window(16 * HOUR, 17 * HOUR),)),
    )
    plan = solved(Problem(some, (van(),), {"": town(4)}))
    assert plan.routes[0].stops[-1] == "either"


def test_workers_who_start_at_home_or_anywhere_need_not_come_back() -> None:
    worker = Vehicle("worker", 0, None, DAY)
    anywhere = Vehicle("anywhere", None, None, DAY, fixed_cost=1)
    plan = solved(Problem(stops(8), (worker, anywhere), {"": town(9)}))
    assert plan.routes


def test_a_start_that_is_no_longer_what_is_asked_still_helps() -> None:
    """Yesterday's plan with a truck broken down, a stop gone and a stop new, and no time to search."""
    vehicles = tuple(van(f"v{number}", capacity=(40,)) for number in range(8))
    some = stops(80, collect=(3,))
    yesterday = solved(Problem(some, vehicles, {"": town(82)}), iterations=600)
    today = Problem((*some[1:], Stop("new", 81, 300, collect=(3,))), vehicles[1:], {"": town(82)})
    assert solved(today, iterations=1, start=yesterday).cost < solved(today, iterations=1).cost


def test_two_seeds_in_two_processes_are_no_worse_than_either() -> None:
    problem = Problem(stops(40, collect=(3,)), tuple(van(f"v{n}", capacity=(20,)) for n in range(7)), {"": town(41)})
    alone = [solved(problem, iterations=20, seed=seed).cost for seed in (5, 6)]
    assert solved(problem, iterations=20, seed=5, processes=2).cost == min(alone)


IMPOSSIBLE = {
    "no vehicle has crane": Stop("x", 1, skills=frozenset({"crane"})),
    "no vehicle of area west has all of: -": Stop("x", 1, area="west"),
    "no vehicle that may go there holds so much": Stop("x", 1, collect=(11,)),
    "nobody can be there within its windows and be back in time": Stop("x", 1, windows=(Window(0, HOUR),)),
}


@pytest.mark.parametrize("why", IMPOSSIBLE)
def test_what_nobody_can_do_is_named_with_its_reason(why: str) -> None:
    vehicle = van(capacity=(10,), areas=frozenset({"east"}))
    with pytest.raises(NoPlan) as refused:
        solve(Problem((Stop("fine", 2), IMPOSSIBLE[why]), (vehicle,), {"": town(3)}), iterations=10)
    assert [(one.stop, one.why[1]) for one in refused.value.left] == [("x", why)]
    may = replace(IMPOSSIBLE[why], prize=5)
    plan = solved(Problem((Stop("fine", 2), may), (vehicle,), {"": town(3)}))
    assert [(one.stop, one.why[1]) for one in plan.left_out] == [("x", why)]


def test_too_much_for_all_together_leaves_a_plan_of_the_rest() -> None:
    problem = Problem(stops(10, collect=(1,)), (van(capacity=(7,)),), {"": town(11)})
    with pytest.raises(NoPlan) as refused:
        solve(problem, iterations=200)
    assert refused.value.partial is not None
    assert len(refused.value.left) == 3
    assert {one.rule for one in check(problem, refused.value.partial)} == {"must"}


def test_no_map_is_said_in_the_plan() -> None:
    said = ("직선", "straight")
    plan = solved(Problem(stops(2), (van(),), {"": replace(town(3), said=said)}))
    assert plan.said == (said,)
