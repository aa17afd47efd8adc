# SPDX-License-Identifier: Apache-2.0
"""The waste collection instances of Kim, Kim and Sahoo (2006), Computers & Operations Research 33(12).

As their page says: Manhattan distances in feet, one speed, collected yards, landfills to unload at, empty at the end,
one hour of lunch that begins between 11 and 12, a limit on yards and stops per vehicle and day; first few vehicles,
then few miles.
"""

from __future__ import annotations

import numpy as np

from dure.engines.routing.problem import Break, Problem, ProblemError, Site, Stop, Vehicle, Window
from dure.engines.routing.travel import Matrices

from .instance import Instance, InstanceError, number

METRES_PER_FOOT = 0.3048
METRES_PER_MILE = 1609.344
YARD_PARTS = 10
"""Loads are counted in tenths of a yard: some have a decimal."""

LUNCH_BEGINS = Window(11 * 3600, 12 * 3600)
VEHICLE_COST = 1_000_000
"""A vehicle less is worth 1,000 km more, so fewer vehicles come first."""

FIELDS = ("Stop_ID", "X", "Y", "Early_St_Time", "Late_St_Time", "Svice_Time", "Load", "Stop_Type")
HEADS = ("vehicle capacity", "total yardage", "number of stops", "lunch time", "speed")


def read_kim(text: str, name: str = "") -> Instance:
    """The instance; plans' costs published in miles are ``distance``, not cost. Raises InstanceError."""
    lines = [(line, raw.split()) for line, raw in enumerate(text.splitlines(), 1) if raw.strip()]
    if len(lines) < 7:
        raise InstanceError(0, "Stop_ID", "방문지가 없습니다", "there are no stops")
    heads = [number(words[0], line, head) for (line, words), head in zip(lines, HEADS, strict=False)]
    rows = [_row(line, words) for line, words in lines[6:]]
    for row, (line, _) in zip(rows, lines[6:], strict=True):
        if row[7] not in {0, 1, 2}:
            raise InstanceError(line, "Stop_Type", "0, 1, 2 가운데 하나여야 합니다", f"{row[7]:g} is none of 0, 1, 2")
    depots = [row for row in rows if row[7] == 0]
    if len(depots) != 1 or not heads[4] > 0:
        raise InstanceError(0, "Stop_Type", "차고지는 하나, 속도는 0보다 커야 합니다", "one depot, and a speed above 0")
    try:
        return Instance(name, "KIM", _problem(heads, depots[0], rows), 1)
    except ProblemError as wrong:
        raise InstanceError(0, wrong.field, wrong.ko, wrong.en) from None


def _row(line: int, words: list[str]) -> list[float]:
    if len(words) < len(FIELDS):
        raise InstanceError(line, FIELDS[len(words)], "빠졌습니다", "is missing")
    return [number(word, line, field) for word, field in zip(words, FIELDS, strict=False)]


def _problem(heads: list[float], depot: list[float], rows: list[list[float]]) -> Problem:
    capacity, day, most_stops, lunch, mph = heads
    xy = np.array([row[1:3] for row in rows])
    feet = np.abs(xy[:, None] - xy).sum(axis=2)
    seconds = np.rint(feet * METRES_PER_FOOT / METRES_PER_MILE * 3600 / mph).astype(np.int64)
    travel = Matrices(np.rint(feet * METRES_PER_FOOT).astype(np.int64), seconds)
    stops = tuple(
        Stop(f"{row[0]:g}", place, int(row[5]), (_window(row),), collect=(round(row[6] * YARD_PARTS),))
        for place, row in enumerate(rows)
        if row[7] == 1
    )
    sites = tuple(
        Site(f"{row[0]:g}", place, int(row[5]), _window(row)) for place, row in enumerate(rows) if row[7] == 2
    )
    total, start = sum(stop.collect[0] for stop in stops), rows.index(depot)
    count = 5 + 2 * int(total // (min(day, 2 * capacity) * YARD_PARTS) + 1)
    vehicles = tuple(
        Vehicle(
            str(one + 1),
            start,
            start,
            _window(depot),
            (round(capacity * YARD_PARTS),),
            (round(day * YARD_PARTS),),
            most_stops=int(most_stops),
            breaks=(Break(LUNCH_BEGINS, int(lunch)),),
            sites=tuple(site.name for site in sites),
            empty_at_end=True,
            fixed_cost=VEHICLE_COST,
        )
        for one in range(count)
    )
    return Problem(stops, vehicles, {"": travel}, sites, load_kinds=("tenths of a yard",))


def _window(row: list[float]) -> Window:
    return Window(_seconds(row[3]), _seconds(row[4]))


def _seconds(hhmm: float) -> int:
    return int(hhmm // 100) * 3600 + int(hhmm % 100) * 60
