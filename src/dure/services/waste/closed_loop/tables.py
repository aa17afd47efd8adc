# SPDX-License-Identifier: Apache-2.0
"""The files a simulation reads: bins, and what fell into them. What is wrong is said with line and column."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from dure.engines.filling.shape import Floats
from dure.engines.filling.weather import Weather

HOUR = timedelta(hours=1)

MOST_CELLS = 200_000_000
"""Bins × hours that are held at once: 12,000 bins for almost two years."""


class TableError(ValueError):
    """A file cannot be meant as it is: which line (1 is the header), which column, and why."""

    def __init__(self, path: Path, line: int, column: str, ko: str, en: str) -> None:
        super().__init__(f"{path}:{line}: {column}: {ko} · {en}")
        self.line, self.column = line, column


@dataclass(frozen=True, eq=False)
class Bins:
    """In the file's order. ``lon``, ``lat`` in degrees, ``volume`` in litres, each (bins,)."""

    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    volume: Floats


@dataclass(frozen=True, eq=False)
class Deposits:
    """``amounts`` (hours, bins): points that fall in each hour from ``start``, a midnight of the file's clock."""

    start: datetime
    amounts: Floats


@dataclass(frozen=True)
class Row:
    """A line of a table with a header: its cells by column, and where it stands, for what may be wrong with it."""

    path: Path
    line: int
    cells: dict[str, str]

    def wrong(self, column: str, ko: str, en: str) -> TableError:
        """The error to raise."""
        return TableError(self.path, self.line, column, ko, f"{en}: {self.cells[column]!r}")

    def number(self, column: str, least: float, most: float) -> float:
        """A number from ``least`` to ``most``."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            ko, en = f"{least:g} 이상 {most:g} 이하의 수여야 합니다", f"not a number from {least:g} to {most:g}"
            raise self.wrong(column, ko, en)
        return value

    def time(self, column: str) -> datetime:
        """A time, as ISO 8601 writes it."""
        try:
            return datetime.fromisoformat(self.cells[column])
        except ValueError:
            raise self.wrong(
                column, "시각이 아닙니다 (예: 2026-11-21T06:00)", "not a time (as 2026-11-21T06:00)"
            ) from None


def rows_of(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """The lines of a CSV file that has these columns, and perhaps others, in any order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        try:
            header = [name.strip() for name in next(reader, [])]
            for column in columns:
                if column not in header:
                    there = ", ".join(header) or "none"
                    raise TableError(path, 1, column, "이 열이 없습니다", f"no such column; there are {there}")
            at = [header.index(column) for column in columns]
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) != len(header):
                    ko, en = f"칸이 {len(header)}개여야 합니다", f"{len(cells)} cells instead of {len(header)}"
                    raise TableError(path, reader.line_num, header[min(len(cells), len(header) - 1)], ko, en)
                yield Row(path, reader.line_num, {name: cells[i].strip() for name, i in zip(columns, at, strict=True)})
        except UnicodeDecodeError as wrong:
            raise TableError(path, reader.line_num + 1, columns[0], "UTF-8이 아닙니다", "not UTF-8") from wrong
        except csv.Error as wrong:
            raise TableError(path, reader.line_num, columns[0], "CSV가 아닙니다", f"not CSV: {wrong}") from wrong


def read_bins(path: Path) -> Bins:
    """Read ``bin,lon,lat,volume_l``. Raises TableError."""
    names: dict[str, None] = {}
    figures: list[tuple[float, float, float]] = []
    for row in rows_of(path, ("bin", "lon", "lat", "volume_l")):
        name = row.cells["bin"]
        if not name or name in names:
            raise row.wrong("bin", "이름이 비었거나 겹칩니다", "empty or twice")
        names[name] = None
        figures.append((row.number("lon", -180, 180), row.number("lat", -90, 90), row.number("volume_l", 1, 100_000)))
    if not names:
        raise TableError(path, 1, "bin", "수거함이 하나도 없습니다", "there is no bin")
    lon, lat, volume = np.array(figures).T
    return Bins(tuple(names), lon, lat, volume)


def read_deposits(path: Path, bins: Bins) -> Deposits:
    """Read ``bin,at,amount``: each hour of each bin at most once, hours that are not there brought nothing.

    Times are wall-clock times of one clock: with the same offset on every line, or with none. Raises TableError.
    """
    number = {name: column for column, name in enumerate(bins.names)}
    found: dict[tuple[datetime, int], float] = {}
    offset: object = ...
    for row in rows_of(path, ("bin", "at", "amount")):
        if row.cells["bin"] not in number:
            raise row.wrong("bin", "수거함 목록에 없습니다", "not among the bins")
        at = row.time("at")
        offset = at.utcoffset() if offset is ... else offset
        if at.utcoffset() != offset:
            raise row.wrong("at", "줄마다 시간대가 다릅니다", "another offset from UTC than the lines before")
        at = at.replace(tzinfo=None)
        if at.minute or at.second or at.microsecond:
            raise row.wrong("at", "정시여야 합니다", "not on the hour")
        cell = (at, number[row.cells["bin"]])
        if cell in found:
            raise row.wrong("at", "이 수거함의 이 시각이 두 번 나옵니다", "this hour of this bin is there twice")
        found[cell] = row.number("amount", 0, 10_000)
    if not found:
        raise TableError(path, 1, "bin", "한 줄도 없습니다", "there is no line")
    return _table(path, found, len(bins.names))


def read_weather(path: Path) -> dict[datetime, Weather]:
    """Read ``at,rain_mm,celsius``, by the hour that begins ``at``, on the clock of the deposits. Raises TableError."""
    found: dict[datetime, Weather] = {}
    for row in rows_of(path, ("at", "rain_mm", "celsius")):
        at = row.time("at").replace(tzinfo=None)
        if at.minute or at.second or at.microsecond or at in found:
            raise row.wrong("at", "정시가 아니거나 두 번 나옵니다", "not on the hour, or there twice")
        found[at] = Weather(row.number("rain_mm", 0, 500), row.number("celsius", -60, 60))
    return found


def _table(path: Path, found: dict[tuple[datetime, int], float], bins: int) -> Deposits:
    times = [at for at, _ in found]
    start = min(times).replace(hour=0)
    hours = (max(times) - start) // HOUR + 1
    if hours * bins > MOST_CELLS:
        raise TableError(path, 2, "at", "기간이 너무 깁니다", f"{hours} hours of {bins} bins are too many")
    amounts = np.zeros((hours, bins))
    for (at, column), amount in found.items():
        amounts[(at - start) // HOUR, column] = amount
    return Deposits(start, amounts)
