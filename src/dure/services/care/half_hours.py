# SPDX-License-Identifier: Apache-2.0
"""Readings of one kind of signal to half hours of each home: activity, silence, or nothing known.

Somebody was active in a half hour if any series of the kind says so. It was silent if **every** series of this kind in
the home has told of nothing for the whole of it: of two motion sensors the one that is dead leaves the half hour
unknown, and so does a missing part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from dure.city.readings import Arrived
from dure.engines.habits.homes import SLOT_SECONDS

CLOCK_ERROR = 60
"""Seconds by which the end of an interval may miss the half hour."""
_WHOLE = SLOT_SECONDS - 2 * CLOCK_ERROR
"""Seconds of nothing that make a half hour silent."""


class _Rows:
    """Parallel arrays: the fields of a dataclass."""

    def part(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """Some of the rows."""
        return type(self)(*(getattr(self, one.name)[chosen] for one in fields(self)))  # type: ignore[arg-type]

    def after(self, earlier: Self) -> Self:
        """These behind others."""
        both = ((getattr(earlier, one.name), getattr(self, one.name)) for one in fields(self))  # type: ignore[arg-type]
        return type(self)(*(np.concatenate(pair) for pair in both))


@dataclass(frozen=True)
class Columns(_Rows):
    """Readings as parallel arrays, oldest arrival first."""

    row: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.float64]
    seconds: NDArray[np.int64]
    series: NDArray[np.int64]

    @classmethod
    def of(cls, readings: Sequence[tuple[Arrived, int, int, float]]) -> Columns:
        """From (reading, row, seconds of its interval, value)."""
        seconds = np.array([one[2] for one in readings], np.int64)
        return cls(
            row=np.array([one[1] for one in readings], np.int64),
            end=np.array([round(one[0].at.timestamp()) for one in readings], np.int64) + seconds,
            value=np.array([one[3] for one in readings], np.float64),
            seconds=seconds,
            series=np.array([one[0].series_id for one in readings], np.int64),
        )


@dataclass(frozen=True)
class HalfHours(_Rows):
    """Half hours by home and time."""

    row: NDArray[np.int64]
    end: NDArray[np.int64]
    """UTC epoch seconds."""
    active: NDArray[np.bool_]
    ended: NDArray[np.bool_]
    """Not active, and a reading tells of nothing at its end."""
    silent: NDArray[np.bool_]
    """Ended, and every series tells of nothing for the whole of it."""

    @property
    def key(self) -> NDArray[np.int64]:
        """One number for home and half hour."""
        return (self.row << 32) + self.end // SLOT_SECONDS

    def beside(self, others: HalfHours) -> HalfHours:
        """These and others, by home and time."""
        both = others.after(self)
        return both.part(np.argsort(both.key, kind="stable"))

    def spans(self) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end of each unbroken run of half hours, whichever home they are of."""
        ends = np.unique(self.end)
        for run in np.split(ends, np.flatnonzero(np.diff(ends) > SLOT_SECONDS) + 1):
            yield (
                datetime.fromtimestamp(int(run[0]) - SLOT_SECONDS, UTC),
                datetime.fromtimestamp(int(run[-1]), UTC),
            )


def half_hour_of(end: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of the half hour in which an interval ends, and whether it ends it, by the device's clock."""
    ends_it = (end + CLOCK_ERROR) % SLOT_SECONDS < 2 * CLOCK_ERROR
    return np.where(ends_it, end + CLOCK_ERROR, end + SLOT_SECONDS - 1) // SLOT_SECONDS, ends_it


def first_of_each(*keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows, sorted by these keys, are the first of their group."""
    first = np.ones(len(keys[0]), bool)
    first[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return first


def half_hours(told: Columns, voices: Mapping[int, int]) -> HalfHours:
    """What these readings say of each half hour they speak of; ``voices``: series of this kind in a home, if not one.

    A longer interval with activity proves life only at its beginning: nobody knows when in it somebody was active.
    """
    number, ends_it = half_hour_of(told.end)
    end = np.where(ends_it, number * SLOT_SECONDS, told.end)
    begin = end - told.seconds
    in_which = np.where(told.seconds > SLOT_SECONDS, begin // SLOT_SECONDS + 1, number)
    used = np.flatnonzero(told.value > 0)
    of, slot = _touched(begin, end, np.flatnonzero(told.value == 0))
    stop = slot * SLOT_SECONDS
    seconds = np.minimum(end[of], stop) - np.maximum(begin[of], stop - SLOT_SECONDS)
    both = np.append(used, of)
    parts = _Parts(
        row=told.row[both],
        slot=np.append(in_which[used], slot),
        series=told.series[both],
        seconds=np.append(np.zeros(len(used), np.int64), seconds),
        active=np.repeat([True, False], [len(used), len(of)]),
        ends=np.append(np.zeros(len(used), bool), end[of] >= stop),
    )
    return _summed(parts, voices)


@dataclass(frozen=True)
class _Parts:
    """What one series tells of one half hour (the number of its end), in parts."""

    row: NDArray[np.int64]
    slot: NDArray[np.int64]
    series: NDArray[np.int64]
    seconds: NDArray[np.int64]
    """With nothing."""
    active: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    """With nothing at its end."""


def _touched(
    begin: NDArray[np.int64], end: NDArray[np.int64], which: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The half hours that these intervals touch: which interval, and the number of the half hour's end."""
    first = begin[which] // SLOT_SECONDS + 1
    count = -(-end[which] // SLOT_SECONDS) - first + 1
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(which, count), np.repeat(first, count) + nth


def _summed(parts: _Parts, voices: Mapping[int, int]) -> HalfHours:
    """One of each home and half hour."""
    order = np.lexsort((parts.series, parts.slot, parts.row))
    row, slot = parts.row[order], parts.slot[order]
    if not len(order):
        none = np.zeros(0, bool)
        return HalfHours(row, slot, none, none, none)
    each = np.flatnonzero(first_of_each(row, slot, parts.series[order]))
    whole = np.add.reduceat(parts.seconds[order], each) >= _WHOLE
    active, ends = (np.logical_or.reduceat(column[order], each) for column in (parts.active, parts.ends))
    row, slot = row[each], slot[each]
    home = np.flatnonzero(first_of_each(row, slot))
    needed = np.array([voices.get(one, 1) for one in row[home].tolist()])
    used = np.logical_or.reduceat(active, home)
    ended = np.logical_or.reduceat(ends, home) & ~used
    silent = ended & (np.add.reduceat(whole.astype(np.int64), home) >= needed)
    return HalfHours(row[home], slot[home] * SLOT_SECONDS, used, ended, silent)
