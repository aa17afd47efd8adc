# SPDX-License-Identifier: Apache-2.0
"""Which readings leave the homes when: the made (or real) values with the faults on their way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .chance import uniform
from .faults import Faults
from .made_homes import Grid
from .pace import SLOTS_PER_DAY, moment
from .residents import Residents, door_code, meter_code, motion_code, phone_code, water_code

GOOD, ESTIMATED, NO_VALUE = 0, 1, 3
QUALITY = {GOOD: "good", ESTIMATED: "estimated", NO_VALUE: "no_value"}
CODES = {"ami": meter_code, "telecom": phone_code, "water": water_code, "motion": motion_code, "door": door_code}
"""How each feed calls its device in a home."""
DAYS_KEPT = 3
Made = TypeVar("Made")


class Homes(Protocol):
    """Whoever knows what homes use: made or real ones."""

    def kwh(self, day: int) -> Grid: ...


@dataclass(frozen=True)
class Readings:
    """Arrays of shape [readings], in the order in which they leave: home, slot at which the interval begins,
    value (NaN = none) and quality."""

    feed: str
    series: str
    home: NDArray[np.int64]
    slot: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.home)

    def part(self, begin: int, end: int) -> Readings:
        cut = slice(begin, end)
        return Readings(self.feed, self.series, self.home[cut], self.slot[cut], self.value[cut], self.quality[cut])

    def parts(self, size: int) -> Iterator[Readings]:
        """The same in order, at most ``size`` at a time."""
        for begin in range(0, len(self), size):
            yield self.part(begin, begin + size)

    def device(self, index: int) -> str:
        return CODES[self.feed](int(self.home[index]))

    def objects(self) -> list[dict[str, Any]]:
        """As the doors take them: device, series, at, value, and quality where it is not good."""
        at = {int(slot): moment(int(slot)).strftime("%Y-%m-%dT%H:%M:%SZ") for slot in np.unique(self.slot)}
        listed = []
        for index, (slot, value, quality) in enumerate(zip(self.slot, self.value, self.quality, strict=True)):
            reading = {
                "device": self.device(index),
                "series": self.series,
                "at": at[int(slot)],
                "value": None if np.isnan(value) else float(value),
            }
            if quality != GOOD:
                reading["quality"] = QUALITY[int(quality)]
            listed.append(reading)
        return listed


class _Days(Generic[Made]):
    """What was made for the last few days, made once. Shared by threads."""

    def __init__(self, make: Callable[[int], Made]) -> None:
        self._make, self._kept, self._lock = make, OrderedDict[int, Made](), Lock()

    def __call__(self, day: int) -> Made:
        with self._lock:
            if day not in self._kept:
                self._kept[day] = self._make(day)
                while len(self._kept) > DAYS_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[day]


class PowerDeliveries:
    """Feed ``ami``: half-hourly kWh of every home."""

    feed, series, step = "ami", "power", 1

    def __init__(self, residents: Residents, homes: Homes, faults: Faults) -> None:
        self._residents, self._homes, self._faults = residents, homes, faults
        self._values, self._sent = _Days(self._day_values), _Days(self._day_sent)
        self._late, self._held_back = _Days(lambda day: faults.late(day, day)), _Days(faults.held_back)

    def _day_values(self, day: int) -> NDArray[np.float32]:
        values = self._homes.kwh(day)
        stuck = self._faults.stuck_values(day)
        values = np.where(np.isnan(stuck), values, stuck)
        return np.where(self._faults.without_value(day), np.float32(np.nan), values)

    def _day_sent(self, day: int) -> NDArray[np.bool_]:
        # What a real home's file lacks was never sent; a meter that says "no value" is sent as such.
        known = ~np.isnan(self._values(day)) | self._faults.without_value(day)
        return known & ~self._faults.unsent(day)

    def due(self, slot: int) -> Readings:
        """What leaves when the half hour ``slot`` ends: the punctual ones, the bunches of meters that were late
        until now, and a few of the half hour before once more; in no particular order."""
        day, place = divmod(slot, SLOTS_PER_DAY)
        punctual = np.flatnonzero(self._sent(day)[:, place] & ~self._held_back(day)[:, place])
        home, slots = [punctual], [np.full_like(punctual, slot)]
        late = self._late(day)
        late = late.where(late.end == slot + 1)
        for one, begin in zip(late.home, late.begin, strict=True):
            kept = np.arange(begin, slot + 1)
            kept = kept[[bool(self._sent(int(s) // 48)[one, int(s) % 48]) for s in kept]]
            home.append(np.full_like(kept, one))
            slots.append(kept)
        before, place = divmod(slot - 1, SLOTS_PER_DAY)
        again = np.flatnonzero(self._sent(before)[:, place] & ~self._held_back(before)[:, place])
        again = again[self._faults.doubled(again, np.full_like(again, slot - 1))]
        home.append(again)
        slots.append(np.full_like(again, slot - 1))
        return self._readings(np.concatenate(home), np.concatenate(slots), shuffled_by=slot)

    def between(self, begin: int, end: int) -> Readings:
        """History: everything of the half hours [begin, end) that is ever sent, oldest first."""
        home, slots = [], []
        for slot in range(begin, end):
            day, place = divmod(slot, SLOTS_PER_DAY)
            here = np.flatnonzero(self._sent(day)[:, place])
            home.append(here)
            slots.append(np.full_like(here, slot))
        return self._readings(np.concatenate(home), np.concatenate(slots))

    def _readings(self, home: NDArray[np.int64], slot: NDArray[np.int64], shuffled_by: int | None = None) -> Readings:
        if shuffled_by is not None:
            order = np.argsort(uniform(self._residents.seed, "order", shuffled_by, np.arange(len(home))))
            home, slot = home[order], slot[order]
        value = np.empty(len(home))
        for day in np.unique(slot // SLOTS_PER_DAY):
            here = slot // SLOTS_PER_DAY == day
            value[here] = np.round(self._values(int(day))[home[here], slot[here] % SLOTS_PER_DAY].astype(float), 3)
        quality = np.where(self._faults.estimated(home, slot), ESTIMATED, GOOD)
        quality = np.where(np.isnan(value), NO_VALUE, quality)
        return Readings(self.feed, self.series, home, slot, value, quality)


class CountDeliveries:
    """A feed of counts: of each home of ``watched`` one each ``step`` half hours. ``counts(day)`` gives those of all
    homes, shape [homes, 48 / step]; a reading's ``slot`` is the first half hour of its interval."""

    def __init__(
        self, feed: str, series: str, step: int, watched: NDArray[np.bool_], counts: Callable[[int], NDArray[Any]]
    ) -> None:
        self.feed, self.series, self.step = feed, series, step
        self._watched = np.flatnonzero(watched)
        self._counts = _Days(lambda day: counts(day)[self._watched].astype(np.float64))

    def __len__(self) -> int:
        """How many homes it speaks of."""
        return len(self._watched)

    def due(self, slot: int) -> Readings:
        """What leaves when the interval that begins at ``slot`` ends."""
        return self.between(slot, slot + self.step)

    def between(self, begin: int, end: int) -> Readings:
        """The intervals that begin in [begin, end), oldest first."""
        a_day = SLOTS_PER_DAY // self.step
        intervals = np.arange(-(-begin // self.step), -(-end // self.step))
        counts = [self._counts(int(one) // a_day)[:, int(one) % a_day] for one in intervals]
        return Readings(
            self.feed,
            self.series,
            np.tile(self._watched, len(intervals)),
            np.repeat(intervals * self.step, len(self._watched)),
            np.concatenate(counts) if counts else np.empty(0),
            np.zeros(len(intervals) * len(self._watched), dtype=np.int64),
        )
