# SPDX-License-Identifier: Apache-2.0
"""Hourly counts of what people did with their phones (calls, messages, data sessions they began)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chance import poisson, uniform
from .diary import in_bed
from .emergencies import Emergencies
from .habits import habits_of
from .pace import SLOTS_PER_DAY
from .residents import Residents

IN_HOSPITAL = 0.3
"""Phone use in hospital against that at home."""


class Phones:
    """Activity counts: nearly none at night, none from one who lies helpless, on a trip as ever."""

    def __init__(self, residents: Residents, emergencies: Emergencies) -> None:
        self._residents, self._emergencies = residents, emergencies

    def counts(self, day: int) -> NDArray[np.int64]:
        """Shape [homes, 24]; homes without a watched phone have counts too, which nobody sends."""
        residents, home = self._residents, self._residents.homes
        habits, hour = habits_of(residents, home), np.arange(24)
        awake = (hour >= habits.wakes[:, None]) & (hour < habits.sleeps[:, None])
        rate = habits.phone_per_hour[:, None] * np.where(awake, 1.0, 0.02)
        rate = rate * np.where(in_bed(residents, home, day), 0.6, 1.0)[:, None]
        first = day * SLOTS_PER_DAY
        for emergency in self._emergencies.during(first, first + SLOTS_PER_DAY):
            at = first + 2 * hour
            rate[emergency.home, (at >= emergency.begin) & (at < emergency.end)] *= IN_HOSPITAL
            rate[emergency.home, (at + 1 >= emergency.begin) & (at < emergency.found)] = 0.0
        return poisson(rate, uniform(residents.seed, "phone", home[:, None], day * 24 + hour))
