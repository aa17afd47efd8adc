# SPDX-License-Identifier: Apache-2.0
"""Daily care: each day's times made, asked about, confirmed, excused and missed, over the city's clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from dure.city import cases, clock, escalation, holidays, people, rules
from dure.city.errors import Conflict
from dure.city.models import AuditEntry, Case, Channel, ConsentPurpose, EscalationAttempt, Level, Role
from dure.services.care.actions import occasions
from dure.services.care.actions.alarms import alarm
from dure.services.care.actions.away import declare_away, returned
from dure.services.care.actions.calls import answer_call
from dure.services.care.actions.daily import Spec, add_routine, change_routine, end_routine, pause_routine
from dure.services.care.conversation import saying
from dure.services.care.models import (
    Away,
    AwayReason,
    AwaySource,
    Call,
    CallOutcome,
    CallState,
    ConfirmBy,
    ConfirmedHow,
    Enrolment,
    Excuse,
    Occasion,
    OccasionState,
    RoutineKind,
)
from dure.services.care.rules import CareRules
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.days import MEDICINE, at, pass_time, planned, ringing, the_occasion, tick

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    at(standing_clock, 7)
    return planned(city)


def test_medicine_is_asked_about_at_its_time_by_name_and_dose(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 29)
    tick()
    assert not Occasion.objects.exists()
    at(standing_clock, 8, 30)
    tick()
    assert the_occasion().state == OccasionState.ASKING
    assert "혈압약 2알 드실 시간입니다" in saying(ringing()).text


def test_yes_confirms_and_how_and_when_is_kept(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    answer_call(ringing().ref, said="네, 먹었어요", by="feed:telephone")
    pass_time(standing_clock, 180)
    done = the_occasion()
    assert (done.state, done.how, done.asked) == (OccasionState.CONFIRMED, ConfirmedHow.CALL, 1)
    assert done.ended_at == done.due_at
    assert not Case.objects.exists()
    assert AuditEntry.objects.filter(tag="care:occasion:confirmed").count() == 1


@pytest.mark.parametrize("answer", ["이따 먹을게요", None, "안 먹어요"])
def test_anything_but_yes_is_asked_again_after_the_gap_and_missed_in_the_end(
    enrolment: Enrolment, standing_clock: StandingClock, answer: str | None
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    for _ in range(90):
        if call := Call.objects.filter(state=CallState.RINGING).first():
            while answer and call.state in (CallState.RINGING, CallState.TALKING):
                call = answer_call(call.ref, said=answer, by="feed:telephone")
        pass_time(standing_clock, 1)
        if the_occasion().state == OccasionState.MISSED:
            break
    assert Call.objects.count() == 3
    starts = sorted(Call.objects.values_list("ringing_since", flat=True))
    assert all(timedelta(minutes=15) <= b - a <= timedelta(minutes=18) for a, b in pairwise(starts))
    missed = the_occasion()
    assert (missed.state, missed.asked) == (OccasionState.MISSED, 3)
    assert missed.case is not None
    assert (missed.case.kind, missed.case.level, missed.case.assignee) == (
        "missed_medicine",
        Level.ATTENTION,
        enrolment.worker,
    )


def test_missed_medicine_runs_the_same_plan_with_a_person_first_and_says_what_in_the_thread(
    enrolment: Enrolment, standing_clock: StandingClock, city: City
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    pass_time(standing_clock, 120)
    before = Call.objects.count()
    for _ in range(3):
        escalation.run_due()
        standing_clock.move(minutes=1)
    assert Call.objects.count() == before, "no machine asks again"
    assert EscalationAttempt.objects.filter(channel=Channel.WORKER_CALL).exists()
    texts = [entry.text for entry in cases.thread(city.users[Role.CARE_WORKER], Case.objects.get())]
    assert any("08:30 혈압약 2알: 3번 여쭈었으나" in text for text in texts)


def test_what_somebody_takes_is_nowhere_in_the_clear(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    pass_time(standing_clock, 120)
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            rows += cursor.fetchall()
    assert "missed_medicine" in str(rows)
    assert "혈압약" not in str(rows)


@pytest.mark.parametrize(
    ("said", "outcome", "level"),
    [("약 먹었는데 어지러워요", "pain", 3), ("살려줘", "help", 4), ("넘어졌어", "help", 4)],
)
def test_pain_or_help_in_any_call_is_a_case_at_once(
    enrolment: Enrolment, standing_clock: StandingClock, said: str, outcome: str, level: int
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    call = answer_call(ringing().ref, said=said, by="feed:telephone")
    case = Case.objects.get()
    assert (call.outcome, case.kind, case.level) == (outcome, "said_in_call", level)
    assert the_occasion().case == case
    assert the_occasion().state == OccasionState.MISSED
    pass_time(standing_clock, 60)
    assert Call.objects.count() == 1, "who asked for help is not asked about medicine again"


def test_greeting_needs_no_health_consent_and_everything_else_does(city: City, standing_clock: StandingClock) -> None:
    enrolment = planned(city, consents=["power_watch", "ai_call"])
    add_routine(enrolment.person, Spec(RoutineKind.GREETING, "저녁 인사", time(19)), actor="tests")
    with pytest.raises(Conflict) as refused:
        add_routine(enrolment.person, MEDICINE, actor="tests")
    assert refused.value.field == "consent"
    at(standing_clock, 19)
    tick()
    assert ringing().script == "greeting_evening"
    answer_call(ringing().ref, "1", by="feed:telephone")
    assert the_occasion().state == OccasionState.CONFIRMED


def test_consent_taken_back_ends_the_asking_at_once(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    people.withdraw_consent(enrolment.person, ConsentPurpose.DAILY_CARE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    assert (the_occasion().state, the_occasion().excuse) == (OccasionState.EXCUSED, Excuse.NO_CONSENT)
    assert not Call.objects.exists()


@pytest.mark.parametrize("reason", AwayReason.values)
def test_away_and_hospital_excuse_and_coming_back_ends_that(
    enrolment: Enrolment, standing_clock: StandingClock, reason: str
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    now = standing_clock.now
    away = declare_away(
        enrolment.household,
        starts_at=now,
        ends_at=now + timedelta(days=3),
        said_by=AwaySource.FAMILY,
        reason=AwayReason(reason),
        actor="tests",
    )
    at(standing_clock, 8, 30)
    tick()
    assert (the_occasion().state, the_occasion().excuse) == (OccasionState.EXCUSED, reason)
    at(standing_clock, 8, days=1)
    returned(Away.objects.get(pk=away.pk), at=standing_clock.now, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    assert the_occasion().state == OccasionState.ASKING
    assert Occasion.objects.count() == 2


def test_going_to_hospital_in_the_middle_of_the_asking_excuses(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    pass_time(standing_clock, 5)
    now = standing_clock.now
    declare_away(
        enrolment.household,
        starts_at=now,
        ends_at=now + timedelta(days=9),
        said_by=AwaySource.WORKER,
        reason=AwayReason.HOSPITAL,
        actor="tests",
    )
    pass_time(standing_clock, 120)
    assert (the_occasion().state, the_occasion().excuse) == (OccasionState.EXCUSED, Excuse.HOSPITAL)
    assert not Case.objects.exists()


# ---------------------------------------------------------------- the clock


def test_same_minute_twice_two_workers_and_a_restart_make_and_ask_once(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    assert occasions.make_due() == 1
    assert occasions.make_due() == 0
    assert [occasions.run_due(), occasions.run_due()] == [1, 0]
    assert Call.objects.count() == 1
    first = the_occasion()
    with pytest.raises(IntegrityError), transaction.atomic():
        Occasion.objects.create(
            routine=first.routine,
            day=first.day,
            opens_at=first.due_at,
            due_at=standing_clock.now,
            deadline=first.deadline,
        )


def test_clock_that_steps_back_asks_nobody_twice(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    answer_call(ringing().ref, "1", by="feed:telephone")
    at(standing_clock, 8, 0)
    pass_time(standing_clock, 60)
    assert (Occasion.objects.count(), Call.objects.count()) == (1, 1)


def test_worker_that_slept_past_the_time_asks_nobody_about_it_and_says_so(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 15)
    tick()
    assert (the_occasion().state, the_occasion().excuse) == (OccasionState.EXCUSED, Excuse.NOT_ASKED)
    assert not Call.objects.exists()


def test_time_past_midnight_belongs_to_its_own_day(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    add_routine(enrolment.person, Spec(RoutineKind.MEDICINE, "수면약", time(23, 58)), actor="tests")
    due = at(standing_clock, 23, 58)
    at(standing_clock, 0, 3, days=1)
    tick()
    assert (the_occasion().due_at, the_occasion().state) == (due, OccasionState.ASKING)
    assert the_occasion().day == datetime(2026, 11, 2).date()  # noqa: DTZ001 - a day, not a time


def test_only_on_its_weekdays_and_between_its_days(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    spec = Spec(RoutineKind.EXERCISE, "체조", time(10), weekdays="13")
    monday = clock.today()
    add_routine(enrolment.person, spec, actor="tests", to_day=monday + timedelta(days=6))
    for day in range(10):
        at(standing_clock, 10, days=1 if day else 0)
        tick()
    assert [one.day.isoweekday() for one in Occasion.objects.order_by("day")] == [1, 3]


def test_change_of_the_time_does_not_ask_twice_about_one_day(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    routine = add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    answer_call(ringing().ref, "1", by="feed:telephone")
    change_routine(routine, Spec(RoutineKind.MEDICINE, "혈압약", time(9, 30), dose="1알"), actor="tests")
    at(standing_clock, 9, 30)
    tick()
    assert Occasion.objects.count() == 1
    at(standing_clock, 9, 30, days=1)
    tick()
    assert Occasion.objects.count() == 2


@pytest.mark.parametrize("how", ["paused", "ended"])
def test_pause_and_end_stop_what_is_being_asked(
    city: City, enrolment: Enrolment, standing_clock: StandingClock, how: str
) -> None:
    routine = add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    worker = city.users[Role.CARE_WORKER]
    if how == "paused":
        pause_routine(routine, standing_clock.now + timedelta(days=2), actor=worker)
    else:
        end_routine(routine, actor=worker)
    pass_time(standing_clock, 60)
    assert (the_occasion().state, the_occasion().excuse) == (OccasionState.EXCUSED, how)
    assert Call.objects.count() == 1
    at(standing_clock, 8, 30, days=1)
    tick()
    assert not Occasion.objects.filter(state=OccasionState.ASKING).exists()


def test_what_rests_on_public_holidays_is_excused_and_the_medicine_is_not(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    class_ = Spec(RoutineKind.EXERCISE, "복지관 체조", time(8, 30), on_holidays=False)
    gym = add_routine(enrolment.person, class_, actor="tests")
    drug = add_routine(enrolment.person, MEDICINE, actor="tests")
    holidays.set_day(clock.today(), {"ko": "시민의 날", "en": "Citizens' day"}, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    states = {one.routine_id: (one.state, one.excuse) for one in Occasion.objects.all()}
    assert states[gym.pk] == (OccasionState.EXCUSED, Excuse.HOLIDAY)
    assert states[drug.pk] == (OccasionState.ASKING, "")
    at(standing_clock, 8, 30, days=1)
    tick()
    assert Occasion.objects.get(routine=gym, day=clock.today()).state == OccasionState.ASKING


# ---------------------------------------------------------------- beside everything else


def test_daily_call_waits_while_another_call_rings_and_is_not_lost(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 29)
    alarm(enrolment, level=Level.ATTENTION, score=3.0, reason={"ko": "가", "en": "a"}, evidence={},
          engine_version="test", at=standing_clock.now)  # fmt: skip
    escalation.run_due()
    at(standing_clock, 8, 30)
    occasions.make_due()
    occasions.run_due()
    assert (Call.objects.count(), the_occasion().asked) == (1, 0)
    answer_call(ringing().ref, "1", by="feed:telephone")
    pass_time(standing_clock, 1)
    assert ringing().script == "medicine"


def test_call_that_gave_way_was_not_an_asking(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    alarm(enrolment, level=Level.ATTENTION, score=3.0, reason={"ko": "가", "en": "a"}, evidence={},
          engine_version="test", at=standing_clock.now)  # fmt: skip
    escalation.run_due()
    assert ringing().script == "wellbeing"
    assert (the_occasion().state, the_occasion().asked) == (OccasionState.WAITING, 0)


def test_second_miss_of_a_home_goes_into_its_open_case_and_level_is_a_rule(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    rules.set_rule(CareRules, "care", "missed_medicine_level", 3, by=city.users[Role.WELFARE_OFFICER])
    add_routine(enrolment.person, Spec(RoutineKind.MEAL, "아침 식사", time(8), repeats=0), actor="tests")
    add_routine(enrolment.person, Spec(RoutineKind.MEDICINE, "혈압약", time(8, 30), repeats=0), actor="tests")
    at(standing_clock, 8)
    pass_time(standing_clock, 20)
    case = Case.objects.get()
    assert (case.kind, case.level) == ("missed_meal", Level.INTEREST)
    pass_time(standing_clock, 30)
    case = Case.objects.get()
    assert (case.level, case.occasions.count()) == (Level.ALERT, 2)


def test_button_of_the_elder_confirms_and_stops_the_ringing(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    spec = Spec(RoutineKind.MEDICINE, "혈압약", time(8, 30), confirm_by=ConfirmBy.BUTTON)
    add_routine(enrolment.person, spec, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    assert not Call.objects.exists()
    pass_time(standing_clock, 30)
    assert Call.objects.get().state == CallState.RINGING
    elder = city.users[Role.CITIZEN]
    elder.person = enrolment.person
    elder.save()
    for _ in range(2):
        occasions.confirm(the_occasion(), how=ConfirmedHow.BUTTON, actor=elder)
    assert (the_occasion().state, the_occasion().confirmed_by) == (OccasionState.CONFIRMED, elder)
    assert Call.objects.get().state == CallState.CANCELLED
    assert AuditEntry.objects.filter(tag="care:occasion:confirmed").count() == 1


def test_nobody_to_ring_is_missed_at_the_deadline_and_not_before(city: City, standing_clock: StandingClock) -> None:
    at(standing_clock, 7)
    enrolment = planned(city, consents=["power_watch", "daily_care"])
    add_routine(enrolment.person, MEDICINE, actor="tests")
    at(standing_clock, 8, 30)
    tick()
    pass_time(standing_clock, 119)
    assert the_occasion().state == OccasionState.WAITING
    pass_time(standing_clock, 1)
    assert the_occasion().state == OccasionState.MISSED
    assert Call.objects.filter(outcome=CallOutcome.DONE).count() == 0


def test_whoever_has_left_or_is_no_longer_in_care_is_asked_nothing(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    gone, ended = enrolment, planned(city, number=2)
    for one in (gone, ended):
        add_routine(one.person, MEDICINE, actor="tests")
    people.leave(gone.person, actor="tests")
    Enrolment.objects.filter(pk=ended.pk).update(ended_at=standing_clock.now)
    at(standing_clock, 8, 30)
    tick()
    assert not Occasion.objects.exists()


def test_one_that_fails_does_not_hold_up_the_others(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    """A routine whose texts no key opens any more cannot be asked about; the next person still is."""
    broken = add_routine(enrolment.person, MEDICINE, actor="tests")
    add_routine(planned(city, number=2).person, MEDICINE, actor="tests")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE care_routine SET title = %s WHERE id = %s", ["gAAAAnonsense", broken.pk])
    at(standing_clock, 8, 30)
    occasions.make_due()
    with pytest.raises(ExceptionGroup):
        occasions.run_due()
    assert Call.objects.get().person != enrolment.person
