# SPDX-License-Identifier: Apache-2.0
"""From kerb to kerb: turns that are closed stay closed, nobody turns round in the street, and the side counts."""

from __future__ import annotations

import heapq
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
import shapefile
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dure.engines.routing import UNREACHABLE
from dure.engines.routing.node_link import read_node_link
from dure.engines.routing.osm import read_osm
from dure.engines.routing.roads import Roads, RoadsError
from dure.engines.routing.streets import SAME_STREET, Kerb, Streets
from tests.engines.routing.test_roads import LAT, LON, STEP

HALF = STEP / 2


def town(arcs: Sequence[tuple[int, int]], places: Sequence[tuple[int, int]], **more: Any) -> Roads:
    """Straight streets of 100 m and 10 s between places in steps of 0.001 degrees."""
    tail, head = np.array(arcs).T
    lon, lat = np.array(places).T * STEP
    return Roads(LON + lon, LAT + lat, tail, head, np.full(len(arcs), 100.0), np.full(len(arcs), 10.0), **more)


CROSS = [(0, 0), (1, 0), (2, 0), (1, 1), (1, -1)]
"""West, the crossing, east, north, south: each arm a dead end."""
ARMS = [(0, 1), (1, 0), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (4, 1)]
WEST_IN, NORTH_OUT = ARMS.index((0, 1)), ARMS.index((1, 3))
MIDDLE_WEST = (LON + HALF, LAT - 0.00002)
"""South of the middle of the western arm: on the right of who drives to the crossing."""
MIDDLE_NORTH = (LON + STEP + 0.00002, LAT + HALF)
"""East of the middle of the northern arm: on the right of who drives away from the crossing."""


def metres(roads: Roads, start: tuple[float, float], end: tuple[float, float], kerb: Kerb = Kerb.RIGHT) -> int:
    lon, lat = np.array([start, end]).T
    return int(Streets(roads).matrices(lon, lat, kerb).distance[0, 1])


def test_a_closed_turn_is_driven_round() -> None:
    """Left into the northern arm is 50 + 50 m; where that is closed one drives on east, turns round at the end, and
    turns right: 50 + 100 + 100 + 50."""
    closed = np.array([[WEST_IN, NORTH_OUT]])
    assert metres(town(ARMS, CROSS), MIDDLE_WEST, MIDDLE_NORTH) == 100
    assert metres(town(ARMS, CROSS, closed_turns=closed), MIDDLE_WEST, MIDDLE_NORTH) == 300


def test_the_side_of_the_street_counts() -> None:
    """Across the street is 0 m where a stop may be made on either side; on the right only, one drives to the end of the
    arm and back past the crossing's other arms' ends."""
    north_of_it = (MIDDLE_WEST[0], LAT + 0.00002)
    roads = town(ARMS, CROSS)
    assert metres(roads, MIDDLE_WEST, north_of_it, Kerb.EITHER) == 0
    assert metres(roads, MIDDLE_WEST, north_of_it) == 50 + 2 * 100 + 50
    assert metres(roads, north_of_it, MIDDLE_WEST) == 50 + 50


def test_turning_round_at_a_crossing_is_for_where_the_map_allows_it() -> None:
    north_of_it = (MIDDLE_WEST[0], LAT + 0.00002)
    back = np.array([[WEST_IN, ARMS.index((1, 0))]])
    assert metres(town(ARMS, CROSS, u_turns=back), MIDDLE_WEST, north_of_it) == 100


def test_what_lies_behind_on_a_one_way_street_is_a_way_round() -> None:
    ring = town([(0, 1), (1, 2), (2, 0)], [(0, 0), (1, 0), (1, 1)])
    ahead, behind = (LON + 0.75 * STEP, LAT), (LON + 0.25 * STEP, LAT)
    assert metres(ring, behind, ahead) == 50
    assert metres(ring, ahead, behind) == 250


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_every_cell_is_the_shortest_way_by_turns(seed: int) -> None:
    """Against Dijkstra from arc to arc, on streets and closed turns drawn at random, from middle to middle."""
    chance = np.random.default_rng(seed)
    size, around = 24, np.arange(24)
    tail = np.concatenate([around, chance.integers(0, size, 40)])
    head = np.concatenate([np.roll(around, -1), chance.integers(0, size, 40)])
    tail, head = tail[tail != head], head[tail != head]
    _, one = np.unique(np.stack([tail, head]), axis=1, return_index=True)
    tail, head = tail[one], head[one]
    lon, lat = LON + chance.random(size) / 50, LAT + chance.random(size) / 50
    length = (chance.integers(2, 500, len(tail)) * 2).astype(float)
    pairs = {(a, int(b)) for a in range(len(tail)) for b in np.flatnonzero(tail == head[a]) if chance.random() < 0.1}
    closed = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    streets = Streets(Roads(lon, lat, tail, head, length, length, closed_turns=closed))
    middle = np.stack([(ends[tail] + ends[head]) / 2 for ends in (lon, lat)])
    lines = np.array([shapely.LineString(streets.roads.flat(*shape.T)) for shape in streets.roads.shapes])
    away = shapely.distance(lines, np.array(shapely.points(streets.roads.flat(*middle)))[:, None])
    alone = np.flatnonzero((away < 3 * SAME_STREET).sum(1) == 1)
    arcs = np.intersect1d(alone, streets.connected)[:12]
    assume(len(arcs) > 3)  # few draws have less; Hypothesis refuses a test that skips most
    found = streets.matrices(*middle[:, arcs]).distance
    for row, arc in enumerate(arcs):
        ends = _from_end_to_end(streets.roads, int(arc), pairs)
        for column, to in enumerate(arcs):
            wanted = 0 if row == column else ends.get(int(to), np.inf) + length[arc] / 2 - length[to] / 2
            assert found[row, column] == (wanted if np.isfinite(wanted) else UNREACHABLE)


def _from_end_to_end(roads: Roads, start: int, closed: set[tuple[int, int]]) -> dict[int, float]:
    best, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        far, arc = heapq.heappop(queue)
        onward = [int(one) for one in np.flatnonzero(roads.tail == roads.head[arc])]
        dead_end = all(roads.head[one] == roads.tail[arc] for one in onward)
        for after in onward:
            if (arc, after) in closed or (roads.head[after] == roads.tail[arc] and not dead_end):
                continue
            if far + roads.metres[after] < best.get(after, np.inf):
                best[after] = far + float(roads.metres[after])
                heapq.heappush(queue, (best[after], after))
    return best


def test_roads_come_back_from_their_bytes() -> None:
    roads = town(ARMS, CROSS, closed_turns=np.array([[WEST_IN, NORTH_OUT]]))
    assert metres(Roads.from_bytes(roads.to_bytes()), MIDDLE_WEST, MIDDLE_NORTH) == 300
    for data in (b"", b"no roads", roads.to_bytes()[:100]):
        with pytest.raises(RoadsError):
            Roads.from_bytes(data)


@pytest.mark.parametrize(("kind", "to"), [("no_left_turn", 3), ("only_straight_on", 2)])
def test_turn_restrictions_of_openstreetmap(tmp_path: Path, kind: str, to: int) -> None:
    path = tmp_path / "map.osm.pbf"
    ways = {1: (0, 1), 2: (1, 2), 3: (1, 3), 4: (1, 4)}
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (east, north) in enumerate(CROSS, 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(LON + east * STEP, LAT + north * STEP)))
        for number, ends in ways.items():
            nodes = [end + 1 for end in ends]
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags={"highway": "residential"}))
        members = [("w", 1, "from"), ("n", 2, "via"), ("w", to, "to")]
        tags = {"type": "restriction", "restriction": kind}
        writer.add_relation(osmium.osm.mutable.Relation(id=1, members=members, tags=tags))
    roads = read_osm(path.read_bytes())
    wide, high = 88.8, 111.2  # metres of 0.001 degrees at 37 degrees north
    assert metres(roads, MIDDLE_WEST, MIDDLE_NORTH) == round(wide / 2 + 2 * wide + high / 2)


def node_link(turns: list[tuple[str, str, str]], **change: str) -> bytes:
    """The cross as links of the national standard, in a zip of its own."""
    files = {f"MOCT_LINK.{suffix}": io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**{name[-3:]: file for name, file in files.items()}, encoding="cp949") as writer:
        for name in ("LINK_ID", "F_NODE", "T_NODE", "ROAD_RANK", "ROAD_USE", "REST_VEH", "ROAD_NAME"):
            writer.field(name, "C", 20)
        writer.field("MAX_SPD", "N", 5)
        writer.field("LENGTH", "N", 20, 5)
        for number, (tail, head) in enumerate(ARMS):
            ends = [(200_000 + 100 * CROSS[node][0], 500_000 + 100 * CROSS[node][1]) for node in (tail, head)]
            writer.line([ends])
            row = {"ROAD_USE": "0", "REST_VEH": "0"} | (change if number == NORTH_OUT else {})
            writer.record(
                f"L{number}", f"N{tail}", f"N{head}", "107", row["ROAD_USE"], row["REST_VEH"], "아람로", 50, 100.0
            )
    turn_file = io.BytesIO()
    with shapefile.Writer(dbf=turn_file, encoding="cp949") as writer:
        for name in ("NODE_ID", "ST_LINK", "ED_LINK", "TURN_TYPE"):
            writer.field(name, "C", 20)
        for row_of in turns:
            writer.record("N1", *row_of)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, file in [*files.items(), ("TURNINFO.dbf", turn_file)]:
            archive.writestr(f"NODELINKDATA/{name}", file.getvalue())
    return packed.getvalue()


def test_the_national_node_link_is_read_with_its_turns() -> None:
    """200 km east of EPSG:5186's zero is 127 °E."""
    free = read_node_link(node_link([]))
    assert (round(float(free.lon[0]), 6), len(free.tail)) == (127.0, 8)
    assert free.seconds[0] == pytest.approx(100 * 3.6 / 35)  # 70 % of 50 km/h
    in_west = ((free.lon[0] + free.lon[1]) / 2, free.lat[0] - 0.00002)
    top = free.head[NORTH_OUT]
    north = (free.lon[top] + 0.00002, (free.lat[1] + free.lat[top]) / 2)
    assert metres(free, in_west, north) == 100
    closed = read_node_link(node_link([(f"L{WEST_IN}", f"L{NORTH_OUT}", "101")]))
    assert metres(closed, in_west, north) == 300


@pytest.mark.parametrize("change", [{"ROAD_USE": "1"}, {"REST_VEH": "4"}])
def test_links_out_of_use_or_closed_to_trucks_are_left_out(change: dict[str, str]) -> None:
    assert len(read_node_link(node_link([], **change)).tail) == 7


def test_what_is_no_node_link_is_refused_with_words() -> None:
    for data in (b"", b"no zip"):
        with pytest.raises(RoadsError, match="zip"):
            read_node_link(data)
    with pytest.raises(RoadsError, match="no road"):
        read_node_link(node_link([]), within=(128.0, 36.0, 128.1, 36.1))
