# SPDX-License-Identifier: Apache-2.0
"""From a reading at the real door to a case: what is told, what is not, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dure.city import cases, duty, escalation, people, readings, reviews
from dure.city.models import (
    Case,
    CaseStatus,
    ConsentPurpose,
    EscalationAttempt,
    Finding,
    Handover,
    Level,
    ReviewKind,
    Role,
    User,
    Watermark,
)
from dure.services.monitoring import watch
from dure.services.monitoring.actions import alarms
from dure.services.monitoring.actions.devices import take_back
from dure.services.monitoring.models import Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.monitoring.wearing import Wearing, judge, wearing

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(city: City, standing_clock: StandingClock) -> Wearing:
    """Somebody with a device on the wrist, and a worker on duty."""
    worker, now = city.users[Role.CARE_WORKER], standing_clock.now
    duty.add_shift(city.team, worker, starts_at=now, ends_at=now + timedelta(days=30), actor="tests")
    found = wearing(city, "wearable", "smartphone")
    standing_clock.move(hours=1)
    return found


def only_case() -> Case:
    return Case.objects.get(service="monitoring")


@pytest.mark.parametrize("told", [("fall", "wearable", "손목 기기"), ("sos", "smartphone", "휴대전화")])
def test_fall_or_sos_is_a_severe_case_with_a_worker_asked_in_one_turn(
    worn: Wearing, standing_clock: StandingClock, city: City, told: tuple[str, str, str]
) -> None:
    series, kind, device = told
    worn.say(series, 1, until=standing_clock.now, kind=kind)
    judge()
    case = only_case()
    assert (case.level, case.kind, case.status) == (Level.SEVERE, series, CaseStatus.OPEN)
    assert case.household == worn.person.household
    attempt = EscalationAttempt.objects.get(escalation__case=case)
    assert (attempt.channel, attempt.user) == ("worker_call", city.users[Role.CARE_WORKER])
    assert case.assignee == city.users[Role.CARE_WORKER]
    finding = case.findings.get()
    assert device in finding.reason["ko"]
    assert "10:00" in finding.reason["ko"]
    assert finding.evidence["what_would_change_it"]["en"]


def test_with_nobody_on_duty_it_goes_to_119_at_once(city: City, standing_clock: StandingClock) -> None:
    worn = wearing(city)
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    assert Case.objects.get(service="monitoring").handovers.get().target == "119"


@pytest.mark.parametrize("quality", ["suspect", "no_value"])
def test_a_doubtful_fall_is_evidence_of_nothing(worn: Wearing, standing_clock: StandingClock, quality: str) -> None:
    value = None if quality == "no_value" else 1
    assert worn.say("fall", value, until=standing_clock.now, quality=quality)["stored"] == 1
    judge()
    assert not Finding.objects.exists()


def test_zero_is_no_fall_and_neither_is_one_of_last_week(worn: Wearing, standing_clock: StandingClock) -> None:
    standing_clock.move(days=8)
    worn.say("fall", 0, until=standing_clock.now)
    worn.say("fall", 1, until=standing_clock.now - timedelta(days=7))
    judge()
    assert not Finding.objects.exists()


def test_a_button_held_down_is_one_call_and_a_second_fall_joins_the_open_case(
    worn: Wearing, standing_clock: StandingClock
) -> None:
    worn.say("sos", 1, 1, 1, until=standing_clock.now, every=1)
    judge()
    assert only_case().findings.count() == 1
    standing_clock.move(minutes=10)
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    assert only_case().findings.count() == 2


def test_a_fall_is_over_when_people_have_dealt_with_it_and_the_next_one_is_told(
    worn: Wearing, standing_clock: StandingClock, city: City
) -> None:
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    assert alarms.end_what_was_dealt_with() == 0
    cases.close(only_case(), actor=city.users[Role.WELFARE_OFFICER], outcome=Outcome.FALSE_ALARM)
    standing_clock.move(minutes=2)
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    assert Case.objects.filter(service="monitoring").count() == 2
    assert alarms.end_what_was_dealt_with() == 1
    assert Finding.objects.filter(ended_at=None).count() == 1


def test_figures_unlike_the_person_become_a_case_when_they_last_and_not_before(
    worn: Wearing, standing_clock: StandingClock
) -> None:
    worn.say("heart_rate", 70, 70, 70, 130, until=standing_clock.now)
    judge()
    assert not Finding.objects.exists()
    standing_clock.move(minutes=20)
    worn.say("heart_rate", 124, 126, 125, 124, until=standing_clock.now)
    judge()
    case = only_case()
    assert (case.kind, case.level) == ("vitals", Level.ATTENTION)
    finding = case.findings.get()
    assert "심박수" in finding.reason["ko"]
    assert "어른의 일반 범위(51–90회/분)" in finding.reason["ko"]
    assert finding.evidence["departures"][0]["points"] == 2
    judge()
    worn.say("heart_rate", 125, until=standing_clock.now)
    judge()
    assert Finding.objects.count() == 1, "the same is told once"


def test_it_closes_itself_when_the_figures_are_usual_again(worn: Wearing, standing_clock: StandingClock) -> None:
    worn.say("heart_rate", *[124] * 5, until=standing_clock.now)
    judge()
    standing_clock.move(minutes=25)
    worn.say("heart_rate", *[70] * 5, until=standing_clock.now)
    judge()
    assert (only_case().status, only_case().outcome) == (CaseStatus.CLOSED, Outcome.BACK_TO_USUAL)
    assert not Finding.objects.filter(ended_at=None).exists()


def test_a_case_that_somebody_took_is_theirs_to_close(worn: Wearing, standing_clock: StandingClock, city: City) -> None:
    worn.say("heart_rate", *[124] * 5, until=standing_clock.now)
    judge()
    cases.acknowledge(only_case(), city.users[Role.WELFARE_OFFICER])
    standing_clock.move(minutes=25)
    worn.say("heart_rate", *[70] * 5, until=standing_clock.now)
    judge()
    standing_clock.move(minutes=5)
    worn.say("heart_rate", 70, until=standing_clock.now)
    judge()
    assert only_case().status == CaseStatus.ACKNOWLEDGED
    assert only_case().events.filter(kind="note").count() == 1, "and said once"


def test_more_signs_raise_the_open_case(worn: Wearing, standing_clock: StandingClock) -> None:
    worn.say("heart_rate", *[124] * 5, until=standing_clock.now)
    judge()
    worn.say("breathing", *[27] * 5, until=standing_clock.now)
    judge()
    assert only_case().level == Level.ALERT
    worn.say("spo2", *[90] * 5, until=standing_clock.now)
    judge()
    case = only_case()
    assert (case.level, case.findings.count()) == (Level.SEVERE, 3)


def test_odd_figures_after_a_fall_join_its_case_while_nobody_has_answered_it(
    worn: Wearing, standing_clock: StandingClock
) -> None:
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    standing_clock.move(minutes=25)
    worn.say("heart_rate", *[124] * 5, until=standing_clock.now)
    judge()
    assert [one.kind for one in only_case().findings.order_by("pk")] == ["fall", "vitals"]
    standing_clock.move(minutes=25)
    worn.say("heart_rate", *[70] * 5, until=standing_clock.now)
    judge()
    assert only_case().status == CaseStatus.OPEN, "usual figures say nothing of the fall"


def test_odd_figures_after_a_fall_that_somebody_has_answered_ring_anew(
    worn: Wearing, standing_clock: StandingClock, city: City
) -> None:
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    cases.acknowledge(only_case(), city.users[Role.CARE_WORKER])
    standing_clock.move(minutes=25)
    worn.say("heart_rate", *[124] * 5, until=standing_clock.now)
    judge()
    assert Case.objects.get(kind="vitals").status == CaseStatus.OPEN


@pytest.mark.parametrize("quality", ["suspect", "estimated"])
def test_readings_that_are_not_good_judge_nobody(worn: Wearing, standing_clock: StandingClock, quality: str) -> None:
    worn.say("heart_rate", *[150] * 5, until=standing_clock.now, quality=quality)
    worn.say("spo2", *[None] * 5, until=standing_clock.now)
    judge()
    assert not Finding.objects.exists()


def test_a_heart_that_beats_fast_on_a_walk_is_no_finding(worn: Wearing, standing_clock: StandingClock) -> None:
    worn.say("steps", *[400] * 6, until=standing_clock.now)
    worn.say("heart_rate", *[125] * 5, until=standing_clock.now)
    judge()
    assert not Finding.objects.exists()


def test_silence_of_a_device_is_evidence_of_nothing(worn: Wearing, standing_clock: StandingClock) -> None:
    worn.say("heart_rate", *[70] * 5, until=standing_clock.now)
    judge()
    standing_clock.move(hours=30)
    judge()
    assert not Finding.objects.exists()


def test_nobody_is_watched_without_consent(worn: Wearing, standing_clock: StandingClock) -> None:
    people.withdraw_consent(worn.person, ConsentPurpose.HEALTH_WATCH, actor="tests")
    worn.say("fall", 1, until=standing_clock.now)
    worn.say("heart_rate", *[150] * 5, until=standing_clock.now)
    judge()
    assert not Finding.objects.exists()


def test_withdrawing_ends_what_was_told_but_leaves_a_fall_to_people(
    worn: Wearing, standing_clock: StandingClock
) -> None:
    worn.say("heart_rate", *[124] * 5, until=standing_clock.now)
    judge()
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    people.withdraw_consent(worn.person, ConsentPurpose.HEALTH_WATCH, actor="tests")
    assert watch.end_unwatched() == 1
    assert watch.end_unwatched() == 0
    found = {case.kind: case for case in Case.objects.filter(service="monitoring")}
    assert found["vitals"].outcome == Outcome.WATCH_ENDED
    assert found["fall"].status == CaseStatus.OPEN
    assert not Finding.objects.filter(ended_at=None).exists()


def test_of_somebody_who_refuses_automatic_decisions_only_people_act_but_their_own_call_is_heard(
    worn: Wearing, standing_clock: StandingClock, city: City
) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    reviews.ask(worn.person, service="monitoring", kind=ReviewKind.REFUSAL, text="싫어요", actor=officer)
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    case = Case.objects.get(service="monitoring", kind="fall")
    assert (case.level, case.due_at > standing_clock.now) == (Level.SEVERE, True)
    assert not EscalationAttempt.objects.exists()
    cases.close(case, actor=officer, outcome=Outcome.FALSE_ALARM)
    worn.say("sos", 1, until=standing_clock.now, kind="smartphone")
    judge()
    assert EscalationAttempt.objects.get().escalation.case.kind == "sos"
    for _ in range(4):
        standing_clock.move(minutes=3)
        escalation.run_due()
    assert Handover.objects.get().case.kind == "sos"


def test_a_device_that_was_taken_back_speaks_of_nobody(worn: Wearing, standing_clock: StandingClock) -> None:
    take_back(worn.given["wearable"], actor="tests")
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    assert not Finding.objects.exists()


def test_what_a_device_said_before_it_was_the_persons_is_not_theirs(
    worn: Wearing, standing_clock: StandingClock
) -> None:
    worn.say("fall", 1, until=standing_clock.now - timedelta(hours=2))
    judge()
    assert not Finding.objects.exists()


def test_two_who_live_together_have_cases_of_their_own(worn: Wearing, standing_clock: StandingClock) -> None:
    from dure.services.monitoring.actions.devices import give

    other = people.register_person(
        household=worn.person.household, name="박정수", phone=None, birth_year=1940, sex="M", lives_alone=False,
        language="ko", actor="tests",
    )  # fmt: skip
    people.grant_consent(
        other, ConsentPurpose.HEALTH_WATCH, expires_at=standing_clock.now + timedelta(days=9), how="서면", actor="tests"
    )
    worn.given["other"] = give(other, feed=worn.feed, code="wearable-other", kind="wearable", actor="tests")
    standing_clock.move(minutes=1)
    worn.say("fall", 1, until=standing_clock.now)
    worn.say("fall", 1, until=standing_clock.now, kind="other")
    judge()
    assert {case.about for case in Case.objects.filter(service="monitoring")} == {
        f"person:{worn.person.ref}",
        f"person:{other.ref}",
    }


def test_a_crash_before_the_commit_repeats_nothing_and_skips_nothing(
    worn: Wearing, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worn.say("fall", 1, until=standing_clock.now)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(watch, "_judge", dies)
        watch.run_once()
    assert not Case.objects.exists()
    assert not Watermark.objects.filter(consumer=watch.CONSUMER, arrival__gt=0).exists()
    judge()
    judge()
    assert only_case().findings.count() == 1


def test_a_person_who_cannot_be_judged_holds_up_nobody_and_is_not_kept_quiet(
    worn: Wearing, standing_clock: StandingClock, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = wearing(city, name="박정수")
    standing_clock.move(minutes=30)
    real = alarms.departed

    def departed(person: object, *arguments: object, **options: object) -> object:
        if person == worn.person:
            raise RuntimeError("broken")
        return real(person, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(alarms, "departed", departed)
    for one in (worn, other):
        one.say("heart_rate", *[124] * 5, until=standing_clock.now)
    with pytest.raises(ExceptionGroup, match=r"monitoring\.run_once"):
        judge()
    assert only_case().household == other.person.household


def test_a_reading_that_no_body_can_have_names_its_field(worn: Wearing, standing_clock: StandingClock) -> None:
    answer = worn.say("heart_rate", 12, until=standing_clock.now)
    assert answer["status"] == 422
    assert answer["rejected"][0]["field"] == "value"
    assert "20 … 250 /min" in answer["rejected"][0]["message"]
    assert worn.say("blood_sugar", 5, until=standing_clock.now)["rejected"][0]["field"] == "series"


def test_the_homes_own_worker_is_asked_first(
    worn: Wearing, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch, city: City
) -> None:
    from dure.city import carers

    officer: User = city.users[Role.WELFARE_OFFICER]
    monkeypatch.setattr(carers, "_lookups", [lambda household: officer])
    now = standing_clock.now
    duty.add_shift(city.team, officer, starts_at=now, ends_at=now + timedelta(hours=9), actor="tests")
    worn.say("fall", 1, until=now)
    judge()
    assert EscalationAttempt.objects.get().user == officer


def test_readings_of_other_services_pass_by(city: City, standing_clock: StandingClock) -> None:
    from tests.factories import make_home

    home = make_home(city.dongs[0])
    readings.store(readings.ReadingBatch.of([(home.power.pk, standing_clock.now, 0.1, 0)]))
    judge()
    assert readings.behind(watch.CONSUMER) == 0
    assert not Finding.objects.exists()
