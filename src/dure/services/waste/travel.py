# SPDX-License-Identifier: Apache-2.0
"""How far it is between places: by the city's own road map (``DURE_ROADS``: an OpenStreetMap extract), else straight
lines, and the plan says which."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

from dure.engines.routing import Matrices, straight_lines
from dure.services.waste.round_problem import Place, Travel

if TYPE_CHECKING:
    from dure.engines.routing.roads import Roads

log = logging.getLogger(__name__)


def travel_at(kmh: float) -> Travel:
    """Matrices between places; where there is no road map, at ``kmh``."""

    def between(places: Sequence[Place]) -> Matrices:
        lon, lat = (np.array([place[axis] for place in places], dtype=np.float64) for axis in (0, 1))
        lines = straight_lines(lon, lat, kmh=kmh)
        roads = city_roads()
        if roads is None:
            return lines
        from dure.engines.routing.roads import RoadsError  # noqa: PLC0415 it comes with the map

        try:
            return roads.matrices(lon, lat)
        except RoadsError as wrong:
            log.warning("the road map does not serve: %s", wrong)
            ko, en = lines.said
            return replace(lines, said=(f"{ko} (도로 지도: {wrong.ko})", f"{en} (road map: {wrong.en})"))

    return between


def city_roads() -> Roads | None:
    """The city's road map, read once a process and again when its file is another; None where there is none."""
    if not settings.DURE_ROADS:
        return None
    path = Path(settings.DURE_ROADS)
    return _roads(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _roads(path: Path, changed: int) -> Roads:
    from dure.engines.routing.osm import read_osm  # noqa: PLC0415 readers and graphs that most cities do not need

    return read_osm(path.read_bytes(), form="osm" if path.suffix == ".osm" else "pbf")
