# SPDX-License-Identifier: Apache-2.0
"""The automatic call, from the plan's step to what a pressed key does to the case."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from dure.city import cases, duty, escalation, people
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import (
    AttemptResult,
    AuditEntry,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseStatus,
    Channel,
    ConsentPurpose,
    EscalationAttempt,
    Level,
    Role,
)
from dure.services.care import conversation, scripts
from dure.services.care.actions.alarms import activity_returned, alarm
from dure.services.care.actions.calls import answer_call, end_unanswered, hang_up, ring, start_call
from dure.services.care.models import Call, CallOutcome, CallState, Enrolment, Outcome
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
    assert EscalationAttempt.objects.get().result == AttemptResult.REACHED
    assert AuditEntry.objects.filter(tag="care:call:answered", actor="feed:telephone").count() == 1


def test_pressing_two_makes_the_case_severe_and_goes_on_to_a_person(
    enrolment: Enrolment, standing_clock: StandingClock, city: City
) -> None:
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


def test_a_call_picked_up_without_a_word_confirms_nothing(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    for turn in range(3):
        answer_call(call.ref, None, turn=turn, by="feed:telephone")
    assert Call.objects.get().outcome == CallOutcome.LOST
    assert Case.objects.get().status == CaseStatus.OPEN
    assert EscalationAttempt.objects.get().result == AttemptResult.NO_ANSWER


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
        answer_call(call.ref, "12", by="feed:telephone")
    assert wrong.value.field == "key"
    with pytest.raises(Invalid) as wrong:
        answer_call(call.ref, said="아" * 501, by="feed:telephone")
    assert wrong.value.field == "said"
    with pytest.raises(Invalid) as wrong:
        answer_call(call.ref, "1", turn=1, by="feed:telephone")
    assert wrong.value.field == "turn"
    with pytest.raises(NotFound):
        answer_call(uuid4(), "1", by="feed:telephone")


HEARD = {
    "네, 잘 있어요": (CallOutcome.WELL, Level.ATTENTION),
    "다리가 저려요": (CallOutcome.PAIN, Level.ALERT),
    "허리가 아프고 어지러워요": (CallOutcome.PAIN, Level.ALERT),
    "살려 주세요": (CallOutcome.HELP, Level.SEVERE),
    "괜찮아요, 119 좀 불러 주세요": (CallOutcome.HELP, Level.SEVERE),
    "지금 바빠요, 이따 하세요": (CallOutcome.LATER, Level.ATTENTION),
}


@pytest.mark.parametrize("said", HEARD)
def test_what_was_said_decides_and_stands_in_the_thread_in_words(
    enrolment: Enrolment, standing_clock: StandingClock, said: str
) -> None:
    outcome, level = HEARD[said]
    call = ringing(enrolment, standing_clock)
    call = answer_call(call.ref, said=said, by="feed:telephone")
    case = Case.objects.get()
    assert (call.outcome, case.level) == (outcome, level)
    assert (case.status == CaseStatus.CLOSED) == call.is_well == (outcome == CallOutcome.WELL)
    assert enrolment.worker is not None
    told = [entry.text for entry in cases.thread(enrolment.worker, case) if entry.kind == CaseEventKind.CALL]
    assert len(told) == 1
    assert f"“{said}”라고 하셔서" in told[0]


def test_words_that_were_heard_are_nowhere_in_the_clear(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, said="다리가 저려요", by="feed:telephone")
    with connection.cursor() as cursor:
        rows = []
        for table in ("care_call", "city_caseevent", "city_auditentry", "city_case"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of our own tables
            rows += cursor.fetchall()
    assert rows
    assert "저려" not in str(rows)
    assert "\\uc800" not in str(rows)


def test_denied_pain_is_asked_once_more_before_it_counts_as_well(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    call = answer_call(call.ref, said="안 아파요", by="feed:telephone")
    assert call.state == CallState.TALKING
    assert Case.objects.get().status == CaseStatus.OPEN
    assert answer_call(call.ref, said="네, 괜찮아요", by="feed:telephone").is_well
    assert Case.objects.get().outcome == Outcome.CONFIRMED_BY_CALL


def test_line_that_is_cut_in_the_middle_counts_as_not_reached(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, said="뭐라고요?", by="feed:telephone")
    standing_clock.move(seconds=31)
    assert end_unanswered() == 1
    call.refresh_from_db()
    assert (call.state, call.outcome, call.is_well) == (CallState.ANSWERED, CallOutcome.CUT_OFF, False)
    assert EscalationAttempt.objects.get().result == AttemptResult.NO_ANSWER
    assert Case.objects.get().status == CaseStatus.OPEN
    with pytest.raises(Conflict):
        answer_call(call.ref, "1", by="feed:telephone")


def test_hanging_up_counts_as_no_answer_and_doing_it_again_changes_nothing(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    hang_up(call.ref, by="feed:telephone")
    events = CaseEvent.objects.count()
    assert hang_up(call.ref, by="feed:telephone").state == CallState.UNANSWERED
    assert CaseEvent.objects.count() == events
    assert EscalationAttempt.objects.get().result == AttemptResult.NO_ANSWER


def test_each_turn_is_heard_once(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    for _ in range(2):
        answer_call(call.ref, said="안 아파요", turn=0, by="feed:telephone")
    assert conversation.saying(Call.objects.get()).turn == 1
    with pytest.raises(Conflict):
        answer_call(call.ref, said="아파요", turn=0, by="feed:telephone")


def test_two_calls_never_overlap_whoever_asks_for_them(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    call = ringing(enrolment, standing_clock)
    with pytest.raises(IntegrityError), transaction.atomic():
        ring(enrolment.person, "wellbeing")
    answer_call(call.ref, said="뭐라고요?", by="feed:telephone")
    with pytest.raises(IntegrityError), transaction.atomic():
        ring(enrolment.person, "wellbeing")
    answer_call(call.ref, "1", by="feed:telephone")
    ring(enrolment.person, "wellbeing")
    assert Call.objects.filter(state=CallState.RINGING).count() == 1


def test_call_for_a_sign_of_life_comes_before_one_that_only_rings_and_waits_for_one_that_is_talked_in(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    daily = ring(enrolment.person, "wellbeing")
    first = ringing_of(noticed(enrolment, standing_clock))
    daily.refresh_from_db()
    assert (daily.state, first) == (CallState.CANCELLED, 1)
    answer_call(Call.objects.get(state=CallState.RINGING).ref, said="뭐라고요?", by="feed:telephone")
    attempt = EscalationAttempt.objects.get()
    with transaction.atomic():
        start_call(attempt)
    attempt.refresh_from_db()
    assert attempt.result == AttemptResult.NO_ANSWER


def ringing_of(case: Case) -> int:
    escalation.run_due()
    return Call.objects.filter(case=case, state=CallState.RINGING).count()


def test_whoever_asked_for_help_stays_open_though_the_home_is_active_again_or_they_say_yes_later(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    answer_call(call.ref, said="넘어졌어요, 도와줘요", by="feed:telephone")
    activity_returned(enrolment, at=standing_clock.now)
    case = Case.objects.get()
    assert case.status == CaseStatus.OPEN
    later = ring(enrolment.person, "wellbeing", case=case)
    assert answer_call(later.ref, said="네 괜찮아요", by="feed:telephone").is_well
    case.refresh_from_db()
    assert (case.status, case.level) == (CaseStatus.OPEN, Level.SEVERE)


def test_help_asked_for_in_a_call_whose_case_was_closed_meanwhile_is_a_case_of_its_own(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ringing(enrolment, standing_clock)
    worker = enrolment.worker
    assert worker is not None
    cases.close(Case.objects.get(), actor=worker, outcome=Outcome.WELL_BY_PHONE)
    answer_call(call.ref, said="살려줘", by="feed:telephone")
    opened = Case.objects.exclude(status=CaseStatus.CLOSED).get()
    assert (opened.kind, opened.level, opened.assignee) == ("said_in_call", Level.SEVERE, worker)


def test_person_who_asked_for_help_is_not_rung_by_a_machine_again(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    call = ring(enrolment.person, "wellbeing")
    answer_call(call.ref, said="살려줘", by="feed:telephone")
    for _ in range(3):
        escalation.run_due()
        standing_clock.move(minutes=5)
    assert Call.objects.count() == 1
    tried = list(EscalationAttempt.objects.order_by("pk").values_list("channel", flat=True))
    assert Channel.WORKER_CALL in tried


def test_every_script_can_be_spoken_and_ends_where_care_knows_it() -> None:
    for name in scripts.names():
        parsed = scripts.script(name)
        assert parsed.states[parsed.help].end == CallOutcome.HELP
        assert parsed.states[parsed.pain].end == CallOutcome.PAIN
        assert parsed.states[parsed.lost].end == CallOutcome.LOST


def test_help_asked_for_by_night_brings_somebody_by_night(
    enrolment: Enrolment, standing_clock: StandingClock, city: City
) -> None:
    standing_clock.move(hours=14)
    now = standing_clock.now
    worker = city.users[Role.CARE_WORKER]
    duty.add_shift(city.team, worker, starts_at=now, ends_at=now + timedelta(hours=9), actor="tests")
    answer_call(ring(enrolment.person, "wellbeing").ref, said="살려줘", by="feed:telephone")
    for _ in range(5):
        escalation.run_due()
        standing_clock.move(minutes=1)
    assert EscalationAttempt.objects.latest("pk").user == worker
