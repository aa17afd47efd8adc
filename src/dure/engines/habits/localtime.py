# SPDX-License-Identifier: Apache-2.0
"""Half hours of UTC to half hours of the local day, clock changes included."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from .homes import SLOT_SECONDS, SLOTS_PER_DAY, Array

_MARGIN = 4 * SLOTS_PER_DAY
"""Half hours that are looked up beside those asked for: the next ones are near."""
_WIDEST = 200 * 366 * SLOTS_PER_DAY
"""Widest span of half hours that is kept as a table: readings further apart than 200 years are no readings."""


class LocalTime:
    """The wall clock of one zone; the local half hour of every half hour between the first and the last is kept."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._first = 0
        self._local = np.zeros(0, np.int64)

    def of(self, slots: Array) -> tuple[Array, Array]:
        """Local half hour of the day (0 to 47) and local day (since 1970-01-01) of UTC slots (epoch // 1800).

        Raises ValueError for half hours that lie more than 200 years apart."""
        if not len(slots):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._cover(int(slots.min()), int(slots.max()))
        local = self._local[slots - self._first]
        return local % SLOTS_PER_DAY, local // SLOTS_PER_DAY

    def _cover(self, first: int, last: int) -> None:
        known = len(self._local)
        if known and self._first <= first and last < self._first + known:
            return
        begin, end = first - _MARGIN, last + _MARGIN
        if known:
            begin, end = min(begin, self._first), max(end, self._first + known)
        if end - begin > _WIDEST:
            raise ValueError(f"half hours from {first} to {last} are too far apart")
        before = [self._local_slot(slot) for slot in range(begin, self._first)] if known else []
        after = [self._local_slot(slot) for slot in range(self._first + known if known else begin, end)]
        self._local = np.concatenate([np.array(before, np.int64), self._local, np.array(after, np.int64)])
        self._first = begin

    def _local_slot(self, slot: int) -> int:
        moment = datetime.fromtimestamp(slot * SLOT_SECONDS, UTC).astimezone(self._zone)
        offset = moment.utcoffset()
        if offset is None:
            raise ValueError(f"{self.timezone} has no offset at {moment}")
        return (slot * SLOT_SECONDS + int(offset.total_seconds())) // SLOT_SECONDS
