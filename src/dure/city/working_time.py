# SPDX-License-Identifier: Apache-2.0
"""The law's clock: working hours, working days, and when a period of either ends.

민원 처리에 관한 법률 제19조: a period of five days or less is counted in hours from the moment of receipt, a day being
eight working hours; one of six days or more in days, the first day included; Saturdays and public holidays do not
count. One of weeks, months or years goes by the calendar (민법 제159~161조), the first day included. Office hours: 9 to
18 without the hour of lunch (지방공무원 복무규정 제2조), which makes those eight.
"""

from __future__ import annotations

from calendar import monthrange
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

    def legal_due(
        self,
        received_at: datetime,
        *,
        hours: float | None = None,
        days: int | None = None,
        weeks: int | None = None,
        months: int | None = None,
        years: int | None = None,
    ) -> datetime:
        """When a period of so many working ``hours`` or ``days``, or of ``weeks``, ``months`` or ``years`` of the
        calendar, ends that began at ``received_at`` (법 제19조).

        Six days or more, and what goes by the calendar, end with the office hours of their last day. Of days, who comes
        on a day off is counted from the next working day. Raises Invalid naming the field when not exactly one is
        given or it is below 1.
        """
        units = {"hours": hours, "days": days, "weeks": weeks, "months": months, "years": years}
        given = {name: number for name, number in units.items() if number is not None}
        if len(given) != 1:
            raise Invalid("시간, 날, 주, 달, 해 가운데 하나", "give one of hours, days and longer units", field="hours")
        if hours is not None:
            return self.add_working_hours(received_at, hours)
        require_aware(received_at, "received_at")
        ((unit, number),) = given.items()
        if number < 1:
            raise Invalid("1 이상이어야 합니다", "must be at least 1", field=unit)
        if days is not None and days <= MOST_DAYS_IN_HOURS:
            return self.add_working_hours(received_at, days * HOURS_A_DAY)
        first = received_at.astimezone(SEOUL).date()
        if days is not None:
            return self.end_of_day(self._nth_working_day(first, days))
        return self.end_of_day(self.last_day(first, weeks=weeks or 0, months=12 * (years or 0) + (months or 0)))

    def last_day(self, first: date, *, days: int = 0, weeks: int = 0, months: int = 0) -> date:
        """The last day of a period of the calendar that begins with the whole day ``first``: the one before the day
        that corresponds to it, or the last of the month where there is none (민법 제160조); moved on from days off
        (제161조). Whoever does not count the first day (제157조) begins with the next.

        Raises Invalid (``days``) beyond what a calendar can tell.
        """
        if max(days, 7 * weeks, 31 * months) > FARTHEST.days:
            raise Invalid("달력이 닿지 않는 때입니다", "is farther than the calendar reaches", field="days")
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        length = monthrange(year, month + 1)[1]
        if first.day > length:
            last = date(year, month + 1, length) + timedelta(days=days, weeks=weeks)
        else:
            last = date(year, month + 1, first.day) + timedelta(days=days - 1, weeks=weeks)
        while not self.is_working_day(last):
            last += timedelta(days=1)
        return last

    def end_of_day(self, day: date) -> datetime:
        """When the office hours of ``day`` end (UTC)."""
        return datetime.combine(day, OFFICE_HOURS[-1][1], tzinfo=SEOUL).astimezone(UTC)

    def civil_end(self, start: datetime, days: int) -> datetime:
        """The last minute of a period of so many ``days`` that somebody was given at ``start``, the first day not
        counted and moved on from days off (민법 제157조, 제159조, 제161조; UTC)."""
        last = self.last_day(start.astimezone(SEOUL).date() + timedelta(days=1), days=days)
        return datetime.combine(last, time(23, 59), tzinfo=SEOUL).astimezone(UTC)

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


def legal_due(received_at: datetime, **period: int | None) -> datetime:
    """As :meth:`Calendar.legal_due`."""
    return Calendar().legal_due(received_at, **period)
