# SPDX-License-Identifier: Apache-2.0
"""A team's week: who is on duty when, drawn day by day, and the times at which nobody is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dure.city import clock
from dure.city.duty import gaps
from dure.city.models import DutyShift, Team

DAY = timedelta(days=1)
LANE = 26
"""Height of one person's bar, px."""


@dataclass(frozen=True)
class Bar:
    """A stretch of one day, in hundredths of its width; ``top`` in px. ``who`` is empty where nobody is there."""

    left: float
    width: float
    top: int
    who: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Day:
    """One day of the week with its bars, one lane a person, and the stretches of it that nobody covers."""

    date: date
    bars: list[Bar]
    empty: list[Bar]
    height: int
    now: float | None
    """Where in the day it is now, in hundredths; None on other days."""


@dataclass(frozen=True)
class Week:
    """Seven days from Monday on. ``gaps`` are those that are still to come or have begun, undivided by midnight."""

    monday: date
    days: list[Day]
    shifts: list[DutyShift]
    gaps: list[tuple[datetime, datetime]]

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + 6 * DAY

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - 7 * DAY

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.monday + 7 * DAY


def monday_of(day: date) -> date:
    """The Monday on or before ``day``."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """When ``day`` begins in Korea."""
    return datetime.combine(day, time(), clock.SEOUL)


def week_of(team: Team, day: date) -> Week:
    """The week that ``day`` lies in."""
    monday = monday_of(day)
    start, end = midnight(monday), midnight(monday + 7 * DAY)
    shifts = list(
        DutyShift.objects.filter(team=team, starts_at__lt=end, ends_at__gt=start, user__is_active=True)
        .select_related("user")
        .order_by("starts_at", "id")
    )
    uncovered = gaps(team, start, end)
    now = clock.now()
    return Week(
        monday=monday,
        days=[_day(monday + n * DAY, shifts, uncovered, now) for n in range(7)],
        shifts=shifts,
        gaps=[(max(begins, now), ends) for begins, ends in uncovered if ends > now],
    )


def _day(day: date, shifts: Iterable[DutyShift], uncovered: Iterable[tuple[datetime, datetime]], now: datetime) -> Day:
    start = midnight(day)
    lanes: dict[int, int] = {}
    bars = []
    for shift in shifts:
        if shift.starts_at < start + DAY and shift.ends_at > start:
            lane = lanes.setdefault(shift.user_id, len(lanes))
            bars.append(_bar(start, shift.starts_at, shift.ends_at, lane * LANE, str(shift.user)))
    empty = [_bar(start, begins, ends, 0, "") for begins, ends in uncovered if begins < start + DAY and ends > start]
    here = (now - start) / DAY
    return Day(day, bars, empty, max(1, len(lanes)) * LANE, round(100 * here, 2) if 0 <= here < 1 else None)


def _bar(start: datetime, begins: datetime, ends: datetime, top: int, who: str) -> Bar:
    """The part of a stretch that lies in the day that begins at ``start``."""
    first, last = max(begins, start), min(ends, start + DAY)
    left, width = 100 * ((first - start) / DAY), 100 * ((last - first) / DAY)
    return Bar(round(left, 2), round(width, 2), top, who, first, last)
