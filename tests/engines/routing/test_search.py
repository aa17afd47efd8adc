# SPDX-License-Identifier: Apache-2.0
"""The search by neighbourhoods and for fewer vehicles loses nothing on the way and keeps to its budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dure.engines.routing import Break, Kind, Problem, Site, Stop, Vehicle, Window, check, neighbourhood, search
from dure.engines.routing.pyvrp_data import Clock, common_breaks, translate
from dure.engines.routing.savings import savings
from dure.engines.routing.search import Budget
from dure.engines.routing.solve import solve

from .test_solve import DAY, HOUR, stops, town, van

STOPS = 90


@pytest.fixture
def small_neighbourhoods(monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins at hundreds of stops begins at dozens here."""
    monkeypatch.setattr(search, "DECOMPOSE_FROM", 60)
    monkeypatch.setattr(search, "NEIGHBOURHOOD_ITERATIONS", 100)
    monkeypatch.setattr(neighbourhood, "CLIENTS", 25)


def problem(kind: str) -> Problem:
    """Ninety stops with one of the things that a neighbourhood has to bring along and put back."""
    more: dict[str, Any] = {"capacity": (40,)}
    sites: tuple[Site, ...] = ()
    some = stops(STOPS, collect=(3,))
    if kind == "trips":
        sites = (Site("tip", 91, 300), Site("other tip", 92, 300))
        more |= {"sites": ("tip", "other tip"), "empty_at_end": True}
    if kind == "prizes":
        some = stops(STOPS, collect=(3,), prize=900)
    if kind == "windows":
        half = STOPS // 2
        early, late = ((Window(8 * HOUR, 12 * HOUR),), (Window(12 * HOUR, 16 * HOUR),))
        some = (*stops(half, collect=(3,), windows=early), *stops(STOPS, collect=(3,), windows=late)[half:])
    fleet = [van(f"v{number}", **more) for number in range(6)]
    if kind == "skills":
        some = tuple(Stop(one.name, one.place, 300, collect=(3,), area="en"[one.place % 2]) for one in some)
        fleet = [van(f"v{number}", **more, areas=frozenset({"en"[number % 2]})) for number in range(6)]
    fleet += [Vehicle(f"w{number}", 0, 0, DAY, metre_cost=2, **more) for number in range(6)]
    return Problem(some, tuple(fleet), {"": town(93)}, sites)


@pytest.mark.usefixtures("small_neighbourhoods")
@pytest.mark.parametrize("kind", ["plain", "trips", "prizes", "windows", "skills"])
def test_neighbourhoods_make_plans_that_pass_and_are_cheaper_than_their_start(kind: str) -> None:
    asked = problem(kind)
    start = solve(asked, iterations=100)
    found = solve(asked, iterations=500)
    assert [str(one) for one in check(asked, found)] == []
    assert found.cost < start.cost
    if kind == "plain":
        assert found == solve(asked, iterations=500), "the same seed, the same plan"


def test_dear_vehicles_make_more_trips_each() -> None:
    """Two dozen loads of one trip each, half an hour long: a ten-hour day holds many, so few vehicles are enough."""
    sites = (Site("tip", 25, 60),)
    some = tuple(Stop(f"s{number}", number, 60, collect=(5,)) for number in range(1, 25))
    fleet = tuple(van(f"v{n}", capacity=(5,), sites=("tip",), empty_at_end=True, fixed_cost=10**6) for n in range(24))
    asked = Problem(some, fleet, {"": town(26)}, sites)
    plan = solve(asked, iterations=200)
    driven = sum(route.end - route.start for route in plan.routes)
    assert len(plan.routes) == -(-driven // (10 * HOUR)), "as many as the driving takes, and no more"


def test_a_budget_of_iterations_is_kept_to() -> None:
    budget = Budget(iterations=10)
    assert [budget() for _ in range(12)] == [False] * 10 + [True] * 2
    assert budget.spent(0.5)


def test_a_budget_needs_an_end() -> None:
    with pytest.raises(ValueError, match="seconds or iterations"):
        Budget()


def test_the_clock_without_lunch_stands_still_at_lunch() -> None:
    clock = Clock(((100, 50),))
    assert [clock(moment) for moment in (0, 100, 120, 150, 200)] == [0, 100, 100, 100, 150]


def test_breaks_that_differ_are_not_cut_out() -> None:
    lunch = Break(Window(100, 200), 60)
    same = Problem(stops(1), (van("a", breaks=(lunch,)), van("b", breaks=(lunch,))), {"": town(2)})
    assert common_breaks(same).cuts == ((150, 60),)
    assert common_breaks(Problem(stops(1), (van("a", breaks=(lunch,)), van("b")), {"": town(2)})).cuts == ()


def test_vehicles_that_are_alike_are_one_type_and_keep_their_names() -> None:
    asked = Problem(stops(4), (van("a"), van("b"), van("c", fixed_cost=9)), {"": town(5)})
    words = translate(asked, Clock())
    assert words.type_vehicles == [["a", "b"], ["c"]]
    sequence = ((Kind.STOP, "s1"), (Kind.STOP, "s4"))
    assert words.sequences(words.solution({"c": sequence})) == {"c": sequence}


@pytest.mark.parametrize("one_way", [False, True])
def test_a_plan_by_savings_visits_all_once_and_is_shorter_than_a_route_each(one_way: bool) -> None:
    """With ways that are longer in one direction no route is turned round; a plan of windows has none of this."""
    travel = town(93)
    if one_way:
        travel = replace(travel, distance=travel.distance + np.triu(np.full((93, 93), 50), 1))
    fleet = tuple(van(f"v{number}", capacity=(40,)) for number in range(20))
    words = translate(Problem(stops(STOPS, collect=(3,)), fleet, {"": travel}), Clock())
    found = savings(words.data)
    assert found is not None
    assert found.is_feasible()
    visited = sorted(one.idx for route in found.routes() for one in route if one.is_client())
    assert visited == list(range(STOPS))
    alone = sum(travel.distance[0, stop] + travel.distance[stop, 0] for stop in range(1, STOPS + 1))
    assert found.distance() < 0.6 * alone
    windows = translate(problem("windows"), Clock())
    assert savings(windows.data) is None
