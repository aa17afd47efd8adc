# SPDX-License-Identifier: Apache-2.0
"""Trips of vehicles with little to do become further trips of others: PyVRP moves stops, but no whole trips."""

from __future__ import annotations

import pyvrp
from pyvrp import Activity, ActivityType

Trip = tuple[Activity, ...]


def trips_of(route: pyvrp.Route) -> tuple[list[Trip], list[int]]:
    """The route's trips, and the depots between them."""
    trips, depots, current = list[Trip](), list[int](), list[Activity]()
    for one in list(route)[1:-1]:
        if one.is_depot():
            trips.append(tuple(current))
            depots.append(one.idx)
            current = []
        else:
            current.append(Activity(one.type, one.idx))
    return [*trips, tuple(current)], depots


def cost_of_route(route: pyvrp.Route) -> int:
    """What a feasible route costs, prizes apart."""
    return route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost()


def packed(data: pyvrp.ProblemData, solution: pyvrp.Solution) -> pyvrp.Solution:
    """``solution`` with fewer routes where all trips of one find room in others and that is cheaper."""
    if not any(one.reload_depots for one in data.vehicle_types()):
        return solution
    routes = sorted(solution.routes(), key=lambda one: one.duration())
    number = 0
    while number < len(routes):
        others = _without(data, routes, number)
        if others is None:
            number += 1
        else:
            routes, number = sorted(others, key=lambda one: one.duration()), 0
    return pyvrp.Solution(data, routes)


def _without(data: pyvrp.ProblemData, routes: list[pyvrp.Route], number: int) -> list[pyvrp.Route] | None:
    """All other routes with the trips of this one, or None when one of them has no room or it would cost more."""
    others = routes[:number] + routes[number + 1 :]
    for trip in trips_of(routes[number])[0]:
        places = [
            (cost_of_route(longer) - cost_of_route(other), at, longer)
            for at, other in enumerate(others)
            if (longer := _cheapest(data, other, trip)) is not None
        ]
        if not places:
            return None
        _, at, longer = min(places, key=lambda one: one[:2])
        others[at] = longer
    before = sum(cost_of_route(one) for one in routes)
    return others if sum(cost_of_route(one) for one in others) < before else None


def _cheapest(data: pyvrp.ProblemData, route: pyvrp.Route, trip: Trip) -> pyvrp.Route | None:
    """The route with ``trip`` wherever that is cheapest among its own; None where it fits nowhere."""
    vehicle = data.vehicle_type(route.vehicle_type())
    if route.num_trips() >= vehicle.max_trips:
        return None
    trips, depots = trips_of(route)
    found = [
        longer
        for at in range(len(trips) + 1)
        for depot in vehicle.reload_depots
        if (longer := _joined(data, route, [*trips[:at], trip, *trips[at:]], [*depots[:at], depot, *depots[at:]]))
        is not None
    ]
    return min(found, key=cost_of_route, default=None)


def _joined(data: pyvrp.ProblemData, route: pyvrp.Route, trips: list[Trip], depots: list[int]) -> pyvrp.Route | None:
    activities = list(trips[0])
    for depot, trip in zip(depots, trips[1:], strict=True):
        activities += [Activity(ActivityType.DEPOT, depot), *trip]
    joined = pyvrp.Route(data, activities, route.vehicle_type())
    return joined if joined.is_feasible() else None
