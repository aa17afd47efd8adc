# SPDX-License-Identifier: Apache-2.0
"""Real homes live as residents: a file of measured kWh, moved to the city's days by whole weeks.

Moving by whole weeks keeps the weekday and the hour of day of every reading. The file is read in place when the
city runs and is never copied. What it lacks stays missing. Emergencies are injected, for no such file has any.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .chance import Floats, hashed
from .emergencies import Emergencies, Emergency, EmergencyKind
from .made_homes import Grid
from .pace import SLOT_SECONDS, SLOTS_PER_DAY
from .spans import Integers

SLOTS_PER_WEEK = 7 * SLOTS_PER_DAY
YEAR_DAYS = 365.2425
COVER_DAYS = 60
"""Days after the start that a home's readings should cover before its weeks begin again."""

QUIET_SLOTS = slice(4, 10)
"""02:00 to 05:00: the half hours from which an empty home is composed."""

LOOK_BACK_DAYS = 28
SYDNEY_SEASON = YEAR_DAYS / 2
"""Days by which the seasons of the file's place lag those of Korea: half a year for the SGSC layout."""


@dataclass(frozen=True)
class Source:
    """Measured homes: ``kwh`` [homes, slots] (NaN = missing) from local slot ``first``; ``names`` as in the file.

    Each home's own data lie in [begin, end) of the columns. ``season_lag`` as :data:`SYDNEY_SEASON`, or 0.
    """

    names: list[str]
    first: int
    kwh: NDArray[np.float32]
    begin: Integers
    end: Integers
    season_lag: float


def read_source(path: Path, timezone: str = "") -> Source:
    """Read the SGSC layout (customer_id, ts on the local clock, general_kwh) or the replay layout (home, at in
    UTC, kwh; ``timezone`` is the homes' own, Asia/Seoul when not given). Readings finer than half an hour are
    added up; two of the same time (the clock was put back) are averaged.

    Raises ValueError when the columns are of neither layout or the interval is longer than half an hour.
    """
    columns = set(pl.read_parquet_schema(path))
    if {"customer_id", "ts", "general_kwh"} <= columns:
        # Its clock is local already: only where it stands (for the season) matters, and that is Sydney.
        frame = pl.scan_parquet(path).select(
            home=pl.col("customer_id").cast(pl.String), local=pl.col("ts"), kwh=pl.col("general_kwh")
        )
        lag = SYDNEY_SEASON
    elif {"home", "at", "kwh"} <= columns:
        local = pl.col("at").cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(timezone or "Asia/Seoul")
        frame = pl.scan_parquet(path).select(
            home=pl.col("home").cast(pl.String), local=local.dt.replace_time_zone(None), kwh=pl.col("kwh")
        )
        lag = 0.0
    else:
        raise ValueError(f"{path}: needs the columns customer_id, ts, general_kwh or home, at, kwh")
    readings = frame.select("home", pl.col("local").dt.epoch("s"), "kwh").collect()
    return _source(path, readings, lag)


def _source(path: Path, readings: pl.DataFrame, lag: float) -> Source:
    names = sorted(readings["home"].unique().to_list())
    row = np.searchsorted(np.asarray(names), readings["home"].to_numpy())
    row, local, kwh = _once(row, readings["local"].to_numpy(), readings["kwh"].to_numpy().astype(np.float64))
    minutes = np.median(np.diff(local)[np.diff(row) == 0]) / 60
    if minutes > 30:
        raise ValueError(f"{path}: readings every {minutes:.0f} minutes; half an hour or finer is needed")
    slot = local // SLOT_SECONDS
    first, width = int(slot.min()), int(slot.max() - slot.min()) + 1
    place = row * width + slot - first
    known = ~np.isnan(kwh)
    total = np.bincount(place[known], kwh[known], len(names) * width)
    # A sum over nothing but missing values is missing, not 0: silence must not look like an empty home.
    total[np.bincount(place[known], minlength=len(names) * width) == 0] = np.nan
    grid = total.reshape(len(names), width).astype(np.float32)
    found = ~np.isnan(grid)
    begin, end = found.argmax(axis=1), width - found[:, ::-1].argmax(axis=1)
    return Source(names, first, grid, begin.astype(np.int64), end.astype(np.int64), lag)


def _once(row: Integers, local: Integers, kwh: Floats) -> tuple[Integers, Integers, Floats]:
    """By home and time, each time once: the mean of those that come twice, NaN when all are missing."""
    begin = int(local.min())
    span = int(local.max()) - begin + 1
    keys, place = np.unique(row * span + local - begin, return_inverse=True)
    known = ~np.isnan(kwh)
    total, count = np.bincount(place[known], kwh[known], len(keys)), np.bincount(place[known], minlength=len(keys))
    mean = np.divide(total, count, out=np.full(len(keys), np.nan), where=count > 0)
    return keys // span, keys % span + begin, mean


@dataclass(frozen=True)
class Shift:
    """How one home was moved: city slot = source slot + 336 × ``weeks``; its ``length`` slots (whole weeks)
    then begin again; ``season_days`` is how far off the season is (0 to 183)."""

    weeks: int
    begin: int
    length: int
    season_days: float


def shift_of(source: Source, home: int, live_start: int, backfill_days: int) -> Shift:
    """The whole number of weeks by which to move a home so that its data cover the backfill and
    :data:`COVER_DAYS` days of life; among those, the one that comes nearest in season; when none covers them,
    the one whose weeks begin again as late as they can.

    Raises ValueError naming a home with less than a week of readings.
    """
    begin = int(source.first + source.begin[home])
    known = int(source.end[home] - source.begin[home])
    if known < SLOTS_PER_WEEK:
        raise ValueError(f"home {source.names[home]}: less than a week of readings")
    length = known // SLOTS_PER_WEEK * SLOTS_PER_WEEK
    end = begin + length
    need_first, need_last = live_start - backfill_days * SLOTS_PER_DAY, live_start + COVER_DAYS * SLOTS_PER_DAY
    low, high = -((end - need_last) // SLOTS_PER_WEEK), (need_first - begin) // SLOTS_PER_WEEK
    weeks = range(low, high + 1) if low <= high else range(high, high + 1)

    def season_days(shift: int) -> float:
        off = (shift * 7 - source.season_lag) % YEAR_DAYS
        return min(off, YEAR_DAYS - off)

    best = min(weeks, key=season_days)
    return Shift(best, begin, length, round(season_days(best), 1))


class MovedHomes:
    """The measured homes in the city's time, before anything is injected."""

    def __init__(self, source: Source, live_start: int, backfill_days: int) -> None:
        self._source = source
        self.shifts = [shift_of(source, home, live_start, backfill_days) for home in range(len(source.names))]

    def measured(self, home: int, slots: Integers) -> NDArray[np.float32]:
        """kWh of a home in these slots of the city's time; NaN where the file has none."""
        shift = self.shifts[home]
        place = (slots - shift.weeks * SLOTS_PER_WEEK - shift.begin) % shift.length
        found: NDArray[np.float32] = self._source.kwh[home, shift.begin - self._source.first + place]
        return found

    def lived_in(self, home: int, slot: int) -> bool:
        """Whether the day before looks lived in: data came, and some half hour stood 0.1 kWh above the least.
        Nobody knows more about a real home."""
        before = self.measured(home, np.arange(slot - SLOTS_PER_DAY, slot))
        known = before[~np.isnan(before)]
        return len(known) >= 40 and float(known.max() - known.min()) >= 0.1


class RealHomes:
    """The homes of a file with emergencies injected. The same verb as :class:`MadeHomes`."""

    def __init__(self, moved: MovedHomes, emergencies: Emergencies, seed: int) -> None:
        self._moved, self._emergencies, self._seed = moved, emergencies, seed

    def kwh(self, day: int) -> Grid:
        """All homes' electricity on this day; NaN where the file has none."""
        slots = day * SLOTS_PER_DAY + np.arange(SLOTS_PER_DAY)
        grid = np.stack([self._moved.measured(home, slots) for home in range(len(self._moved.shifts))])
        for emergency in self._emergencies.during(int(slots[0]), int(slots[-1]) + 1):
            struck = (slots >= emergency.begin) & (slots < emergency.end)
            grid[emergency.home, struck] = self._helpless(emergency, slots[struck])
        return grid

    def _helpless(self, emergency: Emergency, slots: Integers) -> NDArray[np.float32]:
        """What the home would use: its own quiet nights of the four weeks before, or, for timers, the tenth
        part of what it used at that half hour of those days, until the person is found."""
        start_day = emergency.begin // SLOTS_PER_DAY
        before = np.arange((start_day - LOOK_BACK_DAYS) * SLOTS_PER_DAY, start_day * SLOTS_PER_DAY)
        past = self._moved.measured(emergency.home, before).reshape(LOOK_BACK_DAYS, SLOTS_PER_DAY)
        nights = past[:, QUIET_SLOTS]
        nights = nights[~np.isnan(nights).any(axis=1)]
        if not len(nights):
            return np.full(len(slots), np.nan, dtype=np.float32)
        # Whole stretches of three hours are taken, so that the refrigerator's cycle stays as it was.
        width = nights.shape[1]
        night = hashed(self._seed, "quiet night", emergency.home, slots // width) % np.uint64(len(nights))
        quiet = nights[night.astype(np.int64), slots % width]
        if emergency.kind is EmergencyKind.TIMERS:
            usual = np.nanquantile(past, 0.1, axis=0)[slots % SLOTS_PER_DAY]
            quiet = np.where(slots < emergency.found, usual, quiet)
        load = np.where(slots < emergency.found, emergency.load_kw / 2, 0.0)
        return np.round(quiet + load, 3).astype(np.float32)
