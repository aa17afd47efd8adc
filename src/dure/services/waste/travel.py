# SPDX-License-Identifier: Apache-2.0
"""How far it is between places: by the city's own road map (``DURE_ROADS``, a file of ``dure route roads``), else by
straight lines, and the plan says which."""

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
from dure.services.waste.round_rules import RoundRules

if TYPE_CHECKING:
    from dure.engines.routing.streets import Kerb, Streets

log = logging.getLogger(__name__)


def travel_by(chosen: RoundRules) -> Travel:
    """Matrices between places. A map that cannot be read, or does not reach a place, is told in the plan."""

    def between(places: Sequence[Place]) -> Matrices:
        lon, lat = (np.array([place[axis] for place in places], dtype=np.float64) for axis in (0, 1))
        if not settings.DURE_ROADS:
            return straight_lines(lon, lat, kmh=chosen.kmh)
        from dure.engines.routing.roads import RoadsError  # noqa: PLC0415 graphs that most cities do not have
        from dure.engines.routing.streets import Kerb  # noqa: PLC0415

        try:
            return _by_road(*_city_map(), tuple(places), Kerb.RIGHT if chosen.stop_on_the_right else Kerb.EITHER)
        except (RoadsError, OSError) as wrong:
            log.warning("the road map does not serve: %s", wrong)
            lines = straight_lines(lon, lat, kmh=chosen.kmh)
            ko, en = lines.said
            why = (wrong.ko, wrong.en) if isinstance(wrong, RoadsError) else (str(wrong), str(wrong))
            return replace(lines, said=(f"{ko} (도로 지도를 쓰지 못함: {why[0]})", f"{en} (no road map: {why[1]})"))

    return between


def _city_map() -> tuple[Path, int]:
    """The file and when it was made: what was worked out of another is worked out again."""
    path = Path(settings.DURE_ROADS)
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=4)
def _by_road(path: Path, changed: int, places: tuple[Place, ...], kerb: Kerb) -> Matrices:
    """A round's plan, its habit and every drag ask for the same few sets of places, which takes seconds each."""
    lon, lat = (np.array([place[axis] for place in places], dtype=np.float64) for axis in (0, 1))
    return _streets(path, changed).matrices(lon, lat, kerb)


@lru_cache(maxsize=1)
def _streets(path: Path, changed: int) -> Streets:
    from dure.engines.routing.roads import Roads  # noqa: PLC0415
    from dure.engines.routing.streets import Streets  # noqa: PLC0415

    return Streets(Roads.from_bytes(path.read_bytes()))
