# SPDX-License-Identifier: Apache-2.0
"""The search for cheaper routes: PyVRP's iterated local search on the whole, then on one neighbourhood after another.

From about a thousand stops an iteration on the whole costs as much as several on a quarter of it, and most of what it
touches is elsewhere. So after a start on the whole, routes near one of them are taken out as a problem of their own,
searched, and put back when that is cheaper. The idea of routes grouped by nearness is Santini et al. (2023),
"Decomposition strategies for vehicle routing heuristics", INFORMS Journal on Computing 35(3); the sizes are measured by
benchmarks/routing.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
import pyvrp.search
from numpy.typing import NDArray
from pyvrp import Activity, ActivityType, CostEvaluator
from pyvrp.IteratedLocalSearch import IteratedLocalSearchParams

DECOMPOSE_FROM = 600
"""Clients from which the search goes on by neighbourhoods."""

NEIGHBOURHOOD_CLIENTS = 250
NEIGHBOURHOOD_ITERATIONS = 1000
START_SHARE = 0.08
"""Of the budget, spent on the whole before the neighbourhoods."""

Penalties = tuple[list[float], float, float]
"""Of PyVRP: per unit of each load, of lateness, of excess distance."""


class Budget:
    """So many CPU seconds of this thread, or so many iterations, whichever is given and over first.

    Iterations alone make the result a matter of the seed. CPU seconds are not the clock's: on a machine that does
    other things as well, the same plan takes longer but is the same work.
    """

    def __init__(self, seconds: float | None = None, iterations: int | None = None) -> None:
        if seconds is None and iterations is None:
            raise ValueError("seconds or iterations")
        self.seconds, self.iterations = seconds, iterations
        self._begun, self.done = time.thread_time(), 0

    def __call__(self, best_cost: int = 0) -> bool:
        """PyVRP's question before each iteration: is it over?"""
        if self.spent():
            return True
        self.done += 1
        return False

    def spent(self, share: float = 1.0) -> bool:
        """Whether ``share`` of it is used up."""
        by_count = self.iterations is not None and self.done >= share * self.iterations
        return by_count or (self.seconds is not None and time.thread_time() - self._begun >= share * self.seconds)


class _Part:
    """A part of a budget: until ``share`` of it is spent, or for ``iterations``."""

    def __init__(self, budget: Budget, share: float = 1.0, iterations: int | None = None) -> None:
        self._budget, self._share, self._left = budget, share, iterations

    def __call__(self, best_cost: int) -> bool:
        if self._left is not None:
            if self._left == 0:
                return True
            self._left -= 1
        return self._budget.spent(self._share) or self._budget(best_cost)


def improve(data: pyvrp.ProblemData, budget: Budget, seed: int, initial: pyvrp.Solution | None) -> pyvrp.Solution:
    """The best solution found within ``budget``; it may be infeasible when nothing feasible was found."""
    whole = data.num_clients < DECOMPOSE_FROM or bool(data.num_shipments) or bool(data.num_groups)
    first = Budget(budget.seconds, budget.iterations) if whole else _Part(budget, START_SHARE)
    best, penalties = _search(data, first, seed, initial, None)
    if whole:
        return best
    chance = np.random.default_rng(seed)
    while not best.is_feasible() and not budget.spent():
        best, penalties = _search(data, _Part(budget, 1.0, 1000), int(chance.integers(1 << 31)), best, penalties)
    while not budget.spent():
        part = _neighbourhood(data, best, chance)
        found, after = _search(
            part.data,
            _Part(budget, 1.0, NEIGHBOURHOOD_ITERATIONS),
            int(chance.integers(1 << 31)),
            part.initial,
            penalties,
        )
        if cost(part.data, found) < cost(part.data, part.initial):
            best, penalties = part.put_back(data, found), after
    return best


def cost(data: pyvrp.ProblemData, solution: pyvrp.Solution) -> int:
    """PyVRP's objective; beyond any for an infeasible solution."""
    return CostEvaluator([0] * data.num_load_dimensions, 0, 0).cost(solution)


def _search(
    data: pyvrp.ProblemData, stop: Any, seed: int, initial: pyvrp.Solution | None, penalties: Penalties | None
) -> tuple[pyvrp.Solution, Penalties]:
    """PyVRP's ``solve`` in parts: learned penalties go from one run to the next; without any, it is the first."""
    chance = pyvrp.RandomNumberGenerator(seed)
    params = pyvrp.SolveParams()
    neighbours = pyvrp.search.compute_neighbours(data, params.neighbourhood)
    local = pyvrp.search.LocalSearch(data, chance, neighbours, pyvrp.search.PerturbationManager(params.perturbation))
    for operator in params.operators:
        if operator.supports(data):
            local.add_operator(operator(data))
    manager = pyvrp.PenaltyManager(penalties or params.penalty.midpoint_penalties(data), params.penalty)
    if initial is None:
        initial = pyvrp.Solution.make_random(data, chance)
    if penalties is None:
        thorough = local(initial, manager.max_cost_evaluator(), exhaustive=True)
        if not initial.is_feasible() or cost(data, thorough) < cost(data, initial):
            initial = thorough
    search = pyvrp.IteratedLocalSearch(data, manager, local, initial, IteratedLocalSearchParams())
    found = search.run(stop, collect_stats=False).best
    loads, lateness, distance = manager.penalties()
    return found, (list(loads), float(lateness), float(distance))


@dataclass
class _Neighbourhood:
    """Some routes of a solution as a problem of their own."""

    data: pyvrp.ProblemData
    initial: pyvrp.Solution
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


def _neighbourhood(data: pyvrp.ProblemData, solution: pyvrp.Solution, chance: np.random.Generator) -> _Neighbourhood:
    """The routes nearest to one drawn at random, with the clients left out nearby and the vehicles to spare."""
    routes = solution.routes()
    visited = [[one.idx for one in route if one.is_client()] for route in routes]
    near = _nearness(data, visited[int(chance.integers(len(routes)))])
    order = sorted(range(len(routes)), key=lambda one: float(near[visited[one]].mean()) if visited[one] else np.inf)
    taken, clients = list[int](), list[int]()
    for number in order:
        taken.append(number)
        clients += visited[number]
        if len(clients) >= NEIGHBOURHOOD_CLIENTS:
            break
    edge = float(near[clients].max())
    clients += [one.idx for one in solution.unplanned() if one.is_client() and near[one.idx] <= edge]
    used = np.bincount([route.vehicle_type() for route in routes], minlength=data.num_vehicle_types)
    part, types = _part_of(data, clients, [routes[one] for one in taken], used)
    numbers, kinds = {one: n for n, one in enumerate(clients)}, {one: n for n, one in enumerate(types)}
    initial = pyvrp.Solution(
        part,
        [pyvrp.Route(part, _renumbered(routes[one], numbers), kinds[routes[one].vehicle_type()]) for one in taken],
    )
    others = [route for number, route in enumerate(routes) if number not in set(taken)]
    return _Neighbourhood(part, initial, clients, types, others)


def _nearness(data: pyvrp.ProblemData, seeds: list[int]) -> NDArray[np.int64]:
    """Metres from each client to the nearest of ``seeds``, by whichever profile is the shortest."""
    at = np.array([client.location for client in data.clients()])
    index = np.ix_(at[seeds], at)
    nearest: NDArray[np.int64] = np.min([one[index].min(axis=0) for one in data.distance_matrices()], axis=0)
    return nearest


def _part_of(
    data: pyvrp.ProblemData, clients: list[int], routes: list[pyvrp.Route], used: NDArray[np.int64]
) -> tuple[pyvrp.ProblemData, list[int]]:
    """Data of these clients, all depots, and the routes' vehicles with two to spare of each type."""
    depots = data.depots()
    kept = sorted({one.location for one in depots} | {data.client(one).location for one in clients})
    location = {one: number for number, one in enumerate(kept)}
    taken = np.bincount([route.vehicle_type() for route in routes], minlength=data.num_vehicle_types)
    available = np.array([one.num_available for one in data.vehicle_types()])
    wanted = taken + np.minimum(available - used, 2)
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
