# SPDX-License-Identifier: Apache-2.0
"""How the simulator's time runs: the same text as the platform's clock, which it may not import."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SLOT_SECONDS = 1800
"""Half an hour: the step in which the city lives, and the interval of a meter's reading."""

SLOTS_PER_DAY = 48
KOREA = timedelta(hours=9)
"""Korea keeps UTC+9 all year (no summer time since 1988)."""


def real_now() -> float:
    """Real time, UTC epoch seconds."""
    return time.time()  # noqa: TID251 - the simulator's own clock; it may not import the platform's


@dataclass(frozen=True)
class Pace:
    """``<speed>@<real>=<city>``: city time stood at ``city`` when real time was ``real`` (UTC epoch seconds)."""

    speed: float = 1.0
    real: float = 0.0
    city: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Pace:
        """Raises ValueError when the text is not of that form or the speed is not above 0."""
        try:
            speed, starts = text.split("@")
            real, city = starts.split("=")
            pace = cls(float(speed), float(real), float(city))
        except ValueError as error:
            raise ValueError(f"--clock: expected '<speed>@<real>=<city>', got {text!r}") from error
        if pace.speed <= 0:
            raise ValueError(f"--clock: the speed must be above 0, got {pace.speed}")
        return pace

    def now(self) -> float:
        """City time, UTC epoch seconds."""
        return self.city + (real_now() - self.real) * self.speed

    def real_seconds_until(self, city: float) -> float:
        """How long to wait, in real seconds; 0 when it has passed."""
        return max(0.0, (city - self.now()) / self.speed)


def slot_of(epoch: float) -> int:
    """The half hour of Korean time that holds this moment, counted from 1970-01-01 00:00 in Korea."""
    return int((epoch + KOREA.total_seconds()) // SLOT_SECONDS)


def start_of(slot: int) -> float:
    """UTC epoch seconds at which the slot begins."""
    return slot * SLOT_SECONDS - KOREA.total_seconds()


def moment(slot: int) -> datetime:
    """The slot's beginning, aware, UTC."""
    return datetime.fromtimestamp(start_of(slot), UTC)
