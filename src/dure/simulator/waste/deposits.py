# SPDX-License-Identifier: Apache-2.0
"""What falls into each bin in each hour: a pure function of (seed, bin, hour), whatever anybody empties.

Poisson numbers of bags over a rate by hour of week; a bin is busier than another, a day than another, and now and then
something goes on in a dong for an afternoon.
"""

from __future__ import annotations

import numpy as np

from dure.simulator.chance import Floats, normal, poisson, uniform
from dure.simulator.pace import KOREA
from dure.simulator.waste.bins import Bins
from dure.simulator.waste.settings import SETTINGS

HOUR_SECONDS = 3600
THURSDAY = 3
"""1970-01-01, from Monday."""
BAG_LITRES = 3.0
MOST_BAGS = 80
"""Of a full bin: what is thrown into large containers is larger."""
BUSY_SD, DAY_SD = 0.3, 0.25
"""Of logarithms: between bins, and between a bin's days."""
EVENTS_A_DONG_DAY = 0.02
EVENT_FROM, EVENT_HOURS = (13, 19), (3, 7)


def hour_of(epoch: float) -> int:
    """The hour of Korean time that holds this moment, counted from 1970-01-01 00:00 in Korea."""
    return int((epoch + KOREA.total_seconds()) // HOUR_SECONDS)


def start_of_hour(hour: int) -> float:
    """UTC epoch seconds."""
    return hour * HOUR_SECONDS - KOREA.total_seconds()


class Deposits:
    """Percent of a full bin, by day. Days are counted from 1970-01-01 in Korea."""

    def __init__(self, bins: Bins) -> None:
        self._bins = bins
        seed, every = bins.seed, bins.every
        self._week: Floats = np.stack([one.week() for one in SETTINGS], axis=1)[:, bins.setting]
        self._busy = np.exp(normal(seed, "bin busy", every, sd=BUSY_SD) - BUSY_SD**2 / 2)
        self._bag = np.maximum(BAG_LITRES * 100 / bins.litres, 100 / MOST_BAGS)
        self._event = np.asarray([one.event for one in SETTINGS])[bins.setting]

    def on(self, day: int) -> Floats:
        """What falls in during each hour of the day, shape [24, bins]."""
        seed, every, hour = self._bins.seed, self._bins.every, day * 24 + np.arange(24)[:, None]
        weekday = (day + THURSDAY) % 7
        lively = np.exp(normal(seed, "bin day", every, day, sd=DAY_SD) - DAY_SD**2 / 2)
        rate = self._week[24 * weekday : 24 * weekday + 24] * self._busy * lively * self._events(day)
        bags = poisson(rate / self._bag, uniform(seed, "bags", every, hour))
        spread = 1 + 0.5 * normal(seed, "bag size", every, hour) / np.sqrt(np.maximum(bags, 1))
        return np.asarray(bags * self._bag * np.clip(spread, 0.3, 2.0), dtype=np.float64)

    def _events(self, day: int) -> Floats:
        """How many times as much falls in, shape [24, bins]."""
        seed, area = self._bins.seed, self._bins.area
        begins = uniform(seed, "event from", area, day, low=EVENT_FROM[0], high=EVENT_FROM[1])
        ends = begins + uniform(seed, "event for", area, day, low=EVENT_HOURS[0], high=EVENT_HOURS[1])
        goes_on = uniform(seed, "event", area, day) < EVENTS_A_DONG_DAY
        hour = np.arange(24)[:, None]
        during = goes_on & (hour >= begins) & (hour < ends)
        return np.where(during, self._event, 1.0)
