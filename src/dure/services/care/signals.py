# SPDX-License-Identifier: Apache-2.0
"""Which series of a home tell of a person beside the power meter, under which consent, and as half hours.

Through every door a device reports series by name; the names below are the ones the habit engine listens to. A series
of any other name is no sign of life. Its kind is the engine's (``habits.words.SIGNALS`` has its words).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, OuterRef, Q
from numpy.typing import NDArray

from dure.city import clock
from dure.city.models import Consent, ConsentPurpose, Quality, Series
from dure.city.readings import Arrived
from dure.city.registration import active_at
from dure.engines.habits.homes import SLOT_SECONDS

EVENT = "event"
"""Unit of a series that reports only when something happens: its zeros say nothing of the time between."""
CLOCK_ERROR = 60
"""Seconds by which the end of an interval may miss the half hour."""


@dataclass(frozen=True)
class Source:
    """A series name as a kind of signal: the consent it needs, and from which value on it is somebody's doing."""

    kind: str
    purpose: ConsentPurpose
    above: float = 0.0


SOURCES = {
    "activity": Source("phone", ConsentPurpose.PHONE_WATCH),
    "calls": Source("calls", ConsentPurpose.PHONE_WATCH),
    "data": Source("data", ConsentPurpose.PHONE_WATCH),
    "screen": Source("screen", ConsentPurpose.PHONE_WATCH),
    "steps": Source("steps", ConsentPurpose.HEALTH_WATCH),
    "water": Source("water", ConsentPurpose.HOME_WATCH),
    "plug": Source("plug", ConsentPurpose.HOME_WATCH, above=15.0),  # W: more than a device in standby
    "motion": Source("motion", ConsentPurpose.HOME_WATCH),
    "door": Source("door", ConsentPurpose.HOME_WATCH),
    "lid": Source("pill_box", ConsentPurpose.DAILY_CARE),
    "well": Source("button", ConsentPurpose.POWER_WATCH),  # “all is well”, said by a tap
}


@dataclass(frozen=True)
class Columns:
    """Readings of one kind as parallel arrays, oldest arrival first."""

    row: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.float64]
    seconds: NDArray[np.int64]

    @classmethod
    def of(cls, readings: Sequence[tuple[Arrived, int, int, float]]) -> Columns:
        """From (reading, row, seconds of its interval, value)."""
        seconds = np.array([one[2] for one in readings], np.int64)
        return cls(
            row=np.array([one[1] for one in readings], np.int64),
            end=np.array([round(one[0].at.timestamp()) for one in readings], np.int64) + seconds,
            value=np.array([one[3] for one in readings], np.float64),
            seconds=seconds,
        )

    def part(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Columns:
        """Some of the rows."""
        return Columns(self.row[chosen], self.end[chosen], self.value[chosen], self.seconds[chosen])


@dataclass(frozen=True)
class _Told:
    """A series that tells of a home."""

    row: int
    source: Source
    seconds: int
    is_event: bool


def signals_in(readings: Sequence[Arrived], series: set[int]) -> dict[str, Columns]:
    """The readings of these series that speak of homes which agree to it, by kind of signal."""
    told = _told(series)
    by_kind: dict[str, list[tuple[Arrived, int, int, float]]] = {}
    for reading in readings:
        if (one := told.get(reading.series_id)) is not None:
            row = (reading, one.row, one.seconds, _count(reading, one))
            by_kind.setdefault(one.source.kind, []).append(row)
    return {kind: Columns.of(rows) for kind, rows in sorted(by_kind.items())}


def trusted(reading: Arrived) -> float:
    """The value, or NaN where there is none to believe: no evidence either way."""
    if reading.value is None or reading.quality in (Quality.NO_VALUE, Quality.SUSPECT):
        return float("nan")
    return reading.value


def half_hour_of(end: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of the half hour in which an interval ends, and whether it ends it, by the device's clock."""
    ends_it = (end + CLOCK_ERROR) % SLOT_SECONDS < 2 * CLOCK_ERROR
    return np.where(ends_it, end + CLOCK_ERROR, end + SLOT_SECONDS - 1) // SLOT_SECONDS, ends_it


def half_hours(told: Columns) -> Columns:
    """Each home's half hours in time order: 1 with activity, 0 without, NaN unknown; each once.

    A longer interval with activity proves life only at its beginning: nobody knows when in it somebody was active. One
    without any was silent throughout. Of shorter ones each tells of activity at once, and the half hour is silent when
    the one that ends it is.
    """
    halves = np.maximum(told.seconds // SLOT_SECONDS, 1)
    of = np.repeat(np.arange(len(told.row)), halves)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(halves) - halves, halves)
    end = told.end[of] - (halves[of] - 1 - nth) * SLOT_SECONDS
    value = np.where((told.value[of] > 0) & (nth > 0), np.nan, told.value[of])
    slot, ends_it = half_hour_of(end)
    value = np.where((value == 0) & ~ends_it, np.nan, value)
    row = told.row[of]
    order = np.lexsort((-np.nan_to_num(value, nan=-1.0), slot, row))  # of one half hour, activity comes first
    row, slot, value = row[order], slot[order], value[order]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (slot[1:] != slot[:-1])
    chosen = first & ~np.isnan(value)
    seconds = np.full(int(chosen.sum()), SLOT_SECONDS)
    return Columns(row[chosen], slot[chosen] * SLOT_SECONDS, value[chosen], seconds)


def turns(told: Columns) -> Iterator[Columns]:
    """Of :func:`half_hours`: the first of each home, then the second of each, and so on."""
    count = np.arange(len(told.row))
    first = np.ones(len(told.row), bool)
    first[1:] = told.row[1:] != told.row[:-1]
    turn = count - np.maximum.accumulate(np.where(first, count, 0))
    for number in range(int(turn.max(initial=-1)) + 1):
        yield told.part(turn == number)


def _told(series: set[int]) -> dict[int, _Told]:
    """What is known of each series that is a signal of a home in care whose person agrees to both the watch over the
    home and this kind of it. Of several telephones in a home only the person's own counts."""
    now = clock.now()
    person = OuterRef("device__household__enrolment__person")
    agreed = {
        purpose: Exists(Consent.objects.filter(active_at(now), person=person, purpose=purpose))
        for purpose in {one.purpose for one in SOURCES.values()} | {ConsentPurpose.POWER_WATCH}
    }
    allowed = Q()
    for purpose, holds in agreed.items():
        names = [name for name, one in SOURCES.items() if one.purpose == purpose]
        allowed |= Q(holds, name__in=names)
    found = (
        Series.objects.filter(allowed, agreed[ConsentPurpose.POWER_WATCH], pk__in=series, name__in=SOURCES)
        .filter(device__household__enrolment__ended_at=None, device__household__enrolment__pk__isnull=False)
        .filter(~Q(name="activity") | Q(phone_of__isnull=False))
        .values_list("pk", "name", "unit", "interval_minutes", "device__household__enrolment__row")
    )
    return {
        pk: _Told(row, SOURCES[name], 1 if unit == EVENT else minutes * 60, unit == EVENT)
        for pk, name, unit, minutes, row in found
    }


def _count(reading: Arrived, told: _Told) -> float:
    value = trusted(reading)
    if np.isnan(value):
        return value
    if told.is_event:  # it happened at that moment, and nothing is known of any other
        return 1.0 if value > told.source.above else float("nan")
    return 1.0 if value > told.source.above else 0.0
