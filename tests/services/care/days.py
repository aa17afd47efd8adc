# SPDX-License-Identifier: Apache-2.0
"""A person whose day is planned, for the tests of daily care."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dure.city import clock, devices, readings
from dure.city.models import Series
from dure.city.readings import ReadingBatch
from dure.services.care.actions import calls, occasions
from dure.services.care.actions.daily import Spec, add_routine
from dure.services.care.models import Call, CallState, ConfirmBy, Enrolment, Occasion, Routine, RoutineKind
from tests.conftest import StandingClock
from tests.factories import City, make_feed
from tests.services.care.living import enrolled

MEDICINE = Spec(RoutineKind.MEDICINE, "혈압약", time(8, 30), dose="2알")


def at(clock_: StandingClock, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """Stand at this time of the city's day, ``days`` later; returns it."""
    day = clock_.now.astimezone(clock.SEOUL).date() + timedelta(days=days)
    moment = datetime.combine(day, time(hour, minute), clock.SEOUL)
    clock_.stand_at(moment)
    return moment


def planned(city: City, **changed: object) -> Enrolment:
    """A person who agreed to be asked about their day."""
    consents = ["power_watch", "ai_call", "phone_watch", "daily_care"]
    return enrolled(city, **{"consents": consents} | changed)  # type: ignore[arg-type]


def pill_box(enrolment: Enrolment) -> Series:
    """A pill box in their home whose lid reports 1 when it is opened."""
    box = devices.register_device(
        make_feed("boxes", "boxes", service="care"),
        f"box-{enrolment.pk}",
        "pill_box",
        series=[devices.SeriesSpec("lid", "event", 1440, 0, 1)],
        household=enrolment.household,
        actor="tests",
    )
    return box.series.get(name="lid")


def with_box(enrolment: Enrolment, series: Series, hour: int = 8, minute: int = 30) -> Routine:
    """Medicine that the box confirms."""
    spec = Spec(RoutineKind.MEDICINE, "혈압약", time(hour, minute), confirm_by=ConfirmBy.SENSOR)
    return add_routine(enrolment.person, spec, actor="tests", series=series)


def opened(series: Series, moment: datetime) -> None:
    """The box was opened."""
    readings.store(ReadingBatch.of([(series.pk, moment, 1.0, 0)]))


def tick() -> None:
    """What the worker does each minute."""
    calls.end_unanswered()
    occasions.make_due()
    occasions.run_due()


def the_occasion() -> Occasion:
    """The one that is due last."""
    return Occasion.objects.select_related("case", "routine").latest("due_at", "pk")


def ringing() -> Call:
    """The one call that rings."""
    return Call.objects.get(state=CallState.RINGING)


def pass_time(clock_: StandingClock, minutes: int) -> None:
    """Let the worker run once a minute."""
    for _ in range(minutes):
        clock_.move(minutes=1)
        tick()
