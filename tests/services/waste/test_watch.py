# SPDX-License-Identifier: Apache-2.0
"""From what sensors report to levels, emptyings and cases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dure.city import cases, clock, vigil
from dure.city.models import AuditEntry, Case, CaseStatus, EscalationAttempt, Finding, Level, Role
from dure.services.waste import tasks, watch
from dure.services.waste.models import BinStatus, Emptying, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.waste.street import Street, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(city: City, standing_clock: StandingClock) -> Street:
    return Street(city)


def the_case() -> Case:
    return Case.objects.get(service="waste", closed_at=None)


def test_level_and_emptying_come_from_readings_alone(street: Street) -> None:
    street.fills(clock.now(), 60, 72, 80, 6, 5)
    tasks.watch_bins()
    state = street.bin().state
    assert (state.fill, state.status) == (5.5, BinStatus.OK)
    emptying = Emptying.objects.get()
    assert (emptying.at, emptying.fill_before) == (clock.now() - timedelta(hours=1), 72)
    assert state.emptied_at == emptying.at
    assert watch.run_once() == (0, 0), "what was read is not read again"


def test_fire_is_a_case_at_once_and_rings_the_team(street: Street) -> None:
    street.say(clock.now(), distance=700, temperature=74)
    tasks.watch_bins()
    case = the_case()
    assert (case.kind, case.level, case.about) == (BinStatus.BURNING, Level.SEVERE, "bin:bin-0001")
    assert (case.lon, case.lat) == (127.10, 37.30)
    assert case.due_at == clock.now() + timedelta(minutes=15)
    assert EscalationAttempt.objects.filter(escalation__case=case).count() == 1
    reason = case.findings.get().reason
    assert "60 °C" in reason["ko"]
    assert "60 °C" in reason["en"]


def test_fire_that_is_over_stays_a_case_and_a_new_one_is_told_again(
    city: City, street: Street, standing_clock: StandingClock
) -> None:
    street.say(clock.now() - timedelta(minutes=9), distance=700, temperature=74)
    street.say(clock.now() - timedelta(minutes=4), temperature=25)
    work()
    assert street.bin().state.status == BinStatus.OK
    assert the_case().kind == BinStatus.BURNING, "what came late and together with its end is told, too"
    standing_clock.stand_at(clock.now() + timedelta(hours=6))
    work()
    assert Finding.objects.get().ended_at is not None
    assert the_case().status == CaseStatus.OPEN, "somebody looks at what burnt"
    cases.close(the_case(), actor=city.users[Role.DISPATCHER], outcome=Outcome.FIRE_OUT)
    street.say(clock.now() + timedelta(minutes=1), temperature=90)
    work()
    assert the_case().kind == BinStatus.BURNING


def test_open_lid_becomes_a_case_when_it_stays_open_and_ends_by_itself(
    street: Street, standing_clock: StandingClock
) -> None:
    street.say(clock.now(), distance=700, tilt=1)
    work()
    assert not Case.objects.exists()
    standing_clock.stand_at(clock.now() + timedelta(hours=7))
    work()
    assert the_case().kind == BinStatus.LID_OPEN
    work()
    assert Case.objects.count() == 1, "it is told once"
    street.say(clock.now(), distance=700, tilt=0)
    work()
    closed = Case.objects.get()
    assert (closed.status, closed.outcome) == (CaseStatus.CLOSED, Outcome.NORMAL_AGAIN)


def test_what_people_closed_is_a_case_again_only_after_a_while(
    city: City, street: Street, standing_clock: StandingClock
) -> None:
    street.say(clock.now(), distance=700, tilt=1)
    tasks.watch_bins()
    standing_clock.stand_at(clock.now() + timedelta(hours=7))
    tasks.settle_bins()
    cases.close(the_case(), actor=city.users[Role.DISPATCHER], outcome=Outcome.REPAIRED)
    tasks.settle_bins()
    tasks.settle_bins()
    assert Case.objects.count() == 1
    standing_clock.stand_at(clock.now() + timedelta(hours=25))
    tasks.settle_bins()
    assert Case.objects.count() == 2


def test_full_bin_that_nobody_empties_becomes_a_case(street: Street, standing_clock: StandingClock) -> None:
    street.fills(clock.now(), 97, 98)
    work()
    standing_clock.stand_at(clock.now() + timedelta(hours=12))
    work()
    assert the_case().kind == "full"
    street.fills(clock.now(), 99, 98, 4, 3)
    work()
    assert Case.objects.get().outcome == Outcome.NORMAL_AGAIN


def test_sensor_is_stuck_only_while_others_move(city: City, standing_clock: StandingClock) -> None:
    street = Street(city, 7)
    begin = clock.now()
    for day in range(5):
        standing_clock.stand_at(begin + timedelta(days=day))
        for number in range(1, 8):
            street.say(clock.now(), number, fill=40 if number == 1 else 30 + day)
        work()
    assert street.bin(1).state.status == BinStatus.STUCK
    assert {street.bin(number).state.status for number in range(2, 8)} == {BinStatus.OK}
    case = the_case()
    assert (case.kind, case.about) == (BinStatus.STUCK, "bin:bin-0001")
    street.say(clock.now() + timedelta(minutes=5), 1, fill=47)
    work()
    assert street.bin(1).state.status == BinStatus.OK


def test_silent_sensor_is_marked_and_its_case_is_the_vigils(street: Street, standing_clock: StandingClock) -> None:
    street.fills(clock.now(), 50)
    work()
    standing_clock.stand_at(clock.now() + timedelta(hours=7))
    vigil.watch_silence()
    work()
    state = street.bin().state
    assert (state.fill, state.status) == (50, BinStatus.UNKNOWN)
    assert the_case().kind == vigil.SILENT
    street.fills(clock.now(), 52)
    work()
    vigil.watch_silence()
    assert street.bin().state.status == BinStatus.OK
    assert not Case.objects.filter(closed_at=None).exists()


def test_case_that_cannot_be_opened_is_said_and_levels_are_kept(street: Street) -> None:
    from dure.city.models import Team

    Team.objects.all().delete()
    street.say(clock.now(), distance=700, temperature=74)
    with pytest.raises(ExceptionGroup, match=r"waste\.run_once"):
        tasks.watch_bins()
    assert street.bin().state.fill == 50
    assert not AuditEntry.objects.filter(tag="city:finding:opened").exists()
    with pytest.raises(ExceptionGroup, match=r"waste\.settle_all"):
        tasks.settle_bins()
