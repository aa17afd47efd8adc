# SPDX-License-Identifier: Apache-2.0
"""Places in queries: what an index can answer before distances are measured."""

from __future__ import annotations

from math import cos, radians

from django.db.models import Q

METRES_PER_DEGREE = 111_195
"""Of a great circle, with the mean radius of the IUGG (6,371,008.8 m)."""


def around(lon: float, lat: float, metres: float) -> Q:
    """Rows whose ``lon`` and ``lat`` (°E, °N) lie in the box around the circle of ``metres`` about a place. Its corners
    are farther than that, so measure what comes (``engines.routing.travel.great_circle``). Not across ±180°."""
    north = metres / METRES_PER_DEGREE
    east = north / max(cos(radians(lat)), 0.01)
    return Q(lon__range=(lon - east, lon + east), lat__range=(lat - north, lat + north))
