# SPDX-License-Identifier: Apache-2.0
"""A sensor in the pill box confirms what nobody has to be asked about."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from dure.city import cases
from dure.city.models import Case, CaseStatus, Level
from dure.services.care.models import (
    Call,
    ConfirmedHow,
    Enrolment,
    OccasionState,
    Outcome,
)
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.days import at, opened, pass_time, pill_box, planned, the_occasion, tick, with_box

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    at(standing_clock, 7)
    return planned(city)


def test_open_box_confirms_early_or_in_time_without_any_call(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    lid = pill_box(enrolment)
    with_box(enrolment, lid)
    early = at(standing_clock, 7, 50)
    opened(lid, early)
    at(standing_clock, 8, 30)
    tick()
    done = the_occasion()
    assert (done.state, done.how, done.ended_at) == (OccasionState.CONFIRMED, ConfirmedHow.SENSOR, early)
    pass_time(standing_clock, 120)
    assert not Call.objects.exists()


def test_closed_box_is_asked_about_at_the_grace_and_missed_at_its_deadline(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    with_box(enrolment, pill_box(enrolment))
    due = at(standing_clock, 8, 30)
    tick()
    pass_time(standing_clock, 29)
    assert not Call.objects.exists()
    pass_time(standing_clock, 1)
    assert Call.objects.count() == 1
    pass_time(standing_clock, 60)
    missed = the_occasion()
    assert missed.state == OccasionState.MISSED
    assert missed.ended_at is not None
    assert missed.ended_at <= due + timedelta(minutes=90)


def test_box_opened_late_closes_the_case_that_nobody_has_taken(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    lid = pill_box(enrolment)
    with_box(enrolment, lid)
    at(standing_clock, 8, 30)
    pass_time(standing_clock, 100)
    case = Case.objects.get()
    assert case.status == CaseStatus.OPEN
    opened(lid, standing_clock.now)
    pass_time(standing_clock, 1)
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.CONFIRMED_LATE)
    assert the_occasion().state == OccasionState.CONFIRMED


def test_case_somebody_has_taken_is_theirs_to_close(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    lid = pill_box(enrolment)
    with_box(enrolment, lid)
    at(standing_clock, 8, 30)
    pass_time(standing_clock, 100)
    assert enrolment.worker is not None
    cases.acknowledge(Case.objects.get(), enrolment.worker)
    opened(lid, standing_clock.now)
    pass_time(standing_clock, 1)
    assert Case.objects.get().status == CaseStatus.ACKNOWLEDGED
    assert the_occasion().state == OccasionState.CONFIRMED


def test_one_opening_confirms_one_time_only(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    lid = pill_box(enrolment)
    with_box(enrolment, lid, 8, 30)
    with_box(enrolment, lid, 11, 0)
    opened(lid, at(standing_clock, 8, 40))
    pass_time(standing_clock, 1)
    assert the_occasion().state == OccasionState.CONFIRMED
    at(standing_clock, 11)
    pass_time(standing_clock, 5)
    noon = the_occasion()
    assert (noon.routine.at, noon.state) == (time(11), OccasionState.WAITING)


def test_own_time_is_learned_and_moves_the_deadline(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    lid = pill_box(enrolment)
    with_box(enrolment, lid)
    for day in range(8):
        moment = at(standing_clock, 8, 30, days=1 if day else 0)
        tick()
        if day < 7:
            opened(lid, at(standing_clock, 9, 50))
            tick()
            assert the_occasion().state == OccasionState.CONFIRMED
    assert the_occasion().deadline == moment + timedelta(minutes=80 + 60)


def test_leaving_home_is_not_an_emergency(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    """Somebody out of the house misses the box: a worker hears of it at the level of the rule, nobody is alarmed."""
    with_box(enrolment, pill_box(enrolment))
    at(standing_clock, 8, 30)
    pass_time(standing_clock, 100)
    assert Case.objects.get().level == Level.ATTENTION
