# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dure.city import duty
from dure.city.errors import Invalid
from dure.city.models import DutyShift, Role, User
from tests.city.casework import at
from tests.factories import City, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(city: City) -> User:
    return city.users[Role.CARE_WORKER]


def put(city: City, user: User, start: str, end: str) -> DutyShift:
    return duty.add_shift(city.team, user, starts_at=at(start), ends_at=at(end), actor="tests")


def test_a_shift_begins_with_its_start_and_is_over_at_its_end(city: City, worker: User) -> None:
    put(city, worker, "2026-11-02 22:00", "2026-11-03 07:00")
    seen = [
        duty.on_duty(city.team, at(f"2026-11-{moment}")) for moment in ("02 21:59", "02 22:00", "03 06:59", "03 07:00")
    ]
    assert seen == [[], [worker], [worker], []]


def test_shifts_may_overlap_and_nobody_is_named_twice(city: City, worker: User) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    put(city, worker, "2026-11-02 09:00", "2026-11-02 18:00")
    put(city, officer, "2026-11-02 08:00", "2026-11-02 18:00")
    put(city, worker, "2026-11-02 12:00", "2026-11-02 20:00")
    assert duty.on_duty(city.team, at("2026-11-02 13:00")) == [officer, worker]


def test_somebody_who_left_is_not_on_duty(city: City, worker: User) -> None:
    put(city, worker, "2026-11-02 09:00", "2026-11-02 18:00")
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert duty.on_duty(city.team, at("2026-11-02 10:00")) == []
    assert duty.gaps(city.team, at("2026-11-02 10:00"), at("2026-11-02 11:00"))


def test_a_removed_shift_is_off_the_roster(city: City, worker: User) -> None:
    shift = put(city, worker, "2026-11-02 09:00", "2026-11-02 18:00")
    removed = DutyShift.objects.get(pk=shift.pk)
    duty.remove_shift(shift, actor="tests")
    duty.remove_shift(removed, actor="tests")
    assert duty.on_duty(city.team, at("2026-11-02 10:00")) == []


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (at("2026-11-02 09:00"), at("2026-11-02 09:00"), "ends_at"),
        (at("2026-11-02 09:00"), at("2026-11-02 08:00"), "ends_at"),
        (datetime(2026, 11, 2), at("2026-11-02 08:00"), "starts_at"),  # noqa: DTZ001 - the point of the test
        (at("2026-11-02 09:00"), datetime(2026, 11, 3), "ends_at"),  # noqa: DTZ001
    ],
)
def test_a_wrong_shift_says_which_field(city: City, worker: User, start: datetime, end: datetime, field: str) -> None:
    with pytest.raises(Invalid) as error:
        duty.add_shift(city.team, worker, starts_at=start, ends_at=end, actor="tests")
    assert error.value.field == field


def test_only_a_member_of_the_team_is_put_on_duty(city: City) -> None:
    with pytest.raises(Invalid) as error:
        put(city, make_user("stranger", Role.CARE_WORKER), "2026-11-02 09:00", "2026-11-02 18:00")
    assert error.value.field == "user"


def test_gaps_need_an_order(city: City) -> None:
    with pytest.raises(Invalid) as error:
        duty.gaps(city.team, at("2026-11-02 09:00"), at("2026-11-02 09:00"))
    assert error.value.field == "end"


HOUR = timedelta(hours=1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 12)), max_size=6))
def test_gaps_are_exactly_the_hours_with_nobody(city: City, shifts: list[tuple[int, int]]) -> None:
    DutyShift.objects.all().delete()
    start, user = at("2026-11-02 00:00"), city.users[Role.CARE_WORKER]
    for begin, length in shifts:
        duty.add_shift(
            city.team, user, starts_at=start + begin * HOUR, ends_at=start + (begin + length) * HOUR, actor="tests"
        )
    found = duty.gaps(city.team, start, start + 24 * HOUR)
    for hour in range(24):
        moment = start + (hour + 0.5) * HOUR
        in_gap = any(begin <= moment < end for begin, end in found)
        assert in_gap == (duty.on_duty(city.team, moment) == [])
    assert all(first[1] < second[0] for first, second in pairwise(found))
