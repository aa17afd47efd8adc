# SPDX-License-Identifier: Apache-2.0
"""Half hours of UTC to half hours of the local day, clock changes included."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from .homes import SLOT_SECONDS, SLOTS_PER_DAY, Array


class LocalTime:
    """The wall clock of one zone; offsets are looked up once per half hour and kept."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._local: dict[int, int] = {}

    def of(self, slots: Array) -> tuple[Array, Array]:
        """Local half hour of the day (0 to 47) and local day (since 1970-01-01) of UTC slots (epoch // 1800)."""
        if not len(slots):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        if slots[0] == slots[-1] and np.all(slots == slots[0]):
            local = np.full(len(slots), self._local_slot(int(slots[0])))
        else:
            unique, where = np.unique(slots, return_inverse=True)
            local = np.array([self._local_slot(int(s)) for s in unique])[where]
        return local % SLOTS_PER_DAY, local // SLOTS_PER_DAY

    def _local_slot(self, slot: int) -> int:
        known = self._local.get(slot)
        if known is None:
            moment = datetime.fromtimestamp(slot * SLOT_SECONDS, UTC).astimezone(self._zone)
            offset = moment.utcoffset()
            if offset is None:
                raise ValueError(f"{self.timezone} has no offset at {moment}")
            known = (slot * SLOT_SECONDS + int(offset.total_seconds())) // SLOT_SECONDS
            if len(self._local) > 100_000:
                self._local.clear()
            self._local[slot] = known
        return known
