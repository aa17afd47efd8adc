# SPDX-License-Identifier: Apache-2.0
"""Matrices over roads are the shortest ways; what a map says of its streets is kept."""

from __future__ import annotations

import heapq
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.engines.routing import UNREACHABLE, Basis
from dure.engines.routing.osm import FOOT, TRUCK, Profile, read_osm
from dure.engines.routing.roads import Roads, RoadsError

LON, LAT = 127.0, 37.0
STEP = 0.001


def made_roads(seed: int, nodes: int = 40, arcs: int = 160) -> Roads:
    """Nodes on a ring, so that all can be reached, with one-way shortcuts drawn at random."""
    chance = np.random.default_rng(seed)
    ring = np.arange(nodes)
    tail = np.concatenate([ring, chance.integers(0, nodes, arcs)])
    head = np.concatenate([np.roll(ring, -1), chance.integers(0, nodes, arcs)])
    metres, seconds = chance.integers(1, 1000, (2, len(tail))).astype(float)
    lon, lat = chance.random((2, nodes)) / 100
    return Roads(LON + lon, LAT + lat, tail, head, metres, seconds)


def _shortest(roads: Roads, cost: np.ndarray, source: int) -> list[float]:
    """Dijkstra, as in every textbook."""
    found = {source: 0.0}
    queue = [(0.0, source)]
    while queue:
        far, at = heapq.heappop(queue)
        for arc in np.flatnonzero(roads.tail == at):
            to, longer = int(roads.head[arc]), far + cost[arc]
            if longer < found.get(to, np.inf):
                found[to] = longer
                heapq.heappush(queue, (longer, to))
    return [found.get(node, np.inf) for node in range(len(roads.lon))]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_every_cell_is_the_shortest_way(seed: int) -> None:
    roads = made_roads(seed)
    found = roads.matrices(roads.lon, roads.lat)
    for source in range(0, 40, 7):
        assert found.distance[source].tolist() == _shortest(roads, roads.metres, source)
        assert found.duration[source].tolist() == _shortest(roads, roads.seconds, source)
    assert found.basis is Basis.ROADS
    assert (found.distance < UNREACHABLE).all()


def test_places_are_put_on_roads_from_which_one_comes_back() -> None:
    """The last node is a dead end that a one-way street leads into; its place is put where one can leave again."""
    lon = np.array([0.0, STEP, 2 * STEP, 3 * STEP]) + LON
    there, back = [0, 1, 1, 2, 2], [1, 0, 2, 1, 3]
    roads = Roads(lon, np.full(4, LAT), np.array(there), np.array(back), np.ones(5), np.ones(5))
    assert roads.connected.tolist() == [0, 1, 2]
    assert roads.snapped(lon, np.full(4, LAT)).tolist() == [0, 1, 2, 2]


def test_a_place_without_a_road_near_is_named() -> None:
    roads = made_roads(1)
    with pytest.raises(RoadsError) as wrong:
        roads.matrices(np.array([LON, 129.0]), np.array([LAT, 35.0]))
    assert wrong.value.field == "places[1]"


@pytest.mark.parametrize(("change", "field"), [({"head": 99}, "head"), ({"metres": -1}, "metres")])
def test_roads_that_make_no_sense_are_refused(change: dict[str, int], field: str) -> None:
    parts: dict[str, Any] = {
        "tail": np.array([0, 1]),
        "head": np.array([1, 0]),
        "metres": np.ones(2),
        "seconds": np.ones(2),
    }
    parts |= {name: np.array([value, 1]) for name, value in change.items()}
    with pytest.raises(RoadsError) as wrong:
        Roads(np.array([LON, LON]), np.array([LAT, LAT]), **parts)
    assert wrong.value.field == field


WAYS: dict[str, tuple[list[int], dict[str, str]]] = {
    "main": ([1, 2, 3], {"highway": "primary"}),
    "one way": ([3, 4], {"highway": "residential", "oneway": "yes"}),
    "back": ([4, 1], {"highway": "residential", "maxspeed": "20"}),
    "stairs": ([2, 4], {"highway": "steps"}),
    "private": ([1, 3], {"highway": "service", "access": "private"}),
    "river": ([1, 4], {"waterway": "river"}),
}
PLACES = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (2, 1)}
"""In steps of 0.001 degrees."""


def extract(folder: Path, form: str) -> bytes:
    """A map of four crossings in a file of its own."""
    path = folder / f"map.osm{'' if form == 'osm' else '.pbf'}"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (east, north) in PLACES.items():
            place = (LON + east * STEP, LAT + north * STEP)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        for number, (nodes, tags) in enumerate(WAYS.values(), 1):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
    return path.read_bytes()


def arcs(roads: Roads) -> set[tuple[int, int]]:
    """Arcs by the crossings' numbers, told by where they are."""
    steps = {place: number for number, place in PLACES.items()}
    names = [
        steps[round((lon - LON) / STEP), round((lat - LAT) / STEP)]
        for lon, lat in zip(roads.lon, roads.lat, strict=True)
    ]
    return {(names[a], names[b]) for a, b in zip(roads.tail, roads.head, strict=True)}


@pytest.mark.parametrize("form", ["pbf", "osm"])
def test_a_truck_keeps_to_one_way_streets_and_out_of_what_is_closed(tmp_path: Path, form: str) -> None:
    """Crossing 2 is none for a truck: the stairs are closed to it, and so 1 to 3 is one arc."""
    roads = read_osm(extract(tmp_path, form), TRUCK, form)
    assert arcs(roads) == {(1, 3), (3, 1), (3, 4), (4, 1), (1, 4)}
    found = roads.matrices(np.array([LON, LON + 2 * STEP]), np.array([LAT, LAT]))
    assert found.distance[0, 1] == 178  # 0.002 degrees east at 37 degrees north, 6,371,008.8 m × cos 37° × 0.002°
    assert found.duration[0, 1] == round(177.6 * 3.6 / TRUCK.kmh["primary"])


def test_a_worker_on_foot_takes_the_stairs_and_goes_both_ways(tmp_path: Path) -> None:
    walked = arcs(read_osm(extract(tmp_path, "pbf"), FOOT))
    assert {(2, 4), (4, 2), (4, 3), (1, 2)} <= walked


def test_a_signed_limit_slows_down(tmp_path: Path) -> None:
    roads = read_osm(extract(tmp_path, "pbf"), Profile({"residential": 50.0}))
    slow = [3.6 * metres / seconds for metres, seconds in zip(roads.metres, roads.seconds, strict=True)]
    assert sorted({round(kmh, 6) for kmh in slow}) == [14.0, 50.0]


@pytest.mark.parametrize("data", [b"", b"no map", b"<osm/>"])
def test_what_is_no_map_is_refused_with_words(data: bytes) -> None:
    with pytest.raises(RoadsError) as wrong:
        read_osm(data, TRUCK, "osm" if data.startswith(b"<") else "pbf")
    assert wrong.value.field == "data"
