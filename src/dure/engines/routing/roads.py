# SPDX-License-Identifier: Apache-2.0
"""Matrices from a road graph: customisable contraction hierarchies, prepared once for a graph, then exact and fast.

Dibbelt, Strasser and Wagner (2016), "Customizable contraction hierarchies", ACM Journal of Experimental Algorithmics
21, by way of RoutingKit.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import routingkit_cch
import shapely
from numpy.typing import NDArray

from .travel import EARTH_METRES, UNREACHABLE, Basis, Matrices

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VERSION = 1
"""Of the bytes in which roads are kept."""

ARRAYS = ("lon", "lat", "tail", "head", "metres", "seconds", "closed_turns", "u_turns")

FARTHEST_FROM_A_ROAD = 1000.0
"""Metres; a place farther off is a mistake in its coordinates or a map that does not reach it."""


class RoadsError(ValueError):
    """The map does not serve. ``field``: which part, or which place; ``ko`` and ``en``: why."""

    def __init__(self, field: str, ko: str, en: str) -> None:
        super().__init__(f"{field}: {ko} · {en}")
        self.field, self.ko, self.en = field, ko, en


class Graph:
    """Nodes and arcs prepared for shortest ways by any weights. ``lon``, ``lat``: about where the nodes are."""

    def __init__(self, nodes: int, tail: Integers, head: Integers, lon: Floats, lat: Floats) -> None:
        order = routingkit_cch.compute_order_inertial(nodes, tail.tolist(), head.tolist(), lat.tolist(), lon.tolist())
        self._hierarchy = routingkit_cch.CCH(order, tail.tolist(), head.tolist(), False)
        by_tail = np.argsort(tail, kind="stable")
        self._onward, self._first = head[by_tail], np.searchsorted(tail[by_tail], np.arange(nodes + 1))

    def metric(self, weights: Floats) -> routingkit_cch.CCHMetric:
        """Weights of the arcs, in whole numbers."""
        return routingkit_cch.CCHMetric(self._hierarchy, weights.astype(np.int64).tolist())

    def after(self, node: int) -> Integers:
        """Where the arcs from a node lead."""
        return self._onward[self._first[node] : self._first[node + 1]]

    @staticmethod
    def distances(metric: routingkit_cch.CCHMetric, targets: Integers, sources: Integers | None = None) -> Integers:
        """(sources, targets): -1 where there is no way. ``sources`` None: the targets."""
        query = routingkit_cch.CCHOneToMany(metric, targets.tolist())
        rows = [query.distances_from(one) for one in (targets if sources is None else sources).tolist()]
        found = np.array([[-1 if one is None else one for one in row] for row in rows], np.int64)
        return found.reshape(len(rows), len(targets))


def _none() -> Integers:
    return np.zeros((0, 2), np.int64)


@dataclass(frozen=True, eq=False)
class Roads:
    """A directed graph. ``lon``, ``lat``: of nodes, degrees; ``tail``, ``head``, ``metres``, ``seconds``: of arcs.

    Metres and seconds are kept to a tenth and a thousandth inside, and rounded to whole ones in the matrices.
    ``closed_turns``: pairs of arcs of which the second may not follow the first; ``u_turns``: pairs by which one may
    turn round although it is no dead end. ``lines``: the course of each arc, (n, 2) degrees (none: straight).
    """

    lon: Floats
    lat: Floats
    tail: Integers
    head: Integers
    metres: Floats
    seconds: Floats
    closed_turns: Integers = field(default_factory=_none)
    u_turns: Integers = field(default_factory=_none)
    lines: tuple[Floats, ...] = ()

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
        if len(self.lines) not in (0, len(self.tail)):
            raise RoadsError("lines", "도로마다 하나여야 합니다", "there must be one for each arc")

    def to_bytes(self) -> bytes:
        """What :meth:`from_bytes` takes: NumPy arrays in a zip, nothing that could run."""
        corners = [len(line) for line in self.lines]
        flat = np.concatenate(self.lines) if self.lines else np.zeros((0, 2))
        parts = {name: getattr(self, name) for name in ARRAYS} | {"corners": np.array(corners, np.int64), "flat": flat}
        file = io.BytesIO()
        np.savez_compressed(file, version=np.array(VERSION), **parts)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Roads:
        """Raises RoadsError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept:
                if int(kept["version"]) != VERSION:
                    raise RoadsError("data", "다른 판의 도로 파일입니다", "is of another version: make it anew")
                lines = tuple(np.split(kept["flat"], np.cumsum(kept["corners"])[:-1])) if len(kept["corners"]) else ()
                return cls(**{name: kept[name] for name in ARRAYS}, lines=lines)
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as wrong:
            if isinstance(wrong, RoadsError):
                raise
            raise RoadsError(
                "data", "도로 파일이 아닙니다 (dure route roads로 만드세요)", f"is no road file: {wrong}"
            ) from None

    @property
    def shapes(self) -> tuple[Floats, ...]:
        """The course of each arc, (n, 2) degrees."""
        straight = zip(self.lon[self.tail], self.lat[self.tail], self.lon[self.head], self.lat[self.head], strict=True)
        return self.lines or tuple(np.array(ends).reshape(2, 2) for ends in straight)

    @cached_property
    def connected(self) -> Integers:
        """Nodes from which the busiest crossing can be reached, and which can be reached from it."""
        hub = int(np.bincount(np.concatenate([self.tail, self.head])).argmax())
        there = reached(len(self.lon), self.tail, self.head, hub)
        back = reached(len(self.lon), self.head, self.tail, hub)
        return np.flatnonzero(there & back)

    @cached_property
    def _graph(self) -> Graph:
        return Graph(len(self.lon), self.tail, self.head, self.lon, self.lat)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        crossings: Any = shapely.points(self.flat(self.lon[self.connected], self.lat[self.connected]))
        return shapely.STRtree(crossings)

    def flat(self, lon: Floats, lat: Floats) -> Floats:
        """Metres east and north, good enough within a city."""
        scale = np.cos(np.radians(self.lat.mean()))
        return np.radians(np.column_stack([lon * scale, lat])) * EARTH_METRES

    def snapped(self, lon: Floats, lat: Floats) -> Integers:
        """The nearest connected node of each place. Raises RoadsError naming a place that no road is near."""
        places = shapely.points(self.flat(lon, lat))
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
        return Matrices(self._table(self.metres, nodes, 10), self._table(self.seconds, nodes, 1000), Basis.ROADS, said)

    def _table(self, weights: Floats, nodes: Integers, parts: int) -> Integers:
        """(n, n) between nodes in whole units, of weights kept in so many ``parts``."""
        places, index = np.unique(nodes, return_inverse=True)
        table = self._graph.distances(self._graph.metric(np.rint(weights * parts)), places)
        whole = np.where(table < 0, UNREACHABLE, (table + parts // 2) // parts)
        return whole[np.ix_(index, index)]


def reached(nodes: int, tail: Integers, head: Integers, start: int) -> NDArray[np.bool_]:
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
