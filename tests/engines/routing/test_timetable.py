# SPDX-License-Identifier: Apache-2.0
"""Times of a given order: as early as anybody could, leaving as late as still does it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.engines.routing import (
    Break,
    Kind,
    Matrices,
    Problem,
    Route,
    Site,
    Stop,
    Vehicle,
    Window,
    check_route,
    straight_lines,
    timetable,
)

from .made_plans import plan_and_problem

HOUR = 3600
DAY = Window(0, 24 * HOUR)


def line(*stops: Stop, vehicle: Vehicle, sites: tuple[Site, ...] = ()) -> Problem:
    """Places 0, 1, 2 … on a line, each 100 s and 1,000 m from the next."""
    steps = np.abs(np.subtract.outer(np.arange(6), np.arange(6))).astype(np.int64)
    return Problem(stops, (vehicle,), {"": Matrices(steps * 1000, steps * 100)}, sites)


def van(shift: Window = DAY, **more: Any) -> Vehicle:
    return Vehicle("van", 0, 0, shift, **more)


def timed(problem: Problem) -> Route | None:
    """All stops in their order."""
    return timetable(problem, problem.vehicles[0], tuple((Kind.STOP, one.name) for one in problem.stops))


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
@settings(max_examples=40)
def test_it_finds_times_wherever_there_are_some_and_none_are_earlier(seed: int, trips: int) -> None:
    problem, plan = plan_and_problem(seed, 2, trips + 1)
    for route, vehicle in zip(plan.routes, problem.vehicles, strict=True):
        found = timetable(problem, vehicle, route.sequence)
        assert found is not None
        assert [str(one) for one in check_route(problem, found)] == []
        assert found.end <= route.end
        assert found.distance == route.distance


def test_it_leaves_no_earlier_than_needed() -> None:
    route = timed(line(Stop("a", 3, 60, (Window(HOUR, 2 * HOUR),)), vehicle=van()))
    assert route is not None
    assert (route.start, route.visits[0].arrive, route.end) == (HOUR - 300, HOUR, HOUR + 360)


def test_a_second_window_is_used_when_the_first_is_over() -> None:
    windows = (Window(0, 100), Window(500, 600))
    route = timed(line(Stop("a", 3, 0, windows), vehicle=van()))
    assert route is not None
    assert route.visits[0].start == 500


def test_a_break_may_part_a_drive() -> None:
    vehicle = van(breaks=(Break(Window(150, 160), 50),))
    problem = line(Stop("a", 3, 0, (Window(0, 350),)), vehicle=vehicle)
    route = timed(problem)
    assert route is not None
    assert [(visit.kind, visit.start, visit.end) for visit in route.visits] == [
        (Kind.BREAK, 150, 200),
        (Kind.STOP, 350, 350),
    ]
    assert check_route(problem, route) == []


def test_whoever_is_home_before_the_break_has_none() -> None:
    route = timed(line(Stop("a", 1, 0), vehicle=van(Window(0, 2 * HOUR), breaks=(Break(Window(300, 400), 50),))))
    assert route is not None
    assert route.end == 200
    assert [visit.kind for visit in route.visits] == [Kind.STOP]


def test_no_times_when_the_break_leaves_none() -> None:
    stops = (Stop("a", 1, 0, (Window(100, 100),)), Stop("b", 2, 0, (Window(400, 400),)))
    assert timed(line(*stops, vehicle=van(breaks=(Break(Window(110, 350), 200),)))) is not None
    assert timed(line(*stops, vehicle=van(breaks=(Break(Window(110, 350), 201),)))) is None


def test_no_times_beyond_the_shift_or_the_hours() -> None:
    stop = Stop("a", 3, 60)
    assert timed(line(stop, vehicle=van(Window(0, 660)))) is not None
    assert timed(line(stop, vehicle=van(Window(0, 659)))) is None
    assert timed(line(stop, vehicle=van(most_duration=659))) is None


def test_the_second_trip_waits_at_the_site_for_what_it_brings() -> None:
    vehicle = van(sites=("tip",), capacity=(5,))
    stops = (Stop("a", 1, 0, deliver=(5,)), Stop("b", 2, 0, deliver=(5,), release=1000))
    problem = line(*stops, vehicle=vehicle, sites=(Site("tip", 0, 10),))
    route = timetable(problem, vehicle, ((Kind.STOP, "a"), (Kind.SITE, "tip"), (Kind.STOP, "b")))
    assert route is not None
    assert [visit.end for visit in route.visits] == [route.start + 100, 1000, 1200]
    assert check_route(problem, route) == []


def test_without_a_start_or_an_end_only_the_way_between_counts() -> None:
    worker = Vehicle("worker", None, None, Window(0, HOUR))
    problem = line(Stop("a", 4, 60), Stop("b", 5, 60), vehicle=worker)
    route = timed(problem)
    assert route is not None
    assert (route.end - route.start, route.distance) == (220, 1000)
    assert check_route(problem, route) == []


def test_straight_lines_say_that_they_are() -> None:
    found = straight_lines(np.array([127.0, 127.0]), np.array([37.0, 38.0]), kmh=30)
    assert found.distance[0, 1] == 144_554  # a degree of latitude, 111,195.08 m on the mean sphere, × 1.3
    assert found.duration[0, 1] == round(144_553.6 * 3.6 / 30)
    assert found.said[1] == "no road map: straight lines × 1.3 at 30 km/h"
