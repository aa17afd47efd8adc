# SPDX-License-Identifier: Apache-2.0
"""How full each bin truly is: what fell in since it was last emptied.

The one thing of the made city that is not a function of the seed: who empties a bin is what is judged, so emptyings are
kept. What falls in does not depend on them.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from threading import RLock

import numpy as np

from dure.simulator.chance import Floats, uniform
from dure.simulator.waste.bins import Bins
from dure.simulator.waste.deposits import HOUR_SECONDS, THURSDAY, Deposits, hour_of, start_of_hour

CALENDAR_DAYS = (0, 2, 4)
"""Monday, Wednesday, Friday: on which a contractor empties every bin until the city's own trucks drive."""
CALENDAR_FROM, CALENDAR_HOURS = 6.0, 5.0
LEFT_OVER = 4.0
"""Percent that at most stays in a bin that was emptied."""


@dataclass(frozen=True, order=True)
class Emptied:
    """A bin was emptied ``at`` (UTC epoch seconds), when it held ``held`` percent. ``gone``: all that had fallen in
    until then and is no longer there."""

    at: float
    bin: int
    held: float
    gone: float


class Contents:
    """Levels in percent of a full bin, beyond 100 where waste lies on and beside it. Threads may share it.

    ``calendar_until``: the contractor comes until then (UTC epoch seconds). ``known``: (bin, at) of other emptyings.
    """

    def __init__(self, bins: Bins, first_day: int, calendar_until: float, known: Iterable[tuple[int, float]]) -> None:
        self._bins, self._deposits = bins, Deposits(bins)
        self._first_day, self._calendar_until = first_day, calendar_until
        self._fallen = [uniform(bins.seed, "bin begins", bins.every, high=60.0)]
        """All that had fallen in when each hour began, since the first one."""
        self._emptied: list[list[Emptied]] = [[] for _ in range(len(bins))]
        self._lock = RLock()
        for at, one in sorted((at, one) for one, at in known):
            self.empty(one, at)

    def level(self, one: int, at: float) -> float:
        """Of one bin."""
        with self._lock:
            return self._fallen_until(one, at) - self._gone(one, at)

    def levels(self, at: float) -> Floats:
        """Of all, shape [bins]."""
        return np.asarray([self.level(one, at) for one in range(len(self._bins))])

    def fell_in(self, hour: int) -> Floats:
        """Percent that fell in during an hour, shape [bins]."""
        with self._lock:
            index = self._index(hour)
            return self._fallen[index + 1] - self._fallen[index]

    def empty(self, one: int, at: float) -> float:
        """Empty a bin; what it held. Again at the same moment changes nothing."""
        with self._lock:
            self._index(hour_of(at))  # the contractor's own visits until then come first
            for done in self._emptied[one]:
                if done.at == at:
                    return done.held
            return self._empty(one, at)

    def emptied(self, begin: float, end: float) -> list[Emptied]:
        """Emptyings within [begin, end), oldest first."""
        with self._lock:
            self._index(hour_of(end))
            return sorted(done for of_bin in self._emptied for done in of_bin if begin <= done.at < end)

    def _empty(self, one: int, at: float) -> float:
        held = self._fallen_until(one, at) - self._gone(one, at)
        stays = min(held, float(uniform(self._bins.seed, "left over", one, int(at), high=LEFT_OVER)))
        insort(self._emptied[one], Emptied(at, one, held, self._fallen_until(one, at) - stays))
        return held

    def _gone(self, one: int, at: float) -> float:
        done = self._emptied[one]
        place = bisect_right(done, at, key=lambda emptied: emptied.at)
        return done[place - 1].gone if place else 0.0

    def _fallen_until(self, one: int, at: float) -> float:
        hour = hour_of(at)
        index = self._index(hour)
        share = (at - start_of_hour(hour)) / HOUR_SECONDS
        before, after = self._fallen[index][one], self._fallen[index + 1][one]
        return float(before + share * (after - before))

    def _index(self, hour: int) -> int:
        """The hour's place in ``_fallen``, which is made longer day by day. Raises ValueError before the first day."""
        index = hour - 24 * self._first_day
        if index < 0:
            raise ValueError(f"hour {hour} lies before the bins' first day")
        while index + 1 >= len(self._fallen):
            self._add_day(self._first_day + (len(self._fallen) - 1) // 24)
        return index

    def _add_day(self, day: int) -> None:
        self._fallen += list(self._fallen[-1] + np.cumsum(self._deposits.on(day), axis=0))
        if (day + THURSDAY) % 7 in CALENDAR_DAYS:
            for one in range(len(self._bins)):
                at = start_of_hour(24 * day) + 3600 * (CALENDAR_FROM + CALENDAR_HOURS * one / len(self._bins))
                if at < self._calendar_until:
                    self._empty(one, float(np.floor(at)))
