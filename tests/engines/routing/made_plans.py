# SPDX-License-Identifier: Apache-2.0
"""Plans that are valid by the way they are made, with every limit as tight as the plan allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dure.engines.routing import (
    Break,
    Kind,
    LeftOut,
    Matrices,
    Pair,
    Plan,
    Problem,
    Route,
    Site,
    Stop,
    Vehicle,
    Visit,
    Window,
)

KINDS = ("kg", "litres")


def matrices(chance: np.random.Generator, places: int) -> Matrices:
    """No two legs of the same length, so that no exchange goes unnoticed."""
    cells = chance.permutation(places * places).reshape(places, places).astype(np.int64) + 10
    np.fill_diagonal(cells, 0)
    return Matrices(cells * 7, cells)


def plan_and_problem(seed: int, vehicles: int = 2, trips: int = 2) -> tuple[Problem, Plan]:
    """Each vehicle makes ``trips`` trips of three stops, one break between; stop 0 and 2 of a trip are a pair."""
    chance = np.random.default_rng(seed)
    count = vehicles * trips * 3
    travel = matrices(chance, count + 3)
    stops, routes, fleet, pairs = list[Stop](), list[Route](), list[Vehicle](), list[Pair]()
    for number in range(vehicles):
        mine = [_stop(chance, number, number * trips * 3 + one) for one in range(trips * 3)]
        for one in range(0, trips * 3, 3):
            mine[one] = replace(mine[one], deliver=(0, 0))
            mine[one + 2] = replace(mine[one + 2], deliver=mine[one].collect, collect=(0, 0))
            pairs.append(Pair(mine[one].name, mine[one + 2].name))
        route = _drive(chance, travel, f"v{number}", mine, count)
        windowed = [replace(one, windows=(_around(chance, route, one.name),)) for one in mine]
        stops += windowed
        routes.append(route)
        fleet.append(_vehicle(route, windowed, number, count))
    skipped = Stop("skipped", 0, prize=70)
    cost = 70 + sum(
        one.fixed_cost + one.metre_cost * route.distance + one.second_cost * (route.end - route.start)
        for one, route in zip(fleet, routes, strict=True)
    )
    sites = (Site("tip", count + 1, 600),)
    problem = Problem((*stops, skipped), tuple(fleet), {"": travel}, sites, tuple(pairs), KINDS)
    return problem, Plan(tuple(routes), (LeftOut("skipped", ("멀다", "far")),), cost)


def _stop(chance: np.random.Generator, vehicle: int, place: int) -> Stop:
    collect, deliver = ((int(a), int(b)) for a, b in chance.integers(1, 50, (2, 2)))
    skills = frozenset({f"skill{vehicle}"})
    service = int(chance.integers(30, 600))
    return Stop(f"s{place}", place, service, (), collect, deliver, skills, f"area{vehicle}")


def _drive(chance: np.random.Generator, travel: Matrices, name: str, stops: list[Stop], depot: int) -> Route:
    """Drive the stops, tip after every three, rest for 900 s on the way to or at the fourth."""
    start = int(chance.integers(0, 30_000))
    visits, here, now, distance = list[Visit](), depot, start, 0
    for number, stop in enumerate(stops):
        arrive = now + int(travel.duration[here, stop.place])
        begin = arrive + int(chance.integers(0, 100))
        if number == 3:
            on_the_way = chance.random() < 0.5
            rest = now if on_the_way else arrive
            arrive, begin = (arrive + 900, begin + 900) if on_the_way else (arrive, begin + 900)
            visits.append(Visit(Kind.BREAK, "0", rest, rest, rest + 900))
        distance += int(travel.distance[here, stop.place])
        visits.append(Visit(Kind.STOP, stop.name, arrive, begin, begin + stop.service))
        here, now = stop.place, begin + stop.service
        if number % 3 == 2:
            distance += int(travel.distance[here, depot + 1])
            arrive = now + int(travel.duration[here, depot + 1])
            here, now = depot + 1, arrive + 600
            visits.append(Visit(Kind.SITE, "tip", arrive, arrive, now))
    end = now + int(travel.duration[here, depot])
    return Route(name, start, end, tuple(visits), distance + int(travel.distance[here, depot]))


def _around(chance: np.random.Generator, route: Route, name: str) -> Window:
    begin = next(visit.start for visit in route.visits if visit.name == name)
    before, after = (int(one) for one in chance.integers(0, 50, 2))
    return Window(begin - before, begin + after)


def _vehicle(route: Route, stops: list[Stop], number: int, depot: int) -> Vehicle:
    rest = next(visit for visit in route.visits if visit.kind is Kind.BREAK)
    seconds = {2, 5, 8, 11}
    most, day = list[int](), list[int]()
    for kind in range(len(KINDS)):
        levels = list[int]()
        for trip in range(0, len(stops), 3):
            load = sum(
                one.deliver[kind] for place, one in enumerate(stops[trip : trip + 3], trip) if place not in seconds
            )
            levels.append(load)
            for one in stops[trip : trip + 3]:
                load += one.collect[kind] - one.deliver[kind]
                levels.append(load)
        most.append(max(levels))
        day.append(sum(one.collect[kind] + one.deliver[kind] for one in stops))
    return Vehicle(
        name=f"v{number}",
        start=depot,
        end=depot,
        shift=Window(route.start, route.end),
        capacity=tuple(most),
        day_load=tuple(day),
        most_duration=route.end - route.start,
        most_distance=route.distance,
        most_stops=len(stops),
        most_reloads=len(stops) // 3,
        breaks=(Break(Window(rest.start, rest.start), 900),),
        skills=frozenset({f"skill{number}"}),
        areas=frozenset({f"area{number}"}),
        sites=("tip",),
        empty_at_end=True,
        fixed_cost=5,
        second_cost=2,
    )
