# SPDX-License-Identifier: Apache-2.0
"""The duty roster through its pages: who is there now, when nobody is, and who may change it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dure.city import clock, duty
from dure.city.models import AuditEntry, DutyShift, Role, Team, User
from dure.services.care.plan import set_default_plan
from dure.web.duty_week import LANE, midnight, week_of
from tests.conftest import StandingClock
from tests.factories import City, make_user

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def standing(standing_clock: StandingClock) -> StandingClock:
    """Monday 2 November 2026, 09:00 in Seoul."""
    return standing_clock


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "ko"})
    client.force_login(user)
    return client


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=clock.SEOUL)


def typed(who: User, **changed: object) -> dict[str, Any]:
    form = {"user": who.pk, "days": ["2026-11-02", "2026-11-04"], "starts": "09:00", "ends": "18:00", "weeks": 3}
    return form | {"week": "2026-11-02"} | changed


def test_week_knows_its_gaps_and_lanes(city: City) -> None:
    worker, officer = city.users[Role.CARE_WORKER], city.users[Role.WELFARE_OFFICER]
    duty.add_shift(city.team, worker, starts_at=at(2, 9), ends_at=at(3, 6), actor="tests")
    duty.add_shift(city.team, officer, starts_at=at(2, 12), ends_at=at(2, 18), actor="tests")
    week = week_of(city.team, date(2026, 11, 5))
    assert (week.monday, week.before, week.after) == (MONDAY, date(2026, 10, 26), date(2026, 11, 9))
    assert week.gaps == [(at(3, 6), at(9, 0))]
    monday, tuesday = week.days[:2]
    assert [(bar.left, bar.width, bar.top) for bar in monday.bars] == [(37.5, 62.5, 0), (50.0, 25.0, LANE)]
    assert [(bar.left, bar.width) for bar in monday.empty] == [(0.0, 37.5)]
    assert [(bar.left, bar.width) for bar in tuesday.bars] == [(0.0, 25.0)]
    assert monday.now == 37.5
    assert tuesday.now is None


def test_nobody_on_duty_is_loud_and_says_what_then_happens(city: City) -> None:
    set_default_plan("tests")
    text = client_of(city.users[Role.CARE_WORKER]).get(f"/duty/{city.team.pk}/").content.decode()
    assert "지금 아무도 당직이 아닙니다" in text
    assert "이 시간에는 아무도 없습니다" in text
    assert "담당자 전화 · 방문 단계는 부를 사람이 없어 ‘당직자 없음’으로 남고" in text
    assert "2시간 뒤 처음부터 다시 시작합니다" in text
    assert "당직 넣기" not in text


def test_covered_week_is_calm(city: City) -> None:
    worker = city.users[Role.CARE_WORKER]
    duty.add_shift(city.team, worker, starts_at=midnight(MONDAY), ends_at=at(9, 0), actor="tests")
    text = client_of(worker).get(f"/duty/{city.team.pk}/").content.decode()
    assert "이 시간에는 아무도 없습니다" not in text
    assert "지금 당직: <b>생활지원사</b>" in text


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
def test_week_that_no_calendar_has_is_this_one(city: City, week: str) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    page = officer.get(f"/duty/{city.team.pk}/", {"week": week})
    assert page.context["week"].monday == officer.get(f"/duty/{city.team.pk}/").context["week"].monday


def test_gap_that_is_over_is_not_told(city: City) -> None:
    worker = city.users[Role.CARE_WORKER]
    duty.add_shift(city.team, worker, starts_at=at(2, 9), ends_at=at(9, 0), actor="tests")
    assert week_of(city.team, MONDAY).gaps == []
    assert week_of(city.team, date(2026, 10, 26)).gaps == []


def test_shifts_are_added_on_several_days_for_several_weeks_and_only_once(city: City) -> None:
    officer, worker = city.users[Role.WELFARE_OFFICER], city.users[Role.CARE_WORKER]
    address = f"/duty/{city.team.pk}/add/"
    for _ in range(2):
        answer = client_of(officer).post(address, typed(worker))
        assert answer.headers["Location"] == f"/duty/{city.team.pk}/?week=2026-11-02"
    starts = sorted(DutyShift.objects.values_list("starts_at", flat=True))
    assert starts == [at(day, 9) for day in (2, 4, 9, 11, 16, 18)]
    assert AuditEntry.objects.filter(tag="city:duty:added", actor="user:welfare_officer").count() == 6


def test_night_shift_ends_on_the_next_day(city: City) -> None:
    form = typed(city.users[Role.CARE_WORKER], starts="22:00", ends="07:00", days=["2026-11-02"], weeks=1)
    client_of(city.users[Role.ADMINISTRATOR]).post(f"/duty/{city.team.pk}/add/", form)
    night = DutyShift.objects.get()
    assert (night.starts_at, night.ends_at) == (at(2, 22), at(3, 7))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"days": []}, "days"),
        ({"days": ["2026-11-30"]}, "days"),
        ({"starts": "noon"}, "starts"),
        ({"ends": ""}, "ends"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 53}, "weeks"),
        ({"user": 999_999}, "user"),
    ],
)
def test_wrong_shift_comes_back_with_what_was_typed(city: City, changed: dict[str, object], field: str) -> None:
    form = typed(city.users[Role.CARE_WORKER], **changed)
    answer = client_of(city.users[Role.WELFARE_OFFICER]).post(f"/duty/{city.team.pk}/add/", form)
    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.content.decode()
    assert not DutyShift.objects.exists()


def test_who_is_not_of_the_team_is_no_choice(city: City) -> None:
    stranger = make_user("stranger", Role.CARE_WORKER)
    answer = client_of(city.users[Role.WELFARE_OFFICER]).post(f"/duty/{city.team.pk}/add/", typed(stranger))
    assert answer.status_code == 422


@pytest.mark.parametrize(("later", "left"), [("", 4), ("1", 1)])
def test_shift_is_removed_alone_or_with_its_repetitions(city: City, later: str, left: int) -> None:
    officer, worker = city.users[Role.WELFARE_OFFICER], city.users[Role.CARE_WORKER]
    for week in range(4):
        start = at(3, 9) + timedelta(weeks=week)
        duty.add_shift(city.team, worker, starts_at=start, ends_at=start + timedelta(hours=8), actor="tests")
    duty.add_shift(city.team, officer, starts_at=at(10, 9), ends_at=at(10, 17), actor="tests")
    first = DutyShift.objects.filter(starts_at=at(3, 9)).get()
    address = f"/duty/{city.team.pk}/remove/{first.pk}/"
    assert client_of(worker).post(address).status_code == 403
    for _ in range(2):
        assert client_of(officer).post(address, {"later": later, "week": "2026-11-02"}).status_code == 302
    assert DutyShift.objects.count() == left


def test_other_peoples_team_is_unknown(city: City) -> None:
    other = Team.objects.create(name="남의 팀", service="cctv")
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    assert officer.get(f"/duty/{other.pk}/").status_code == 404
    assert officer.post(f"/duty/{other.pk}/add/", typed(city.users[Role.CARE_WORKER])).status_code == 404
    assert client_of(city.users[Role.ADMINISTRATOR]).get(f"/duty/{other.pk}/").status_code == 200


def test_one_team_is_shown_several_are_listed(city: City) -> None:
    worker = client_of(city.users[Role.CARE_WORKER])
    assert "<h1>돌봄팀</h1>" in worker.get("/duty/").content.decode()
    Team.objects.create(name="야간팀", service="care").members.add(city.users[Role.CARE_WORKER])
    text = worker.get("/duty/").content.decode()
    assert "야간팀" in text
    assert text.count("지금 아무도 당직이 아닙니다") == 2
    assert "아직 속한 팀이 없습니다" in client_of(city.users[Role.PLANNER]).get("/duty/").content.decode()
