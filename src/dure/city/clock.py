# SPDX-License-Identifier: Apache-2.0
"""The city's clock: the only place that asks what time it is.

A demo lives a day in minutes and a test stands at a deadline because every part of the program asks here.
The clock is set for a whole process tree by ``DURE_CLOCK``: ``<speed>@<real start>=<city start>`` with both
starts as UTC epoch seconds, e.g. ``60@1764000000=1700000000``. Without it, city time is real time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Pace:
    """How city time runs: it stood at ``city_start`` when real time was ``real_start`` (UTC epoch seconds)."""

    speed: float
    real_start: float
    city_start: float

    @classmethod
    def parse(cls, text: str) -> Pace:
        """Read ``DURE_CLOCK``. Raises ValueError naming the variable when the text is not of that form."""
        try:
            speed, starts = text.split("@")
            real_start, city_start = starts.split("=")
            pace = cls(float(speed), float(real_start), float(city_start))
        except ValueError as error:
            raise ValueError(f"DURE_CLOCK: expected '<speed>@<real>=<city>', got {text!r}") from error
        if pace.speed <= 0:
            raise ValueError(f"DURE_CLOCK: the speed must be above 0, got {pace.speed}")
        return pace

    def __str__(self) -> str:
        return f"{self.speed:g}@{self.real_start:.3f}={self.city_start:.3f}"


def _pace_of_environment() -> Pace:
    text = os.environ.get("DURE_CLOCK", "")
    return Pace.parse(text) if text else Pace(1.0, 0.0, 0.0)


_pace = _pace_of_environment()
_frozen: datetime | None = None


def set_pace(pace: Pace) -> None:
    """Let city time run by ``pace`` in this process, for the one process that decides it itself: the demo."""
    global _pace  # noqa: PLW0603 - one clock a process is the point
    _pace = pace


def real_now() -> datetime:
    """Real time, for what the city's pace must not touch: the pace itself, certificates, process signs."""
    return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 - the clock is where the system is asked


def now() -> datetime:
    """City time, aware, UTC."""
    if _frozen is not None:
        return _frozen
    real = time.time()  # noqa: TID251 - the clock is where the system is asked
    return datetime.fromtimestamp(_pace.city_start + (real - _pace.real_start) * _pace.speed, UTC)


def today() -> date:
    """The day it is in Korea."""
    return now().astimezone(SEOUL).date()


def speed() -> float:
    """City seconds per real second."""
    return _pace.speed


def real_seconds(city: timedelta) -> float:
    """How long to wait, in real seconds, for ``city`` time to pass."""
    return city.total_seconds() / _pace.speed


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold city time still at ``at`` (aware) within the block: for tests and for judging a past moment."""
    global _frozen  # noqa: PLW0603 - one clock a process is the point
    if at.tzinfo is None:
        raise ValueError("clock.frozen: the time must be aware")
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
