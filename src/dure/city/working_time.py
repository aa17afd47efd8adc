# SPDX-License-Identifier: Apache-2.0
"""The law's clock: working hours, working days, and when a period of either ends.

민원 처리에 관한 법률 제19조: a period of five days or less is counted in hours from the moment of receipt, a day being
eight working hours; one of six days or more in days, the first day included; Saturdays and public holidays do not
count. Office hours: 9 to 18 without the hour of lunch (지방공무원 복무규정 제2조), which makes those eight.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from dure.city import holidays
from dure.city.clock import SEOUL
from dure.city.duty import require_aware
from dure.city.errors import Invalid

OFFICE_HOURS = ((time(9), time(12)), (time(13), time(18)))
HOURS_A_DAY = 8
MOST_DAYS_IN_HOURS = 5
"""법 제19조 제1항."""
FARTHEST = timedelta(days=3660)
SATURDAY = 5


class Calendar:
    """The city's calendar, read once a year of it: for whoever counts many periods in one turn."""

    def __init__(self) -> None:
        self._off: dict[int, frozenset[date]] = {}

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on ``day``: no Saturday or Sunday, no day off."""
        if day.weekday() >= SATURDAY:
            return False
        if day.year not in self._off:
            self._off[day.year] = holidays.days_off(day.year)
        return day not in self._off[day.year]

    def is_open(self, at: datetime) -> bool:
        """Whether ``at`` is within office hours."""
        return any(start <= at < end for start, end in self._periods(at.astimezone(SEOUL).date()))

    def add_working_hours(self, at: datetime, hours: float) -> datetime:
        """The end of ``hours`` of office time after ``at`` (UTC): within office hours, and the earliest such moment.

        Raises Invalid (``hours``) below 0 or beyond what a calendar can tell.
        """
        require_aware(at, "at")
        if hours < 0:
            raise Invalid("0보다 작을 수 없습니다", "must not be below 0", field="hours")
        left = timedelta(hours=hours)
        for start, end in self._open_from(at):
            begins = max(start, at)
            if left <= end - begins:
                return (begins + left).astimezone(UTC)
            left -= end - begins
        raise Invalid("달력이 닿지 않는 때입니다", "is farther than the calendar reaches", field="hours")

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes of office time from ``start`` to ``end``; below 0 when ``end`` is the earlier."""
        require_aware(start, "start")
        require_aware(end, "end")
        if end < start:
            return -self.working_minutes_between(end, start)
        total = timedelta()
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total // timedelta(minutes=1)

    def legal_due(self, received_at: datetime, *, hours: float | None = None, days: int | None = None) -> datetime:
        """When a period of so many working ``hours`` or ``days`` from ``received_at`` ends (법 제19조).

        Six days or more end with the office hours of their last day; who comes on a day off is counted from the next
        working day. Raises Invalid naming the field when not exactly one is given or it is below 1 day.
        """
        if hours is not None and days is None:
            return self.add_working_hours(received_at, hours)
        if days is None or hours is not None:
            raise Invalid("시간과 날 가운데 하나", "give either hours or days", field="hours")
        if days < 1:
            raise Invalid("하루 이상이어야 합니다", "must be at least 1", field="days")
        if days <= MOST_DAYS_IN_HOURS:
            return self.add_working_hours(received_at, days * HOURS_A_DAY)
        require_aware(received_at, "received_at")
        return self.end_of_day(self._nth_working_day(received_at.astimezone(SEOUL).date(), days))

    def end_of_day(self, day: date) -> datetime:
        """When the office hours of ``day`` end (UTC)."""
        return datetime.combine(day, OFFICE_HOURS[-1][1], tzinfo=SEOUL).astimezone(UTC)

    def _nth_working_day(self, first: date, count: int) -> date:
        day = first
        while True:
            count -= self.is_working_day(day)
            if count == 0:
                return day
            if day - first > FARTHEST:
                raise Invalid("달력이 닿지 않는 때입니다", "is farther than the calendar reaches", field="days")
            day += timedelta(days=1)

    def _open_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Office hours that are not over at ``at``."""
        first = at.astimezone(SEOUL).date()
        for number in range(FARTHEST.days):
            yield from ((start, end) for start, end in self._periods(first + timedelta(days=number)) if end >= at)

    def _periods(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.is_working_day(day):
            for start, end in OFFICE_HOURS:
                yield datetime.combine(day, start, tzinfo=SEOUL), datetime.combine(day, end, tzinfo=SEOUL)


def is_working_day(day: date) -> bool:
    """As :meth:`Calendar.is_working_day`, of the calendar as it is now."""
    return Calendar().is_working_day(day)


def is_open(at: datetime) -> bool:
    """As :meth:`Calendar.is_open`."""
    return Calendar().is_open(at)


def add_working_hours(at: datetime, hours: float) -> datetime:
    """As :meth:`Calendar.add_working_hours`."""
    return Calendar().add_working_hours(at, hours)


def working_minutes_between(start: datetime, end: datetime) -> int:
    """As :meth:`Calendar.working_minutes_between`."""
    return Calendar().working_minutes_between(start, end)


def legal_due(received_at: datetime, *, hours: float | None = None, days: int | None = None) -> datetime:
    """As :meth:`Calendar.legal_due`."""
    return Calendar().legal_due(received_at, hours=hours, days=days)
