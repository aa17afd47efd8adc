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
import warnings
from typing import Any

import numpy as np
import pyvrp
import pyvrp.search
from pyvrp import CostEvaluator
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearchParams

from .neighbourhood import Neighbourhood, neighbourhood
from .packing import packed
from .savings import savings

DECOMPOSE_FROM = 600
"""Clients from which the search goes on by neighbourhoods."""

NEIGHBOURHOOD_ITERATIONS = 1000
START_SHARE, SMALL_START_SHARE = 0.08, 0.2
"""Of the budget, spent on the whole before the neighbourhoods; and where only fewer vehicles are sought in them."""

START_ITERATIONS = 2000
"""At least so many on the whole, up to half of the budget, where the search begins from nothing: neighbourhoods of a
poor plan are not worth much."""

FEWER_FROM, FEWER_UNTIL = 0.4, 0.8
"""Of the budget, when fewer vehicles are sought: shorter routes first leave more time to take on others' stops."""

DEAR = 3
"""Times the way out and back: from here on a vehicle is dear."""

LATENESS = 10
"""Metres that a second of lateness is worth at first."""

NEAREST = 40
"""Places around each whose distance is a short leg."""

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
    """A part of a budget: until ``share`` is spent, or for ``iterations``; for ``least`` of them, if within half."""

    def __init__(self, budget: Budget, share: float = 1.0, iterations: int | None = None, least: int = 0) -> None:
        self._budget, self._share, self._left, self._least = budget, share, iterations, least

    def __call__(self, best_cost: int) -> bool:
        if self._left is not None:
            if self._left == 0:
                return True
            self._left -= 1
        self._least -= 1
        enough = self._budget.spent(self._share if self._least < 0 else max(self._share, 0.5))
        return enough or self._budget(best_cost)


def improve(data: pyvrp.ProblemData, budget: Budget, seed: int, initial: pyvrp.Solution | None) -> pyvrp.Solution:
    """The best solution found within ``budget``; it may be infeasible when nothing feasible was found."""
    chance = np.random.default_rng(seed)
    plain = bool(data.num_shipments) or bool(data.num_groups)
    large = data.num_clients >= DECOMPOSE_FROM
    few = not plain and _few_vehicles_matter(data)
    if plain or not (large or few):
        return _search(data, _Part(budget), seed, initial, None)[0]
    share = START_SHARE if large else SMALL_START_SHARE
    if large and initial is None:
        initial = savings(data)
    least = START_ITERATIONS if large and initial is None else 0
    best, penalties = _search(data, _Part(budget, share, least=least), seed, initial, None)
    while not best.is_feasible() and not budget.spent():
        best, penalties = _search(data, _Part(budget, 1.0, 1000), _draw(chance), best, penalties)
    if not best.num_routes():  # nothing is worth going to, so far
        return _search(data, _Part(budget), _draw(chance), best, penalties)[0]
    penalties = modest_penalties(data)
    if few and not budget.spent():
        best = packed(data, best)
        if large:
            best, penalties = _by_neighbourhoods(data, budget, chance, best, penalties, FEWER_FROM)
        best, penalties = _with_fewer_vehicles(data, budget, chance, best, penalties)
    if not large:
        return _search(data, _Part(budget), _draw(chance), best, penalties)[0]
    return _by_neighbourhoods(data, budget, chance, best, penalties)[0]


def _by_neighbourhoods(  # noqa: PLR0917
    data: pyvrp.ProblemData,
    budget: Budget,
    chance: np.random.Generator,
    best: pyvrp.Solution,
    penalties: Penalties,
    share: float = 1.0,
) -> tuple[pyvrp.Solution, Penalties]:
    """One after another, around routes drawn at random, until ``share`` of the budget is spent."""
    while not budget.spent(share):
        part = neighbourhood(data, best, int(chance.integers(best.num_routes())))
        best, penalties = _improve_part(data, budget, chance, best, part, penalties)
    return best, penalties


def _few_vehicles_matter(data: pyvrp.ProblemData) -> bool:
    """Whether a vehicle costs several times what it costs to drive out and back, so that first of all few must do."""
    dearest = max(data.vehicle_types(), key=lambda one: one.fixed_cost)
    home = data.depot(dearest.start_depot).location
    there = [one.location for one in data.clients()]
    out = float(np.median(np.asarray(data.distance_matrices()[dearest.profile])[home, there])) if there else 0.0
    return dearest.fixed_cost > DEAR * 2 * dearest.unit_distance_cost * out


def _with_fewer_vehicles(
    data: pyvrp.ProblemData,
    budget: Budget,
    chance: np.random.Generator,
    best: pyvrp.Solution,
    penalties: Penalties,
) -> tuple[pyvrp.Solution, Penalties]:
    """Trips packed together, then the neighbourhoods of the smallest routes tried with one vehicle less.

    Ends with its share of the budget, or when no neighbourhood has given a vehicle away twice in a row.
    """
    best, failed = packed(data, best), 0
    while not budget.spent(FEWER_UNTIL) and failed < 2 * best.num_routes() and best.num_routes() > 1:
        smallest = sorted(range(best.num_routes()), key=lambda one: best.routes()[one].num_clients())
        part = neighbourhood(data, best, smallest[failed % len(smallest)], one_less=True)
        after, penalties = _improve_part(data, budget, chance, best, part, penalties)
        if after.num_routes() < best.num_routes():
            best, failed = packed(data, after), 0
        else:
            failed += 1
    return best, penalties


def _improve_part(  # noqa: PLR0917
    data: pyvrp.ProblemData,
    budget: Budget,
    chance: np.random.Generator,
    best: pyvrp.Solution,
    part: Neighbourhood,
    penalties: Penalties,
) -> tuple[pyvrp.Solution, Penalties]:
    """Search one neighbourhood; the whole with what was found, if that is better."""
    stop = _Part(budget, 1.0, NEIGHBOURHOOD_ITERATIONS)
    found, after = _search(part.data, stop, _draw(chance), part.initial, penalties)
    return (part.put_back(data, found) if cost(part.data, found) < part.cost else best), after


def modest_penalties(data: pyvrp.ProblemData) -> Penalties:
    """What is gained by breaking a rule is about what a short leg costs, so that is what a typical breach should cost.

    PyVRP begins at 50,000 and comes down by a tenth every 500 iterations, which short searches would not live to see.
    """
    unit = max(one.unit_distance_cost for one in data.vehicle_types())
    distance = np.asarray(data.distance_matrices()[0])
    nearest = min(NEAREST, len(distance) - 1)
    leg = unit * float(np.median(np.partition(distance, nearest, axis=1)[:, : nearest + 1]))
    loads = np.array([np.maximum(one.delivery, one.pickup) for one in data.clients()]).mean(axis=0)
    return (
        [max(0.1, leg / max(1.0, float(load))) for load in loads],
        float(max(1, LATENESS * unit)),
        float(max(1, unit)),
    )


def _draw(chance: np.random.Generator) -> int:
    return int(chance.integers(1 << 31))


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
    with warnings.catch_warnings():  # what does not fit is named by its stops afterwards
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        found = search.run(stop, collect_stats=False).best
    loads, lateness, distance = manager.penalties()
    return found, (list(loads), float(lateness), float(distance))
