# SPDX-License-Identifier: Apache-2.0
"""Matrices from a road graph: customisable contraction hierarchies, prepared once for a graph, then exact and fast.

Dibbelt, Strasser and Wagner (2016), "Customizable contraction hierarchies", ACM Journal of Experimental Algorithmics
21, by way of RoutingKit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import routingkit_cch
import shapely
from numpy.typing import NDArray

from .travel import EARTH_METRES, UNREACHABLE, Basis, Matrices

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FARTHEST_FROM_A_ROAD = 1000.0
"""Metres; a place farther off is a mistake in its coordinates or a map that does not reach it."""


class RoadsError(ValueError):
    """The map does not serve. ``field``: which part, or which place; ``ko`` and ``en``: why."""

    def __init__(self, field: str, ko: str, en: str) -> None:
        super().__init__(f"{field}: {ko} · {en}")
        self.field, self.ko, self.en = field, ko, en


@dataclass(frozen=True, eq=False)
class Roads:
    """A directed graph. ``lon``, ``lat``: of nodes, degrees; ``tail``, ``head``, ``metres``, ``seconds``: of arcs.

    Metres and seconds are kept to a tenth and a thousandth inside, and rounded to whole ones in the matrices.
    """

    lon: Floats
    lat: Floats
    tail: Integers
    head: Integers
    metres: Floats
    seconds: Floats

    def __post_init__(self) -> None:
        """Raise RoadsError for arcs between nodes that there are not, or without a length."""
        if not len(self.tail):
            raise RoadsError("tail", "도로가 없습니다", "there are no roads")
        ends = np.concatenate([self.tail, self.head])
        if ends.min() < 0 or ends.max() >= len(self.lon):
            raise RoadsError("head", "없는 교차점입니다", f"nodes are 0 to {len(self.lon) - 1}")
        for name in ("metres", "seconds"):
            if not (getattr(self, name) >= 0).all():
                raise RoadsError(name, "0 이상이어야 합니다", "must be at least 0")

    @cached_property
    def connected(self) -> Integers:
        """Nodes from which the busiest crossing can be reached, and which can be reached from it."""
        hub = int(np.bincount(np.concatenate([self.tail, self.head])).argmax())
        there = _reached(len(self.lon), self.tail, self.head, hub)
        back = _reached(len(self.lon), self.head, self.tail, hub)
        return np.flatnonzero(there & back)

    @cached_property
    def _hierarchy(self) -> routingkit_cch.CCH:
        tail, head = self.tail.tolist(), self.head.tolist()
        order = routingkit_cch.compute_order_inertial(len(self.lon), tail, head, self.lat.tolist(), self.lon.tolist())
        return routingkit_cch.CCH(order, tail, head, False)

    @cached_property
    def _by_metres(self) -> routingkit_cch.CCHMetric:
        return routingkit_cch.CCHMetric(self._hierarchy, np.rint(self.metres * 10).astype(np.int64).tolist())

    @cached_property
    def _by_seconds(self) -> routingkit_cch.CCHMetric:
        return routingkit_cch.CCHMetric(self._hierarchy, np.rint(self.seconds * 1000).astype(np.int64).tolist())

    @cached_property
    def _tree(self) -> shapely.STRtree:
        crossings: Any = shapely.points(self._flat(self.lon[self.connected], self.lat[self.connected]))
        return shapely.STRtree(crossings)

    def _flat(self, lon: Floats, lat: Floats) -> Floats:
        """Metres east and north, good enough within a city."""
        scale = np.cos(np.radians(self.lat.mean()))
        return np.radians(np.column_stack([lon * scale, lat])) * EARTH_METRES

    def snapped(self, lon: Floats, lat: Floats) -> Integers:
        """The nearest connected node of each place. Raises RoadsError naming a place that no road is near."""
        places = shapely.points(self._flat(lon, lat))
        nearest, away = self._tree.query_nearest(places, return_distance=True, all_matches=False)
        far = np.flatnonzero(away > FARTHEST_FROM_A_ROAD)
        if len(far):
            en = f"the nearest road is {away[far[0]]:.0f} m away"
            raise RoadsError(f"places[{far[0]}]", f"가장 가까운 도로가 {away[far[0]]:.0f} m 떨어져 있습니다", en)
        found: Integers = self.connected[nearest[1]]
        return found

    def matrices(self, lon: Floats, lat: Floats) -> Matrices:
        """Between places (degrees, (n,)): seconds of the fastest way, metres of the shortest, from node to node."""
        nodes = self.snapped(lon, lat)
        said = (
            "도로 지도로 셈했습니다: 시간은 가장 빠른 길, 거리는 가장 짧은 길",
            "by the road map: times of the fastest way, distances of the shortest",
        )
        return Matrices(_table(self._by_metres, nodes, 10), _table(self._by_seconds, nodes, 1000), Basis.ROADS, said)


def _table(metric: routingkit_cch.CCHMetric, nodes: Integers, parts: int) -> Integers:
    """(n, n) between nodes in whole units of ``parts`` parts."""
    places, index = np.unique(nodes, return_inverse=True)
    targets = places.tolist()
    query = routingkit_cch.CCHOneToMany(metric, targets)
    rows = [[-1 if one is None else one for one in query.distances_from(source)] for source in targets]
    table = np.array(rows, np.int64)
    whole = np.where(table < 0, UNREACHABLE, (table + parts // 2) // parts)
    return whole[np.ix_(index, index)]


def _reached(nodes: int, tail: Integers, head: Integers, start: int) -> NDArray[np.bool_]:
    """Which nodes can be reached from ``start``."""
    order = np.argsort(tail, kind="stable")
    onward = head[order]
    first = np.searchsorted(tail[order], np.arange(nodes + 1))
    reached = np.zeros(nodes, bool)
    reached[start] = True
    edge = np.array([start])
    while len(edge):
        counts = first[edge + 1] - first[edge]
        at = np.repeat(first[edge] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
        edge = np.unique(onward[at])
        edge = edge[~reached[edge]]
        reached[edge] = True
    return reached
