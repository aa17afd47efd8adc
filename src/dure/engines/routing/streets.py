# SPDX-License-Identifier: Apache-2.0
"""Matrices from kerb to kerb: along arcs instead of from crossing to crossing, so that turns that are closed stay
closed, nobody turns round in the middle of a street, and a stop is made on the side on which it lies.

The graph's nodes are the arcs of the roads, and its arcs the turns from one to the next: a place lies at some part of
an arc, and the way between two is the rest of the first arc, whole arcs, and a part of the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .roads import FARTHEST_FROM_A_ROAD, Floats, Graph, Integers, Roads, RoadsError, reached
from .travel import UNREACHABLE, Basis, Matrices

SAME_STREET = 2.0
"""Metres: arcs that are no farther from a place than its nearest and so much are one street's directions."""


class Kerb(StrEnum):
    """On which side of the street a stop may be made."""

    EITHER = "either"
    RIGHT = "right"
    """Where traffic keeps right nobody then crosses the road with a bin; on one-way streets the left will do."""


@dataclass(frozen=True, eq=False)
class _Place:
    """``arcs``: on which it may be stopped at, ``parts``: how far along each of them, 0 to 1."""

    arcs: Integers
    parts: Floats


class Streets:
    """Roads, travelled from kerb to kerb."""

    def __init__(self, roads: Roads) -> None:
        self.roads = roads
        before, after = turns(roads)
        hub = int(np.bincount(after, minlength=len(roads.tail)).argmax())
        there, back = (reached(len(roads.tail), *ends, hub) for ends in ((before, after), (after, before)))
        self.connected: Integers = np.flatnonzero(there & back)
        """Arcs from which the busiest one can be reached, and which can be reached from it."""
        lon, lat = ((ends[roads.tail] + ends[roads.head]) / 2 for ends in (roads.lon, roads.lat))
        self._graph = Graph(len(roads.tail), before, after, lon, lat)
        self._by_metres = self._graph.metric(np.rint(roads.metres * 10)[after])
        self._by_seconds = self._graph.metric(np.rint(roads.seconds * 1000)[after])

    @cached_property
    def _lines(self) -> NDArray[Any]:
        """Of the connected arcs, in metres."""
        shapes = self.roads.shapes
        return np.array([shapely.LineString(self.roads.flat(*shapes[arc].T)) for arc in self.connected])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._lines)

    def _placed(self, lon: Floats, lat: Floats, kerb: Kerb) -> list[_Place]:
        points = np.array(shapely.points(self.roads.flat(lon, lat)))
        _, away = self._tree.query_nearest(points, return_distance=True, all_matches=False)
        far = np.flatnonzero(away > FARTHEST_FROM_A_ROAD)
        if len(far):
            en = f"the nearest road is {away[far[0]]:.0f} m away"
            raise RoadsError(f"places[{far[0]}]", f"가장 가까운 도로가 {away[far[0]]:.0f} m 떨어져 있습니다", en)
        number, near = self._tree.query(points, predicate="dwithin", distance=away + SAME_STREET)
        lines = self._lines[near]
        parts = shapely.line_locate_point(lines, points[number], normalized=True)
        right = _is_right(points[number], lines, parts)
        found = []
        for one in range(len(points)):
            mine = np.flatnonzero(number == one)
            if kerb is Kerb.RIGHT and right[mine].any():
                mine = mine[right[mine]]
            found.append(_Place(self.connected[near[mine]], parts[mine]))
        return found

    def matrices(self, lon: Floats, lat: Floats, kerb: Kerb = Kerb.EITHER) -> Matrices:
        """Between places (degrees, (n,)): seconds of the fastest way, metres of the shortest.

        Raises RoadsError naming a place that no road is near.
        """
        places = self._placed(lon, lat, kerb)
        side = ("", "") if kerb is Kerb.EITHER else (", 오른쪽에 세움", ", stopping on the right")
        said = (
            f"도로 지도로 셈했습니다 (회전 제한을 지킴{side[0]}): 시간은 가장 빠른 길, 거리는 가장 짧은 길",
            f"by the road map, keeping to its turns{side[1]}: times of the fastest way, distances of the shortest",
        )
        distance = self._table(places, self._by_metres, self.roads.metres * 10, 10)
        duration = self._table(places, self._by_seconds, self.roads.seconds * 1000, 1000)
        return Matrices(distance, duration, Basis.ROADS, said)

    def _table(self, places: list[_Place], metric: Any, length: Floats, parts: int) -> Integers:
        """(n, n) in whole units of ``parts`` parts, from the ``length`` of each arc in parts."""
        arcs, columns = np.unique(np.concatenate([one.arcs for one in places]), return_inverse=True)
        part = np.concatenate([one.parts for one in places])
        place = np.repeat(np.arange(len(places)), [len(one.arcs) for one in places])
        between = self._graph.distances(metric, arcs).astype(float)
        between[between < 0] = UNREACHABLE
        rest = (1 - part) * length[arcs[columns]]
        way = between[np.ix_(columns, columns)] + rest[:, None] - rest
        behind = np.nonzero((columns[:, None] == columns) & (rest[:, None] < rest))
        way[behind] += self._round(arcs[columns[behind[0]]], metric, length)
        best = np.full((len(places), len(places)), float(UNREACHABLE))
        np.minimum.at(best, (place[:, None], place[None, :]), way)
        np.fill_diagonal(best, 0)
        return np.where(best >= UNREACHABLE, UNREACHABLE, np.rint(best / parts)).astype(np.int64)

    def _round(self, arcs: Integers, metric: Any, length: Floats) -> Floats:
        """Of each arc, how far it is from its end back to its end: for what lies behind on the same street."""
        far = {}
        for arc in set(arcs.tolist()):
            onward = self._graph.after(arc)
            back = self._graph.distances(metric, np.array([arc]), onward)[:, 0].astype(float)
            far[arc] = (length[onward] + np.where(back < 0, UNREACHABLE, back)).min(initial=UNREACHABLE)
        return np.array([far[arc] for arc in arcs.tolist()])


def turns(roads: Roads) -> tuple[Integers, Integers]:
    """Arcs and those that may follow them: all that begin where one ends but what the map closes; turning round only at
    dead ends and where the map allows it."""
    order = np.argsort(roads.tail, kind="stable")
    first = np.searchsorted(roads.tail[order], np.arange(len(roads.lon) + 1))
    counts = (first[1:] - first[:-1])[roads.head]
    before = np.repeat(np.arange(len(roads.tail)), counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    after = order[np.repeat(first[roads.head], counts) + step]
    back = roads.head[after] == roads.tail[before]
    onward = np.bincount(before[~back], minlength=len(roads.tail))
    keep = ~back | (onward[before] == 0) | _among(before, after, roads.u_turns)
    keep &= ~_among(before, after, roads.closed_turns)
    return before[keep], after[keep]


def _among(before: Integers, after: Integers, pairs: Integers) -> NDArray[np.bool_]:
    wide = max(int(before.max(initial=0)), int(after.max(initial=0)), int(pairs.max(initial=0))) + 1
    return np.isin(before * wide + after, pairs[:, 0] * wide + pairs[:, 1])


def _is_right(points: NDArray[Any], lines: NDArray[Any], parts: Floats) -> NDArray[np.bool_]:
    """Whether each point lies to the right of its line's direction there."""
    ends = [shapely.line_interpolate_point(lines, np.clip(parts + by, 0, 1), normalized=True) for by in (-0.01, 0.01)]
    from_x, from_y, to_x, to_y = (get(end) for end in ends for get in (shapely.get_x, shapely.get_y))
    aside_x, aside_y = shapely.get_x(points) - from_x, shapely.get_y(points) - from_y
    return np.asarray((to_x - from_x) * aside_y - (to_y - from_y) * aside_x < 0)
