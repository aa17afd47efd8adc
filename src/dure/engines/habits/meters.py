# SPDX-License-Identifier: Apache-2.0
"""Raw interval readings, in arrival order, to half hours of each home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import storage
from .homes import SLOT_SECONDS, Array

_VERSION = 1
LONGEST_INTERVAL = 4 * 3600
"""Seconds: a longer reading says nothing about a half hour and counts as no value."""
_COMPLETE = SLOT_SECONDS - 120
"""Seconds of readings that complete a half hour: clocks of meters are a minute off."""
_ENOUGH = SLOT_SECONDS // 2
"""Seconds with a value from which the half hour's use is scaled up; with less it is missing."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Raw readings: ``at`` is the end of the interval, when the reading was known (UTC epoch seconds)."""

    home: Array
    at: Array
    kwh: Array
    interval: Array
    """Seconds."""

    def __len__(self) -> int:
        return len(self.home)

    def part(self, chosen: Array) -> Readings:
        """Some of the rows."""
        return Readings(self.home[chosen], self.at[chosen], self.kwh[chosen], self.interval[chosen])


@dataclass(frozen=True, slots=True)
class HalfHours:
    """Half hours ready to be judged, by home and time: ``known_at`` is when the last needed reading was known."""

    home: Array
    slot: Array
    value: Array
    """kWh of the meter; 1 or 0 of another signal."""
    known_at: Array
    hourly: Array
    """Whether it is part of a longer reading."""
    habit: Array
    """Row of the home's habit in another signal; -1 where the meter speaks."""

    @classmethod
    def metered(cls, home: Array, slot: Array, kwh: Array, known_at: Array, hourly: Array) -> HalfHours:
        """The meter's."""
        return cls(home, slot, kwh.astype(np.float32), known_at, hourly, np.full(len(home), -1, np.int64))

    @classmethod
    def heard(cls, home: Array, known_at: Array, count: Array, habit: Array) -> HalfHours:
        """Those of another signal of which a count is known."""
        told = ~np.isnan(count)
        at, nothing_hourly = known_at[told], np.zeros(np.count_nonzero(told), bool)
        active = (count[told] > 0).astype(np.float32)
        return cls(home[told], (at - 1) // SLOT_SECONDS, active, at, nothing_hourly, habit[told])

    def beside(self, others: HalfHours) -> HalfHours:
        """These and others, by home and by when they were known."""
        both = [np.concatenate([getattr(self, name), getattr(others, name)]) for name in HalfHours.__slots__]
        whole = HalfHours(*both)
        return whole.part(np.lexsort((whole.known_at, whole.home)))

    def __len__(self) -> int:
        return len(self.home)

    def part(self, chosen: Array) -> HalfHours:
        """Some of the rows."""
        return HalfHours(*(getattr(self, name)[chosen] for name in HalfHours.__slots__))


class Meters:
    """The unfinished half hour of every home and the time of its newest reading."""

    def __init__(self, n: int) -> None:
        self.newest = np.full(n, np.iinfo(np.int64).min // 2, np.int64)
        self.slot = np.zeros(n, np.int64)
        self.seconds = np.zeros(n, np.int32)
        """Seconds of the unfinished half hour that readings cover, with or without a value; 0 none."""
        self.valued = np.zeros(n, np.int32)
        self.kwh = np.zeros(n, np.float64)

    _NAMES = ("newest", "slot", "seconds", "valued", "kwh")

    def append(self, n: int) -> None:
        """Add ``n`` homes at the end."""
        more = Meters(n)
        for name in self._NAMES:
            setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)]))

    def keep(self, mask: Array) -> None:
        """Drop every home whose ``mask`` is False."""
        for name in self._NAMES:
            setattr(self, name, getattr(self, name)[mask])

    def part(self, start: int, stop: int) -> Meters:
        """Those of the homes from ``start`` up to ``stop``, as views."""
        return Meters._of({name: getattr(self, name)[start:stop] for name in self._NAMES})

    @classmethod
    def joined(cls, parts: Sequence[Meters]) -> Meters:
        """All homes of ``parts`` (at least one), one after another."""
        return cls._of({name: np.concatenate([getattr(one, name) for one in parts]) for name in cls._NAMES})

    @classmethod
    def _of(cls, arrays: Mapping[str, Array]) -> Meters:
        meters = cls(0)
        for name in cls._NAMES:
            setattr(meters, name, arrays[name])
        return meters

    def add(self, readings: Readings) -> tuple[HalfHours, Readings]:
        """Take readings in any order; give the half hours they finish, and those that came late or twice.

        A half hour is finished when readings cover all of it, or when the home has sent a later one.
        """
        if np.all(np.diff(readings.home) > 0) and np.all(readings.at > self.newest[readings.home]):
            fresh, late = readings, readings.part(np.zeros(0, np.int64))  # one of each home, as in a live step
            self.newest[fresh.home] = fresh.at
        else:
            order, on_time = self._newest_first_come(readings)
            late = readings.part(np.sort(order[~on_time]))
            fresh = readings.part(order[on_time])
            np.maximum.at(self.newest, fresh.home, fresh.at)
        if _all_whole(fresh) and not self.seconds[fresh.home].any():
            slot = fresh.at // SLOT_SECONDS - 1
            hourly = np.zeros(len(fresh), bool)
            return HalfHours.metered(fresh.home, slot, fresh.kwh, fresh.at, hourly), late
        return self._finish(_split(fresh)), late

    def _newest_first_come(self, readings: Readings) -> tuple[Array, Array]:
        """Order by home and time (values before missing ones), and which are new: later than all seen, not twice."""
        home, at = readings.home, readings.at
        order = np.lexsort((np.isnan(readings.kwh), at, home))
        home, at = home[order], at[order]
        again = np.zeros(len(order), bool)
        again[1:] = (home[1:] == home[:-1]) & (at[1:] == at[:-1])
        return order, ~again & (at > self.newest[home])

    def _finish(self, parts: _Parts) -> HalfHours:
        carried = np.unique(parts.home)
        carried = carried[self.seconds[carried] > 0]
        parts = _Parts.joined(self._as_parts(carried), parts)
        first = np.flatnonzero(
            np.concatenate([[True], (parts.home[1:] != parts.home[:-1]) | (parts.slot[1:] != parts.slot[:-1])])
        )
        if not len(parts.home):
            return HalfHours.metered(parts.home, parts.slot, parts.kwh, parts.known_at, parts.longer)
        seconds = np.add.reduceat(parts.seconds, first)
        valued = np.add.reduceat(parts.valued, first)
        kwh = np.add.reduceat(parts.kwh, first)
        known_at = np.maximum.reduceat(parts.known_at, first)
        hourly = np.logical_or.reduceat(parts.longer, first)
        home, slot = parts.home[first], parts.slot[first]

        followed = np.zeros(len(home), bool)
        followed[:-1] = home[1:] == home[:-1]
        whole = seconds >= _COMPLETE
        known_at[:-1] = np.where(whole[:-1] | ~followed[:-1], known_at[:-1], parts.known_at[first[1:]])
        done = whole | followed
        self.seconds[home] = 0
        left = ~done  # at most one per home: its last
        i = home[left]
        self.slot[i], self.seconds[i], self.valued[i], self.kwh[i] = slot[left], seconds[left], valued[left], kwh[left]
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(valued >= _ENOUGH, kwh * (SLOT_SECONDS / valued), np.nan)
        use = np.where(valued >= _COMPLETE, kwh, scaled)
        return HalfHours.metered(home[done], slot[done], use[done], known_at[done], hourly[done])

    def _as_parts(self, i: Array) -> _Parts:
        nothing_new = np.zeros(len(i), np.int64)
        return _Parts(i, self.slot[i], self.seconds[i], self.valued[i], self.kwh[i], nothing_new, nothing_new > 0)

    def to_bytes(self) -> bytes:
        """The state, versioned."""
        return storage.pack("meters", _VERSION, {name: getattr(self, name) for name in self._NAMES})

    @classmethod
    def from_bytes(cls, data: bytes) -> Meters:
        """Inverse of :meth:`to_bytes`; raises ``StateError``."""
        return cls._of(storage.unpack(data, "meters", _VERSION)[0])


@dataclass(frozen=True, slots=True)
class _Parts:
    """Readings cut at the half hours, sorted by home and slot."""

    home: Array
    slot: Array
    seconds: Array
    valued: Array
    kwh: Array
    known_at: Array
    longer: Array
    """Part of a reading of more than half an hour."""

    @classmethod
    def joined(cls, carried: _Parts, fresh: _Parts) -> _Parts:
        if not len(carried.home):
            return fresh
        both = [np.concatenate([getattr(carried, name), getattr(fresh, name)]) for name in cls.__slots__]
        order = np.lexsort((both[1], both[0]))
        return cls(*(column[order] for column in both))


def _all_whole(readings: Readings) -> bool:
    return bool(np.all(readings.interval == SLOT_SECONDS) and np.all(readings.at % SLOT_SECONDS == 0))


def _split(readings: Readings) -> _Parts:
    """Cut every reading at the half hours; its use is spread evenly over its interval."""
    interval = np.where(readings.interval > LONGEST_INTERVAL, SLOT_SECONDS, readings.interval)
    kwh = np.where(readings.interval > LONGEST_INTERVAL, np.nan, readings.kwh)
    end = (readings.at + 30) // 60 * 60  # seconds of a meter's clock mean nothing
    begin = end - interval
    first = begin // SLOT_SECONDS
    count = (end - 1) // SLOT_SECONDS - first + 1
    row = np.repeat(np.arange(len(end)), count)
    slot = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    seconds = np.minimum(end[row], (slot + 1) * SLOT_SECONDS) - np.maximum(begin[row], slot * SLOT_SECONDS)
    value = ~np.isnan(kwh[row])
    return _Parts(
        readings.home[row],
        slot,
        seconds,
        np.where(value, seconds, 0),
        np.where(value, kwh[row] * (seconds / interval[row]), 0.0),
        readings.at[row],
        interval[row] > SLOT_SECONDS,
    )
