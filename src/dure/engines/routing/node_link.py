# SPDX-License-Identifier: Apache-2.0
"""The national standard node-link (표준노드링크, 국토교통부, its.go.kr/nodelink) as a road graph, with its turns.

Each direction of a road is a link of its own (``LINK_ID, F_NODE, T_NODE, ROAD_RANK, ROAD_USE, MAX_SPD, REST_VEH,
LENGTH``); TURNINFO names pairs of links at a crossing (``NODE_ID, ST_LINK, ED_LINK, TURN_TYPE``). Codes are those of
the 지능형교통체계 표준 노드·링크 구축기준. Alleys are not in it; OpenStreetMap has more of them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyproj
import shapefile

from .osm import LIMIT_SHARE
from .roads import Floats, Integers, Roads, RoadsError

RANK_KMH = {"101": 80, "102": 60, "103": 45, "104": 40, "105": 40, "106": 40, "107": 30, "108": 20}
"""Of a link without a limit, by ROAD_RANK (101 고속국도 to 107 시·군도, 108 other): what a collection truck does.

An assumption for a first plan, to be replaced by the city's own tracks."""

MOST_KMH = 80.0
NOT_IN_USE = "1"
"""ROAD_USE."""
TRUCKS_MAY_NOT = "4"
"""REST_VEH."""
CLOSED_TURNS = frozenset({"002", "003", "101", "102", "103"})
"""TURN_TYPE: only for buses, no turning, no left turn, no going straight on, no right turn."""
U_TURNS = frozenset({"011", "012"})
"""TURN_TYPE: turning round at the crossing, or behind it by three right turns."""
DEFAULT_CRS = "EPSG:5186"
"""Where no .prj stands beside the links: Korea 2000 / Central Belt 2010."""
LINKS, TURNS = "LINK", "TURNINFO"
"""Ends of the names of the files, in capitals, without their suffix."""

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def read_node_link(data: bytes, within: Box | None = None) -> Roads:
    """The roads of a zip with the shapefile of links (MOCT_LINK) and the table of turns (TURNINFO.dbf).

    ``within``: only links that touch the box. Raises RoadsError when it cannot be read or nothing is left.
    """
    files = _files(data)
    shapes = {suffix: io.BytesIO(_file(files, f"{LINKS}.{suffix.upper()}")) for suffix in ("shp", "shx", "dbf")}
    crs = next((text.decode("ascii", "replace") for name, text in files.items() if name.endswith(f"{LINKS}.PRJ")), "")
    try:
        links = shapefile.Reader(**shapes, encoding="cp949")
        to_degrees = pyproj.Transformer.from_crs(crs or DEFAULT_CRS, "EPSG:4326", always_xy=True)
        return _roads(links, to_degrees, within, list(_turns(files)))
    except (shapefile.ShapefileException, pyproj.exceptions.CRSError, UnicodeDecodeError) as wrong:
        raise RoadsError("data", f"읽을 수 없습니다: {wrong}", f"cannot be read: {wrong}") from None
    except KeyError as wrong:
        raise RoadsError("data", f"{wrong} 칸이 없습니다", f"there is no column {wrong}") from None


def _files(data: bytes) -> dict[str, bytes]:
    """By name without folders, in capitals."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = [name for name in packed.namelist() if not name.endswith("/")]
            return {name.rsplit("/", 1)[-1].upper(): packed.read(name) for name in names}
    except zipfile.BadZipFile as wrong:
        raise RoadsError("data", "zip 파일이 아닙니다", f"is no zip: {wrong}") from None


def _file(files: Mapping[str, bytes], end: str) -> bytes:
    for name, content in files.items():
        if name.endswith(end) and not name.endswith(f"MULTI{end}"):
            return content
    raise RoadsError("data", f"zip 안에 *{end}가 없습니다", f"there is no *{end} in it")


def _turns(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """From link, to link, kind of turn."""
    table = next((content for name, content in files.items() if name == f"{TURNS}.DBF"), None)
    if table is None:
        return
    for record in shapefile.Reader(dbf=io.BytesIO(table), encoding="cp949").iterRecords():
        row = record.as_dict()
        yield _code(row["ST_LINK"]), _code(row["ED_LINK"]), _code(row["TURN_TYPE"]).zfill(3)


def _code(value: Any) -> str:
    """As text, whichever of text and number the table has it in."""
    return str(value if not isinstance(value, float) else int(value)).strip()


def _roads(
    links: shapefile.Reader, to_degrees: pyproj.Transformer, within: Box | None, turns: list[tuple[str, str, str]]
) -> Roads:
    arc_of: dict[str, int] = {}
    nodes: dict[str, int] = {}
    places: list[Floats] = []
    rows: list[tuple[int, int, float, float]] = []
    lines: list[Floats] = []
    for one in links.iterShapeRecords():
        row = one.record.as_dict()
        closed = _code(row["ROAD_USE"]) == NOT_IN_USE or _code(row["REST_VEH"]) == TRUCKS_MAY_NOT
        if closed or len(one.shape.points) < 2:
            continue
        line = np.column_stack(to_degrees.transform(*np.array(one.shape.points)[:, :2].T))
        if within is not None and not _touches(line, within):
            continue
        ends = []
        for name, place in ((_code(row["F_NODE"]), line[0]), (_code(row["T_NODE"]), line[-1])):
            if name not in nodes:
                nodes[name] = len(places)
                places.append(place)
            ends.append(nodes[name])
        arc_of[_code(row["LINK_ID"])] = len(rows)
        metres = float(row["LENGTH"])
        rows.append((ends[0], ends[1], metres, metres * 3.6 / _kmh(row)))
        lines.append(line)
    if not rows:
        raise RoadsError("data", "다닐 수 있는 도로가 없습니다", "there is no road that may be used")
    tail, head, length, time = (np.array(column) for column in zip(*rows, strict=True))
    lon, lat = np.array(places).T
    shut, back = (_pairs(turns, arc_of, kinds) for kinds in (CLOSED_TURNS, U_TURNS))
    return Roads(lon, lat, tail, head, length, time, closed_turns=shut, u_turns=back, lines=tuple(lines))


def _kmh(row: Mapping[str, Any]) -> float:
    """Never faster than a share of the limit."""
    limit = float(row["MAX_SPD"] or 0)
    usual = float(RANK_KMH.get(_code(row["ROAD_RANK"]), RANK_KMH["108"]))
    return min(MOST_KMH, LIMIT_SHARE * limit) if limit > 0 else usual


def _touches(line: Floats, box: Box) -> bool:
    west, south, east, north = box
    (left, low), (right, high) = line.min(0), line.max(0)
    return bool(left <= east and right >= west and low <= north and high >= south)


def _pairs(turns: list[tuple[str, str, str]], arc_of: Mapping[str, int], kinds: frozenset[str]) -> Integers:
    found = [
        (arc_of[before], arc_of[after])
        for before, after, kind in turns
        if kind in kinds and before in arc_of and after in arc_of
    ]
    return np.array(found, np.int64).reshape(-1, 2)
