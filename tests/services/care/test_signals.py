# SPDX-License-Identifier: Apache-2.0
"""Every signal of a home reaches the engine through the door, under its consent, and is named in the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from dure.city import audit, cases, clock, people
from dure.city.models import Case, CaseStatus, ConsentPurpose, Device, Finding, Role
from dure.engines.habits import words
from dure.services.care import habit_state
from dure.services.care.actions import calls, occasions
from dure.services.care.actions.daily import Spec, add_routine
from dure.services.care.actions.ringing import ring
from dure.services.care.half_hours import Columns, half_hours
from dure.services.care.life import last_sign_of_life
from dure.services.care.models import CallOutcome, ConfirmBy, ConfirmedHow, Outcome, RoutineKind
from dure.services.care.signals import SOURCES
from tests.conftest import StandingClock
from tests.factories import PASSWORD, City
from tests.services.care.living import HALF_HOUR, judge, open_case
from tests.services.care.posted import Posted, half_hour_before, post, posted_home, with_device

NOW = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)


def silent_home(city: City, standing: StandingClock) -> tuple[Posted, Case]:
    """A new home that is silent for longer than the fixed rule allows, and its case."""
    home = posted_home(city)
    standing.move(hours=26)
    home.send(NOW - timedelta(hours=2), NOW)
    home.send(NOW, standing.now, alive=False)
    judge()
    case = open_case(home.enrolment)
    assert case is not None
    return home, case


@pytest.mark.django_db
@pytest.mark.parametrize("series", sorted(SOURCES))
def test_activity_of_every_kind_is_a_sign_of_life(series: str, city: City, standing_clock: StandingClock) -> None:
    home, case = silent_home(city, standing_clock)
    with_device(home.enrolment, series)
    home.tell(series, half_hour_before(standing_clock.now), 0.0)
    judge()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN, "nothing is no sign of life"
    standing_clock.move(minutes=30)
    home.tell(series, half_hour_before(standing_clock.now), 80.0)
    judge()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.ACTIVITY_RETURNED)
    assert last_sign_of_life(home.enrolment) == standing_clock.now


@pytest.mark.django_db
@pytest.mark.parametrize("series", sorted(set(SOURCES) - {"well"}))
def test_what_nobody_agreed_to_is_not_looked_at(series: str, city: City, standing_clock: StandingClock) -> None:
    home, case = silent_home(city, standing_clock)
    with_device(home.enrolment, series)
    people.withdraw_consent(home.enrolment.person, SOURCES[series].purpose, actor=city.users[Role.WELFARE_OFFICER])
    home.tell(series, half_hour_before(standing_clock.now), 80.0)
    judge()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN
    assert SOURCES[series].kind not in habit_state.load().signals.kinds


@pytest.mark.django_db
def test_without_the_consent_to_be_watched_no_signal_is_looked_at(city: City, standing_clock: StandingClock) -> None:
    home = posted_home(city)
    with_device(home.enrolment, "water")
    officer = city.users[Role.WELFARE_OFFICER]
    people.withdraw_consent(home.enrolment.person, ConsentPurpose.POWER_WATCH, actor=officer)
    home.tell("water", half_hour_before(standing_clock.now), 80.0)
    judge()
    assert not habit_state.load().signals.kinds


@pytest.mark.django_db
def test_the_reason_names_what_is_silent_since_when_and_against_which_habit(
    city: City, standing_clock: StandingClock
) -> None:
    home, start = posted_home(city), NOW - timedelta(days=20)
    with_device(home.enrolment, "water", unit="L")
    home.send(start, NOW)
    water = []
    for n in range(20 * 48):
        at = start + n * HALF_HOUR
        water.append(home.row("water", at, 6.0 if 7 <= at.astimezone(clock.SEOUL).hour < 21 else 0.0))
    post(home.key("feed-water"), water)
    judge()
    assert not Case.objects.exists()
    case = None
    for _ in range(12):
        begin = standing_clock.now
        standing_clock.move(hours=1)
        home.send(begin, standing_clock.now, alive=False)
        post(home.key("feed-water"), [home.row("water", begin + n * HALF_HOUR, 0.0) for n in range(2)])
        judge()
        if case := open_case(home.enrolment):
            break
    assert case is not None, "power and water are silent in the morning: soon noticed"
    finding = Finding.objects.earliest("found_at")
    (water_said,) = finding.evidence["signals"]
    assert water_said["kind"] == "water"
    assert water_said["hours_silent"] >= 1
    assert water_said["share"] > 0.5
    assert 0 < water_said["nats"] <= finding.evidence["nats"]
    assert "수도도 " in finding.reason["ko"]
    assert f"{water_said['hour']:02d}시" in finding.reason["ko"]
    assert "Nothing from water" in finding.reason["en"]
    changed = finding.evidence["what_would_change_it"]
    assert "수도에서 한 번이라도" in changed["ko"]
    assert "water" in changed["en"]


@pytest.mark.django_db
def test_a_call_answered_well_is_the_last_sign_of_life_on_the_case_page(
    city: City, standing_clock: StandingClock
) -> None:
    home, case = silent_home(city, standing_clock)
    cases.acknowledge(case, city.users[Role.CARE_WORKER])
    standing_clock.move(hours=3)
    call = ring(home.enrolment.person, "greeting_morning")
    calls.answer_call(call.ref, "1", by="feed:telephone")
    call.refresh_from_db()
    assert call.outcome == CallOutcome.WELL
    judge()
    assert last_sign_of_life(home.enrolment) == standing_clock.now
    assert habit_state.load().homes.level[home.enrolment.row] == 0
    case.refresh_from_db()
    assert case.status == CaseStatus.ACKNOWLEDGED, "whoever took it closes it"
    client = Client()
    client.login(username=city.users[Role.CARE_WORKER].username, password=PASSWORD)
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert "26시간" not in page.split("마지막 생활 신호")[1][:200]


@pytest.mark.django_db
def test_a_call_that_asks_for_help_or_was_not_understood_ends_no_alarm(
    city: City, standing_clock: StandingClock
) -> None:
    home, case = silent_home(city, standing_clock)
    for outcome in (CallOutcome.HELP, CallOutcome.LOST):
        call = ring(home.enrolment.person, "greeting_morning")
        call.outcome, call.state, call.ended_at = outcome, "answered", standing_clock.now
        call.save()
        judge()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN
    assert habit_state.load().homes.level[home.enrolment.row] > 0


@pytest.mark.django_db
def test_the_elders_own_tap_at_what_was_to_do_today_is_a_sign_of_life(
    city: City, standing_clock: StandingClock
) -> None:
    home, case = silent_home(city, standing_clock)
    lunch = standing_clock.now.astimezone(clock.SEOUL).time()
    spec = Spec(RoutineKind.MEAL, "점심", lunch, confirm_by=ConfirmBy.BUTTON)
    routine = add_routine(home.enrolment.person, spec, actor="tests")
    standing_clock.move(minutes=5)
    occasions.make_due()
    occasions.confirm_routine(routine, how=ConfirmedHow.BUTTON, actor=city.users[Role.CITIZEN])
    judge()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.ACTIVITY_RETURNED)
    assert not audit.verify()


@pytest.fixture
def two_sensors(city: City, standing_clock: StandingClock) -> Posted:
    """A home with two motion sensors, each in parts of ten minutes, that the engine already knows."""
    home = posted_home(city)
    for place in (1, 2):
        with_device(home.enrolment, "motion", minutes=10, number=place)
    return home


def of_motion(home: Posted, place: int, parts: Iterable[tuple[int, float | None]]) -> None:
    """What a motion sensor tells of parts of the last half hour, each by the minute at which it begins."""
    device = Device.objects.get(code=f"motion-{home.enrolment.pk}-{place}")
    begin, home.devices["motion"] = half_hour_before(NOW), device
    rows = [home.row("motion", begin + timedelta(minutes=minute), value) for minute, value in parts]
    post(home.key(device.feed.code), rows)
    judge()


def silent_half_hours(home: Posted) -> int:
    kinds = habit_state.load().signals.kinds_of(home.enrolment.row)
    return int(kinds["motion"]["silent"][0]) if "motion" in kinds else 0


STILL = [(0, 0.0), (10, 0.0), (20, 0.0)]


@pytest.mark.django_db
def test_motion_is_silent_when_both_sensors_have_told_of_nothing_and_only_then(two_sensors: Posted) -> None:
    of_motion(two_sensors, 1, STILL)
    assert silent_half_hours(two_sensors) == 0, "nothing is known of the other room"
    of_motion(two_sensors, 2, STILL[:2])
    assert silent_half_hours(two_sensors) == 0, "nor of its last ten minutes"
    of_motion(two_sensors, 2, STILL[2:])
    assert silent_half_hours(two_sensors) == 1
    of_motion(two_sensors, 2, STILL)
    assert silent_half_hours(two_sensors) == 1, "told twice, counted once"


@pytest.mark.django_db
@pytest.mark.parametrize("missing", [(0, None), (10, None)])
def test_half_hour_of_which_a_part_is_missing_is_not_judged_by_its_last(
    two_sensors: Posted, missing: tuple[int, None]
) -> None:
    of_motion(two_sensors, 1, STILL)
    of_motion(two_sensors, 2, [missing, *(part for part in STILL if part[0] != missing[0])])
    assert silent_half_hours(two_sensors) == 0


@pytest.mark.django_db
def test_one_sensor_is_enough_to_show_life_and_a_retired_one_is_not_waited_for(
    two_sensors: Posted, standing_clock: StandingClock
) -> None:
    of_motion(two_sensors, 1, STILL)
    of_motion(two_sensors, 2, [(0, 0.0), (10, 4.0)])
    signals = habit_state.load().signals.kinds_of(two_sensors.enrolment.row)["motion"]
    assert (int(signals["active"][0]) + 1) * 1800 == NOW.timestamp()
    of_motion(two_sensors, 2, STILL[2:])
    assert silent_half_hours(two_sensors) == 0
    Device.objects.filter(code=f"motion-{two_sensors.enrolment.pk}-2").update(retired_at=NOW)
    standing_clock.move(minutes=30)
    of_motion(two_sensors, 1, [(minute + 30, value) for minute, value in STILL])
    assert silent_half_hours(two_sensors) == 1


def told(*readings: tuple[int, int, float, int]) -> Columns:
    """Columns of (row, end in minutes, value, minutes), of one series in each home."""
    row, end, value, minutes = (np.array(column) for column in zip(*readings, strict=True))
    return Columns(row, end * 60, value.astype(float), minutes * 60, row)


def known(columns: Columns) -> list[tuple[int, int, str]]:
    """What is known of which half hour: of home, minute of its end."""
    halves = half_hours(columns, {})
    said = np.where(halves.active, "active", np.where(halves.silent, "silent", ""))
    rows = zip(halves.row.tolist(), (halves.end // 60).tolist(), said.tolist(), strict=True)
    return [row for row in rows if row[2]]


def test_shorter_intervals_make_one_half_hour_of_which_activity_is_told_at_once() -> None:
    motion = [(0, 5 * n, float(n == 3), 5) for n in range(1, 7)]
    assert known(told(*motion[:2])) == [], "it is not over"
    assert known(told(*motion[:3])) == [(0, 30, "active")]
    assert known(told(*motion)) == [(0, 30, "active")]
    still = [(0, 5 * n, 0.0, 5) for n in range(1, 7)]
    assert known(told(*still)) == [(0, 30, "silent")]
    assert known(told(*still[1:])) == [], "nothing is known of its beginning"


def test_longer_intervals_are_silent_throughout_or_prove_life_at_their_beginning() -> None:
    assert known(told((0, 60, 1.0, 60))) == [(0, 30, "active")]
    assert known(told((0, 60, 0.0, 60))) == [(0, 30, "silent"), (0, 60, "silent")]
    assert known(told((0, 75, 0.0, 60), (0, 135, 0.0, 60))) == [(0, n, "silent") for n in (60, 90, 120)]


def test_what_is_unknown_is_left_out_and_half_hours_come_home_by_home_in_time() -> None:
    columns = told((1, 60, 0.0, 30), (0, 30, np.nan, 30), (1, 30, 1.0, 30), (0, 60, 1.0, 30))
    assert known(columns) == [(0, 60, "active"), (1, 30, "active"), (1, 60, "silent")]


def test_every_kind_has_words() -> None:
    assert {one.kind for one in SOURCES.values()} == set(words.SIGNALS)
