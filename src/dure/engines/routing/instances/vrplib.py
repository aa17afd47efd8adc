# SPDX-License-Identifier: Apache-2.0
"""VRPLIB text, with the fields that PyVRP's instances add to it.

The format: http://webhotel4.ruc.dk/~keld/research/LKH-3/LKH-3_REPORT.pdf, appendix; the added fields: PyVRP's
documentation, "Supported VRPLIB fields". Read here and not by the ``vrplib`` package because that floors the distances
of FLOOR_2D before anybody can scale them: routes then look shorter than the best known and break their windows. What is
cut off here is cut off after scaling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dure.engines.routing.problem import Problem, ProblemError, Site, Stop, Vehicle, Window
from dure.engines.routing.travel import Matrices

from .instance import Instance, InstanceError, number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

END_OF_TIME = 1 << 40


@dataclass(frozen=True)
class _Convention:
    """Whole numbers are ``scale`` times the file's, cut off or rounded; published costs are ``unit`` times smaller."""

    scale: int
    cut: bool
    unit: int


CONVENTIONS = {
    "CVRP": _Convention(1, False, 1),
    "VRPTW": _Convention(10, True, 10),
    "PCVRPTW": _Convention(10, True, 1),
    "MTVRPTWR": _Convention(10, True, 1),
    "SDVRPTW": _Convention(1000, False, 1),
    "HFVRP": _Convention(1000, False, 100_000),
}
"""By TYPE, as the best known costs in PyVRP/Instances are given (DIMACS 2022 rules where there are windows)."""

SPECIFICATIONS = {
    "NAME", "COMMENT", "TYPE", "DIMENSION", "CAPACITY", "VEHICLES", "SERVICE_TIME", "EDGE_WEIGHT_TYPE",
    "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE", "VEHICLES_MAX_DURATION", "VEHICLES_MAX_DISTANCE", "VEHICLES_MAX_RELOADS",
}  # fmt: skip
SECTIONS = {
    "NODE_COORD", "EDGE_WEIGHT", "DEMAND", "DEPOT", "TIME_WINDOW", "SERVICE_TIME", "PRIZE", "RELEASE_TIME", "CAPACITY",
    "VEHICLES_ALLOWED_CLIENTS", "VEHICLES_RELOAD_DEPOT", "VEHICLES_FIXED_COST", "VEHICLES_UNIT_DISTANCE_COST",
    "VEHICLES_MAX_DURATION", "VEHICLES_MAX_DISTANCE", "VEHICLES_MAX_RELOADS",
}  # fmt: skip

Row = tuple[int, list[float]]
"""Line and its numbers."""


@dataclass
class _Text:
    """The file's lines by what they say. ``at``: the line of each specification and section."""

    said: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)

    def whole(self, name: str, least: int = 0, otherwise: int | None = None) -> int:
        """A specification that is a whole number."""
        if name not in self.said:
            if otherwise is None:
                raise InstanceError(0, name, "빠졌습니다", "is missing")
            return otherwise
        value = number(self.said[name], self.at[name], name)
        if value != int(value) or value < least:
            raise InstanceError(self.at[name], name, f"{least} 이상 정수여야 합니다", f"a whole number from {least}")
        return int(value)


def read_vrplib(text: str, name: str = "") -> Instance:
    """The instance. Raises InstanceError naming line and field."""
    read = _parse(text)
    kind = read.said.get("TYPE", "CVRP")
    if kind not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        raise InstanceError(read.at["TYPE"], "TYPE", f"모르는 종류입니다: {kind}", f"{kind} is none of {known}")
    return _Builder(read, read.said.get("NAME", name) or name, kind).instance()


def _parse(text: str) -> _Text:
    found, section = _Text(), ""
    for line, raw in enumerate(text.splitlines(), 1):
        words = raw.replace("\t", " ").strip()
        if not words:
            continue
        if words == "EOF":
            break
        head = words.split(":")[0].strip()
        if head.endswith("_SECTION"):
            section = head.removesuffix("_SECTION")
            _known(section in SECTIONS, head, line, found)
            found.at[section] = line
            found.rows[section] = []
        elif words[0].isalpha():
            name, colon, value = words.partition(":")
            _known(bool(colon) and head in SPECIFICATIONS, head, line, found)
            found.said[name.strip()], found.at[name.strip()], section = value.strip(), line, ""
        elif not section:
            raise InstanceError(line, words[:20], "어느 구역에도 속하지 않습니다", "belongs to no section")
        else:
            found.rows[section].append((line, [number(word, line, section) for word in words.split()]))
    return found


def _known(known: bool, head: str, line: int, found: _Text) -> None:
    if not known:
        raise InstanceError(line, head, "모르는 항목입니다", "is not a field that is understood")
    if head.removesuffix("_SECTION") in found.rows and head.endswith("_SECTION"):
        raise InstanceError(line, head, "두 번 나옵니다", "is there twice")


class _Builder:
    """From the file's numbers to a problem, whose stop ``n`` is the file's node ``n + 1`` and depot 0 its node 1."""

    def __init__(self, read: _Text, name: str, kind: str) -> None:
        self.read, self.name, self.kind = read, name, kind
        self.convention = CONVENTIONS[kind]
        self.nodes = read.whole("DIMENSION", 2)
        self.vehicles = read.whole("VEHICLES", 1, self.nodes - 1)
        depots = [int(one) for _, row in read.rows.get("DEPOT", [(0, [1.0])]) for one in row if one != -1]
        if [one for one in depots if one] not in ([1], []):
            en = "only node 1 can be the depot"
            raise InstanceError(read.at["DEPOT"], "DEPOT_SECTION", "1번만 차고지일 수 있습니다", en)

    def instance(self) -> Instance:
        distance = self._distance()
        windows = self._per_node("TIME_WINDOW", 2, [0.0, END_OF_TIME / self.convention.scale])
        shift = Window(*(int(one) for one in windows[0]))
        try:
            problem = Problem(
                self._stops(windows),
                self._vehicles(shift),
                {"": Matrices(distance, distance)},
                (Site("0", 0),) if "VEHICLES_RELOAD_DEPOT" in self.read.rows else (),
            )
        except ProblemError as wrong:
            raise InstanceError(0, wrong.field, wrong.ko, wrong.en) from None
        return Instance(self.name, self.kind, problem, self.convention.unit)

    def _whole(self, values: Floats) -> Integers:
        scaled = values * self.convention.scale
        return (np.floor(scaled + 1e-9) if self.convention.cut else np.rint(scaled)).astype(np.int64)

    def _distance(self) -> Integers:
        kind = self.read.said.get("EDGE_WEIGHT_TYPE", "")
        if kind in {"EUC_2D", "FLOOR_2D", "CEIL_2D"}:
            xy = np.array(self._rows("NODE_COORD", self.nodes, 2))
            exact = np.hypot(xy[:, None, 0] - xy[:, 0], xy[:, None, 1] - xy[:, 1])
            if kind == "EUC_2D":
                return self._whole(exact)
            to_whole: Callable[[Floats], Floats] = np.floor if kind == "FLOOR_2D" else np.ceil
            return to_whole(exact * self.convention.scale).astype(np.int64)
        if kind == "EXPLICIT":
            return self._whole(self._explicit())
        en = f"{kind or 'nothing'} is none of EUC_2D, FLOOR_2D, CEIL_2D, EXPLICIT"
        at = self.read.at.get("EDGE_WEIGHT_TYPE", 0)
        raise InstanceError(at, "EDGE_WEIGHT_TYPE", f"모르는 거리입니다: {kind!r}", en)

    def _explicit(self) -> Floats:
        form, n = self.read.said.get("EDGE_WEIGHT_FORMAT", ""), self.nodes
        values = [one for _, row in self._section("EDGE_WEIGHT") for one in row]
        matrix = np.zeros((n, n))
        shapes = {"FULL_MATRIX": np.ones((n, n), bool), "LOWER_ROW": np.tri(n, k=-1, dtype=bool)}
        if form not in shapes:
            at = self.read.at.get("EDGE_WEIGHT_FORMAT", 0)
            raise InstanceError(at, "EDGE_WEIGHT_FORMAT", "모르는 모양입니다", f"none of {', '.join(shapes)}")
        if len(values) != shapes[form].sum():
            en = f"{shapes[form].sum()} numbers, not {len(values)}"
            raise InstanceError(self.read.at["EDGE_WEIGHT"], "EDGE_WEIGHT_SECTION", f"수가 {len(values)}개입니다", en)
        matrix[shapes[form]] = values
        return matrix if form == "FULL_MATRIX" else matrix + matrix.T

    def _stops(self, windows: Integers) -> tuple[Stop, ...]:
        demand = self._per_node("DEMAND", 1, [0.0], required=self.kind != "HFVRP")
        service = self._per_node("SERVICE_TIME", 1, [self._service()])
        prize, release = self._per_node("PRIZE", 1, [0.0]), self._per_node("RELEASE_TIME", 1, [0.0])
        only = self._allowed()
        timed = "TIME_WINDOW" in self.read.rows
        return tuple(
            Stop(
                str(node),
                node,
                int(service[node, 0]),
                (Window(int(windows[node, 0]), int(windows[node, 1])),) if timed else (),
                deliver=(int(demand[node, 0]),),
                vehicles=only[node],
                prize=int(prize[node, 0]) if prize[node, 0] else None,
                release=int(release[node, 0]),
            )
            for node in range(1, self.nodes)
        )

    def _service(self) -> float:
        said = self.read.said.get("SERVICE_TIME")
        return 0.0 if said is None else number(said, self.read.at["SERVICE_TIME"], "SERVICE_TIME")

    def _allowed(self) -> list[frozenset[str]]:
        """The vehicles that may visit each node; none: all."""
        if "VEHICLES_ALLOWED_CLIENTS" not in self.read.rows:
            return [frozenset()] * self.nodes
        allowed = [set[str]() for _ in range(self.nodes)]
        for vehicle, row in enumerate(self._rows("VEHICLES_ALLOWED_CLIENTS", self.vehicles, None), 1):
            for node in row:
                if not 1 <= node <= self.nodes:
                    line = self._section("VEHICLES_ALLOWED_CLIENTS")[vehicle - 1][0]
                    en = f"there is no node {node:g}"
                    raise InstanceError(line, "VEHICLES_ALLOWED_CLIENTS_SECTION", f"{node:g}번은 없습니다", en)
                allowed[int(node) - 1].add(str(vehicle))
        return [frozenset(one) if len(one) < self.vehicles else frozenset() for one in allowed]

    def _vehicles(self, shift: Window) -> tuple[Vehicle, ...]:
        capacity = self._per_vehicle("CAPACITY", scaled=True)
        fixed, metre = (
            self._per_vehicle("VEHICLES_FIXED_COST", scaled=True),
            self._per_vehicle("VEHICLES_UNIT_DISTANCE_COST"),
        )
        duration = self._per_vehicle("VEHICLES_MAX_DURATION", scaled=True)
        distance = self._per_vehicle("VEHICLES_MAX_DISTANCE", scaled=True)
        reloads = self._per_vehicle("VEHICLES_MAX_RELOADS")
        sites = ("0",) if "VEHICLES_RELOAD_DEPOT" in self.read.rows else ()
        return tuple(
            Vehicle(
                str(number + 1),
                0,
                0,
                shift,
                () if capacity[number] is None else (capacity[number] or 0,),
                most_duration=duration[number],
                most_distance=distance[number],
                sites=sites,
                most_reloads=reloads[number],
                fixed_cost=fixed[number] or 0,
                metre_cost=1 if (unit := metre[number]) is None else unit,
            )
            for number in range(self.vehicles)
        )

    def _per_vehicle(self, name: str, *, scaled: bool = False) -> list[int | None]:
        """A number for each vehicle, from a section or one specification for all; None where neither is there."""
        if name in self.read.rows:
            values = [row[0] for row in self._rows(name, self.vehicles, 1)]
        elif name in self.read.said:
            values = [number(self.read.said[name], self.read.at[name], name)] * self.vehicles
        else:
            return [None] * self.vehicles
        whole = self._whole(np.array(values)) if scaled else np.rint(values).astype(np.int64)
        return [int(one) for one in whole]

    def _per_node(self, name: str, columns: int, otherwise: list[float], *, required: bool = False) -> Integers:
        """(nodes, columns), scaled; the depot has no service and no demand of its own where a default is used."""
        if name in self.read.rows or (required and name == "DEMAND"):
            return self._whole(np.array(self._rows(name, self.nodes, columns)))
        return self._whole(np.tile(otherwise, (self.nodes, 1)))

    def _section(self, name: str) -> list[Row]:
        if name not in self.read.rows:
            raise InstanceError(0, f"{name}_SECTION", "빠졌습니다", "is missing")
        return self.read.rows[name]

    def _rows(self, name: str, count: int, columns: int | None) -> list[list[float]]:
        """Each row's numbers after its own number, which must run from 1 to ``count``."""
        rows, at = self._section(name), f"{name}_SECTION"
        for expected, (line, row) in enumerate(rows, 1):
            if row[0] != expected:
                raise InstanceError(
                    line, at, f"{expected}번이 올 차례입니다", f"number {expected} is due, not {row[0]:g}"
                )
            if columns is not None and len(row) != columns + 1:
                en = f"{columns} numbers after the first, not {len(row) - 1}"
                raise InstanceError(line, at, f"수가 {len(row) - 1}개입니다", en)
        if len(rows) != count:
            line = rows[-1][0] if rows else self.read.at[name]
            raise InstanceError(
                line, at, f"{count}줄이어야 하는데 {len(rows)}줄입니다", f"{len(rows)} rows, not {count}"
            )
        return [row[1:] for _, row in rows]
