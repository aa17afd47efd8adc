# SPDX-License-Identifier: Apache-2.0
"""From real collections back to what fell in, hour by hour.

Between two emptyings of a bin just what the second one found fell in; when, nobody knows. It is spread over the hours
between by a day profile. A fill of 100 says "at least 100": such an interval gets the mean rate of the bin's other
intervals times its length, but at least 100 and at most 160. So what a simulation on it shows is as good as these three
assumptions: within an interval real bins fill less smoothly, which makes forecasting easier here than there.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from dure.engines.filling.shape import Floats

from .closed_loop.tables import HOUR, TableError, rows_of

CENSORED, MOST_IMPUTED = 100.0, 160.0
"""Points: a fill from which on nobody knows how much it was, and the most that is taken for it."""

DAYTIME: Floats = np.array(
    [4, 3, 2, 1, 1, 2, 6, 14, 20, 22, 26, 34, 44, 46, 40, 38, 42, 48, 46, 38, 30, 24, 16, 8], dtype=float
)
"""What falls in by hour of the day, every day the same: an assumption about streets with shops. Not the one that the
forecast begins with (``engines.filling.shape.assumed_daytime``), which would flatter it."""

SHORTEST = timedelta(hours=1)
"""Two emptyings closer than this are one: the second found what the first left behind."""

COLUMNS = {"bin": ("bin", "site"), "at": ("at", "t"), "fill": ("fill", "before")}
"""Names that a column may have; those after the first are of Edinburgh's export."""


@dataclass(frozen=True)
class Emptied:
    """When, and the level found, points."""

    at: datetime
    fill: float


@dataclass(frozen=True)
class Interval:
    """``amount`` points fell in between two emptyings; ``imputed``: taken for it, since 100 says at least."""

    start: datetime
    end: datetime
    amount: float
    imputed: bool

    @property
    def hours(self) -> float:
        """How long."""
        return (self.end - self.start) / HOUR


def read_collections(path: Path) -> dict[str, list[Emptied]]:
    """Read ``bin,at,fill`` (or ``site,t,before``): each bin's emptyings in time. Raises TableError."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = [name.strip() for name in file.readline().split(",")]
    names = {column: next((name for name in known if name in header), known[0]) for column, known in COLUMNS.items()}
    found: dict[str, list[Emptied]] = {}
    for row in rows_of(path, tuple(names.values())):
        if not row.cells[names["bin"]]:
            raise row.wrong(names["bin"], "이름이 비었습니다", "empty")
        at = row.time(names["at"]).replace(tzinfo=None)
        found.setdefault(row.cells[names["bin"]], []).append(Emptied(at, row.number(names["fill"], 0, 10_000)))
    if not found:
        raise TableError(path, 1, names["bin"], "한 줄도 없습니다", "there is no line")
    return {name: sorted(events, key=lambda one: one.at) for name, events in found.items()}


def intervals_of(events: Sequence[Emptied]) -> list[Interval]:
    """What fell in between each two emptyings of one bin."""
    kept = [events[0]]
    for event in events[1:]:
        if event.at - kept[-1].at >= SHORTEST:
            kept.append(event)
    pairs = [(before.at, event) for before, event in pairwise(kept)]
    known = [(event.fill, (event.at - start) / HOUR) for start, event in pairs if event.fill < CENSORED]
    rate = sum(fill for fill, _ in known) / sum(hours for _, hours in known) if known else 0.0
    return [
        Interval(start, event.at, event.fill, False)
        if event.fill < CENSORED
        else Interval(start, event.at, min(max(CENSORED, rate * ((event.at - start) / HOUR)), MOST_IMPUTED), True)
        for start, event in pairs
    ]


def hourly(interval: Interval, daytime: Floats = DAYTIME) -> list[tuple[datetime, float]]:
    """The interval's amount over the hours it touches, by ``daytime`` (24,) and how much of each hour lies within."""
    first = interval.start.replace(minute=0, second=0, microsecond=0)
    count = int(np.ceil((interval.end - first) / HOUR))
    hours = [first + number * HOUR for number in range(count)]
    weight = np.array([daytime[at.hour] for at in hours])
    weight[0] *= 1 - (interval.start - first) / HOUR
    weight[-1] *= 1 - (hours[-1] + HOUR - interval.end) / HOUR
    return list(zip(hours, interval.amount * weight / weight.sum(), strict=True))


@dataclass(frozen=True)
class Rebuilt:
    """``rows``: bin, hour, points. Of ``bins`` and ``intervals``, in ``imputed`` of which the bin was full."""

    rows: list[tuple[str, datetime, float]]
    bins: int
    intervals: int
    imputed: int


def rebuild(collections: dict[str, list[Emptied]], least_collections: int = 5) -> Rebuilt:
    """Deposits of all bins with at least so many collections."""
    rows: list[tuple[str, datetime, float]] = []
    intervals = {
        name: intervals_of(events) for name, events in sorted(collections.items()) if len(events) >= least_collections
    }
    for name, spans in intervals.items():
        amounts: dict[datetime, float] = {}
        for span in spans:
            for at, amount in hourly(span):
                amounts[at] = amounts.get(at, 0.0) + amount
        rows.extend((name, at, amount) for at, amount in sorted(amounts.items()))
    every = [span for spans in intervals.values() for span in spans]
    return Rebuilt(rows, len(intervals), len(every), sum(span.imputed for span in every))


def write_deposits(rebuilt: Rebuilt, path: Path) -> None:
    """Write ``bin,at,amount``."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("bin", "at", "amount"))
        writer.writerows((name, at.isoformat(timespec="minutes"), f"{amount:.4f}") for name, at, amount in rebuilt.rows)
