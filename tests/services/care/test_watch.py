# SPDX-License-Identifier: Apache-2.0
"""From readings to a case and back: the live consumer over a real database with the real engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dure.city.models import Case, CaseStatus, Escalation, Finding, Level, Watermark
from dure.city.readings import pull
from dure.services.care import habit_state, watch
from dure.services.care.actions import alarms, away
from dure.services.care.models import AwaySource, Enrolment, HabitState, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.living import HALF_HOUR, Living, enrolled, judge, open_case
from tests.services.care.posted import Posted, with_device

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
WEEKS = timedelta(days=24)


@pytest.fixture
def home(city: City, standing_clock: StandingClock) -> Living:
    """A home whose habit of three weeks is known; it is Monday 09:00 in Seoul."""
    living = Living(enrolled(city))
    living.send(NOW - WEEKS, NOW)
    judge()
    return living


def states() -> dict[int, bytes]:
    """The engine's state as it is kept, by part."""
    return {one.part: bytes(one.data) for one in HabitState.objects.all()}


def silent_until_noticed(home: Living, clock: StandingClock, *, hours: int = 60) -> Case:
    """Let only the refrigerator run until a case opens."""
    for _ in range(hours // 2):
        home.send(clock.now, clock.now + timedelta(hours=2), alive=False)
        clock.move(hours=2)
        judge()
        if case := open_case(home.enrolment):
            return case
    raise AssertionError(f"nothing was noticed in {hours} h of silence")


def test_ordinary_weeks_open_nothing(home: Living) -> None:
    assert not Case.objects.exists()


def test_history_fed_in_afterwards_opens_no_case_for_days_long_past(city: City, standing_clock: StandingClock) -> None:
    living = Living(enrolled(city))
    living.send(NOW - WEEKS, NOW - timedelta(days=10))
    living.send(NOW - timedelta(days=10), NOW - timedelta(days=7), alive=False)
    living.send(NOW - timedelta(days=7), NOW)
    judge()
    assert not Case.objects.exists()


def test_a_silent_home_becomes_a_case_with_a_reason_an_owner_and_a_plan(
    home: Living, standing_clock: StandingClock, city: City
) -> None:
    case = silent_until_noticed(home, standing_clock)
    assert case.assignee == home.enrolment.worker
    assert case.team == city.team
    assert case.due_at > standing_clock.now
    finding = case.findings.get()
    assert "시" in finding.reason["ko"], finding.reason
    assert "days" in finding.reason["en"], finding.reason
    assert finding.evidence["hours_silent"] > 3
    assert len(finding.evidence["usual"]) == 48
    assert Escalation.objects.filter(case=case).exists()


def test_silence_that_is_over_when_its_readings_come_is_nobodys_alarm(
    home: Living, standing_clock: StandingClock
) -> None:
    long = timedelta(hours=30)
    home.send(NOW, NOW + long, alive=False)
    standing_clock.stand_at(NOW + long + HALF_HOUR)
    home.send(NOW + long, standing_clock.now, value=0.5)
    judge()
    seen = habit_state.load().explain(home.enrolment.row)
    assert (seen.level > 0, seen.hours_silent) == (True, 0.0), "the engine has not let go of it yet"
    assert open_case(home.enrolment) is None


def test_an_alarm_waits_for_the_telephone_of_its_hour_but_not_for_one_that_is_dead(
    home: Living, standing_clock: StandingClock
) -> None:
    posted = Posted(home.enrolment, home.seed)
    with_device(home.enrolment, "activity", minutes=60)
    judged: list[tuple[str, bool]] = []

    def hour(*, with_phone: bool) -> None:
        begin = standing_clock.now
        for half in (1, 2):
            standing_clock.stand_at(begin + half * HALF_HOUR)
            home.send(standing_clock.now - HALF_HOUR, standing_clock.now, alive=False)
            judge()
            judged.append(("meter", open_case(home.enrolment) is not None))
        if with_phone:
            posted.tell("activity", begin, 0.0)
            judge()
            judged.append(("phone", open_case(home.enrolment) is not None))

    while not any(noticed for _, noticed in judged):
        assert len(judged) < 180, "nothing was noticed"
        hour(with_phone=True)
    assert next(told for told, noticed in judged if noticed) == "phone"

    home.send(standing_clock.now, standing_clock.now + timedelta(days=2))
    standing_clock.move(days=2)
    judge()
    judged.clear()
    while not any(noticed for _, noticed in judged):
        assert len(judged) < 120, "nothing was noticed"
        hour(with_phone=False)


def test_activity_closes_a_case_that_nobody_has_taken(home: Living, standing_clock: StandingClock) -> None:
    case = silent_until_noticed(home, standing_clock)
    home.send(standing_clock.now, standing_clock.now + timedelta(hours=24))
    standing_clock.move(hours=24)
    judge()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.ACTIVITY_RETURNED)
    assert not Finding.objects.filter(ended_at=None).exists()


def test_a_state_that_cannot_be_read_is_learned_anew_and_loses_no_open_case(
    home: Living, standing_clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    case = silent_until_noticed(home, standing_clock)
    HabitState.objects.update(data=b"of another version")
    home.send(standing_clock.now, standing_clock.now + timedelta(hours=6), alive=False)
    standing_clock.move(hours=6)
    judge()
    assert "learned anew" in caplog.text
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN
    home.send(standing_clock.now, standing_clock.now + timedelta(hours=24))
    standing_clock.move(hours=24)
    judge()
    case.refresh_from_db()
    assert case.outcome == Outcome.ACTIVITY_RETURNED


def test_activity_leaves_a_case_that_somebody_has_taken_to_them(
    home: Living, standing_clock: StandingClock, city: City
) -> None:
    from dure.city import cases

    case = silent_until_noticed(home, standing_clock)
    assert home.enrolment.worker is not None
    cases.acknowledge(case, home.enrolment.worker)
    home.send(standing_clock.now, standing_clock.now + timedelta(hours=24))
    standing_clock.move(hours=24)
    judge()
    case.refresh_from_db()
    assert case.status == CaseStatus.ACKNOWLEDGED
    assert case.events.filter(kind="note").count() == 1


def test_missing_values_are_never_evidence_of_absence(home: Living, standing_clock: StandingClock) -> None:
    home.send(NOW, NOW + timedelta(hours=72), value=None)
    standing_clock.move(hours=72)
    judge()
    assert not Case.objects.exists()


def test_an_away_home_is_muted_and_becomes_a_case_when_its_time_is_over_and_it_is_still_silent(
    home: Living, standing_clock: StandingClock
) -> None:
    until = NOW + timedelta(days=3)
    away.declare_away(home.enrolment.household, starts_at=NOW, ends_at=until, said_by=AwaySource.FAMILY, actor="tests")
    home.send(NOW, until, alive=False)
    standing_clock.stand_at(until - timedelta(minutes=1))
    judge()
    assert Finding.objects.filter(ended_at=None).exists()
    assert not Case.objects.exists()
    standing_clock.stand_at(until + timedelta(minutes=1))
    alarms.unmute()
    assert open_case(home.enrolment) is not None
    assert alarms.unmute() == 0, "opening it again changes nothing"
    assert Case.objects.count() == 1


def test_a_crash_between_judging_and_committing_repeats_nothing_and_skips_nothing(
    home: Living, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = states(), Watermark.objects.get(consumer=watch.CONSUMER).arrival
    home.send(NOW, NOW + timedelta(hours=40), alive=False)
    standing_clock.move(hours=40)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(watch, "_settle", dies)
        watch.run_once()
    after = states(), Watermark.objects.get(consumer=watch.CONSUMER).arrival
    assert after == before
    judge()
    assert Case.objects.count() == 1
    judge()
    assert Case.objects.count() == 1
    assert Finding.objects.count() == 1


def test_a_person_found_well_starts_the_watch_afresh(home: Living, standing_clock: StandingClock) -> None:
    from dure.city import cases

    case = silent_until_noticed(home, standing_clock)
    assert home.enrolment.worker is not None
    cases.close(case, actor=home.enrolment.worker, outcome=Outcome.WELL_BY_PHONE)
    judge()
    enrolment = Enrolment.objects.get()
    assert enrolment.proved_alive_at == standing_clock.now
    assert habit_state.load().homes.level[enrolment.row] == 0
    assert not Finding.objects.filter(ended_at=None).exists()


def test_a_rising_level_raises_the_same_case(home: Living, standing_clock: StandingClock) -> None:
    case = silent_until_noticed(home, standing_clock)
    first = case.level
    for _ in range(24):
        home.send(standing_clock.now, standing_clock.now + timedelta(hours=4), alive=False)
        standing_clock.move(hours=4)
        judge()
        case.refresh_from_db()
        if case.level > first:
            break
    assert case.level > first
    assert case.level >= Level.ALERT
    assert Case.objects.count() == 1
    assert case.findings.count() == 2


def test_every_reading_is_judged_once_whatever_the_size_of_a_group(home: Living, standing_clock: StandingClock) -> None:
    home.send(NOW, NOW + timedelta(hours=10))
    seen = 0
    while taken := watch.run_once(limit=7):
        seen += taken
    assert seen == 20
    with pull(watch.CONSUMER, 10) as rest:
        assert rest == []


def test_a_home_without_any_current_is_a_case_about_the_meter_and_not_about_the_person(
    home: Living, standing_clock: StandingClock
) -> None:
    home.send(NOW, NOW + timedelta(hours=30), value=0.0)
    standing_clock.move(hours=30)
    judge()
    case = Case.objects.get()
    assert (case.kind, case.device, case.assignee) == (
        "meter_fault",
        home.enrolment.power.device,
        home.enrolment.worker,
    )
    assert not Finding.objects.exists()
    judge()
    home.send(standing_clock.now, standing_clock.now + timedelta(hours=6))
    standing_clock.move(hours=6)
    judge()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.DATA_FAULT)


def test_readings_of_one_home_write_its_part_alone_and_its_picture_reads_no_other(
    city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(habit_state, "HOMES_A_PART", 1)
    first, second = (Living(enrolled(city, number=number)) for number in (1, 2))
    for one in (first, second):
        one.send(NOW - WEEKS, NOW)
    judge()
    before = states()
    second.send(NOW, NOW + timedelta(hours=3))
    standing_clock.move(hours=3)
    judge()
    after = states()
    assert sorted(after) == [habit_state.CITY, 1, 2]
    assert (after[1] == before[1], after[2] == before[2]) == (True, False)

    whole = habit_state.load()
    for living in (first, second):
        HabitState.objects.exclude(part__in=[habit_state.CITY, living.enrolment.row + 1]).update(data=b"not to be read")
        assert habit_state.explain(living.enrolment.row) == whole.explain(living.enrolment.row)
        HabitState.objects.bulk_create(
            [HabitState(part=part, data=data) for part, data in after.items()],
            update_conflicts=True,
            unique_fields=["part"],
            update_fields=["data"],
        )
    assert (drawn := watch.picture(second.enrolment)) is not None
    assert len(drawn["usual"]) == 48


def test_a_home_that_the_engine_does_not_know_yet_has_no_picture(home: Living, city: City) -> None:
    assert watch.picture(home.enrolment) is not None
    assert watch.picture(enrolled(city, number=2)) is None
