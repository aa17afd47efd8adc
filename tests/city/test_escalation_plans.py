# SPDX-License-Identifier: Apache-2.0
"""What a plan says of hours and people, and what a plan must say."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from dure.city import cases, clock, duty, escalation
from dure.city.errors import Invalid
from dure.city.escalation_plans import StepSpec, plan_for, quiet_until, set_plan
from dure.city.models import (
    AttemptResult,
    Channel,
    EscalationStep,
    Level,
    QuietAction,
    Role,
    User,
)
from tests.city.casework import (
    Rung,
    at,
    begin,
    calls,
    care_plan,
    notices,
    put_on_duty,
    run,
    tries,
)
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db

NO_ANSWER = AttemptResult.NO_ANSWER


@pytest.fixture
def now(standing_clock: StandingClock) -> StandingClock:
    return standing_clock


@pytest.fixture
def worker(city: City) -> User:
    return city.users[Role.CARE_WORKER]


# ---------------------------------------------------------------- quiet hours


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-02 21:59", None),
        ("2026-11-02 22:00", "2026-11-03 07:00"),
        ("2026-11-02 23:59", "2026-11-03 07:00"),
        ("2026-11-03 00:00", "2026-11-03 07:00"),
        ("2026-11-03 06:59", "2026-11-03 07:00"),
        ("2026-11-03 07:00", None),
    ],
)
def test_quiet_hours_span_midnight_in_seoul(moment: str, end: str | None) -> None:
    step = EscalationStep(quiet_from=time(22), quiet_to=time(7))
    assert quiet_until(step, at(moment)) == (at(end) if end else None)


def test_quiet_hours_within_a_day() -> None:
    step = EscalationStep(quiet_from=time(12), quiet_to=time(13, 30))
    assert quiet_until(step, at("2026-11-02 12:10")) == at("2026-11-02 13:30")
    assert quiet_until(step, at("2026-11-02 23:00")) is None
    assert quiet_until(EscalationStep(), at("2026-11-02 23:00")) is None


@pytest.mark.parametrize(
    ("action", "at_night_and_next_morning"),
    [
        (QuietAction.DELAY, ([], [(1, 1, 1, "pending")])),
        (QuietAction.SKIP, ([(1, 2, 1, "pending")], [(1, 2, 1, "no_answer")])),
        (QuietAction.GO, ([(1, 1, 1, "pending")], [(1, 1, 1, "no_answer")])),
    ],
)
def test_what_a_step_does_in_quiet_hours(
    now: StandingClock, city: City, rung: Rung, action: QuietAction, at_night_and_next_morning: Any
) -> None:
    now.stand_at(at("2026-11-02 23:30"))
    care_plan(calls(quiet_from=time(22), quiet_to=time(7), quiet_action=action, wait_minutes=999), calls())
    case = begin(city)
    run(now)
    at_night, next_morning = at_night_and_next_morning
    assert tries(case) == at_night
    assert run(now, hours=7, minutes=29) == 0
    run(now, minutes=1)
    assert tries(case) == next_morning


@pytest.mark.parametrize("action", QuietAction.values)
def test_severe_case_waits_for_no_morning_whatever_the_step_does(
    now: StandingClock, city: City, rung: Rung, action: str
) -> None:
    now.stand_at(at("2026-11-02 23:30"))
    care_plan(calls(quiet_from=time(22), quiet_to=time(7), quiet_action=QuietAction(action)))
    case = begin(city)
    run(now)
    cases.raise_level(case, Level.SEVERE, actor="tests")
    run(now, minutes=1)
    assert tries(case)[-1][1:3] == (1, 1), "begun by night"


# ---------------------------------------------------------------- who


def person_steps(attempts: int = 1) -> StepSpec:
    return StepSpec(channel=Channel.WORKER_CALL, attempts=attempts, gap_minutes=10, wait_minutes=30)


def test_nobody_on_duty_is_loud_and_the_next_step_comes_at_once(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(person_steps(attempts=3), calls())
    case = begin(city)
    assert run(now) == 2
    assert tries(case) == [(1, 1, 1, "nobody_on_duty"), (1, 2, 1, "pending")]
    assert notices(case) == ["nobody_on_duty"]
    assert [attempt.channel for attempt in rung] == ["ai_call"]


def test_a_plan_that_finds_nobody_at_all_is_exhausted_and_comes_back(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    care_plan(person_steps(), StepSpec(channel=Channel.VISIT), rearm_minutes=60)
    case = begin(city)
    run(now)
    assert notices(case) == ["nobody_on_duty", "nobody_on_duty", "exhausted"]
    put_on_duty(city, worker)
    run(now, hours=1)
    assert tries(case)[-1] == (2, 1, 1, "pending")
    assert rung[-1].user == worker


def test_the_cases_own_worker_comes_first_and_then_the_others_in_turn(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    put_on_duty(city, officer, worker)
    care_plan(person_steps(attempts=3))
    case = begin(city)
    cases.assign(case, actor="tests", user=worker)
    for _ in range(3):
        run(now, minutes=10)
        escalation.attempt_ended(rung[-1], NO_ANSWER)
    assert [attempt.user for attempt in rung] == [worker, officer, worker]


def test_a_step_may_belong_to_another_team(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    from dure.city.models import Team

    night = Team.objects.create(name="야간 센터")
    night.members.add(city.users[Role.CONTROL_OPERATOR])
    put_on_duty(city, worker)
    duty.add_shift(
        night, city.users[Role.CONTROL_OPERATOR], starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1),
        actor="tests",
    )  # fmt: skip
    care_plan(StepSpec(channel=Channel.WORKER_CALL, team=night))
    begin(city)
    run(now)
    assert rung[0].user == city.users[Role.CONTROL_OPERATOR]


def test_a_workers_unanswered_call_ends_the_try_and_the_plan_goes_on(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    put_on_duty(city, worker)
    care_plan(person_steps(attempts=2), rearm_minutes=600)
    case = begin(city)
    run(now)
    cases.record_call(case, actor=worker, reached=False)
    assert tries(case) == [(1, 1, 1, "no_answer")]
    assert [run(now, minutes=m) for m in (9, 1)] == [0, 1]
    cases.record_call(case, actor=worker, reached=True)
    assert tries(case)[-1] == (1, 1, 2, "reached")
    assert case.status == "in_progress"
    assert run(now, minutes=599) == 0


# ---------------------------------------------------------------- plans


def test_a_plan_edited_on_the_way_goes_on_with_its_new_steps(now: StandingClock, city: City, rung: Rung) -> None:
    plan = care_plan(calls(attempts=5, gap_minutes=10), calls(), calls())
    case = begin(city)
    run(now)
    assert care_plan(calls(attempts=1, wait_minutes=20), StepSpec(channel=Channel.NOTIFY_TEAM)) == plan
    escalation.attempt_ended(rung[0], NO_ANSWER)  # the step has no more tries now, so its wait comes
    assert [run(now, minutes=m) for m in (19, 1)] == [0, 1]
    escalation.attempt_ended(rung[1], NO_ANSWER)
    care_plan(calls())  # the steps still to come are gone
    run(now, minutes=30)
    assert [(attempt.step, attempt.channel) for attempt in rung] == [(1, "ai_call"), (2, "notify_team")]
    assert notices(case) == ["exhausted"]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"attempts": 0}, "steps.2.attempts"),
        ({"gap_minutes": -1}, "steps.2.gap_minutes"),
        ({"wait_minutes": 10**7}, "steps.2.wait_minutes"),
        ({"timeout_minutes": 0}, "steps.2.timeout_minutes"),
        ({"from_level": 9}, "steps.2.from_level"),
        ({"channel": "pigeon"}, "steps.2.channel"),
        ({"quiet_action": "shout"}, "steps.2.quiet_action"),
        ({"quiet_from": time(22)}, "steps.2.quiet_to"),
        ({"quiet_to": time(22)}, "steps.2.quiet_from"),
        ({"quiet_from": time(22), "quiet_to": time(22)}, "steps.2.quiet_to"),
    ],
)
def test_a_wrong_step_says_which_field(city: City, step: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        care_plan(calls(), StepSpec(**({"channel": Channel.AI_CALL} | step)))
    assert error.value.field == field
    assert plan_for("care", city.area) is None


@pytest.mark.parametrize(
    ("fields", "field"), [({"name": " "}, "name"), ({"rearm_minutes": 0}, "rearm_minutes"), ({"steps": []}, "steps")]
)
def test_a_wrong_plan_says_which_field(city: City, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        set_plan(**({"service": "care", "name": "안부", "steps": [calls()], "actor": "tests"} | fields))
    assert error.value.field == field
