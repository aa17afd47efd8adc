# SPDX-License-Identifier: Apache-2.0
"""Replay a file of readings through the habit engine: which alarms would there have been, and when?

Strictly causal: every row is what a city would have known at ``opened_at``. A row is written for each episode with
the level and the reason at its opening (a later rise does not change it); cutting the input off at any time leaves
all earlier rows as they are, except that ``closed_at`` of an episode still open then is empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dure.engines.habits import Changes, HabitRules, Level, Readings, Watch, words

COLUMNS = ("home", "at", "kwh")
PHONE = "phone"
_DAY = 86_400
LONGEST = 200 * 365 * _DAY
"""Seconds from the first reading to the last."""
_GAPS = 5
"""A reading covers the shortest of the home's last five gaps: no knowledge of the future, and a missing reading
does not lengthen it."""


class ReplayError(ValueError):
    """The input cannot be replayed; the message names the column or the option."""


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What was read and found after the warm-up."""

    homes: int
    readings: int
    """Distinct (home, at)."""
    repeated: int
    without_value: int
    refused_values: int
    """Negative or infinite kWh, taken as no value."""
    judged_home_days: float
    """Days with at least one reading after the warm-up, homes that steer the budget."""
    alarms: int
    """Rows written."""
    steering_alarms: int
    """Of them, of homes that steer the budget."""
    thresholds: tuple[float, ...]
    """Scores of attention, alert and severe at the end."""
    unknown_homes: int
    """Homes of ``judge_only`` that have no readings."""

    @property
    def alarms_per_1000(self) -> float:
        """Alarms of steering homes per 1,000 home-days after the warm-up."""
        return 1000 * self.steering_alarms / self.judged_home_days if self.judged_home_days else 0.0


def replay(
    readings: Path,
    *,
    alarms_per_1000: float,
    warmup_days: int,
    timezone: str,
    out: Path,
    judge_only: Path | None = None,
    lang: words.Language = "ko",
) -> ReplaySummary:
    """Write ``home,opened_at,closed_at,level,reason`` of every alarm after the warm-up.

    Parameters
    ----------
    readings
        Parquet with ``home`` (text), ``at`` (timestamp with a time zone, end of the interval) and ``kwh`` (null: no
        value); any interval, any order, repeats allowed, other columns ignored. With a column ``phone`` (count of the
        last half hour, null: no value) the phone is judged beside the meter.
    alarms_per_1000
        Alarms per 1,000 homes and day at the level attention; alert and severe keep their usual proportion to it.
    warmup_days
        Days from the first reading on in which the engine only learns.
    timezone
        Zone whose local day the habits follow, e.g. ``Asia/Seoul``.
    judge_only
        File with one home a line: judged like all others, without a say in the budget.
    lang
        Language of the reason.

    Raises
    ------
    ReplayError
        When the file is no Parquet, a column is missing or of the wrong type, times lie more than 200 years apart,
        or an option makes no sense.
    """
    rules = _rules(alarms_per_1000, warmup_days, timezone)
    names, table, refused = _load(readings)
    watch = Watch(len(names), timezone, rules)
    steering, listed = np.ones(len(names), bool), set[str]()
    if judge_only is not None:
        listed = {line.strip() for line in judge_only.read_text(encoding="utf-8-sig").splitlines()} - {""}
        steering = np.array([name not in listed for name in names], bool)
        watch.set_judge_only(np.flatnonzero(~steering))

    report = _Report(names, warm_until=table.first_at + warmup_days * _DAY, lang=lang)
    home_days = 0
    for day in table.days():
        if len(day.at) and day.at[0] >= report.warm_until:
            home_days += int(np.count_nonzero(steering[np.unique(day.home)]))
        if day.phone is None:
            report.add(watch.feed(day.home, day.at, day.kwh, day.interval))
        else:
            report.add(watch.feed_both(Readings(day.home, day.at, day.kwh, day.interval), PHONE, day.phone))
    rows = report.write(out)
    return ReplaySummary(
        homes=len(names),
        readings=len(table.at),
        repeated=table.repeated,
        without_value=int(np.isnan(table.kwh).sum()) - refused,
        refused_values=refused,
        judged_home_days=float(home_days),
        alarms=len(rows),
        steering_alarms=sum(bool(steering[row.home]) for row in rows),
        thresholds=watch.budget.thresholds,
        unknown_homes=len(listed.difference(names)),
    )


def _rules(alarms_per_1000: float, warmup_days: int, timezone: str) -> HabitRules:
    if not alarms_per_1000 > 0:
        raise ReplayError("alarms-per-1000 must be more than 0")
    if warmup_days < 0:
        raise ReplayError("warmup-days must not be negative")
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ReplayError(f"timezone: {timezone!r} is not a known zone") from error
    usual = HabitRules()
    first = usual.alarms_per_1000[0]
    attention, alert, severe = (alarms_per_1000 * rate / first for rate in usual.alarms_per_1000)
    return replace(usual, alarms_per_1000=(attention, alert, severe))


@dataclass(frozen=True, slots=True)
class _Table:
    """Distinct readings, by day, within the day by home and time."""

    home: NDArray[np.int64]
    at: NDArray[np.int64]
    kwh: NDArray[np.float64]
    interval: NDArray[np.int64]
    """0 at a home's first reading, whose interval nobody knows."""
    repeated: int
    phone: NDArray[np.float64] | None = None

    @property
    def first_at(self) -> int:
        return int(self.at.min()) if len(self.at) else 0

    def days(self) -> Iterator[_Table]:
        day = (self.at - 1) // _DAY  # the reading at midnight ends the old day
        bounds = [*np.searchsorted(day, np.unique(day)).tolist(), len(day)]
        for start, end in pairwise(bounds):
            yield self._part(start + np.flatnonzero(self.interval[start:end]))

    def _part(self, rows: NDArray[np.int64]) -> _Table:
        phone = None if self.phone is None else self.phone[rows]
        return _Table(self.home[rows], self.at[rows], self.kwh[rows], self.interval[rows], 0, phone)


def _load(path: Path) -> tuple[list[str], _Table, int]:
    """Names of the homes, their readings, and how many values were impossible."""
    try:
        source = pl.scan_parquet(path)
        schema = source.collect_schema()
    except pl.exceptions.ComputeError as error:
        raise ReplayError(f"readings: {path} is no Parquet file ({error})") from error
    _check_schema(schema)
    names = source.select(pl.col("home").unique().sort()).collect()["home"].to_list()
    if names and names[0] is None:
        raise ReplayError("column home: must not be empty")
    numbers = [name for name in ("kwh", PHONE) if name in schema]
    frame = (
        source.select(
            pl.col("home").cast(pl.Enum(names)).to_physical().cast(pl.Int32),
            pl.col("at").dt.epoch("s"),
            pl.col(numbers).cast(pl.Float64).fill_null(float("nan")),
        )
        .sort("at")
        .collect()
    )
    if frame["at"].null_count():
        raise ReplayError("column at: must not be empty")
    if len(frame) and frame["at"][-1] - frame["at"][0] > LONGEST:
        raise ReplayError("column at: times lie more than 200 years apart")
    home, at, kwh = (frame[name].to_numpy() for name in COLUMNS)
    phone = frame[PHONE].to_numpy() if PHONE in numbers else None
    del frame
    impossible = np.isinf(kwh) | (kwh < 0)
    kwh = np.where(impossible, np.nan, kwh)
    order = np.lexsort((kwh, at, home))  # NaN comes last: of repeats a value wins
    home, at, kwh = home[order], at[order], kwh[order]
    first = np.ones(len(at), bool)
    first[1:] = (np.diff(at) != 0) | (np.diff(home) != 0)
    refused = int(impossible[order][first].sum())
    home, at, kwh = home[first], at[first], kwh[first]
    interval = _intervals(home, at)
    by_day = np.argsort((at - 1) // _DAY, kind="stable")
    table = _Table(home[by_day].astype(np.int64), at[by_day], kwh[by_day], interval[by_day], int((~first).sum()))
    if phone is not None:
        table = replace(table, phone=phone[order][first][by_day])
    return names, table, refused


def _check_schema(schema: pl.Schema) -> None:
    for name in COLUMNS:
        if name not in schema:
            raise ReplayError(f"column {name} is missing; the file has {', '.join(schema.names())}")
    home, at, kwh = (schema[name] for name in COLUMNS)
    if not (home == pl.String or isinstance(home, pl.Categorical | pl.Enum)):
        raise ReplayError(f"column home: expected text, got {home}")
    if not isinstance(at, pl.Datetime):
        raise ReplayError(f"column at: expected a timestamp, got {at}")
    if at.time_zone is None:
        raise ReplayError("column at: the timestamp has no time zone; write it as UTC")
    for name, dtype in (("kwh", kwh), (PHONE, schema.get(PHONE, pl.Null))):
        if not (dtype.is_numeric() or dtype == pl.Null):
            raise ReplayError(f"column {name}: expected a number, got {dtype}")


def _intervals(home: NDArray[Any], at: NDArray[Any]) -> NDArray[np.int64]:
    """Seconds each reading covers, from the gaps before it; rows sorted by home and time."""
    never = np.iinfo(np.int64).max
    gap = np.full(len(at), never, np.int64)
    gap[1:] = np.where(np.diff(home) == 0, np.diff(at), never)
    shortest = gap.copy()
    same_home = np.ones(len(at), bool)
    for back in range(1, _GAPS):
        same_home[back:] &= home[back:] == home[:-back]
        same_home[:back] = False
        shortest[back:] = np.where(same_home[back:], np.minimum(shortest[back:], gap[:-back]), shortest[back:])
    return np.where(shortest == never, 0, shortest)


@dataclass(slots=True)
class _Row:
    home: int
    opened_at: int
    level: Level
    reason: str
    closed_at: int | None = None


class _Report:
    """Rows of the alarms that opened after the warm-up."""

    def __init__(self, names: list[str], warm_until: int, lang: words.Language) -> None:
        self.names = names
        self.warm_until = warm_until
        self.lang = lang
        self.rows: list[_Row] = []
        self._open: dict[int, _Row] = {}

    def add(self, changes: Changes) -> None:
        """Take changes in the order in which they became known."""
        for k, evidence in enumerate(changes.evidence):
            home, at = int(changes.home[k]), int(changes.at[k])
            if evidence is None:
                if row := self._open.pop(home, None):
                    row.closed_at = at
            elif not changes.before[k] and at >= self.warm_until:
                row = _Row(home, at, Level(int(changes.after[k])), words.reason(evidence, self.lang))
                self._open[home] = row
                self.rows.append(row)

    def write(self, out: Path) -> list[_Row]:
        """Write the CSV, by time of opening and name."""
        rows = sorted(self.rows, key=lambda row: (row.opened_at, row.home))
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["home", "opened_at", "closed_at", "level", "reason"])
            for row in rows:
                writer.writerow(
                    [self.names[row.home], _iso(row.opened_at), _iso(row.closed_at), row.level.name.lower(), row.reason]
                )
        return rows


def _iso(epoch: int | None) -> str:
    return "" if epoch is None else datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
