# SPDX-License-Identifier: Apache-2.0
"""Plane geometry for a made city: Voronoi cells, crooked borders that neighbours share, points inside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .chance import Floats, normal, uniform

Point = tuple[float, float]
Ring = list[Point]


def clipped(ring: Ring, nearer: Point, than: Point) -> Ring:
    """The part of ``ring`` that lies nearer to one point than to another (Sutherland and Hodgman, 1974)."""
    normal_x, normal_y = than[0] - nearer[0], than[1] - nearer[1]
    limit = (than[0] ** 2 + than[1] ** 2 - nearer[0] ** 2 - nearer[1] ** 2) / 2
    kept: Ring = []
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        before = normal_x * x0 + normal_y * y0 - limit
        after = normal_x * x1 + normal_y * y1 - limit
        if before <= 0:
            kept.append((x0, y0))
        if (before < 0 < after) or (after < 0 < before):
            share = before / (before - after)
            kept.append((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
    return kept


def cells(points: Sequence[Point], outline: Ring) -> list[Ring]:
    """Voronoi cells of ``points`` within a (nearly) convex ``outline``: the cells fill it without overlap."""
    rings = []
    for point in points:
        ring = outline
        for other in points:
            if other != point:
                ring = clipped(ring, point, other)
        rings.append(ring)
    return rings


def centroid(ring: Ring) -> Point:
    """Centre of gravity of a simple ring."""
    x, y = np.asarray(ring).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    centre_x = ((x + np.roll(x, -1)) * cross).sum() / (6 * area)
    centre_y = ((y + np.roll(y, -1)) * cross).sum() / (6 * area)
    return float(centre_x), float(centre_y)


def joined(rings: list[Ring], within: float = 1e-6) -> list[Ring]:
    """The rings with corners that differ only by rounding made one, so that neighbours share them exactly."""
    known: Ring = []

    def same(point: Point) -> Point:
        for other in known:
            if abs(other[0] - point[0]) < within and abs(other[1] - point[1]) < within:
                return other
        known.append(point)
        return point

    return [[same(point) for point in ring] for ring in rings]


def crooked(ring: Ring, seed: int, longest: float) -> Ring:
    """A ring whose borders bend like real ones. Both neighbours of a border bend it alike: the bend is drawn
    from the border's own two corners. Corners stay where they are; no straight piece stays longer than ``longest``."""
    bent: Ring = []
    for start, end in zip(ring, ring[1:] + ring[:1], strict=True):
        forward = start <= end
        path = _bent(start, end, seed, longest) if forward else _bent(end, start, seed, longest)[::-1]
        bent.extend(path[:-1])
    return bent


def _bent(start: Point, end: Point, seed: int, longest: float) -> Ring:
    across = (-(end[1] - start[1]), end[0] - start[0])
    if np.hypot(*across) <= longest:
        return [start, end]
    keys = [round(value * 1e5) for value in (*start, *end)]
    bend = float(np.clip(normal(seed, "border", *keys, sd=0.07), -0.14, 0.14))
    middle = ((start[0] + end[0]) / 2 + bend * across[0], (start[1] + end[1]) / 2 + bend * across[1])
    return _bent(start, middle, seed, longest)[:-1] + _bent(middle, end, seed, longest)


def inside(rings: Sequence[NDArray[np.float64]], x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether each point is within the rings, by the even-odd rule (so a ring within a ring is a hole).

    ``rings`` are arrays of shape [corners, 2]; ``x`` and ``y`` of shape [points].
    """
    odd = np.zeros(x.shape, dtype=bool)
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 == y1:
                continue
            crosses = (y0 > y) != (y1 > y)
            odd ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return odd


def points_inside(rings: Sequence[NDArray[np.float64]], count: int, seed: int, topic: int) -> Floats:
    """``count`` points spread evenly within the rings, shape [count, 2]; the same for the same seed and topic."""
    corners = np.concatenate(rings)
    low, high = corners.min(axis=0), corners.max(axis=0)
    found = np.empty((0, 2))
    attempt = 0
    while len(found) < count:
        keys = np.arange(2 * count + 16)
        x = uniform(seed, "point x", topic, attempt, keys, low=low[0], high=high[0])
        y = uniform(seed, "point y", topic, attempt, keys, low=low[1], high=high[1])
        held = inside(rings, x, y)
        found = np.concatenate([found, np.stack([x[held], y[held]], axis=1)])
        attempt += 1
    return found[:count]
