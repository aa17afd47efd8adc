# SPDX-License-Identifier: Apache-2.0
"""Public devices for the map: cameras on the made city's streets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .areas import Dong
from .chance import chosen
from .shapes import points_inside

PURPOSES = (("방범", 0.55), ("어린이보호", 0.2), ("불법주정차", 0.15), ("재난·하천", 0.1))


def write_cameras(seed: int, count: int, areas: list[Dong], path: Path) -> None:
    """A GeoJSON FeatureCollection of ``count`` points with feed, code, kind, area, purpose."""
    dong = chosen(seed, "camera area", np.ones(len(areas)), np.arange(count))
    purpose = chosen(seed, "camera purpose", [share for _, share in PURPOSES], np.arange(count))
    place = np.empty((count, 2))
    for index, area in enumerate(areas):
        here = np.flatnonzero(dong == index)
        place[here] = points_inside(area.rings, len(here), seed, 1000 + index)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(float(lon), 6), round(float(lat), 6)]},
            "properties": {
                "feed": "cctv",
                "code": f"camera-{at + 1:05d}",
                "kind": "camera",
                "area": areas[dong[at]].code,
                "purpose": PURPOSES[purpose[at]][0],
            },
        }
        for at, (lon, lat) in enumerate(place)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
