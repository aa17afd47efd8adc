# SPDX-License-Identifier: Apache-2.0
"""The law's clock: what counts as office time, and when a period ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dure.city import audit, holidays, working_time
from dure.city.clock import SEOUL
from dure.city.errors import Invalid
from dure.city.models import AuditEntry
from dure.city.working_time import Calendar

pytestmark = pytest.mark.django_db
MINUTES = st.integers(0, 60 * 24 * 40)
BEGIN = datetime(2025, 9, 20, tzinfo=SEOUL)
MOMENTS = st.integers(0, 60 * 24 * 500).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def law() -> Calendar:
    """The law's own list, without a database."""
    calendar = Calendar()
    calendar._off = {year: frozenset(holidays.law_list(year)) for year in range(2025, 2030)}
    return calendar


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@few
@given(MOMENTS, st.integers(0, 6000))
def test_a_period_never_ends_in_closed_time(law: Calendar, at: datetime, minutes: int) -> None:
    end = law.add_working_hours(at, minutes / 60)
    assert law.is_open(end) or law.is_open(end - timedelta(microseconds=1))
    assert end >= at


@few
@given(MOMENTS, st.integers(0, 3000), st.integers(0, 3000))
def test_two_periods_one_after_another_are_one_of_both(law: Calendar, at: datetime, one: int, other: int) -> None:
    apart = law.add_working_hours(law.add_working_hours(at, one / 60), other / 60)
    together = law.add_working_hours(at, (one + other) / 60)
    assert abs(apart - together) <= timedelta(microseconds=2)


@few
@given(MOMENTS, MINUTES, st.integers(0, 3000))
def test_who_comes_later_is_not_due_earlier(law: Calendar, at: datetime, later: int, minutes: int) -> None:
    assert law.add_working_hours(at, minutes / 60) <= law.add_working_hours(at + timedelta(minutes=later), minutes / 60)


@few
@given(MOMENTS, st.integers(1, 3000))
def test_what_was_added_is_what_lies_between(law: Calendar, at: datetime, minutes: int) -> None:
    end = law.add_working_hours(at, minutes / 60) + timedelta(microseconds=1)
    assert law.working_minutes_between(at, end) == minutes


@few
@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_minutes_between_add_up(law: Calendar, moments: list[datetime]) -> None:
    parts = sum(law.working_minutes_between(one, other) for one, other in pairwise(moments))
    assert 0 <= law.working_minutes_between(moments[0], moments[2]) - parts <= 1


@pytest.mark.parametrize(
    ("received", "period", "due"),
    [
        ("2026-11-02 09:00", {"hours": 3}, "2026-11-02 12:00"),  # a Monday
        ("2026-11-02 11:00", {"hours": 3}, "2026-11-02 15:00"),  # over lunch
        ("2026-11-06 17:30", {"hours": 3}, "2026-11-09 11:30"),  # over a weekend
        ("2026-09-23 17:00", {"hours": 3}, "2026-09-28 11:00"),  # over Chuseok, Thursday to Saturday
        ("2026-11-07 14:00", {"days": 1}, "2026-11-09 18:00"),  # a Saturday: from the next working day's morning
        ("2026-11-02 10:00", {"days": 5}, "2026-11-09 10:00"),  # five days are forty hours
        ("2026-11-02 10:00", {"days": 7}, "2026-11-10 18:00"),  # seven are days, the first included
        ("2026-10-02 10:00", {"days": 7}, "2026-10-14 18:00"),  # 개천절's substitute and 한글날 do not count
        ("2026-11-08 10:00", {"days": 14}, "2026-11-26 18:00"),  # a Sunday: the first day is Monday
        ("2026-11-04 10:00", {"weeks": 2}, "2026-11-17 18:00"),  # a Wednesday: until the Tuesday
        ("2026-11-09 19:30", {"weeks": 1}, "2026-11-16 18:00"),  # a Monday: the Sunday moves on
        ("2026-11-03 10:00", {"months": 1}, "2026-12-02 18:00"),  # the day before the one that corresponds
        ("2027-03-01 10:00", {"months": 1}, "2027-03-31 18:00"),  # from the first of a month to its end
        ("2026-10-30 10:00", {"months": 4}, "2027-03-02 18:00"),  # no 30 February: the 28th, Sunday, then 삼일절
        ("2026-08-25 10:00", {"months": 1}, "2026-09-28 18:00"),  # Chuseok's 24th moves on to the Monday
        ("2026-11-07 14:00", {"months": 1}, "2026-12-07 18:00"),  # a Saturday counts; the 6th is a Sunday
        ("2026-02-03 10:00", {"years": 1}, "2027-02-02 18:00"),
    ],
)
def test_when_a_period_ends(received: str, period: dict[str, int], due: str) -> None:
    assert working_time.legal_due(seoul(received), **period) == seoul(due)


def test_who_is_given_days_has_them_whole_and_not_the_first(law: Calendar) -> None:
    assert law.civil_end(seoul("2026-11-02 09:00"), 10) == seoul("2026-11-12 23:59")
    assert law.civil_end(seoul("2026-11-04 17:00"), 10) == seoul("2026-11-16 23:59")  # the 14th is a Saturday


def test_a_city_closes_on_a_day_of_its_own_and_opens_on_one_of_the_law() -> None:
    monday, election = date(2026, 11, 2), date(2026, 6, 3)
    assert working_time.is_working_day(monday)
    assert not working_time.is_working_day(election)
    holidays.set_day(monday, {"ko": "시민의 날", "en": "Citizens' day"}, actor="tests")
    holidays.set_day(election, {"ko": "선거일 근무", "en": "Open on election day"}, off=False, actor="tests")
    assert not working_time.is_working_day(monday)
    assert working_time.is_working_day(election)
    assert {one.day: one.off for one in holidays.days_of(2026) if one.by_city} == {election: False, monday: True}
    holidays.clear_day(monday, actor="tests")
    assert working_time.is_working_day(monday)
    assert AuditEntry.objects.filter(tag="city:holiday:set").count() == 2
    assert audit.verify() == []


def test_setting_the_same_day_again_changes_nothing() -> None:
    for _ in range(2):
        holidays.set_day(date(2026, 11, 2), {"ko": "시민의 날", "en": "Citizens' day"}, actor="tests")
    assert AuditEntry.objects.filter(tag="city:holiday:set").count() == 1


@pytest.mark.parametrize(
    ("day", "name", "off", "field"),
    [
        (date(2026, 11, 2), {"ko": "시민의 날"}, True, "name.en"),
        (date(1999, 11, 2), {"ko": "가", "en": "a"}, True, "day"),
        (date(2026, 11, 2), {"ko": "가", "en": "a"}, False, "off"),
    ],
)
def test_a_day_that_is_none_is_refused_by_its_field(day: date, name: dict[str, str], off: bool, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        holidays.set_day(day, name, off=off, actor="tests")
    assert refused.value.field == field


def test_a_period_needs_hours_or_days() -> None:
    for given_ in ({}, {"hours": 1, "days": 1}, {"days": 0}, {"hours": -1}, {"months": 0}, {"years": 11}):
        with pytest.raises(Invalid):
            working_time.legal_due(seoul("2026-11-02 09:00"), **given_)
