# SPDX-License-Identifier: Apache-2.0
"""Routes that lie near each other, as a problem of their own in PyVRP's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp import Activity, ActivityType

from .packing import cost_of_route

CLIENTS = 250
"""At least so many, whole routes at a time."""

SPARE_VEHICLES = 2
"""Of each type, that the neighbourhood may use beyond its own."""

ROUTES_FOR_ONE_LESS = 6
"""At least so many together try to do without one of them."""


@dataclass
class Neighbourhood:
    """Some routes of a solution as a problem of their own. ``cost``: what they cost now, prizes left out nearby too."""

    data: pyvrp.ProblemData
    initial: pyvrp.Solution
    cost: int
    clients: list[int]
    types: list[int]
    others: list[pyvrp.Route]

    def put_back(self, data: pyvrp.ProblemData, found: pyvrp.Solution) -> pyvrp.Solution:
        """The whole solution with ``found`` in this neighbourhood's place."""
        routes = [
            pyvrp.Route(data, _renumbered(route, self.clients), self.types[route.vehicle_type()])
            for route in found.routes()
        ]
        return pyvrp.Solution(data, [*self.others, *routes])


def _renumbered(route: pyvrp.Route, clients: Any) -> list[Activity]:
    """The route between its ends, its clients under other numbers."""
    return [
        Activity(ActivityType.CLIENT, clients[one.idx]) if one.is_client() else Activity(ActivityType.DEPOT, one.idx)
        for one in list(route)[1:-1]
    ]


def neighbourhood(
    data: pyvrp.ProblemData, solution: pyvrp.Solution, middle: int, *, one_less: bool = False
) -> Neighbourhood:
    """The routes nearest to route ``middle``, with the clients left out nearby and some vehicles to spare.

    ``one_less``: without a vehicle to spare and without the one of ``middle``, whose clients the others are to take.
    """
    routes = [one for one in solution.routes() if one.num_clients()]
    visited = [[one.idx for one in route if one.is_client()] for route in routes]
    middle = min(middle, len(routes) - 1)
    near = _nearness(data, visited[middle])
    order = sorted(range(len(routes)), key=lambda one: (one != middle, float(near[visited[one]].mean())))
    taken, clients = list[int](), list[int]()
    for number in order:
        if len(clients) >= CLIENTS and (not one_less or len(taken) >= ROUTES_FOR_ONE_LESS):
            break
        taken.append(number)
        clients += visited[number]
    edge = float(near[clients].max())
    left_out = [one.idx for one in solution.unplanned() if one.is_client() and near[one.idx] <= edge]
    cost = sum(cost_of_route(routes[one]) for one in taken) + sum(data.client(one).prize for one in left_out)
    clients += left_out
    others = [route for number, route in enumerate(routes) if number not in set(taken)]
    kept = [routes[one] for one in (taken[1:] if one_less else taken)]
    part, types = _part_of(data, clients, _vehicles(data, routes, kept, 0 if one_less else SPARE_VEHICLES))
    numbers, kinds = {one: n for n, one in enumerate(clients)}, {one: n for n, one in enumerate(types)}
    initial = pyvrp.Solution(
        part, [pyvrp.Route(part, _renumbered(route, numbers), kinds[route.vehicle_type()]) for route in kept]
    )
    return Neighbourhood(part, initial, cost, clients, types, others)


def _vehicles(
    data: pyvrp.ProblemData, routes: list[pyvrp.Route], kept: list[pyvrp.Route], spare: int
) -> NDArray[np.int64]:
    """How many of each type: those of ``kept`` and up to ``spare`` that no route uses."""
    kinds = data.num_vehicle_types
    used = np.bincount([route.vehicle_type() for route in routes], minlength=kinds)
    taken = np.bincount([route.vehicle_type() for route in kept], minlength=kinds)
    available = np.array([one.num_available for one in data.vehicle_types()])
    wanted: NDArray[np.int64] = taken + np.minimum(available - used, spare)
    return wanted


def _nearness(data: pyvrp.ProblemData, seeds: list[int]) -> NDArray[np.int64]:
    """Metres from each client to the nearest of ``seeds``, by whichever profile is the shortest."""
    at = np.array([client.location for client in data.clients()])
    index = np.ix_(at[seeds], at)
    nearest: NDArray[np.int64] = np.min([one[index].min(axis=0) for one in data.distance_matrices()], axis=0)
    return nearest


def _part_of(
    data: pyvrp.ProblemData, clients: list[int], wanted: NDArray[np.int64]
) -> tuple[pyvrp.ProblemData, list[int]]:
    """Data of these clients, all depots and ``wanted`` vehicles of each type; and which types those are."""
    depots = data.depots()
    kept = sorted({one.location for one in depots} | {data.client(one).location for one in clients})
    location = {one: number for number, one in enumerate(kept)}
    types = [int(one) for one in np.flatnonzero(wanted)]
    index = np.ix_(kept, kept)
    matrices: list[Any] = [
        [one[index] for one in all_] for all_ in (data.distance_matrices(), data.duration_matrices())
    ]
    part = pyvrp.ProblemData(
        [data.location(one) for one in kept],
        [_moved_client(data.client(one), location) for one in clients],
        [pyvrp.Depot(location[one.location], one.tw_early, one.tw_late, one.service_duration) for one in depots],
        [data.vehicle_type(one).replace(num_available=int(wanted[one])) for one in types],
        *matrices,
    )
    return part, types


def _moved_client(client: pyvrp.Client, location: dict[int, int]) -> pyvrp.Client:
    return pyvrp.Client(
        location[client.location],
        client.delivery,
        client.pickup,
        client.service_duration,
        client.tw_early,
        client.tw_late,
        client.release_time,
        client.prize,
        client.required,
    )
