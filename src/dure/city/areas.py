# SPDX-License-Identifier: Apache-2.0
"""시·도, 시·군·구, 일반구, 행정동: where they are, when they were valid, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import shapely
from django.db.models import Q, QuerySet
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from dure.city.area_import import import_geojson, outline_of
from dure.city.models import Area, AreaLevel, AreaSuccession

__all__ = ["area_at", "city_geojson", "import_geojson", "origins_of", "reach", "successors_of", "valid_on"]

MAP_TOLERANCE = 0.0002
"""Degrees (about 20 m): what a boundary on a city-wide map may leave out."""
MAP_DECIMALS = 5
"""Of a degree: about 1 m."""


def valid_on(on: date) -> QuerySet[Area]:
    """The areas that are valid on that day."""
    return Area.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)


def area_at(lon: float, lat: float, on: date) -> Area | None:
    """The 행정동 that (``lon``, ``lat``; degrees, WGS 84) lay in on that day; on a border, the first by code."""
    versions = tuple(
        valid_on(on).filter(level=AreaLevel.DONG).order_by("code").values_list("pk", "valid_from", "lon", "lat")
    )
    found = _tree(versions).query(shapely.Point(lon, lat), predicate="intersects")
    return Area.objects.get(pk=versions[min(found)][0]) if len(found) else None


@lru_cache(maxsize=2)
def _tree(versions: tuple[tuple[Any, ...], ...]) -> shapely.STRtree:
    """Boundaries in the order of ``versions``; the valid areas change rarely and are looked up often."""
    found = Area.objects.in_bulk([pk for pk, *_ in versions])
    return shapely.STRtree([outline_of(found[pk]) for pk, *_ in versions])


def city_geojson(areas: Iterable[Area], tolerance: float = MAP_TOLERANCE) -> dict[str, Any]:
    """A FeatureCollection for the map: those of ``areas`` that have a boundary, level by level.

    Boundaries are simplified by Visvalingam–Whyatt on the edges that neighbours share, so that no gaps open between
    them; triangles of less than ``tolerance`` squared (degrees) are left out.
    """
    by_level: dict[str, list[Area]] = {}
    for area in areas:
        if area.boundary:
            by_level.setdefault(area.level, []).append(area)
    features = [feature for drawn in by_level.values() for feature in _features(drawn, tolerance)]
    return {"type": "FeatureCollection", "features": features}


def _features(drawn: list[Area], tolerance: float) -> list[dict[str, Any]]:
    simple = shapely.coverage_simplify([outline_of(area) for area in drawn], tolerance)
    rounded = shapely.set_precision(simple, 10**-MAP_DECIMALS)
    return [_feature(area, geometry) for area, geometry in zip(drawn, rounded, strict=True)]


def _feature(area: Area, geometry: BaseGeometry) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": area.pk,
        "properties": {
            "code": area.code,
            "level": area.level,
            "name": area.name,
            "full_name": area.full_name,
            "lon": area.lon,
            "lat": area.lat,
        },
        "geometry": mapping(geometry),
    }


def successors_of(ids: Iterable[int]) -> set[int]:
    """What the areas became, and what those became, without the areas themselves."""
    return _follow(set(ids), "predecessor_id", "successor_id")


def origins_of(ids: Iterable[int]) -> set[int]:
    """What the areas were before, and before that, without the areas themselves."""
    return _follow(set(ids), "successor_id", "predecessor_id")


def _follow(start: set[int], from_column: str, to_column: str) -> set[int]:
    found, frontier = set(start), set(start)
    while frontier:
        rows = AreaSuccession.objects.filter(**{f"{from_column}__in": frontier})
        frontier = set(rows.values_list(to_column, flat=True)) - found
        found |= frontier
    return found - start


def reach(ids: Iterable[int]) -> set[int]:
    """Whom somebody responsible for these areas is responsible for: all below them, what those became, and homes
    that are still booked under what they were before."""
    own = _below(set(ids))
    later = _below(own | successors_of(own))
    return later | _below(origins_of(own))


def _below(ids: set[int]) -> set[int]:
    found, frontier = set(ids), set(ids)
    while frontier:
        frontier = set(Area.objects.filter(parent_id__in=frontier).values_list("pk", flat=True)) - found
        found |= frontier
    return found
