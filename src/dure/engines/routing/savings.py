# SPDX-License-Identifier: Apache-2.0
"""A plan to begin a large search from: Clarke and Wright (1964), "Scheduling of vehicles from a central depot to a
number of delivery points", Operations Research 12(4). Every stop has a route of its own; the two ends whose joining
saves most are joined, and so on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray

NEAREST = 100
"""Only ends among each other's nearest are joined: what is saved by others is hardly ever the most."""


def savings(data: pyvrp.ProblemData) -> pyvrp.Solution | None:
    """A plan by savings; None where there is more to know than one depot, one kind of vehicle and what it holds."""
    if not _is_plain(data):
        return None
    kind = data.vehicle_types()[0]
    here = data.depot(kind.start_depot).location
    places = np.array([one.location for one in data.clients()])
    distance = np.asarray(data.distance_matrices()[kind.profile])
    loads = np.array([np.add(one.delivery, one.pickup) for one in data.clients()])
    far = distance[np.ix_(places, places)]
    routes = _joined(far, distance[here, places], distance[places, here], _Loads(loads, kind.capacity))
    if len(routes) > kind.num_available:
        return None
    return pyvrp.Solution(data, [pyvrp.Route(data, visits, 0) for visits in routes])


def _is_plain(data: pyvrp.ProblemData) -> bool:
    kinds = data.vehicle_types()
    if len(kinds) != 1 or data.num_groups or data.num_shipments:
        return False
    kind = kinds[0]
    if kind.start_depot != kind.end_depot or kind.reload_depots:
        return False
    return all(one.required and one.tw_early <= kind.tw_early and one.tw_late >= kind.tw_late for one in data.clients())


class _Loads:
    """What each route carries."""

    def __init__(self, loads: NDArray[Any], capacity: list[int]) -> None:
        self._loads, self._capacity = [tuple(row) for row in loads.tolist()], capacity

    def join(self, one: int, other: int) -> bool:
        """Put the other's load on the first, if it fits."""
        both = tuple(a + b for a, b in zip(self._loads[one], self._loads[other], strict=True))
        fits = all(load <= most for load, most in zip(both, self._capacity, strict=True))
        if fits:
            self._loads[one] = both
        return fits


def _joined(between: NDArray[Any], out: NDArray[Any], back: NDArray[Any], loads: _Loads) -> list[list[int]]:
    """Routes of clients, in order. A route may be turned round where every way is as long as the way back."""
    near = np.argpartition(between, min(NEAREST, len(between) - 1), axis=1)[:, : NEAREST + 1]
    first, second = np.repeat(np.arange(len(between)), near.shape[1]), near.ravel()
    saved = back[first] + out[second] - between[first, second]
    order = np.argsort(-saved, kind="stable")
    order = order[(saved[order] > 0) & (first[order] != second[order])]
    turns = bool((between == between.T).all() and (out == back).all())
    routes = {one: [one] for one in range(len(between))}
    at = list(range(len(between)))
    for one, other in zip(first[order].tolist(), second[order].tolist(), strict=True):
        before, after = routes[at[one]], routes[at[other]]
        if before is after:
            continue
        if turns and before[-1] != one:
            before = before[::-1]
        if turns and after[0] != other:
            after = after[::-1]
        if before[-1] != one or after[0] != other or not loads.join(at[one], at[other]):
            continue
        del routes[at[other]]
        routes[at[one]] = before + after
        for moved in after:
            at[moved] = at[one]
    return list(routes.values())
