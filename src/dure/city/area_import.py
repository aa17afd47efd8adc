# SPDX-License-Identifier: Apache-2.0
"""Areas from a GeoJSON file of 행정동, with the 일반구, cities and provinces above them.

The properties are those in which Korean boundaries circulate (from the statistics office's SGIS): ``adm_nm`` full
name, ``adm_cd2`` ten-digit code, ``sgg`` and ``sido`` its first five and two digits, ``sggnm`` and ``sidonm``
their names. A city with 일반구 is written in one word there (``용인시처인구``) and becomes two areas; its own code
is the first four digits of its districts' and a 0, as in the ministry's list of codes (용인시 41460).

A later file closes what it replaced: an area whose name, parent or ground changed, one that is missing from its
city or 구, and one whose ground others hold now. Each is linked to what its ground belongs to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from django.db.models import Q
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from dure.city.audit import Tag, record
from dure.city.errors import Invalid
from dure.city.models import Area, AreaLevel, AreaSuccession, User

SAME_GROUND = 0.98
"""Shared part of two outlines together (Jaccard index) from which a redrawn border is still the same area. Drawing
the 248 행정동 of five cities at 20 m less detail leaves every one of them above 0.99."""
SUCCESSOR_SHARE = 0.02
"""Part of a closed area's ground that makes another its successor; below it the borders were only drawn otherwise."""
MOSTLY = 0.5
"""Part of an area's ground that must be in a file for the file to have replaced it."""

_WITH_DISTRICT = re.compile(r"(\S+?시)\s*(\S+구)")
_TEXTS = ("adm_nm", "adm_cd2", "sgg", "sido", "sidonm", "sggnm")
_CODES = {"adm_cd2": 10, "sgg": 5, "sido": 2}


@dataclass(frozen=True)
class _Drawn:
    """One area as the file has it; ``parent`` is a code; only a 행정동 has its outline from the file."""

    code: str
    level: AreaLevel
    name: str
    full_name: str
    parent: str | None
    outline: BaseGeometry | None = None


@transaction.atomic
def import_geojson(path: Path, *, valid_from: date, source: str, actor: User | str = "command:areas-import") -> int:
    """Take the areas of ``path`` as valid from that day on. Returns how many 행정동 the file has.

    The same file again changes no area. Raises Invalid naming the feature and the property, or the day when areas
    of the file are known that became valid later; then nothing is changed.
    """
    drawn = _read(path)
    _refuse_earlier(drawn, valid_from)
    known = _known(drawn, valid_from)
    rows: dict[str, Area] = {}
    closed: list[Area] = []
    for code, one in drawn.items():
        rows[code], replaced = _take(one, known.get(code), rows, valid_from, source)
        if replaced is not None:
            Area.objects.filter(parent=replaced, valid_to=None).update(parent=rows[code])
            closed.append(replaced)
    _close(closed, valid_from)
    dongs = [area for area in rows.values() if area.level == AreaLevel.DONG]
    closed += _close_vanished(drawn, dongs, valid_from)
    for area in rows.values():
        if area.level in (AreaLevel.DISTRICT, AreaLevel.CITY):
            _draw(area, _outline_of_dongs(area, valid_from))
    _link(closed, rows.values(), valid_from)
    record(
        Tag.Area.IMPORTED,
        actor=actor,
        subject=f"areas:{min(code for code, one in drawn.items() if one.level is AreaLevel.CITY)}",
        detail={"source": source, "valid_from": valid_from, "dongs": len(dongs), "closed": [a.code for a in closed]},
    )
    return len(dongs)


def _read(path: Path) -> dict[str, _Drawn]:
    """All areas of the file by code, parents before children."""
    features = _features(path)
    drawn: dict[str, _Drawn] = {}
    for index, feature in enumerate(features):
        where = f"features[{index}]"
        for one in _lineage(_properties(feature, where), _geometry(feature, where), where):
            if drawn.setdefault(one.code, one) is not one and one.level is AreaLevel.DONG:
                raise Invalid(
                    f"코드가 두 번 있습니다: {one.code}", f"is there twice: {one.code}", field=f"{where}.adm_cd2"
                )
    order = list(AreaLevel)
    return dict(sorted(drawn.items(), key=lambda item: (order.index(item[1].level), item[0])))


def _features(path: Path) -> list[Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"읽을 수 없습니다: {error}", f"cannot be read: {error}", field=path.name) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise Invalid(
            "GeoJSON FeatureCollection이 아니거나 비었습니다",
            "is not a GeoJSON FeatureCollection, or an empty one",
            field=f"{path.name}.features",
        )
    return features


def _properties(feature: Any, where: str) -> dict[str, str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise Invalid("속성이 없습니다", "has no properties", field=f"{where}.properties")
    for name in _TEXTS:
        value = properties.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Invalid("글자가 있어야 합니다", "a text is needed", field=f"{where}.{name}")
    for name, digits in _CODES.items():
        value = properties[name]
        if not re.fullmatch(rf"\d{{{digits}}}", value, re.ASCII) or not properties["adm_cd2"].startswith(value):
            raise Invalid(
                f"행정동코드의 앞 {digits}자리 숫자여야 합니다: {value}",
                f"must be the first {digits} digits of the area's code: {value}",
                field=f"{where}.{name}",
            )
    return {name: " ".join(properties[name].split()) for name in _TEXTS}


def _geometry(feature: Mapping[str, Any], where: str) -> BaseGeometry:
    try:
        drawn = shape(feature["geometry"])
        geometry = drawn if drawn.is_valid else shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Invalid(f"도형이 아닙니다: {error}", f"is no geometry: {error}", field=f"{where}.geometry") from error
    if geometry.is_empty or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise Invalid(
            f"면이어야 합니다: {drawn.geom_type}",
            f"must be a polygon, not {drawn.geom_type}",
            field=f"{where}.geometry",
        )
    west, south, east, north = geometry.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise Invalid(
            "좌표가 경위도(WGS 84)가 아닙니다. 먼저 변환하세요",
            "the coordinates are not degrees (WGS 84): convert them first",
            field=f"{where}.geometry",
        )
    return geometry


def _lineage(texts: Mapping[str, str], outline: BaseGeometry, where: str) -> Iterator[_Drawn]:
    """The province, the city, its 일반구 where it has them, and the 행정동."""
    above = f"{texts['sidonm']} {texts['sggnm']} "
    name = texts["adm_nm"].removeprefix(above)
    if name == texts["adm_nm"] or not name:
        raise Invalid(
            f"‘{above}…’로 시작해야 합니다: {texts['adm_nm']}",
            f"must start with {above!r}: {texts['adm_nm']}",
            field=f"{where}.adm_nm",
        )
    province = _Drawn(texts["sido"], AreaLevel.PROVINCE, texts["sidonm"], texts["sidonm"], None)
    yield province
    split = _WITH_DISTRICT.fullmatch(texts["sggnm"])
    city_name = split[1] if split else texts["sggnm"]
    city_code = f"{texts['sgg'][:4]}0" if split else texts["sgg"]
    city = _Drawn(city_code, AreaLevel.CITY, city_name, f"{province.name} {city_name}", province.code)
    yield city
    above_dong = city
    if split:
        full_name = f"{city.full_name} {split[2]}"
        above_dong = _Drawn(texts["sgg"], AreaLevel.DISTRICT, split[2], full_name, city.code)
        yield above_dong
    yield _Drawn(texts["adm_cd2"], AreaLevel.DONG, name, f"{above_dong.full_name} {name}", above_dong.code, outline)


def _refuse_earlier(drawn: Mapping[str, _Drawn], valid_from: date) -> None:
    later = Area.objects.filter(Q(code__in=drawn) | Q(parent__code__in=drawn), valid_from__gt=valid_from)
    newest = later.exclude(level__in=(AreaLevel.PROVINCE, AreaLevel.CITY)).order_by("-valid_from").first()
    if newest is not None:
        raise Invalid(
            f"{newest.full_name}: 이미 {newest.valid_from}부터의 것이 있습니다. 시간 차례로 들여오세요",
            f"{newest.full_name} is known already as valid from {newest.valid_from}: import in order of time",
            field="valid_from",
        )


def _known(drawn: Mapping[str, _Drawn], valid_from: date) -> dict[str, Area]:
    """The present areas by code. Provinces and cities are also known when another of their files came first."""
    present = Area.objects.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from), code__in=drawn)
    return {area.code: area for area in present.select_related("parent").order_by("valid_from")}


def _take(
    one: _Drawn, known: Area | None, rows: Mapping[str, Area], valid_from: date, source: str
) -> tuple[Area, Area | None]:
    """The row that stands for ``one`` from now on, and the one it replaces."""
    parent = rows[one.parent] if one.parent else None
    if known is None or (known.valid_from < valid_from and not _is_same(known, one)):
        made = Area(code=one.code, level=one.level, valid_from=valid_from, source=source)
        _write(made, one, parent)
        return made, known
    known.valid_from = min(known.valid_from, valid_from)
    _write(known, one, parent)
    return known, None


def _is_same(known: Area, one: _Drawn) -> bool:
    """Whether the file means the area that we know, perhaps with its border drawn otherwise."""
    if (known.name, known.level, known.parent.code if known.parent else None) != (one.name, one.level, one.parent):
        return False
    if one.outline is None or known.boundary is None:
        return True
    before = outline_of(known)
    return bool(before.intersection(one.outline).area >= SAME_GROUND * before.union(one.outline).area)


def _write(area: Area, one: _Drawn, parent: Area | None) -> None:
    area.name, area.full_name, area.parent = one.name, one.full_name, parent
    if one.outline is None:
        area.save()
    else:
        _draw(area, one.outline)


def _draw(area: Area, outline: BaseGeometry) -> None:
    """Set the boundary and the middle: the centroid, or a point inside where a bent area has it outside."""
    middle = outline.centroid if outline.contains(outline.centroid) else outline.representative_point()
    area.boundary, area.lon, area.lat = mapping(outline), middle.x, middle.y
    area.save()


def outline_of(area: Area) -> BaseGeometry:
    """The boundary as a shape (degrees, WGS 84), empty where none is known."""
    return shape(area.boundary) if area.boundary else shapely.Polygon()


def _outline_of_dongs(area: Area, on: date) -> BaseGeometry:
    below = Area.objects.filter(Q(parent=area) | Q(parent__parent=area), level=AreaLevel.DONG)
    return shapely.union_all([outline_of(dong) for dong in below.filter(Q(valid_to=None) | Q(valid_to__gt=on))])


def _close_vanished(drawn: Mapping[str, _Drawn], dongs: Sequence[Area], on: date) -> list[Area]:
    """Close the 행정동 that the file no longer has, where it has their city or their ground, and what is empty then."""
    west, south, east, north = shapely.total_bounds([outline_of(dong) for dong in dongs])
    there = Q(lon__range=(west, east), lat__range=(south, north))
    present = Area.objects.filter(valid_to=None, valid_from__lt=on).exclude(code__in=drawn).select_related("parent")
    gone = [
        area
        for area in present.filter(there | Q(parent__code__in=drawn), level=AreaLevel.DONG)
        if (area.parent and area.parent.code in drawn) or sum(_shares(area, dongs).values()) >= MOSTLY
    ]
    _close(gone, on)
    for level in (AreaLevel.DISTRICT, AreaLevel.CITY):
        above = {area.parent_id for area in gone if area.parent_id}
        empty = present.filter(pk__in=above, level=level).exclude(
            pk__in=Area.objects.filter(valid_to=None, parent__in=above).values("parent")
        )
        gone += (emptied := list(empty))
        _close(emptied, on)
    return gone


def _close(areas: Iterable[Area], on: date) -> None:
    for area in areas:
        area.valid_to = on
        area.save(update_fields=["valid_to"])


def _shares(area: Area, others: Iterable[Area]) -> dict[int, float]:
    """Which part of the area's ground lies in each of the others (0..1), by their ids. At the size of a city a
    square degree is the same ground everywhere, so that degrees will do."""
    if area.boundary is None:
        return {}
    ground = outline_of(area)
    shapes = {other.pk: outline_of(other) for other in others if other.boundary}
    return {pk: ground.intersection(one).area / ground.area for pk, one in shapes.items() if ground.intersects(one)}


def _link(closed: Iterable[Area], rows: Iterable[Area], on: date) -> None:
    """Note what became of each closed area: the areas of its level that now hold its ground."""
    present = list(rows)
    for area in closed:
        shares = _shares(area, [one for one in present if one.level == area.level])
        AreaSuccession.objects.bulk_create(
            AreaSuccession(predecessor=area, successor_id=pk, on=on)
            for pk, share in shares.items()
            if share >= SUCCESSOR_SHARE
        )
