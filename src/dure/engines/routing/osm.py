# SPDX-License-Identifier: Apache-2.0
"""An OpenStreetMap extract as a road graph. Turn restrictions are not read.

© OpenStreetMap contributors, ODbL: a city that shows plans made of it says so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import osmium

from .roads import Roads, RoadsError
from .travel import EARTH_METRES

TRUCK_KMH = {
    "motorway": 80, "motorway_link": 50, "trunk": 60, "trunk_link": 40, "primary": 45, "primary_link": 35,
    "secondary": 40, "secondary_link": 30, "tertiary": 35, "tertiary_link": 30, "unclassified": 25, "residential": 20,
    "living_street": 10, "service": 15,
}  # fmt: skip
"""Where the map says no limit: what a collection truck does between stops in a city, stops at lights included.

An assumption for a first plan, to be replaced by the city's own tracks."""

FOOT_KMH = dict.fromkeys(TRUCK_KMH.keys() - {"motorway", "motorway_link", "trunk", "trunk_link"}, 4.0) | dict.fromkeys(
    ("footway", "path", "pedestrian", "steps", "track", "cycleway"), 4.0
)
"""A worker on foot; 4 km/h with things to carry."""

LIMIT_SHARE = 0.7
"""Of a signed limit, that is driven on average; an assumption as above."""


@dataclass(frozen=True)
class Profile:
    """Who travels. ``kmh`` by the class of road, others are closed; ``one_way``: whether one-way streets bind."""

    kmh: dict[str, float]
    one_way: bool = True


TRUCK = Profile({name: float(kmh) for name, kmh in TRUCK_KMH.items()})
FOOT = Profile(FOOT_KMH, one_way=False)

_CLOSED = {"no", "private"}


@dataclass(frozen=True)
class _Way:
    """A road: its nodes with their places, and whether it is driven forwards and backwards, at which speed."""

    nodes: list[tuple[int, float, float]]
    forwards: bool
    backwards: bool
    kmh: float


def read_osm(data: bytes, profile: Profile = TRUCK, form: str = "pbf") -> Roads:
    """The roads of an extract. ``form``: ``pbf``, or ``osm`` for XML. Raises RoadsError when it cannot be read."""
    try:
        ways = _ways(data, profile, form)
    except (RuntimeError, ValueError) as wrong:
        raise RoadsError("data", f"읽을 수 없습니다: {wrong}", f"cannot be read: {wrong}") from None
    used = Counter(number for way in ways for number, _, _ in way.nodes)
    used.update(way.nodes[end][0] for way in ways for end in (0, -1))
    index = dict[int, int]()
    places, arcs = list[tuple[float, float]](), list[tuple[int, int, float, float]]()
    for way in ways:
        for stretch in _stretches(way, used):
            ends = []
            for number, lon, lat in (stretch[0], stretch[-1]):
                if number not in index:
                    index[number] = len(places)
                    places.append((lon, lat))
                ends.append(index[number])
            metres = _length(stretch)
            seconds = metres * 3.6 / way.kmh
            if way.forwards:
                arcs.append((ends[0], ends[1], metres, seconds))
            if way.backwards:
                arcs.append((ends[1], ends[0], metres, seconds))
    if not arcs:
        raise RoadsError("data", "다닐 수 있는 도로가 없습니다", "there is no road that may be used")
    lon, lat = np.array(places).T
    tail, head, length, time = (np.array(column) for column in zip(*arcs, strict=True))
    return Roads(lon, lat, tail.astype(np.int64), head.astype(np.int64), length, time)


def _ways(data: bytes, profile: Profile, form: str) -> list[_Way]:
    found = []
    processor = osmium.FileProcessor(osmium.io.FileBuffer(data, form)).with_locations()
    for way in processor.with_filter(osmium.filter.KeyFilter("highway")):
        if not isinstance(way, osmium.osm.Way):
            continue
        tags = dict(way.tags)
        kmh = profile.kmh.get(tags["highway"])
        if kmh is None or _is_closed(tags, profile):
            continue
        nodes = [(node.ref, node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
        if len(nodes) > 1:
            found.append(_Way(nodes, *_directions(tags, profile), _speed(tags, kmh, profile)))
    return found


def _is_closed(tags: dict[str, str], profile: Profile) -> bool:
    """What is said of this kind of traffic counts before what is said of all."""
    own = tags.get("motor_vehicle" if profile.one_way else "foot", tags.get("access", "yes"))
    return own in _CLOSED


def _directions(tags: dict[str, str], profile: Profile) -> tuple[bool, bool]:
    said = tags.get("oneway", "yes" if tags.get("junction") == "roundabout" or tags["highway"] == "motorway" else "no")
    if not profile.one_way:
        return True, True
    return said != "-1", said not in {"yes", "true", "1"}


def _speed(tags: dict[str, str], usual: float, profile: Profile) -> float:
    """Never faster than a share of the signed limit."""
    signed = tags.get("maxspeed", "")
    if not profile.one_way or not signed.isdecimal() or int(signed) == 0:
        return usual
    return min(usual, LIMIT_SHARE * int(signed))


def _stretches(way: _Way, used: Counter[int]) -> list[list[tuple[int, float, float]]]:
    """The way cut wherever another meets it."""
    found, start = [], 0
    for number in range(1, len(way.nodes)):
        if number == len(way.nodes) - 1 or used[way.nodes[number][0]] > 1:
            found.append(way.nodes[start : number + 1])
            start = number
    return found


def _length(stretch: list[tuple[int, float, float]]) -> float:
    """Metres along it, by the haversine formula."""
    lon, lat = np.radians(np.array([node[1:] for node in stretch]).T)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2) ** 2
    return float(2 * EARTH_METRES * np.arcsin(np.sqrt(half)).sum())
