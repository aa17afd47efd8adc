# SPDX-License-Identifier: Apache-2.0
"""The hard cases of one home, through the doors: readings, calls and stays over HTTP, then the worker's own tasks.

Held elsewhere: no data for 36 h, a silent feeder, a power cut and a dead network (test_hard_cases_area); two calls
never overlap (test_calls: whoever asks for them, a constraint of the record); a crash between judging and committing
(test_watch) and SIGKILL at any moment (tests/kill/test_kill_habits); the escalation's own rules for timers and duty
(tests/city/test_escalation*).
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from dure.city import cases, clock, duty
from dure.city import tasks as city_tasks
from dure.city.cases import thread
from dure.city.models import (
    AttemptResult,
    Case,
    CaseEvent,
    CaseStatus,
    Channel,
    EscalationAttempt,
    Finding,
    Role,
)
from dure.services.care import habit_state, tasks
from dure.services.care.models import Call, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.living import open_case
from tests.services.care.posted import Posted, post, posted_home, with_device

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
WEEKS = timedelta(days=21)


@pytest.fixture
def home(city: City, standing_clock: StandingClock) -> Posted:
    """A home whose habit of three weeks is known; it is Monday 09:00 in Seoul."""
    made = posted_home(city)
    made.send(NOW - WEEKS, NOW)
    hold()
    return made


def hold() -> None:
    """What the worker does, until there is nothing left to do."""
    for _ in range(3):
        city_tasks.keep_latest()
        tasks.watch_habits()
    tasks.watch_areas()
    tasks.watch_values()
    tasks.end_aways()
    tasks.end_calls()
    city_tasks.run_escalations()
    city_tasks.watch_silence()


def pass_silently(home: Posted, clock_: StandingClock, hours: int, *, at_a_time: int = 2) -> Case | None:
    """Let only the refrigerator run until there is a case, some hours at a time."""
    for _ in range(hours // at_a_time):
        begin = clock_.now
        clock_.move(hours=at_a_time)
        home.send(begin, clock_.now, alive=False)
        hold()
        if case := open_case(home.enrolment):
            return case
    return None


def test_stuck_meter_is_a_case_of_the_meter_and_raises_no_alarm(home: Posted, standing_clock: StandingClock) -> None:
    standing_clock.move(hours=48)
    home.send(NOW, standing_clock.now, value=0.041)
    hold()
    case = Case.objects.get()
    assert (case.kind, case.device) == ("meter_fault", home.enrolment.power.device)
    assert "같은 값" in case.title["ko"]
    begin = standing_clock.now
    standing_clock.move(hours=4)
    home.send(begin, standing_clock.now)
    hold()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.DATA_FAULT)
    assert not Finding.objects.exists()


def test_repeats_and_disorder_give_the_same_alarm_as_order(city: City, standing_clock: StandingClock) -> None:
    """Two homes that live alike: what one sends in order arrives from the other shuffled within hours, and twice."""
    tidy, messy = posted_home(city), posted_home(city, number=2)
    messy.seed = tidy.seed
    chance = random.Random(3)
    standing_clock.move(hours=30)
    for one in (tidy, messy):
        one.send(NOW - WEEKS, NOW - timedelta(days=3))
        sent = one.rows(NOW - timedelta(days=3), NOW) + one.rows(NOW, standing_clock.now, alive=False)
        for start in range(0, len(sent), 12):
            part = sent[start : start + 12]
            if one is messy:
                part = chance.sample(part, len(part)) + chance.choices(sent[: start + 12], k=5)
            post(one.key("ami"), part)
    hold()
    first, second = (Finding.objects.filter(household=one.enrolment.household) for one in (tidy, messy))
    assert first.exists()
    told = [
        [(one.level, one.score, one.reason, one.found_at, one.evidence["silent_since"]) for one in found.order_by("pk")]
        for found in (first, second)
    ]
    assert told[0] == told[1]


class Sydney(Posted):
    """Lives by the clock of a place with summer time."""

    def kwh(self, at: datetime, alive: bool) -> float:
        return super().kwh(at.astimezone(ZoneInfo("Australia/Sydney")).replace(tzinfo=clock.SEOUL), alive)


def test_clocks_that_go_forward_disturb_nothing_and_silence_is_found_after_it(
    city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(habit_state, "TIMEZONE", "Australia/Sydney")
    usual = posted_home(city)
    home = Sydney(usual.enrolment, usual.seed)
    change = datetime(2026, 10, 3, 16, tzinfo=UTC)
    home.send(change - timedelta(days=24), NOW)
    hold()
    assert not Finding.objects.exists()
    assert habit_state.load().homes.learned_days[home.enrolment.row] >= 50
    assert pass_silently(home, standing_clock, 26) is not None


def test_our_clock_that_steps_back_repeats_nothing(home: Posted, standing_clock: StandingClock) -> None:
    case = pass_silently(home, standing_clock, 30)
    assert case is not None
    found, tries, calls = Finding.objects.count(), EscalationAttempt.objects.count(), Call.objects.count()
    assert calls == 1
    standing_clock.move(hours=-3)
    hold()
    assert (Case.objects.count(), Finding.objects.count()) == (1, found)
    assert (EscalationAttempt.objects.count(), Call.objects.count()) == (tries, calls)


def test_stay_away_said_over_the_phone_mutes_and_unmutes_by_itself(
    home: Posted, standing_clock: StandingClock, city: City
) -> None:
    phone = with_device(home.enrolment, "activity")
    stay = {"device": phone.code, "from": NOW.isoformat(), "until": (NOW + timedelta(days=3)).isoformat()}
    headers = {"Authorization": f"Bearer {home.key('feed-activity')}"}
    answer = Client().post("/api/v1/care/away", stay, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    assert pass_silently(home, standing_clock, 70, at_a_time=10) is None
    assert Finding.objects.filter(ended_at=None).exists(), "it was noticed, and held back"
    case = pass_silently(home, standing_clock, 4)
    assert case is not None, "the stay is over and nobody is back"
    begin = standing_clock.now
    standing_clock.move(hours=20)
    home.send(begin, standing_clock.now)
    hold()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.ACTIVITY_RETURNED)


def test_activity_closes_the_case_with_a_note_and_ends_the_call_that_rings(
    home: Posted, standing_clock: StandingClock, city: City
) -> None:
    case = pass_silently(home, standing_clock, 30)
    assert case is not None
    assert Call.objects.get().state == "ringing"
    begin = standing_clock.now
    standing_clock.move(hours=10)
    home.send(begin, standing_clock.now)
    hold()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.ACTIVITY_RETURNED)
    said = [entry.text or "" for entry in thread(city.users[Role.WELFARE_OFFICER], case)]
    assert any("생활 신호가 다시 보입니다" in text for text in said)
    assert Call.objects.get().state != "ringing"
    assert not EscalationAttempt.objects.filter(result=AttemptResult.PENDING).exists()


def test_case_that_was_taken_and_left_comes_back_on_its_timer(
    home: Posted, standing_clock: StandingClock, city: City
) -> None:
    case = pass_silently(home, standing_clock, 30)
    assert case is not None
    cases.acknowledge(case, city.users[Role.CARE_WORKER])
    hold()
    tries = EscalationAttempt.objects.count()
    standing_clock.move(minutes=119)
    hold()
    assert EscalationAttempt.objects.count() == tries
    standing_clock.move(minutes=2)
    hold()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN
    assert CaseEvent.objects.filter(case=case, data__notice="came_back").exists()


def test_nobody_on_duty_goes_on_to_the_next_level_and_says_so(
    home: Posted, standing_clock: StandingClock, city: City
) -> None:
    case = pass_silently(home, standing_clock, 40)
    assert case is not None
    tried = EscalationAttempt.objects.filter(escalation__case=case).order_by("pk")
    nobody = tried.filter(result=AttemptResult.NOBODY_ON_DUTY)
    for _ in range(40):
        begin = standing_clock.now
        standing_clock.move(minutes=30)
        home.send(begin, standing_clock.now, alive=False)
        hold()
        if nobody.filter(channel=Channel.VISIT).exists():
            break
    assert nobody.filter(channel=Channel.WORKER_CALL).exists()
    assert nobody.filter(channel=Channel.VISIT).exists(), "the next step came although nobody could do the one before"
    assert CaseEvent.objects.filter(case=case, data__notice="nobody_on_duty").count() >= 2
    duty.add_shift(
        city.team, city.users[Role.CARE_WORKER], starts_at=standing_clock.now,
        ends_at=standing_clock.now + timedelta(hours=12), actor="tests",
    )  # fmt: skip
    rung = tried.filter(user=city.users[Role.CARE_WORKER])
    for _ in range(12):
        standing_clock.move(minutes=30)
        hold()
        if rung.exists():
            break
    assert rung.exists(), "and it finds whoever comes on duty"
