# SPDX-License-Identifier: Apache-2.0
"""The city's dong: a made city 두레시, or real boundaries from a file with the same property keys."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chance import normal, uniform
from .shapes import Point, Ring, cells, centroid, crooked, joined

CENTRE = (125.3, 36.2)
"""°E, °N. The made city lies in the open Yellow Sea, so that its map never covers a real place."""

PROVINCE_CODE = "99"
"""No real 시·도 has it, so no made area can be taken for a real one."""

DISTRICTS = ("샛별구", "은하구", "한빛구")
DONG = (
    "두레울", "은가람", "해오름", "달그림", "솔바람", "들마루", "꽃내", "별바라기", "미리내", "온새미", "하늬",
    "샛마루", "물빛", "늘푸른", "도담뜰", "나래울", "다솜뫼", "아람뜰", "너른들", "햇살뫼", "고운뫼", "가람마루",
    "윤슬", "여울목", "새터뫼", "버들내", "노을빛", "단비", "맑은샘", "은별", "돌담", "오솔", "갈꽃", "풀빛",
    "두물뫼", "모래톱", "산들", "솔숲", "이슬", "초롱", "큰나루", "한울뫼", "참샘", "바람골", "흰여울", "까치뫼",
)  # fmt: skip

KM_PER_DEGREE = 111.32


@dataclass(frozen=True)
class Dong:
    """One area: ``properties`` and ``geometry`` as in the GeoJSON file; ``rings`` of [corners, 2] lon/lat."""

    properties: dict[str, Any]
    geometry: dict[str, Any]
    rings: list[NDArray[np.float64]]

    @property
    def code(self) -> str:
        return str(self.properties["adm_cd2"])

    @property
    def name(self) -> str:
        """The dong alone, e.g. 은하동."""
        return str(self.properties["adm_nm"]).split()[-1]

    @property
    def city(self) -> str:
        """Province, city and district as an address has them: 두레도 두레시 샛별구 (the files: 두레시샛별구)."""
        before = " ".join(str(self.properties["adm_nm"]).split()[:-1])
        return re.sub(r"시(\S+구)$", r"시 \1", before)


def read_areas(path: Path) -> list[Dong]:
    """Areas of a GeoJSON file. Raises ValueError naming the file when a feature lacks code, name or boundary."""
    dong = []
    for position, feature in enumerate(json.loads(path.read_text(encoding="utf-8"))["features"]):
        properties, geometry = feature["properties"], feature["geometry"]
        if not properties.get("adm_cd2") or not properties.get("adm_nm") or not geometry:
            raise ValueError(f"{path}: feature {position} needs adm_cd2, adm_nm and a geometry")
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = [np.asarray(ring, dtype=np.float64) for part in parts for ring in part]
        dong.append(Dong(properties, geometry, rings))
    return dong


def write_areas(dong: list[Dong], path: Path) -> None:
    """The areas as one GeoJSON FeatureCollection."""
    features = [{"type": "Feature", "properties": d.properties, "geometry": d.geometry} for d in dong]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def dong_count(homes: int) -> int:
    """How many dong a city of ``homes`` watched homes has: 12 for 200 homes, 40 for 170,000."""
    return int(np.clip(round(12 + 28 * np.log(max(homes, 1) / 200) / np.log(850)), 6, 40))


def make_areas(seed: int, count: int) -> list[Dong]:
    """A made city of ``count`` dong (at most 46): evened Voronoi cells, smaller near the centre, in one or
    three districts, with borders that neighbours share."""
    radius = 1.6 * np.sqrt(count)
    outline = _outline(seed, radius)
    points = _dong_points(seed, count, radius, outline)
    rings = joined(cells(points, outline))
    order = np.argsort([np.arctan2(y, x) for x, y in points])
    names = np.argsort(uniform(seed, "dong name", np.arange(len(DONG))))
    districts = len(DISTRICTS) if count >= 12 else 1
    made = []
    for place, index in enumerate(order):
        district = place * districts // count
        within = place - -(-district * count // districts)
        ring = crooked(rings[index], seed, 0.25)
        made.append(_dong(DONG[names[place]] + "동", district if districts > 1 else None, within, place, ring))
    return made


def _outline(seed: int, radius: float) -> Ring:
    """A nearly convex city shape, longer east to west, as corners in km from the centre."""
    angle = 2 * np.pi * np.arange(36) / 36
    bulge = np.ones(36)
    for waves, size in ((2, 0.10), (3, 0.07), (5, 0.03)):
        bulge += size * np.cos(waves * angle + uniform(seed, "outline", waves, high=2 * np.pi))
    away = radius * bulge
    return [(float(1.1 * r * np.cos(a)), float(0.9 * r * np.sin(a))) for r, a in zip(away, angle, strict=True)]


def _dong_points(seed: int, count: int, radius: float, outline: Ring) -> list[Point]:
    """One point a dong: closer together near the centre, then evened out (two rounds of Lloyd, 1982)."""
    key = np.arange(count)
    away = radius * 0.85 * (key + 0.5) ** 0.6 / count**0.6
    angle = key * np.pi * (3 - np.sqrt(5)) + normal(seed, "dong angle", key, sd=0.25)
    points = [(float(r * np.cos(a)), float(0.8 * r * np.sin(a))) for r, a in zip(away, angle, strict=True)]
    for _ in range(2):
        points = [centroid(ring) for ring in cells(points, outline)]
    return points


def _dong(name: str, district: int | None, within: int, place: int, ring: Ring) -> Dong:
    city_code = f"{PROVINCE_CODE}11{1 + 2 * district}" if district is not None else f"{PROVINCE_CODE}110"
    city = "두레시" + (DISTRICTS[district] if district is not None else "")
    scale = KM_PER_DEGREE * np.cos(np.radians(CENTRE[1]))
    corners = [[round(CENTRE[0] + x / scale, 6), round(CENTRE[1] + y / KM_PER_DEGREE, 6)] for x, y in ring]
    closed = [*corners, corners[0]]
    properties = {
        "OBJECTID": place + 1,
        "adm_nm": f"두레도 {city} {name}",
        "adm_cd": f"{city_code}{51 + within}",
        "adm_cd2": f"{city_code}{510 + 10 * within}00",
        "sgg": city_code,
        "sido": PROVINCE_CODE,
        "sidonm": "두레도",
        "sggnm": city,
    }
    geometry = {"type": "MultiPolygon", "coordinates": [[closed]]}
    return Dong(properties, geometry, [np.asarray(closed)])
