# SPDX-License-Identifier: Apache-2.0
"""Days off: the law's own list, and what the city sets over it.

The list is that of the ``holidays`` library for Korea: 관공서의 공휴일에 관한 규정, substitute days and the elections
known when it was released. A day that the government declares later is the city's to add.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db import transaction

from dure.city import audit
from dure.city.errors import Invalid
from dure.city.models import Holiday, User

YEARS = range(2000, 2100)
LONGEST_NAME = 60


@dataclass(frozen=True)
class DayOff:
    """One day of a year's list. ``by_city``: the city has set it, over the law's list or beside it."""

    day: date
    name: dict[str, str]
    off: bool
    by_city: bool


@lru_cache(maxsize=16)
def law_list(year: int) -> dict[date, dict[str, str]]:
    """The law's days off of ``year`` with their names; a day that is a Saturday or Sunday anyway as well."""
    import holidays as calendars  # noqa: PLC0415 - most processes count no working days

    korean = calendars.country_holidays("KR", years=year, language="ko")
    english = calendars.country_holidays("KR", years=year, language="en_US")
    return {day: {"ko": name, "en": english[day]} for day, name in sorted(korean.items())}


def days_of(year: int) -> list[DayOff]:
    """The year's days as they hold in this city, in their order; those on which it works all the same with ``off``
    False."""
    found = {day: DayOff(day, name, off=True, by_city=False) for day, name in law_list(year).items()}
    for row in Holiday.objects.filter(day__year=year):
        found[row.day] = DayOff(row.day, row.name, row.off, by_city=True)
    return [found[day] for day in sorted(found)]


def days_off(year: int) -> frozenset[date]:
    """Those on which offices are closed, whatever the day of the week."""
    return frozenset(one.day for one in days_of(year) if one.off)


@transaction.atomic
def set_day(day: date, name: dict[str, str], *, off: bool = True, actor: User | str) -> Holiday:
    """The city closes on ``day``, or (``off`` False) works although the law's list has it; again changes nothing.

    Dates that were set before stay as they are; those set from now on count with it. Raises Invalid naming the field.
    """
    if day.year not in YEARS:
        raise Invalid("2000~2099년이어야 합니다", "must be of 2000 to 2099", field="day")
    name = {language: name.get(language, "").strip() for language in ("ko", "en")}
    for language, words in name.items():
        if not 0 < len(words) <= LONGEST_NAME:
            field = f"name.{language}"
            raise Invalid(f"1~{LONGEST_NAME}자로 적어 주세요", f"must be 1 to {LONGEST_NAME} characters", field=field)
    if not off and day not in law_list(day.year):
        raise Invalid("법정 공휴일이 아닙니다", "is no day of the law's list", field="off")
    audit.take_turn()
    known = Holiday.objects.filter(day=day).first()
    if known is None or (known.name, known.off) != (name, off):
        known, _made = Holiday.objects.update_or_create(day=day, defaults={"name": name, "off": off})
        audit.record("city:holiday:set", actor=actor, subject=f"day:{day}", detail={"name": name, "off": off})
    return known


@transaction.atomic
def clear_day(day: date, *, actor: User | str) -> None:
    """The law's list holds for ``day`` again; again changes nothing."""
    audit.take_turn()
    if Holiday.objects.filter(day=day).delete()[0]:
        audit.record("city:holiday:cleared", actor=actor, subject=f"day:{day}")
