# SPDX-License-Identifier: Apache-2.0
"""What leaves when: every reading once it is due, faults and all, and never another value for the same time."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dure.simulator.city import City
from dure.simulator.deliveries import NO_VALUE, Readings
from dure.simulator.faults import SAYS_NO_VALUE, SILENT
from dure.simulator.life import Life, begin_life
from dure.simulator.pace import SLOTS_PER_DAY, slot_of, start_of

START_SLOT = slot_of(1_795_219_200)  # 2026-11-21 09:00 in Korea
DAYS = 12


@pytest.fixture
def life(made_city: City, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Faults ten times as often as in a demo, so that a few days hold each kind."""
    for name in ("OUTAGE_PER_HOME_DAY", "LATE_PER_HOME_DAY", "STUCK_PER_HOME_DAY", "FEEDER_OUTAGE_PER_AREA_DAY"):
        monkeypatch.setattr(f"dure.simulator.faults.{name}", 0.02)
    return begin_life(made_city, START_SLOT, 2)


def sent(readings: Readings) -> dict[tuple[int, int], tuple[float, int]]:
    return {
        (int(home), int(slot)): (float(np.nan_to_num(value, nan=-1)), int(quality))
        for home, slot, value, quality in zip(
            readings.home, readings.slot, readings.value, readings.quality, strict=True
        )
    }


def test_what_leaves_step_by_step_is_the_history(life: Life) -> None:
    end = START_SLOT + DAYS * SLOTS_PER_DAY
    history = sent(life.power.between(START_SLOT, end))
    steps = [life.power.due(slot) for slot in range(START_SLOT, end)]
    lived: dict[tuple[int, int], tuple[float, int]] = {}
    for step in steps:
        for place, reading in sent(step).items():
            assert lived.setdefault(place, reading) == reading
    late = life.faults.late(START_SLOT // SLOTS_PER_DAY, end // SLOTS_PER_DAY)
    still_held = {
        (int(home), slot)
        for home, begin, until in zip(late.home, late.begin, late.end, strict=True)
        for slot in range(begin, until)
        if until > end
    }
    assert {place for place in lived if place[1] >= START_SLOT} | still_held == set(history) | still_held
    assert all(history[place] == reading for place, reading in lived.items() if place[1] >= START_SLOT)


def test_nothing_leaves_before_its_half_hour_has_ended(life: Life) -> None:
    for slot in range(START_SLOT, START_SLOT + 60):
        assert life.power.due(slot).slot.max() == slot


def test_some_come_late_in_bunches_some_twice_and_in_no_order(life: Life) -> None:
    steps = [life.power.due(slot) for slot in range(START_SLOT, START_SLOT + DAYS * SLOTS_PER_DAY)]
    times = Counter(place for step in steps for place in sent(step))
    assert 0 < sum(count > 1 for count in times.values()) < 0.02 * len(times)
    assert any(np.sum(step.home == home) > 3 for step in steps for home in np.unique(step.home))
    assert any(np.any(np.diff(step.home) < 0) for step in steps)


def test_each_fault_does_what_it_says(life: Life) -> None:
    first = START_SLOT // SLOTS_PER_DAY
    grid = sent(life.power.between(first * SLOTS_PER_DAY, (first + DAYS) * SLOTS_PER_DAY))
    outages, stuck = life.faults.outages(first, first + DAYS - 1), life.faults.stuck(first, first + DAYS - 1)
    for home, begin, variant in zip(outages.home, outages.begin, outages.variant, strict=True):
        if begin < first * SLOTS_PER_DAY:
            continue
        reading = grid.get((int(home), int(begin)))
        if variant == SILENT:
            assert reading is None
        elif reading is not None:  # a feeder outage may swallow it
            assert reading == (-1, NO_VALUE)
    assert {SILENT, SAYS_NO_VALUE} <= set(outages.variant.tolist())
    for home, begin, end in zip(stuck.home, stuck.begin, stuck.end, strict=True):
        values = {grid[int(home), slot][0] for slot in range(begin, end) if (int(home), slot) in grid} - {-1}
        assert len(values) <= 2  # two stuck spans may overlap


def test_a_feeder_outage_silences_its_area_and_no_other(life: Life) -> None:
    first = START_SLOT // SLOTS_PER_DAY
    outage = life.faults.feeder_outages(first, first + DAYS - 1)
    area, slot = int(outage.home[-1]), int(outage.begin[-1])
    heard = life.power.between(slot, slot + 1).home
    assert not np.any(life.city.residents.area[heard] == area)
    assert len(heard) > 0


def test_phones_report_each_hour_of_those_who_agreed(life: Life) -> None:
    readings = life.phones.due(START_SLOT)
    assert set(readings.home.tolist()) == set(np.flatnonzero(life.city.residents.phone_watched).tolist())
    assert np.all(readings.slot == START_SLOT)
    day = life.phones.between(START_SLOT, START_SLOT + SLOTS_PER_DAY)
    assert len(day) == 24 * len(readings)


def test_readings_are_written_as_the_doors_take_them(life: Life) -> None:
    step = life.power.due(START_SLOT)
    first = step.objects()[0]
    assert start_of(START_SLOT) == 1_795_219_200
    assert first["device"] == step.device(0)
    assert first["series"] == "power"
    assert first["at"] == "2026-11-21T00:00:00Z"
    assert set(first) <= {"device", "series", "at", "value", "quality"}
