# SPDX-License-Identifier: Apache-2.0
"""Bins are followed from noisy readings, and what is said of tomorrow holds as often as is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from dure.engines.filling import Filling, Forecast, sample_paths
from dure.engines.filling.shape import Floats

BINS, DAYS = 60, 28
NIGHT_LIFE = np.array([2.5 if hour >= 20 or hour < 2 else 0.6 for hour in range(24)])


@dataclass
class Said:
    """What was forecast each morning for the next, and what came, (days, bins)."""

    filling: Filling
    bands: Floats
    chance: Floats
    level: Floats


def falling(chance: np.random.Generator) -> Floats:
    """(hours, bins): rates that change once in two days, most of it at night, in lumps of a point."""
    usual = chance.lognormal(np.log(1.5), 0.5, BINS)
    rate, amounts = usual.copy(), np.zeros((24 * (DAYS + 1), BINS))
    for hour in range(len(amounts)):
        rate = np.where(chance.random(BINS) < 1 / 48, usual * chance.lognormal(0, 0.4, BINS), rate)
        amounts[hour] = chance.poisson(rate * NIGHT_LIFE[hour % 24] / NIGHT_LIFE.mean())
    return amounts


@pytest.fixture(scope="module")
def said() -> Said:
    """Four weeks, of which the last two are judged; a crew empties at 60 and says so to nobody."""
    chance = np.random.default_rng(3)
    amounts, level, filling = falling(chance), np.zeros(BINS), Filling(BINS)
    found: list[tuple[Floats, Floats, Floats]] = []
    for hour in range(24 * DAYS):
        level = level + amounts[hour]
        readings = np.clip(np.rint(level + 3 * chance.standard_normal(BINS)), 0, 100)
        filling.step(hour % 168, np.where(chance.random(BINS) < 0.02, np.nan, readings))
        if hour % 24 == 5 and hour > 24 * 14:
            seen = Forecast(sample_paths(filling, 24, samples=64, seed=hour))
            bands = seen.quantiles(24, (0.25, 0.75, 0.1, 0.9, 0.025, 0.975))
            found.append((bands, seen.probability_full(24), level + amounts[hour + 1 : hour + 25].sum(0)))
        level = np.where((hour % 24 == 7) & (level > 60), 0, level)
    bands, said_chance, came = (np.array(part) for part in zip(*found, strict=True))
    return Said(filling, bands, said_chance, came)


def test_bands_hold_as_often_as_they_say(said: Said) -> None:
    low, high = said.bands[:, ::2], said.bands[:, 1::2]
    inside = ((low <= said.level[:, None]) & (said.level[:, None] <= high)).mean((0, 2))

    assert inside == pytest.approx([0.5, 0.8, 0.95], abs=0.06)


def test_chance_of_overflow_is_calibrated_and_sharp(said: Said) -> None:
    full = said.level >= 100
    usual = full.mean()
    likely = (said.chance > 0.2) & (said.chance < 0.8)

    assert ((said.chance - full) ** 2).mean() < 0.4 * usual * (1 - usual)
    assert full[likely].mean() == pytest.approx(said.chance[likely].mean(), abs=0.1)


def test_hours_of_the_day_are_learned(said: Said) -> None:
    learned = said.filling.shape.city.reshape(7, 24).mean(0)

    assert learned[20:].mean() > 2.5 * learned[10:18].mean()  # it began with an afternoon; truth is 4.2


def steady(filling: Filling, hours: int, rate: float, begin: float = 0.0) -> float:
    """Feed one bin a steady rise from ``begin`` without noise; returns the level."""
    level = begin
    for _ in range(hours):
        level += rate
        filling.step(filling.hours % 168, np.array([min(round(level), 100.0)]))
    return level


def test_emptying_is_seen_from_two_readings_and_a_spike_is_not() -> None:
    filling = Filling(1)
    level = steady(filling, 40, 1.5)
    spike = filling.step(40, np.array([3.0]))
    again = filling.step(41, np.array([round(level + 3)]))

    assert not spike[0]
    assert not again[0]
    assert filling.level[0] == pytest.approx(level + 3, abs=4)

    first, second = filling.step(42, np.array([2.0])), filling.step(43, np.array([4.0]))

    assert (first[0], second[0]) == (False, True)
    assert filling.level[0] == pytest.approx(4, abs=3)


def test_crew_that_says_empty_is_believed_until_readings_differ() -> None:
    filling = Filling(1)
    level = steady(filling, 40, 1.5)
    filling.visited(np.array([True]))

    assert filling.level[0] == 0

    steady(filling, 2, 1.5, level)

    assert filling.level[0] == pytest.approx(level + 3, abs=5)


def test_level_goes_on_where_the_reading_ends() -> None:
    filling = Filling(1)
    level = steady(filling, 70, 2.0)

    assert level == 140
    assert filling.level[0] > 115


def test_silent_sensor_is_forecast_and_grows_uncertain() -> None:
    filling = Filling(1)
    level = steady(filling, 48, 1.0)
    before = np.ptp(Forecast(sample_paths(filling, 1)).quantiles(1, (0.1, 0.9)))
    for hour in range(24):
        filling.step(hour, np.array([np.nan]))

    assert filling.silent[0] == 24
    assert filling.level[0] == pytest.approx(level + 24, abs=12)
    assert np.ptp(Forecast(sample_paths(filling, 1)).quantiles(1, (0.1, 0.9))) > 2 * before


def test_stuck_sensor_is_not_believed() -> None:
    filling = Filling(1)
    steady(filling, 72, 1.2)
    filling.visited(np.array([True]))
    level = steady(filling, 24, 1.2)
    for hour in range(24, 60):
        filling.step(hour, np.array([round(level)]))

    assert filling.silent[0] > 12
    assert filling.level[0] > level + 15


def test_same_seed_gives_the_same_paths(said: Said) -> None:
    one, two = (sample_paths(said.filling, 6, samples=8, seed=5) for _ in range(2))

    assert np.array_equal(one.fallen, two.fallen)
    assert not np.array_equal(one.fallen, sample_paths(said.filling, 6, samples=8, seed=6).fallen)


def test_readings_of_another_city_are_refused() -> None:
    with pytest.raises(ValueError, match=r"readings are \(1,\), not \(2,\)"):
        Filling(1).step(0, np.zeros(2))


def test_event_that_is_known_of_fills_bins_and_teaches_nothing() -> None:
    """Half of the bins have a market with three times the usual on four evenings; who is told of it knows afterwards
    what the other half shows to be usual, and expects three times as much of the next."""
    chance, market = np.random.default_rng(5), np.arange(BINS) < BINS // 2
    told, untold, level = Filling(BINS), Filling(BINS), np.full(BINS, 5.0)
    for hour in range(24 * 14):
        evening = hour // 24 >= 10 and hour % 24 in (18, 19, 20, 21)
        times = np.where(market & evening, 3.0, 1.0)
        level = level + chance.poisson(1.2 * times)
        readings = np.clip(np.rint(level + 3 * chance.standard_normal(BINS)), 0, 100)
        told.step(hour % 168, readings, times)
        untold.step(hour % 168, readings)
        level = np.where(hour % 24 == 7, 0, level)
        if hour % 24 == 7:
            told.visited(np.ones(BINS, bool))
            untold.visited(np.ones(BINS, bool))
    evenings = told.shape.shapes[:, [24 * 3 + 19, 24 * 4 + 19]].mean(1)
    assert evenings[market].mean() < 1.15 * evenings[~market].mean()
    assert untold.shape.shapes[market][:, 24 * 3 + 19].mean() > evenings[market].mean()
    usual, thrice = (
        sample_paths(told, 6, times=times, seed=1).fallen[:, :, -1].mean() for times in (None, np.full((BINS, 6), 3.0))
    )
    assert 2.6 < thrice / usual < 3.4
