# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between a home and the city: nothing of it says anything about the person.

Rates are set by us so that a demo of 200 homes meets each kind within a few days.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chance import uniform
from .pace import SLOTS_PER_DAY
from .residents import Residents
from .spans import Integers, Spans, during, painted, together

OUTAGE_PER_HOME_DAY = 0.0015
LATE_PER_HOME_DAY = 0.004
STUCK_PER_HOME_DAY = 0.0006
FEEDER_OUTAGE_PER_AREA_DAY = 0.006
LONGEST_DAYS = 4

DUPLICATE_SHARE = 0.002
"""Of readings: sent a second time with the next half hour."""

ESTIMATED_SHARE = 0.001
"""Of readings: marked as estimated by the head end."""

SILENT, SAYS_NO_VALUE = 0, 1
"""Variants of an outage: the meter sends nothing, or reports without a value."""


class Faults:
    """The faults of a city. Spans are slots; none has a state."""

    def __init__(self, residents: Residents) -> None:
        self._residents = residents

    def outages(self, first_day: int, last_day: int) -> Spans:
        """Meters that are dumb for 6 to 72 hours; what they measured is lost."""
        return during(
            lambda day: self._beginning("outage", OUTAGE_PER_HOME_DAY, day, 12, 144), first_day, last_day, LONGEST_DAYS
        )

    def late(self, first_day: int, last_day: int) -> Spans:
        """Meters that keep 1 to 6 hours of readings to themselves and then send them in one bunch."""
        return during(
            lambda day: self._beginning("late", LATE_PER_HOME_DAY, day, 2, 12), first_day, last_day, LONGEST_DAYS
        )

    def stuck(self, first_day: int, last_day: int) -> Spans:
        """Meters that report one and the same value for 12 to 72 hours."""
        return during(
            lambda day: self._beginning("stuck", STUCK_PER_HOME_DAY, day, 24, 144), first_day, last_day, LONGEST_DAYS
        )

    def feeder_outages(self, first_day: int, last_day: int) -> Spans:
        """Areas without electricity for 1 to 6 hours: no meter of the area sends. ``home`` is the area's index."""
        return during(self._feeder_outages_beginning, first_day, last_day, LONGEST_DAYS)

    def of_homes(self, feeder_outages: Spans) -> Spans:
        """The same outages, once for each home of their area."""
        residents = self._residents
        parts = []
        for area, begin, end in zip(feeder_outages.home, feeder_outages.begin, feeder_outages.end, strict=True):
            home = np.flatnonzero(residents.area == area)
            parts.append(Spans(home, np.full_like(home, begin), np.full_like(home, end), np.zeros_like(home)))
        return together(parts)

    def _beginning(self, topic: str, rate: float, day: int, shortest: int, longest: int) -> Spans:
        seed, home = self._residents.seed, self._residents.homes
        struck = home[uniform(seed, topic, home, day) < rate]
        begin = day * SLOTS_PER_DAY + (uniform(seed, f"{topic} begins", struck, day) * SLOTS_PER_DAY).astype(np.int64)
        length = uniform(seed, f"{topic} lasts", struck, day, low=shortest, high=longest + 1).astype(np.int64)
        variant = (uniform(seed, f"{topic} variant", struck, day) < 0.5).astype(np.int64)
        return Spans(struck, begin, begin + length, variant)

    def _feeder_outages_beginning(self, day: int) -> Spans:
        seed, area = self._residents.seed, np.unique(self._residents.area)
        struck = area[uniform(seed, "feeder", area, day) < FEEDER_OUTAGE_PER_AREA_DAY]
        begin = day * SLOTS_PER_DAY + (uniform(seed, "feeder begins", struck, day) * SLOTS_PER_DAY).astype(np.int64)
        length = uniform(seed, "feeder lasts", struck, day, low=2, high=13).astype(np.int64)
        return Spans(struck, begin, begin + length, np.zeros_like(struck))

    def unsent(self, day: int) -> NDArray[np.bool_]:
        """Where nothing is ever sent; shape [homes, 48]."""
        outages = self.outages(day, day)
        dumb = together([outages.where(outages.variant == SILENT), self.of_homes(self.feeder_outages(day, day))])
        return painted(dumb, len(self._residents), day)

    def without_value(self, day: int) -> NDArray[np.bool_]:
        """Where the meter reports and has no value; shape [homes, 48]."""
        outages = self.outages(day, day)
        return painted(outages.where(outages.variant == SAYS_NO_VALUE), len(self._residents), day)

    def held_back(self, day: int) -> NDArray[np.bool_]:
        """Where a reading does not come when its half hour ends; shape [homes, 48]."""
        return painted(self.late(day, day), len(self._residents), day)

    def stuck_values(self, day: int) -> NDArray[np.float32]:
        """The value at which a meter is stuck, kWh; NaN where it is not; shape [homes, 48]."""
        spans, first = self.stuck(day, day), day * SLOTS_PER_DAY
        values = np.full((len(self._residents), SLOTS_PER_DAY), np.nan, dtype=np.float32)
        drawn = uniform(self._residents.seed, "stuck at", spans.home, spans.begin, low=0.03, high=0.3)
        for home, begin, end, value in zip(spans.home, spans.begin, spans.end, drawn, strict=True):
            values[home, max(begin - first, 0) : max(end - first, 0)] = round(float(value), 3)
        return values

    def doubled(self, home: Integers, slot: Integers) -> NDArray[np.bool_]:
        """Whether these readings are sent twice."""
        return uniform(self._residents.seed, "doubled", home, slot) < DUPLICATE_SHARE

    def estimated(self, home: Integers, slot: Integers) -> NDArray[np.bool_]:
        """Whether the head end marks these readings as estimated."""
        return uniform(self._residents.seed, "estimated", home, slot) < ESTIMATED_SHARE
