# SPDX-License-Identifier: Apache-2.0
"""What sensors in the rooms and the water meter count, from who is at home and awake. Rates are set by us."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chance import poisson, uniform
from .diary import in_bed, outing, travelling
from .emergencies import Emergencies
from .habits import habits_of
from .pace import SLOTS_PER_DAY
from .residents import Residents

Counts = NDArray[np.int64]

HOURS = np.arange(SLOTS_PER_DAY) / 2
AWAKE_MOTION, ASLEEP_MOTION = 6.0, 0.15
"""Times that a sensor sees somebody in half an hour; asleep: a walk to the toilet now and then."""
LITRES_A_TIME = 8
"""Of one use of water (half of them a flush)."""
WATER_AWAKE, WATER_ASLEEP = 0.9, 0.06
"""Uses of water in half an hour."""


class Rooms:
    """Counts of all homes on a day; only those with sensors send theirs."""

    def __init__(self, residents: Residents, emergencies: Emergencies) -> None:
        self._residents, self._emergencies = residents, emergencies

    def motion(self, day: int) -> Counts:
        """Times that motion was seen, shape [homes, 48]."""
        return self._drawn("motion", day, AWAKE_MOTION, ASLEEP_MOTION)

    def water(self, day: int) -> Counts:
        """Litres in each hour, shape [homes, 24]."""
        uses = self._drawn("water use", day, WATER_AWAKE, WATER_ASLEEP)
        return LITRES_A_TIME * uses.reshape(len(uses), 24, 2).sum(axis=2)

    def doors(self, day: int) -> Counts:
        """Times that the front door was opened, shape [homes, 48]: going out and coming back, and a caller now and
        then."""
        residents, home = self._residents, self._residents.homes
        out = outing(residents, home, day)
        opened = self._drawn("door", day, 0.03, 0.0)
        for hour in (out.leaves, out.returns):
            goes = (hour > 0) & self._present(day).any(axis=1)
            slot = np.clip((hour * 2).astype(np.int64), 0, SLOTS_PER_DAY - 1)
            opened[home[goes], slot[goes]] += 2
        return opened

    def _drawn(self, topic: str, day: int, awake: float, asleep: float) -> Counts:
        residents, home = self._residents, self._residents.homes
        habits = habits_of(residents, home)
        is_up = (habits.wakes[:, None] <= HOURS) & (habits.sleeps[:, None] > HOURS)
        rate = np.where(is_up, awake, asleep) * np.where(in_bed(residents, home, day), 0.4, 1.0)[:, None]
        slots = day * SLOTS_PER_DAY + np.arange(SLOTS_PER_DAY)
        return poisson(rate * self._present(day), uniform(residents.seed, topic, home[:, None], slots))

    def _present(self, day: int) -> NDArray[np.bool_]:
        """Whether somebody is at home and on their feet or in their bed, not helpless; shape [homes, 48]."""
        residents, home = self._residents, self._residents.homes
        out = outing(residents, home, day)
        away = (out.leaves[:, None] <= HOURS) & (out.returns[:, None] > HOURS)
        present: NDArray[np.bool_] = ~travelling(residents, day) & ~away
        slots = day * SLOTS_PER_DAY + np.arange(SLOTS_PER_DAY)
        for one in self._emergencies.during(int(slots[0]), int(slots[-1]) + 1):
            present[one.home, (slots >= one.begin) & (slots < one.end)] = False
        return present
