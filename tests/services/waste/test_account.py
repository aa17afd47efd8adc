# SPDX-License-Identifier: Apache-2.0
"""The account adds up what was said and seen, says what it rests on, and lets a calendar work on the same ground."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest

from dure.city import clock, readings, teams
from dure.city.models import Role, Series
from dure.city.readings import ReadingBatch
from dure.services.waste import tasks
from dure.services.waste.account import Figures, replay
from dure.services.waste.account_data import keep_week, week_of, weeks_to_count
from dure.services.waste.actions import collecting
from dure.services.waste.deposits import Emptied
from dure.services.waste.models import Emptying, WeekAccount
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.waste.made_rounds import Given
from tests.services.waste.street import EMPTY, FULL
from tests.services.waste.test_pages import client_of

MONDAY = date(2026, 11, 2)
START = datetime(2026, 11, 2)  # noqa: DTZ001 - the clock on the wall


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def test_what_fell_in_is_emptied_when_it_was_and_by_the_calendar() -> None:
    """A bin that gets 100 points a day is emptied every day, and by the calendar on the third: two days of overflow."""
    days = [START + hours(24 * number) for number in range(-2, 9)]
    held = replay({"a": [Emptied(at, 99.0) for at in days]}, START, START + hours(168), {START + hours(6 + 72)})
    assert (held.hours, held.collections, held.calendar_collections) == (168, {"a": 7}, {"a": 1})
    assert held.overflow == {"a": 0}, "99 points were found each time"
    assert held.calendar_overflow["a"] == pytest.approx(168 - 24 - 30, abs=14), "all but the day after each emptying"
    assert held.calendar_level["a"] == pytest.approx(3 * 99, abs=10), "of three days and six hours of the night"


def test_bin_of_which_not_everything_is_known_is_left_out_of_the_comparison() -> None:
    begun = {"a": [Emptied(START + hours(1), 50), Emptied(START + hours(200), 50)]}
    open_ = {"b": [Emptied(START - hours(1), 50), Emptied(START + hours(100), 50)]}
    assert replay(begun | open_, START, START + hours(168), set()).collections == {}


def say(given: Given, number: int, levels: list[float], since: datetime) -> None:
    """Hourly levels of a bin from ``since`` on."""
    series = Series.objects.get(device=given.bins[number].device, name="distance").pk
    rows = [(series, since + hours(at), EMPTY - (EMPTY - FULL) / 100 * one, 0) for at, one in enumerate(levels)]
    readings.store(ReadingBatch.of(rows))


def drive(given: Given, minutes: int) -> None:
    """The first truck's unit: 100 m east every minute."""
    device = given.turn.truck.device
    lon, lat = (Series.objects.get(device=device, name=name).pk for name in ("lon", "lat"))
    for at in range(minutes + 1):
        when = given.now + timedelta(minutes=at)
        place = ((lon, 127.1 + at * 0.1 / 88.4), (lat, 37.3))
        readings.store(ReadingBatch.of([(series, when, value, 0) for series, value in place]))


@pytest.fixture
def given(city: City, standing_clock: StandingClock) -> Given:
    teams.set_team("청소팀", [city.users[Role.DISPATCHER]], service="waste", actor="tests")
    standing_clock.stand_at(datetime(2026, 11, 1, 15, tzinfo=UTC))  # Monday 00:00 in Seoul
    return Given(city)


@pytest.mark.django_db
def test_week_is_counted_and_says_what_it_rests_on(given: Given, city: City, standing_clock: StandingClock) -> None:
    say(given, 0, [50.0] * 10 + [97.0] * 5 + [10.0] * 9, given.now)
    drive(given, 120)
    standing_clock.move(hours=9)
    collecting.start(given.turn, given.driver, at=given.at(0))
    for number, found in ((0, 100.0), (1, None)):
        said = {"at": given.at(4 + number), "client_id": uuid4()}
        collecting.collected(given.errands[number], given.driver, found=found, **said)  # type: ignore[arg-type]
    collecting.could_not(given.errands[2], given.driver, reason="parked", at=given.at(6), client_id=uuid4())
    collecting.unloaded(given.unload, given.driver, at=given.at(7), client_id=uuid4(), kg=33)
    collecting.start(given.second, given.other, at=given.at(1))
    collecting.back(given.turn, given.driver, at=given.at(4 + 5))
    for number, at in ((0, given.at(3)), (2, given.at(20))):
        Emptying.objects.create(bin=given.bins[number], at=at, fill_before=90, fill_after=5)
    standing_clock.move(days=9)
    figures = Figures.of(keep_week(week_of(MONDAY)).data["areas"]["4199151000"])
    assert (figures.bins, figures.bin_hours, figures.collections, figures.could_not) == (3, 3 * 168, 2, 1)
    assert figures.seen_only == 1, "the other one is the driver's word"
    assert (figures.overflow_hours, figures.watched_hours) == (5, 24 + 11), "carried on for no_level_hours"
    assert figures.metres == figures.driven_m == pytest.approx(12_000, rel=0.01)
    assert (figures.kg, figures.weighed_kg) == (pytest.approx(33), pytest.approx(33))
    assert figures.co2_kg == pytest.approx(12 * 0.9, rel=0.01)


@pytest.mark.django_db
def test_what_is_not_measured_is_planned_and_estimated_and_said(given: Given, standing_clock: StandingClock) -> None:
    standing_clock.move(hours=4)
    collecting.collected(given.errands[0], given.driver, at=given.at(4), client_id=uuid4(), found=50)
    figures = Figures.of(keep_week(week_of(MONDAY)).data["areas"]["4199151000"])
    assert (figures.metres, figures.driven_share) == (given.turn.planned_metres, 0)
    assert (figures.kg, figures.weighed_share) == (12, 0), "half of 240 L at 100 g/L"
    assert (figures.overflow_per_bin_week, figures.watched_share) == (None, 0)


@pytest.mark.django_db
def test_comparison_reads_the_record_and_late_words_are_counted_anew(
    given: Given, standing_clock: StandingClock
) -> None:
    for day in range(-3, 10):
        at = given.now + timedelta(days=day, hours=9)
        Emptying.objects.create(bin=given.bins[0], at=at, fill_before=60, fill_after=0)
    standing_clock.move(days=8)
    tasks.keep_accounts()
    held = WeekAccount.objects.get(week=MONDAY)
    figures = Figures.of(held.data["areas"]["4199151000"])
    assert (figures.replayed_hours, figures.replayed_collections, figures.replayed_overflow) == (168, 7, 0)
    assert (held.data["calendar"], figures.calendar_collections) == ("mon,wed,fri", 3)
    assert figures.calendar_overflow > 20, "two or three days at 60 points a day"
    assert figures.calendar_m > 3 * 5_000
    assert MONDAY in [one.monday for one in weeks_to_count()]
    standing_clock.move(days=14)
    tasks.keep_accounts()
    assert MONDAY not in [one.monday for one in weeks_to_count()], "it stands"


@pytest.mark.django_db
def test_readers_see_their_areas_as_page_and_as_file(given: Given, city: City) -> None:
    dispatcher = client_of(city.users[Role.DISPATCHER])
    assert "아직 센 주가 없습니다" in dispatcher.get("/waste/account/").content.decode()
    data = Figures(bins=3, bin_hours=504, watched_hours=400, overflow_hours=20, collections=9, metres=12_000)
    areas = {one.code: data.as_json() for one in city.dongs}
    WeekAccount.objects.create(week=MONDAY, made_at=clock.now(), data={"areas": areas, "calendar": "mon,wed,fri"})
    page = dispatcher.get("/waste/account/").content.decode()
    assert "24.0 km" in page
    rows = list(csv.DictReader(StringIO(dispatcher.get("/waste/account.csv").content.decode("utf-8-sig"))))
    assert [(one["week"], one["area"], one["collections"]) for one in rows] == [
        ("2026-W45", "보람동", "9"),
        ("2026-W45", "아람동", "9"),
    ]
    local = client_of(make_user("local", Role.DISPATCHER, area=city.dongs[1]))
    assert "12.0 km" in local.get("/waste/account/?week=2026-W45").content.decode()
    assert local.get("/waste/account.csv").content.decode().count("\n") == 2
    assert local.get("/waste/account/?week=2031-W01").status_code == 422
