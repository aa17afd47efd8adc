# SPDX-License-Identifier: Apache-2.0
"""Real homes are moved by whole weeks: weekday and hour stay, what is missing stays missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dure.cli import main
from dure.simulator.city import load_city
from dure.simulator.deliveries import NO_VALUE
from dure.simulator.emergencies import Emergencies, Emergency, EmergencyKind
from dure.simulator.life import begin_life, truth_between
from dure.simulator.pace import SLOTS_PER_DAY, slot_of
from dure.simulator.real_homes import COVER_DAYS, MovedHomes, RealHomes, read_source, shift_of

from .conftest import START

LIVE_FROM = slot_of(datetime.fromisoformat(START).timestamp())
FIRST = datetime(2012, 6, 4)  # noqa: DTZ001 - the file's clock is local and has no zone; a Monday
BACKFILL = 35


def speaking(at: datetime) -> float:
    """A value that says its own weekday and half hour."""
    return round(at.weekday() + (at.hour * 2 + at.minute // 30) / 100, 3)


def write(path: Path, days: int, homes: int = 3, without: set[datetime] | None = None) -> Path:
    times = [FIRST + timedelta(minutes=30 * step) for step in range(48 * days)]
    rows = [
        {"customer_id": 100 + home, "ts": at, "general_kwh": speaking(at), "controlled_kwh": 0.0}
        for home in range(homes)
        for at in times
        if at not in (without or set())
    ]
    pl.DataFrame(rows, schema_overrides={"ts": pl.Datetime("us")}).write_parquet(path)
    return path


def weekday_and_half_hour(slot: int) -> float:
    day, half = divmod(slot, SLOTS_PER_DAY)
    return round((day + 3) % 7 + half / 100, 3)  # 1970-01-01 was a Thursday


def none_ever() -> Emergencies:
    return Emergencies(1, 3, 0.0, LIVE_FROM, lambda home, slot: True)


class Given(Emergencies):
    def __init__(self, one: Emergency) -> None:
        super().__init__(1, 3, 0.0, 0, lambda home, slot: True)
        self._one = one

    def before(self, slot: int) -> list[Emergency]:
        return [self._one] if self._one.begin < slot else []


@pytest.mark.parametrize("days", [20, 200, 600])
def test_weekday_and_hour_stay_even_where_the_weeks_begin_again(tmp_path: Path, days: int) -> None:
    homes = RealHomes(MovedHomes(read_source(write(tmp_path / "r.parquet", days)), LIVE_FROM, BACKFILL), none_ever(), 1)
    for day in range(LIVE_FROM // SLOTS_PER_DAY - BACKFILL, LIVE_FROM // SLOTS_PER_DAY + 90, 7):
        for after in range(3):
            expected = [weekday_and_half_hour(slot) for slot in range((day + after) * 48, (day + after + 1) * 48)]
            assert np.allclose(homes.kwh(day + after), np.tile(expected, (3, 1)), atol=1e-5)


def test_the_shift_covers_history_and_life_and_comes_near_in_season(tmp_path: Path) -> None:
    source = read_source(write(tmp_path / "r.parquet", 800))
    shift = shift_of(source, 0, LIVE_FROM, BACKFILL)
    first = LIVE_FROM - BACKFILL * SLOTS_PER_DAY - shift.weeks * 336
    last = LIVE_FROM + COVER_DAYS * SLOTS_PER_DAY - shift.weeks * 336
    assert shift.begin <= first
    assert last <= shift.begin + shift.length
    assert shift.season_days <= 3.5
    # November in Korea is lived with a May of the southern hemisphere.
    assert (FIRST + timedelta(minutes=30 * (LIVE_FROM - shift.weeks * 336 - shift.begin))).month in (5, 6)


def test_what_the_file_lacks_is_never_sent(tmp_path: Path) -> None:
    gap = {FIRST + timedelta(hours=12, days=7 * week) for week in range(100)}
    file = write(tmp_path / "r.parquet", 700, without=gap)
    assert main(["simulate", "city", str(tmp_path / "c"), "--readings", str(file), "--start", START]) == 0
    city = load_city(tmp_path / "c")
    assert city.plan.homes == 3
    assert not city.residents.phone_watched.any()
    power = begin_life(city, LIVE_FROM, BACKFILL).power
    week = power.between(LIVE_FROM - 336, LIVE_FROM)
    missing = set(range(LIVE_FROM - 336, LIVE_FROM)) - set(week.slot.tolist())
    assert {weekday_and_half_hour(slot) for slot in missing} == {0.24}  # Monday noon
    assert not np.any(week.quality == NO_VALUE)


def test_times_that_come_twice_are_averaged_and_finer_readings_added(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [{"home": "a", "at": start + timedelta(minutes=15 * n), "kwh": 0.1} for n in range(4 * 24 * 10)]
    rows[5]["kwh"] = None
    pl.DataFrame(rows).write_parquet(tmp_path / "fine.parquet")
    source = read_source(tmp_path / "fine.parquet")
    assert source.names == ["a"]
    assert np.allclose(source.kwh[0, 3:], 0.2)
    assert source.kwh[0, 2] == pytest.approx(0.1)
    assert source.first == slot_of(start.timestamp())
    file = write(tmp_path / "r.parquet", 10, homes=1)
    frame = pl.read_parquet(file)
    again = frame.head(1).with_columns(general_kwh=pl.col("general_kwh") + 1)
    pl.concat([frame, again]).write_parquet(file)
    assert read_source(file).kwh[0, 0] == pytest.approx(speaking(FIRST) + 0.5)


def test_a_file_of_another_form_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pl.DataFrame({"home": ["a"], "kwh": [1.0]}).write_parquet(tmp_path / "bad.parquet")
    hourly = [{"home": "a", "at": datetime(2026, 1, 1, hour, tzinfo=UTC), "kwh": 0.1} for hour in range(20)]
    pl.DataFrame(hourly).write_parquet(tmp_path / "hourly.parquet")
    for name, said in (("bad", "customer_id"), ("hourly", "half an hour")):
        assert main(["simulate", "city", str(tmp_path / "c"), "--readings", str(tmp_path / f"{name}.parquet")]) == 2
        assert said in capsys.readouterr().err


def test_an_injected_emergency_is_made_of_the_homes_own_nights(tmp_path: Path) -> None:
    moved = MovedHomes(read_source(write(tmp_path / "r.parquet", 600)), LIVE_FROM, BACKFILL)
    nights = {weekday_and_half_hour(day * 48 + half) for day in range(7) for half in range(4, 10)}
    for kind, load in ((EmergencyKind.CLEAN, 0.0), (EmergencyKind.LEFT_ON, 0.1)):
        homes = RealHomes(moved, Given(Emergency(1, kind, LIVE_FROM + 3, load)), 1)
        after = homes.kwh(LIVE_FROM // SLOTS_PER_DAY + 1)
        assert {round(float(value) - load / 2, 2) for value in after[1]} <= nights
        assert np.array_equal(after[0], RealHomes(moved, none_ever(), 1).kwh(LIVE_FROM // SLOTS_PER_DAY + 1)[0])
    timers = RealHomes(moved, Given(Emergency(1, EmergencyKind.TIMERS, LIVE_FROM, 0.0)), 1)
    # A tenth of the days are below: with 28 days of weekday values, the quantile lies among the Mondays' values.
    expected = [half / 100 for half in range(48)]
    assert np.allclose(timers.kwh(LIVE_FROM // SLOTS_PER_DAY + 1)[1], expected, atol=1e-3)


def test_the_real_file_lives(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "care" / "sgsc_nsw_50_halfhourly.parquet"
    assert main(["simulate", "city", str(tmp_path), "--readings", str(file), "--start", START]) == 0
    city = load_city(tmp_path)
    life = begin_life(city, LIVE_FROM, BACKFILL)
    assert city.plan.homes == len(life.shifts) == 50
    week = life.power.between(LIVE_FROM, LIVE_FROM + 336)
    assert len(week) > 0.9 * 50 * 336
    assert 5 < np.nansum(week.value) / 50 / 7 < 25
    kinds = {event.kind for event in truth_between(life, LIVE_FROM // SLOTS_PER_DAY, LIVE_FROM // SLOTS_PER_DAY + 5)}
    assert "emergency" in kinds
    assert "trip" not in kinds
