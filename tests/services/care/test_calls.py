# SPDX-License-Identifier: Apache-2.0
"""The automatic call, from the plan's step to what a pressed key does to the case."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from dure.city import cases, escalation, people
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import (
    AttemptResult,
    AuditEntry,
    Case,
    CaseStatus,
    Channel,
    ConsentPurpose,
    EscalationAttempt,
    Level,
)
from dure.services.care.actions.alarms import alarm
from dure.services.care.actions.calls import answer_call, end_unanswered
from dure.services.care.models import Call, CallState, Enrolment, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db
REASON = {"ko": "08시면 28일 중 25일은 전기를 쓰셨습니다.", "en": "On 25 of 28 days power was used at 8."}


def noticed(enrolment: Enrolment, clock: StandingClock, level: Level = Level.ATTENTION) -> Case:
    """A case of this home with its plan begun."""
    finding = alarm(enrolment, level=level, score=3.0, reason=REASON, evidence={}, engine_version="test", at=clock.now)
    return finding.cases.get()


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    return enrolled(city)


def ringing(enrolment: Enrolment, clock: StandingClock, level: Level = Level.ATTENTION) -> Call:
    """The call that the plan's first step makes."""
    noticed(enrolment, clock, level)
    escalation.run_due()
    return Call.objects.get()


def test_the_first_step_rings_the_person(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    assert (call.state, call.person) == (CallState.RINGING, enrolment.person)
    assert call.rings_until == standing_clock.now + timedelta(seconds=60)


def test_pressing_one_closes_the_case_and_says_by_what(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, "1", by="feed:telephone")
    case = Case.objects.get()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.CONFIRMED_BY_CALL)
    assert call.attempt.escalation.tries.get().result == AttemptResult.REACHED
    assert AuditEntry.objects.filter(tag="care:call:answered", actor="feed:telephone").count() == 1


def test_pressing_two_makes_the_case_severe_and_goes_on_to_a_person(
    enrolment: Enrolment, standing_clock: StandingClock, city: City
) -> None:
    from dure.city import duty
    from dure.city.models import Role

    duty.add_shift(
        city.team,
        city.users[Role.CARE_WORKER],
        starts_at=standing_clock.now,
        ends_at=standing_clock.now + timedelta(hours=8),
        actor="tests",
    )
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, "2", by="feed:telephone")
    case = Case.objects.get()
    assert (case.level, case.status) == (Level.SEVERE, CaseStatus.OPEN)
    assert case.due_at == standing_clock.now + timedelta(minutes=30), "a severe case is due sooner"
    standing_clock.move(minutes=30)
    escalation.run_due()
    newest = EscalationAttempt.objects.latest("started_at", "pk")
    assert (newest.channel, newest.user) == (Channel.WORKER_CALL, city.users[Role.CARE_WORKER])


def test_a_call_picked_up_without_a_key_confirms_nothing(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, None, by="feed:telephone")
    assert Case.objects.get().status == CaseStatus.OPEN
    assert call.attempt.escalation.tries.get().result == AttemptResult.NO_ANSWER


def test_a_call_that_rings_out_is_tried_again_after_the_gap(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    standing_clock.move(seconds=61)
    assert end_unanswered() == 1
    call.refresh_from_db()
    assert call.state == CallState.UNANSWERED
    escalation.run_due()
    assert Call.objects.count() == 1, "the gap is honoured"
    standing_clock.move(minutes=21)
    escalation.run_due()
    assert Call.objects.filter(state=CallState.RINGING).count() == 1


def test_a_person_who_takes_the_case_ends_the_ringing(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    assert enrolment.worker is not None
    cases.acknowledge(Case.objects.get(), enrolment.worker)
    end_unanswered()
    call.refresh_from_db()
    assert call.state == CallState.CANCELLED
    with pytest.raises(Conflict):
        answer_call(call.ref, "1", by="feed:telephone")


def test_answering_twice_changes_nothing_and_another_key_later_is_refused(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, "1", by="feed:telephone")
    events = Case.objects.get().events.count()
    answer_call(call.ref, "1", by="feed:telephone")
    assert Case.objects.get().events.count() == events
    with pytest.raises(Conflict):
        answer_call(call.ref, "2", by="feed:telephone")


def test_nobody_is_called_without_consent_and_the_plan_goes_on(city: City, standing_clock: StandingClock) -> None:
    enrolment = enrolled(city, consents=["power_watch"])
    noticed(enrolment, standing_clock)
    escalation.run_due()
    assert not Call.objects.exists()
    assert EscalationAttempt.objects.earliest("started_at", "pk").result == AttemptResult.FAILED


def test_a_withdrawn_consent_holds_at_once(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    people.withdraw_consent(enrolment.person, ConsentPurpose.AI_CALL, actor="tests")
    noticed(enrolment, standing_clock)
    escalation.run_due()
    assert not Call.objects.exists()


def test_wrong_answers_name_what_is_wrong(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    with pytest.raises(Invalid) as wrong:
        answer_call(call.ref, "7", by="feed:telephone")
    assert wrong.value.field == "key"
    with pytest.raises(NotFound):
        answer_call(uuid4(), "1", by="feed:telephone")
