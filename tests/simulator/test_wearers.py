# SPDX-License-Identifier: Apache-2.0
"""Those who wear a device: what it measures, the falls it feels, and how both come to the door and are scored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dure.simulator.city import City, CityPlan, make_city
from dure.simulator.emergencies import EmergencyKind
from dure.simulator.fall_scoring import Told, score_falls
from dure.simulator.life import Life, begin_life, truth_between
from dure.simulator.living import RunOptions
from dure.simulator.memory import Event, Truth
from dure.simulator.pace import SLOTS_PER_DAY, Pace, real_now
from dure.simulator.report import falls_as_line
from dure.simulator.residents import make_residents
from dure.simulator.wearing import STEPS_A_DAY, STEPS_A_SLOT, step_start

from .conftest import KEYS, START, Platform
from .living import CITY_START, LIVE_FROM, begin, living, wait_until

FIRST_STEP = LIVE_FROM * STEPS_A_SLOT
AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """60 homes, in 3 of which somebody wears a device and falls twice a day among them."""
    plan = CityPlan(seed=5, homes=60, start=START, emergencies_per_day=0.0, falls_per_day=2.0)
    return make_city(tmp_path_factory.mktemp("worn") / "city", plan)


@pytest.fixture(scope="module")
def life(city: City) -> Life:
    return begin_life(city, LIVE_FROM, 1)


def values(life: Life, series: str, steps: range) -> Iterator[float]:
    for step in steps:
        for said in life.worn.said(step):
            yield from (float(str(one["value"])) for one in said.readings if one["series"] == series)


def test_few_wear_a_device_however_large_the_city() -> None:
    for homes, few in ((19, 0), (200, 10), (20_000, 40)):
        residents = make_residents(1, homes, 3)
        assert int(residents.worn.sum()) == few
    assert not make_residents(1, 200, 3, only_meters=True).worn.any()


def test_whoever_is_well_lies_within_the_band_that_scores_nothing(life: Life) -> None:
    before = [one.begin for one in life.emergencies.before(LIVE_FROM + 10 * SLOTS_PER_DAY)]
    assert len(before) > 5
    well = range(FIRST_STEP, before[0] * STEPS_A_SLOT)
    at_rest = [
        said.readings for step in well for said in life.worn.said(step) if said.device.startswith("band")
    ]  # fmt: skip
    assert at_rest
    for readings in at_rest:
        told = {str(one["series"]): float(str(one["value"])) for one in readings}
        if told["steps"] == 0:
            assert 51 <= told["heart_rate"] <= 90
            assert 12 <= told["breathing"] <= 20
    day = range(FIRST_STEP, FIRST_STEP + STEPS_A_DAY)
    assert sum(values(life, "steps", day)) > 0
    assert sum(values(life, "screen", day)) > 0


def test_falls_are_in_the_truth_and_most_are_felt_at_their_moment(life: Life) -> None:
    days = 12
    first = LIVE_FROM // SLOTS_PER_DAY
    falls = [one for one in truth_between(life, first, first + days - 1) if one.kind == "fall"]
    told = [one for step in range(FIRST_STEP, FIRST_STEP + days * STEPS_A_DAY) for one in life.worn.falls_felt(step)]
    felt = {(one.begins_at.timestamp(), one.subject) for one in falls if one.detail == "felt"}
    assert felt <= set(told)
    assert 0.6 < len(felt) / len(falls) <= 1
    assert len(falls) > 10
    fell = next(one for one in life.emergencies.before(LIVE_FROM + SLOTS_PER_DAY))
    assert fell.kind is EmergencyKind.FALL
    lying = range(fell.begin * STEPS_A_SLOT, fell.found * STEPS_A_SLOT)
    code = f"band-{fell.home + 1:06d}"
    heart = [
        float(str(one["value"]))
        for step in lying
        for said in life.worn.said(step)
        for one in said.readings
        if one["device"] == code and one["series"] == "heart_rate"
    ]
    assert np.median(heart) > 80
    away = range(fell.found * STEPS_A_SLOT, fell.end * STEPS_A_SLOT)
    assert code not in {said.device for step in away for said in life.worn.said(step)}, "it lies in a drawer"


def test_each_device_speaks_by_its_own_key_and_a_fall_comes_at_once(city: City, life: Life, platform: Platform) -> None:
    begin(city)
    keys = KEYS | {f"device:{code}": f"key-of-{code}" for code in life.worn.devices}
    given = RunOptions(platform.url, keys, Pace(18_000.0, real_now(), CITY_START), 0)
    at, device = next(one for step in range(FIRST_STEP, FIRST_STEP + 600) for one in life.worn.falls_felt(step))
    fell_at = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = datetime.fromtimestamp(at + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with living(city, given):
        wait_until(lambda: any(moment >= later for moment in platform.times("band")))
    assert platform.values[device, "fall", fell_at] == 1
    for code in life.worn.devices:
        assert platform.sent_by.get(f"key-of-{code}", set()) <= {code.split("-")[0]}
    first = step_start(FIRST_STEP)
    told = {(code, series) for code, series, _ in platform.values if code.startswith("band")}
    assert {series for _, series in told} == {"heart_rate", "breathing", "skin_temperature", "steps", "fall"}
    assert min(platform.times("band")) >= datetime.fromtimestamp(first, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    truth = Truth(city.folder)
    assert any(one.kind == "fall" and one.subject == device for one in truth.events())
    truth.close()


def told(device: str, minutes: float, asked: float | None = None) -> Told:
    return Told("fall", device, AT + timedelta(minutes=minutes), AT + timedelta(minutes=asked) if asked else None)


def fall(device: str, minutes: float, felt: str = "felt") -> Event:
    begins = AT + timedelta(minutes=minutes)
    return Event("fall", device, begins, begins + timedelta(hours=2), felt)


def test_score_of_falls_says_how_many_were_found_how_late_and_which_were_none() -> None:
    falls = [fall("a", 0), fall("b", 10), fall("c", 20, "missed"), fall("a", 300)]
    lines = [told("a", 1, 2), told("b", 14), told("c", 200), told("a", 30)]
    score = score_falls(falls, lines, AT, AT + timedelta(days=1))
    assert (score.felt, score.missed) == (3, 1)
    assert score.seconds == [60, 240]
    assert score.asked_seconds == [120]
    assert score.false == 1, "what was told of c came after its person had been found"
    assert "falls: 4 (3 felt by a device), 2 found after 150 s" in falls_as_line(score)


def test_lines_of_the_door_are_read() -> None:
    line = {"kind": "fall", "device": "a", "happened_at": AT.isoformat(), "told_at": AT.isoformat(), "asked_at": None}
    assert Told.read(line) == Told("fall", "a", AT, None)


def test_a_city_made_before_there_were_devices_has_no_falls(tmp_path: Path) -> None:
    made = make_city(tmp_path, CityPlan(seed=5, homes=60, start=START))
    kept = json.loads((tmp_path / "city.json").read_text())
    del kept["falls_per_day"]
    assert CityPlan(**kept | {"workers": ()}).falls_per_day == 0
    assert all(
        one.kind is not EmergencyKind.FALL
        for one in begin_life(made, LIVE_FROM, 1).emergencies.before(LIVE_FROM + 1000)
    )
