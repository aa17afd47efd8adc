# SPDX-License-Identifier: Apache-2.0
"""What strikes many homes at once is one event and nobody's alarm: everything through the HTTP door and the tasks.

Elsewhere: test_vigil (the feed and its devices), tests/engines/habits/test_watch (no current, no value, stuck).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import iadd
from typing import Any

import numpy as np
import pytest

from dure.city import cases, vigil
from dure.city.models import Case, CaseStatus, Finding, Role
from dure.services.care import habit_state, tasks
from dure.services.care.models import Enrolment, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.living import judge
from tests.services.care.posted import Posted, post, posted_homes, with_device

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)


@pytest.fixture
def town(city: City, standing_clock: StandingClock) -> list[Posted]:
    """Six homes in one area and six in the next, that lived through the last day under the fixed rule."""
    first, second = (area.code for area in city.dongs[:2])
    homes = posted_homes(city, range(1, 7), area=first) + posted_homes(city, range(7, 13), area=second)
    send(homes, NOW - timedelta(days=1), NOW)
    hold()
    return homes


def send(homes: list[Posted], start: datetime, end: datetime, **how: Any) -> None:
    """Half hours of all these homes in one request."""
    if homes:
        post(homes[0].key("ami"), reduce(iadd, (one.rows(start, end, **how) for one in homes), []))


def hold() -> None:
    """What the worker does with what has arrived."""
    judge()
    vigil.watch_silence()
    tasks.watch_areas()
    tasks.watch_values()


def live(clock: StandingClock, hours: float, *, lit: list[Posted], dark: list[Posted] | None = None) -> None:
    """Pass this time half hour by half hour: some homes live, some read exactly zero, any other sends nothing."""
    for _ in range(round(hours * 2)):
        begin = clock.now
        clock.move(minutes=30)
        send(lit, begin, clock.now)
        send(dark or [], begin, clock.now, value=0.0)
        hold()


def open_kinds() -> list[str]:
    """Kinds of all cases that are not closed."""
    return sorted(Case.objects.exclude(status=CaseStatus.CLOSED).values_list("kind", flat=True))


def test_power_cut_of_an_area_is_one_case_and_its_homes_are_judged_again_after_it(
    town: list[Posted], standing_clock: StandingClock, city: City
) -> None:
    live(standing_clock, 3, lit=town[6:], dark=town[:6])
    assert open_kinds() == ["area_outage"]
    case = Case.objects.get()
    assert (case.area, case.household) == (city.dongs[0], None)
    finding = case.findings.get()
    assert "6댁" in finding.reason["ko"]
    assert "6 homes" in finding.reason["en"]
    assert not Finding.objects.filter(kind="unlike_habit").exists()

    live(standing_clock, 3, lit=town[1:], dark=town[:1])
    assert open_kinds() == ["meter_fault"], "the one that stays dark is a matter of its own"
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.DATA_FAULT)
    assert not Finding.objects.filter(kind="area_outage", ended_at=None).exists()

    begin = standing_clock.now
    standing_clock.move(hours=26)
    send(town[1:2], begin, standing_clock.now, alive=False)
    send(town[2:], begin, standing_clock.now)
    hold()
    (noticed,) = Case.objects.filter(kind="unlike_habit")
    assert noticed.household == town[1].enrolment.household


def test_long_power_cut_raises_no_alarm_not_even_of_a_home_that_is_at_zero_on_other_days(
    town: list[Posted], standing_clock: StandingClock
) -> None:
    watch = habit_state.load()
    rows = range(len(watch))
    watch.homes.zero_rate[town[0].enrolment.row] = 0.3
    habit_state.save(watch, rows)
    live(standing_clock, 1, lit=town[6:], dark=town[:6])
    begin = standing_clock.now
    standing_clock.move(hours=40)
    send(town[:6], begin, standing_clock.now, value=0.0)
    send(town[6:], begin, standing_clock.now)
    hold()
    assert open_kinds() == ["area_outage"]


def test_area_whose_values_stop_is_one_case_until_they_come_again(
    town: list[Posted], standing_clock: StandingClock, city: City
) -> None:
    live(standing_clock, 4, lit=town[6:])
    assert open_kinds() == ["area_outage"]
    case = Case.objects.get()
    assert "끊김" in case.title["ko"]
    cases.acknowledge(case, city.users[Role.WELFARE_OFFICER])
    send(town[:6], standing_clock.now - timedelta(hours=4), standing_clock.now)
    live(standing_clock, 1, lit=town)
    case.refresh_from_db()
    assert case.status == CaseStatus.ACKNOWLEDGED, "whoever took it closes it"
    assert not Finding.objects.filter(ended_at=None).exists()
    assert case.events.filter(kind="note").count() == 1


def test_silent_feeder_is_one_case_for_as_long_as_it_lasts(town: list[Posted], standing_clock: StandingClock) -> None:
    for _ in range(3):
        standing_clock.move(hours=15)
        hold()
        assert open_kinds() == ["silent"]
    send(town, NOW, standing_clock.now)
    hold()
    assert open_kinds() == []


def test_few_dark_homes_are_each_a_case_of_their_meter(town: list[Posted], standing_clock: StandingClock) -> None:
    live(standing_clock, 0.5, lit=town[2:], dark=town[:2])
    assert open_kinds() == [], "an hour is waited for, in which it may show that it is the whole area"
    live(standing_clock, 0.5, lit=town[2:], dark=town[:2])
    assert open_kinds() == ["meter_fault", "meter_fault"]


def test_day_and_a_half_without_values_is_one_data_case_and_no_alarm(
    town: list[Posted], standing_clock: StandingClock
) -> None:
    standing_clock.move(hours=35)
    send(town[3:], NOW, standing_clock.now)
    send(town[:3], NOW, standing_clock.now, value=None)
    hold()
    assert open_kinds() == []
    begin = standing_clock.now
    standing_clock.move(hours=2)
    send(town[3:], begin, standing_clock.now)
    send(town[:3], begin, standing_clock.now, value=None)
    hold()
    hold()
    assert open_kinds() == ["no_values"]
    assert "3대" in Case.objects.get().title["ko"]
    assert not Finding.objects.exists()
    live(standing_clock, 1, lit=town)
    assert open_kinds() == []


def test_dead_telephone_network_is_one_case_and_no_phone_counts_for_silence(
    city: City, standing_clock: StandingClock
) -> None:
    homes = posted_homes(city, range(1, 15))
    for one in homes:
        with_device(one.enrolment, "activity")
    phones(homes, NOW - HALF, 1.0)
    hold()
    watch = habit_state.load()
    kind = watch.signals.kinds["phone"]
    kind.rows["rate"][:, 7:22], kind.rows["days"] = 230, 30  # each is used nine times of ten by day
    habit_state.save(watch, range(len(watch)))
    for n in range(4):
        standing_clock.stand_at(NOW + (n + 1) * HALF)
        phones(homes, NOW + n * HALF, 0.0)
        hold()
    assert open_kinds() == ["area_outage"]
    case = Case.objects.get()
    assert "휴대전화" in case.title["ko"]
    state = habit_state.load()
    assert not state.signals.kinds["phone"].rows["gathered"].any()
    assert not state.homes.evidence.any()

    standing_clock.move(minutes=30)
    phones(homes[1:], NOW + 4 * HALF, 2.0)
    phones(homes[:1], NOW + 4 * HALF, 0.0)
    hold()
    assert open_kinds() == []
    gathered = habit_state.load().homes.evidence
    assert np.flatnonzero(gathered).tolist() == [Enrolment.objects.get(pk=homes[0].enrolment.pk).row]


def phones(homes: list[Posted], at: datetime, count: float) -> None:
    """One half hour of all these phones."""
    post(homes[0].key("feed-activity"), [one.row("activity", at, count) for one in homes])
