# SPDX-License-Identifier: Apache-2.0
"""An OpenStreetMap extract as a road graph, with its turn restrictions over one crossing.

© OpenStreetMap contributors, ODbL: a city that shows plans made of it says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import osmium

from .roads import Floats, Integers, Roads, RoadsError
from .travel import great_circle

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
    """A road: its number, its nodes with their places, whether it is driven forwards and backwards, at which speed."""

    number: int
    nodes: list[tuple[int, float, float]]
    forwards: bool
    backwards: bool
    kmh: float


class _Arc(NamedTuple):
    """From node to node, of a way."""

    tail: int
    head: int
    metres: float
    seconds: float
    way: int


@dataclass(frozen=True)
class _Ban:
    """From one way over node ``via`` nobody may turn into the other; or, ``only``, into any other."""

    from_way: int
    via: int
    to_way: int
    only: bool


def read_osm(data: bytes, profile: Profile = TRUCK, form: str = "pbf") -> Roads:
    """The roads of an extract. ``form``: ``pbf``, or ``osm`` for XML. Raises RoadsError when it cannot be read."""
    try:
        ways, bans = _ways(data, profile, form), _bans(data, form) if profile.one_way else []
    except (RuntimeError, ValueError) as wrong:
        raise RoadsError("data", f"읽을 수 없습니다: {wrong}", f"cannot be read: {wrong}") from None
    used = Counter(number for way in ways for number, _, _ in way.nodes)
    used.update(way.nodes[end][0] for way in ways for end in (0, -1))
    index = dict[int, int]()
    places, arcs, lines = list[tuple[float, float]](), list[_Arc](), list[Floats]()
    for way in ways:
        for stretch in _stretches(way, used):
            ends = []
            for number, lon, lat in (stretch[0], stretch[-1]):
                if number not in index:
                    index[number] = len(places)
                    places.append((lon, lat))
                ends.append(index[number])
            line, metres = np.array([node[1:] for node in stretch]), _length(stretch)
            seconds = metres * 3.6 / way.kmh
            if way.forwards:
                arcs.append(_Arc(ends[0], ends[1], metres, seconds, way.number))
                lines.append(line)
            if way.backwards:
                arcs.append(_Arc(ends[1], ends[0], metres, seconds, way.number))
                lines.append(line[::-1])
    if not arcs:
        raise RoadsError("data", "다닐 수 있는 도로가 없습니다", "there is no road that may be used")
    lon, lat = np.array(places).T
    tail, head, length, time, _ = (np.array(column) for column in zip(*arcs, strict=True))
    closed = _closed_turns(arcs, [replace(ban, via=index[ban.via]) for ban in bans if ban.via in index])
    return Roads(lon, lat, tail, head, length, time, closed_turns=closed, lines=tuple(lines))


def _closed_turns(arcs: list[_Arc], bans: list[_Ban]) -> Integers:
    """Pairs of arcs. A ban that says "only" closes all other ways on."""
    into, out = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for number, arc in enumerate(arcs):
        into[arc.head].append(number)
        out[arc.tail].append(number)
    pairs = [
        (before, after)
        for ban in bans
        for before in into[ban.via]
        for after in out[ban.via]
        if arcs[before].way == ban.from_way and (arcs[after].way == ban.to_way) is not ban.only
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _bans(data: bytes, form: str) -> list[_Ban]:
    """Turn restrictions over one node; those over ways in between are left out."""
    found = []
    processor = osmium.FileProcessor(osmium.io.FileBuffer(data, form), osmium.osm.RELATION)
    for relation in processor.with_filter(osmium.filter.TagFilter(("type", "restriction"))):
        if not isinstance(relation, osmium.osm.Relation):
            continue
        said = relation.tags.get("restriction") or relation.tags.get("restriction:hgv") or ""
        except_us = {"hgv", "motorcar"} & set((relation.tags.get("except") or "").split(";"))
        roles = {(member.role, member.type): member.ref for member in relation.members}
        ends = (roles.get(("from", "w")), roles.get(("via", "n")), roles.get(("to", "w")))
        if said.startswith(("no_", "only_")) and not except_us and None not in ends:
            from_way, via, to_way = (end or 0 for end in ends)
            found.append(_Ban(from_way, via, to_way, only=said.startswith("only_")))
    return found


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
            found.append(_Way(way.id, nodes, *_directions(tags, profile), _speed(tags, kmh, profile)))
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
    """Metres along it."""
    lon, lat = np.array([node[1:] for node in stretch]).T
    return float(great_circle(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())
