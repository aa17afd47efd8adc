# SPDX-License-Identifier: Apache-2.0
"""One scenario a test; test_escalation_model.py plays random ones against a model."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from dure.city import cases, clock, escalation
from dure.city.errors import Conflict, Invalid
from dure.city.escalation_plans import StepSpec, plan_for
from dure.city.models import (
    AttemptResult,
    AuditEntry,
    CaseStatus,
    Channel,
    Escalation,
    EscalationAttempt,
    Level,
    Role,
    User,
)
from tests.city.casework import (
    Rung,
    begin,
    calls,
    care_plan,
    notices,
    open_care_case,
    run,
    snapshot,
    tries,
)
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db

NO_ANSWER, REACHED = AttemptResult.NO_ANSWER, AttemptResult.REACHED


@pytest.fixture
def now(standing_clock: StandingClock) -> StandingClock:
    return standing_clock


@pytest.fixture
def worker(city: City) -> User:
    return city.users[Role.CARE_WORKER]


# ---------------------------------------------------------------- tries, gaps, waits


def test_tries_gaps_and_waits_are_as_the_plan_says(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(attempts=2, gap_minutes=10, wait_minutes=45), calls(timeout_minutes=5), rearm_minutes=600)
    case = begin(city)
    assert run(now) == 1
    assert run(now, minutes=2) == 0
    escalation.attempt_ended(rung[0], NO_ANSWER)  # at minute 2; the gap counts from here
    assert [run(now, minutes=m) for m in (9, 1)] == [0, 1]
    escalation.attempt_ended(rung[1], NO_ANSWER)  # at minute 12; the wait counts from here
    assert [run(now, minutes=m) for m in (44, 1)] == [0, 1]
    started = [attempt.started_at - case.opened_at for attempt in rung]
    assert started == [timedelta(minutes=m) for m in (0, 12, 57)]
    assert tries(case) == [(1, 1, 1, "no_answer"), (1, 1, 2, "no_answer"), (1, 2, 1, "pending")]
    assert AuditEntry.objects.filter(tag="city:escalation:tried").count() == 3


def test_a_try_that_nobody_ends_is_over_after_its_time_out(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(attempts=2, gap_minutes=10, timeout_minutes=5))
    case = begin(city)
    assert [run(now, minutes=m) for m in (0, 4, 1)] == [1, 0, 0]
    assert tries(case) == [(1, 1, 1, "no_answer")]
    assert [run(now, minutes=m) for m in (9, 1)] == [0, 1]
    assert escalation.attempt_ended(rung[0], REACHED) is False
    assert tries(case) == [(1, 1, 1, "no_answer"), (1, 1, 2, "pending")]


def test_a_channel_may_take_longer_than_the_plan_allows(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(timeout_minutes=5))
    case = begin(city)
    run(now)
    escalation.wait_until(rung[0], clock.now() + timedelta(minutes=2))
    escalation.wait_until(rung[0], clock.now() + timedelta(minutes=15))
    run(now, minutes=14)
    assert tries(case) == [(1, 1, 1, "pending")]
    run(now, minutes=1)
    assert tries(case) == [(1, 1, 1, "no_answer")]
    escalation.wait_until(rung[0], clock.now() + timedelta(minutes=15))
    assert tries(case) == [(1, 1, 1, "no_answer")]


def test_reaching_the_elder_saves_the_steps_other_tries_but_does_not_stop_the_plan(
    now: StandingClock, city: City, rung: Rung
) -> None:
    care_plan(calls(attempts=3, wait_minutes=20), calls())
    case = begin(city)
    run(now)
    escalation.attempt_ended(rung[0], REACHED)
    assert [run(now, minutes=m) for m in (19, 1)] == [0, 1]
    assert tries(case) == [(1, 1, 1, "reached"), (1, 2, 1, "pending")]


def test_there_are_never_two_pending_tries(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(timeout_minutes=600, gap_minutes=0))
    case = begin(city)
    assert sum(run(now, minutes=30) for _ in range(10)) == 1
    attempt = case.escalation.tries.get()
    attempt.pk, attempt.attempt = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        attempt.save(force_insert=True)


def test_a_step_is_for_its_level_and_above(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(from_level=Level.SEVERE), calls(from_level=Level.ATTENTION))
    assert run(now) == 0
    case = begin(city)
    run(now)
    assert tries(case) == [(1, 2, 1, "pending")]


def test_starting_twice_changes_nothing(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls())
    case = begin(city)
    before = snapshot(case)
    escalation.start(case)
    assert snapshot(case) == before


def test_starting_without_a_plan_is_loud(now: StandingClock, city: City) -> None:
    case = begin(city)
    assert escalation.start(case) is None
    assert notices(case) == ["no_plan", "no_plan"]
    with pytest.raises(Escalation.DoesNotExist):
        _ = case.escalation


def test_a_closed_case_does_not_start(now: StandingClock, city: City) -> None:
    care_plan(calls())
    case = open_care_case(city.area, city.team)
    cases.close(case, actor="care:habits", outcome="activity_returned")
    with pytest.raises(Conflict):
        escalation.start(case)


def test_the_plan_of_the_nearest_area_goes_first(now: StandingClock, city: City) -> None:
    whole, dong = care_plan(calls()), care_plan(calls(), area=city.dongs[0])
    assert plan_for("care", city.dongs[0]) == dong
    assert plan_for("care", city.dongs[1]) == whole
    assert plan_for("cctv", city.dongs[1]) is None


# ---------------------------------------------------------------- acknowledging, re-arming, closing


def test_acknowledging_stops_at_once_even_what_rings(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    care_plan(calls(attempts=3, gap_minutes=1), calls(), rearm_minutes=120)
    case = begin(city)
    run(now)
    cases.acknowledge(case, worker)
    assert tries(case) == [(1, 1, 1, "stopped")]
    assert escalation.attempt_ended(rung[0], NO_ANSWER) is False
    assert sum(run(now, minutes=1) for _ in range(119)) == 0


def test_the_rearm_timer_brings_back_what_was_taken_and_left(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    care_plan(calls(), calls(), rearm_minutes=120)
    case = begin(city)
    run(now)
    cases.acknowledge(case, worker)
    assert [run(now, minutes=m) for m in (119, 1)] == [0, 1]
    case.refresh_from_db()
    assert (case.status, case.assignee) == ("open", worker)
    assert tries(case) == [(1, 1, 1, "stopped"), (2, 1, 1, "pending")]
    assert notices(case) == ["came_back"]
    cases.acknowledge(case, worker)
    assert tries(case)[-1] == (2, 1, 1, "stopped")


def test_a_persons_work_counts_the_rearm_time_anew(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    care_plan(calls(), rearm_minutes=60)
    case = begin(city)
    cases.acknowledge(case, worker)
    now.move(minutes=50)
    cases.add_note(case, actor=worker, text="가는 중")
    cases.add_note(case, actor="care:habits", text="engine")  # a process shows no sign of a person
    assert [run(now, minutes=m) for m in (59, 1)] == [0, 1]


def test_a_waiting_case_comes_back_at_its_due_time(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    care_plan(calls(), rearm_minutes=60)
    case = begin(city)
    cases.set_due(case, clock.now() + timedelta(hours=5), actor=worker)
    cases.acknowledge(case, worker)
    cases.change_status(case, CaseStatus.WAITING, actor=worker, note="가족의 전화를 기다림")
    assert [run(now, minutes=m) for m in (299, 1)] == [0, 1]


def test_closing_stops_for_good(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    care_plan(calls(attempts=3, gap_minutes=1), calls(), rearm_minutes=10)
    case = begin(city)
    run(now)
    cases.close(case, actor=worker, outcome="well_by_phone")
    assert sum(run(now, hours=1) for _ in range(100)) == 0
    assert tries(case) == [(1, 1, 1, "stopped")]
    escalation.acknowledged(case)
    escalation.raised(case)
    assert run(now, days=1) == 0


def test_reopening_rings_nobody_and_comes_back(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    care_plan(calls(), rearm_minutes=60)
    case = begin(city)
    run(now)
    cases.close(case, actor=worker, outcome="well_by_phone")
    cases.reopen(case, actor=worker, reason="다른 댁이었음", due_at=clock.now() + timedelta(hours=9))
    assert [run(now, minutes=m) for m in (59, 1)] == [0, 1]
    assert tries(case) == [(1, 1, 1, "stopped"), (3, 1, 1, "pending")]


def test_giving_a_case_back_begins_the_plan_anew(now: StandingClock, city: City, rung: Rung, worker: User) -> None:
    care_plan(calls(), rearm_minutes=600)
    case = begin(city)
    run(now)
    cases.acknowledge(case, worker)
    cases.change_status(case, CaseStatus.OPEN, actor=worker, note="오늘은 못 감")
    assert run(now, minutes=1) == 1
    assert tries(case) == [(1, 1, 1, "stopped"), (2, 1, 1, "pending")]


def test_an_exhausted_plan_is_loud_and_begins_again(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(wait_minutes=10, timeout_minutes=5), rearm_minutes=60)
    case = begin(city)
    assert [run(now, minutes=m) for m in (0, 5, 10)] == [1, 0, 0]
    assert notices(case) == ["exhausted"]
    assert [run(now, minutes=m) for m in (59, 1)] == [0, 1]
    assert tries(case) == [(1, 1, 1, "no_answer"), (2, 1, 1, "pending")]


# ---------------------------------------------------------------- after a long stop of the worker


def test_what_was_acknowledged_months_ago_does_not_ring_at_the_restart(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    care_plan(calls(), rearm_minutes=120)
    old = [begin(city) for _ in range(3)]
    for case in old:
        cases.acknowledge(case, worker)
    assert run(now, days=120) == 0
    assert run(now, minutes=119) == 0
    assert run(now, minutes=1) == 3  # nobody closed them in the time they were given again


def test_late_tries_go_on_from_now_one_a_run(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(attempts=3, gap_minutes=10, timeout_minutes=5))
    case = begin(city)
    run(now)
    made = [run(now, hours=9), run(now), run(now, minutes=9), run(now, minutes=1), run(now)]
    assert made == [0, 0, 0, 1, 0]
    assert tries(case) == [(1, 1, 1, "no_answer"), (1, 1, 2, "pending")]


# ---------------------------------------------------------------- the level


def test_a_raised_level_drops_the_wait_and_opens_its_step(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(attempts=3, gap_minutes=60), calls(from_level=Level.SEVERE))
    case = begin(city)
    run(now)
    escalation.attempt_ended(rung[0], NO_ANSWER)
    cases.raise_level(case, Level.SEVERE, actor="care:ai-call")
    assert run(now) == 1
    assert tries(case) == [(1, 1, 1, "no_answer"), (1, 2, 1, "pending")]


def test_a_raised_level_lets_the_pending_try_finish_first(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls(attempts=3, gap_minutes=60, timeout_minutes=30), calls(from_level=Level.SEVERE))
    case = begin(city)
    run(now)
    cases.raise_level(case, Level.SEVERE, actor="care:habits")
    assert run(now, minutes=1) == 0
    escalation.attempt_ended(rung[0], NO_ANSWER)
    assert run(now) == 1
    assert tries(case) == [(1, 1, 1, "no_answer"), (1, 2, 1, "pending")]


def test_a_step_that_was_skipped_for_its_level_comes_when_the_level_rises(
    now: StandingClock, city: City, rung: Rung
) -> None:
    care_plan(calls(from_level=Level.SEVERE), calls(wait_minutes=60))
    case = begin(city)
    run(now)
    escalation.attempt_ended(rung[0], NO_ANSWER)
    cases.raise_level(case, Level.SEVERE, actor="care:habits")
    assert run(now) == 1
    assert tries(case) == [(1, 2, 1, "no_answer"), (2, 1, 1, "pending")]


def test_an_engine_that_raises_an_acknowledged_case_brings_it_back(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    care_plan(calls(), calls(), rearm_minutes=600)
    case = begin(city)
    run(now)
    cases.acknowledge(case, worker)
    cases.raise_level(case, Level.SEVERE, actor="care:habits")
    assert (case.status, notices(case)) == ("open", ["came_back"])
    assert run(now) == 1
    assert tries(case) == [(1, 1, 1, "stopped"), (1, 2, 1, "pending")]


def test_a_person_who_raises_what_they_have_in_hand_keeps_it(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    care_plan(calls(), calls(), rearm_minutes=600)
    case = begin(city)
    cases.acknowledge(case, worker)
    cases.raise_level(case, Level.SEVERE, actor=worker)
    assert case.status == "acknowledged"
    assert run(now, minutes=599) == 0


def test_an_overdue_case_goes_on_at_once_only_if_nobody_has_it(
    now: StandingClock, city: City, rung: Rung, worker: User
) -> None:
    care_plan(calls(), calls(wait_minutes=600, from_level=Level.ALERT), rearm_minutes=600)
    free, taken = (begin(city) for _ in range(2))
    cases.acknowledge(taken, worker)
    for case in (free, taken):
        cases.set_due(case, clock.now() + timedelta(hours=1), actor=worker)
    run(now)
    escalation.attempt_ended(rung[0], NO_ANSWER)
    now.move(hours=1)
    assert cases.escalate_overdue() == 2
    assert run(now) == 1
    assert tries(free) == [(1, 1, 1, "no_answer"), (1, 2, 1, "pending")]
    assert tries(taken) == []
    assert notices(taken) == ["overdue"]


# ---------------------------------------------------------------- channels that fail


def test_a_channel_that_raises_fails_its_try_alone(
    now: StandingClock, city: City, rung: Rung, worker: User, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(attempt: EscalationAttempt) -> None:
        cases.add_note(attempt.escalation.case, actor="care:ai-call", text="must be undone")
        raise RuntimeError("broken on purpose")

    escalation.register_channel(Channel.AI_CALL, broken)
    care_plan(calls(attempts=2, gap_minutes=10))
    case, other = begin(city), begin(city)
    assert run(now) == 2
    assert tries(case) == tries(other) == [(1, 1, 1, "failed")]
    assert notices(case) == ["channel_failed"]
    assert not case.events.filter(kind="note").exists()
    assert "broken on purpose" in caplog.text
    assert [run(now, minutes=m) for m in (9, 1)] == [0, 2]


def test_a_channel_that_nobody_registered_fails_loudly(now: StandingClock, city: City, rung: Rung) -> None:
    escalation._channels.clear()
    care_plan(calls(), calls())
    case = begin(city)
    run(now)
    assert (tries(case), notices(case)) == ([(1, 1, 1, "failed")], ["channel_failed"])


def test_a_channel_may_end_its_try_at_once(now: StandingClock, city: City, rung: Rung) -> None:
    def no_phone(attempt: EscalationAttempt) -> None:
        escalation.attempt_ended(attempt, AttemptResult.FAILED)

    escalation.register_channel(Channel.AI_CALL, no_phone)
    care_plan(calls(wait_minutes=0), StepSpec(channel=Channel.NOTIFY_TEAM))
    case = begin(city)
    assert [run(now), run(now)] == [1, 1]
    assert tries(case) == [(1, 1, 1, "failed"), (1, 2, 1, "pending")]


def test_one_case_that_fails_does_not_hold_up_the_others(
    now: StandingClock, city: City, rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    care_plan(calls())
    bad, good = begin(city), begin(city)
    real = escalation._try_next

    def sometimes(found: Escalation, moment: datetime) -> int:
        if found.case.pk == bad.pk:
            raise RuntimeError("broken on purpose")
        return real(found, moment)

    monkeypatch.setattr(escalation, "_try_next", sometimes)
    with pytest.raises(ExceptionGroup):
        run(now)
    assert tries(good) == [(1, 1, 1, "pending")]
    monkeypatch.setattr(escalation, "_try_next", real)
    assert run(now) == 0
    assert run(now, seconds=escalation.TRY_AGAIN.total_seconds()) == 1
    assert tries(bad) == [(1, 1, 1, "pending")]


def test_the_gravest_are_next_however_many_wait(
    now: StandingClock, city: City, rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "AT_ONCE", 1)
    care_plan(calls())
    waiting, fallen = begin(city), begin(city, level=Level.SEVERE)
    assert run(now) == 1
    assert (tries(waiting), tries(fallen)) == ([], [(1, 1, 1, "pending")])
    assert run(now) == 1
    assert tries(waiting) == [(1, 1, 1, "pending")]


def test_an_end_that_is_none_is_refused(now: StandingClock, city: City, rung: Rung) -> None:
    care_plan(calls())
    begin(city)
    run(now)
    with pytest.raises(Invalid) as error:
        escalation.attempt_ended(rung[0], AttemptResult.PENDING)
    assert error.value.field == "result"
