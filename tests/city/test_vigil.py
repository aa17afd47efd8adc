# SPDX-License-Identifier: Apache-2.0
"""What falls silent becomes a case and closes itself when it speaks again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dure.city import processes, readings, vigil
from dure.city.models import Case, CaseStatus, Device, Feed, ProcessSign
from dure.city.readings import ReadingBatch
from tests.conftest import StandingClock
from tests.factories import City, Home, make_feed, make_home

pytestmark = pytest.mark.django_db


def speak(*homes: Home, at: datetime) -> None:
    readings.store(ReadingBatch.of((home.power.pk, at, 0.1, 0) for home in homes))
    while readings.advance_latest():
        continue


@pytest.fixture
def homes(city: City, standing_clock: StandingClock) -> list[Home]:
    made = [make_home(city.dongs[n % 2]) for n in range(4)]
    Feed.objects.update(service="care")
    speak(*made, at=standing_clock.now - timedelta(minutes=30))
    return made


def open_cases() -> dict[str, Case]:
    return {case.about: case for case in Case.objects.exclude(status=CaseStatus.CLOSED)}


def test_while_everything_speaks_there_is_nothing(homes: list[Home]) -> None:
    vigil.watch_silence()
    assert not Case.objects.exists()


def test_a_silent_feed_is_one_case_and_its_devices_none(homes: list[Home], standing_clock: StandingClock) -> None:
    standing_clock.move(hours=48)
    vigil.watch_silence()
    vigil.watch_silence()
    assert list(open_cases()) == ["feed:ami"]
    assert open_cases()["feed:ami"].service == "care"


def test_silent_devices_of_one_area_are_one_case(homes: list[Home], standing_clock: StandingClock) -> None:
    standing_clock.move(hours=37)
    speak(homes[1], at=standing_clock.now - timedelta(minutes=30))
    vigil.watch_silence()
    areas = {home.household.area.code for home in homes}
    assert set(open_cases()) == {f"devices:ami:{code}" for code in areas}
    alone = open_cases()[f"devices:ami:{homes[3].household.area.code}"]
    assert alone.device == homes[3].meter
    assert Device.objects.exclude(silent_since=None).count() == 3


def test_a_case_closes_itself_when_all_of_it_speaks_again(homes: list[Home], standing_clock: StandingClock) -> None:
    standing_clock.move(hours=37)
    speak(homes[0], homes[2], at=standing_clock.now - timedelta(minutes=30))
    vigil.watch_silence()
    case = Case.objects.get()
    speak(homes[1], at=standing_clock.now - timedelta(minutes=30))
    vigil.watch_silence()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN, "one of the two is still silent"
    speak(homes[3], at=standing_clock.now - timedelta(minutes=30))
    vigil.watch_silence()
    case.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, "speaks_again")


def test_a_stopped_process_is_a_case_of_the_citys_operators(city: City, standing_clock: StandingClock) -> None:
    processes.alive("gateway-1")
    ProcessSign.objects.update(alive_at=datetime(2020, 1, 1, tzinfo=UTC))
    vigil.watch_silence()
    assert open_cases()["process:gateway-1"].service == "city"
    processes.alive("gateway-1")
    vigil.watch_silence()
    assert not open_cases()


def test_a_feed_without_devices_owes_nothing(city: City, standing_clock: StandingClock) -> None:
    make_feed("statistics", "statistics")
    standing_clock.move(days=10)
    vigil.watch_silence()
    assert not Case.objects.exists()


def test_many_silent_devices_need_no_more_statements_than_few(city: City, standing_clock: StandingClock) -> None:
    speaks = make_home(city.dongs[0])
    make_home(city.dongs[1])
    standing_clock.move(hours=48)
    speak(speaks, at=standing_clock.now - timedelta(minutes=30))
    vigil.watch_silence()
    with CaptureQueriesContext(connection) as few:
        vigil.watch_silence()
    for _ in range(20):
        make_home(city.dongs[1])
    Device.objects.filter(last_seen_at=None).update(registered_at=standing_clock.now - timedelta(hours=48))
    with CaptureQueriesContext(connection) as many:
        vigil.watch_silence()
    assert len(many) <= len(few)
    assert Device.objects.exclude(silent_since=None).count() == 21
    assert [case.device_id for case in open_cases().values()] == [Device.objects.order_by("pk")[1].pk]
