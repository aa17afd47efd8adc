# SPDX-License-Identifier: Apache-2.0
"""How far it is and how long it takes from every place to every other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

UNREACHABLE = 1 << 40
"""Of a distance or duration: there is no way. Above any sum of real ones, far below an overflow."""

EARTH_METRES = 6_371_008.8
"""Mean radius (IUGG)."""

Degrees = NDArray[np.float64] | float

DETOUR = 1.3
"""Roads are so much longer than the straight line, where no map says better."""


class Basis(StrEnum):
    """What the matrices were made of."""

    GIVEN = "given"
    ROADS = "roads"
    STRAIGHT_LINES = "straight_lines"


@dataclass(frozen=True, eq=False)
class Matrices:
    """``distance`` in metres and ``duration`` in seconds, int64 (n, n), from row to column."""

    distance: NDArray[np.int64]
    duration: NDArray[np.int64]
    basis: Basis = Basis.GIVEN
    said: tuple[str, str] = ("", "")
    """What a reader of the plan must know about them, Korean and English."""

    def __post_init__(self) -> None:
        """Raise ValueError for anything but two square matrices of one size without negative numbers."""
        for matrix in (self.distance, self.duration):
            if matrix.shape != (len(self.distance),) * 2 or matrix.dtype != np.int64:
                raise ValueError(f"matrices are int64 and square, not {matrix.dtype} {matrix.shape}")
            if matrix.min(initial=0) < 0 or np.diagonal(matrix).any():
                raise ValueError("from a place to itself it is 0, and nowhere below 0")

    @property
    def places(self) -> int:
        """How many places there are."""
        return len(self.distance)


def great_circle(lon: Degrees, lat: Degrees, to_lon: Degrees, to_lat: Degrees) -> NDArray[np.float64]:
    """Metres between places in degrees, whose shapes are broadcast against each other; by the haversine formula."""
    x, y, to_x, to_y = (np.radians(one) for one in (lon, lat, to_lon, to_lat))
    half = np.sin((y - to_y) / 2) ** 2 + np.cos(y) * np.cos(to_y) * np.sin((x - to_x) / 2) ** 2
    return np.asarray(2 * EARTH_METRES * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def straight_lines(
    lon: NDArray[np.float64], lat: NDArray[np.float64], *, kmh: float, detour: float = DETOUR
) -> Matrices:
    """Matrices where there is no map: great circles times ``detour``, driven at ``kmh`` throughout.

    ``lon``, ``lat``: degrees east and north, (n,).
    """
    if not (kmh > 0 and detour >= 1):
        raise ValueError("a speed above 0 and a detour of at least 1")
    metres = great_circle(lon[:, None], lat[:, None], lon, lat) * detour
    np.fill_diagonal(metres, 0)
    said = (
        f"도로 지도 없이 직선거리의 {detour:g}배, 시속 {kmh:g} km로 셈했습니다",
        f"no road map: straight lines × {detour:g} at {kmh:g} km/h",
    )
    seconds = np.rint(metres * 3.6 / kmh).astype(np.int64)
    return Matrices(np.rint(metres).astype(np.int64), seconds, Basis.STRAIGHT_LINES, said)
