# SPDX-License-Identifier: Apache-2.0
"""What rain and warmth do is learned where readings show it, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from dure.engines.filling import Filling
from dure.engines.filling.weather import Weather, WeatherEffect

DAYTIME = np.array([0.3] * 7 + [1.5] * 14 + [0.3] * 3)


def learned(rain: float, warmth: float, days: int = 45, bins: int = 50) -> WeatherEffect:
    """From bins into which so much more falls in the wet, and with ten degrees; some days rain for six hours."""
    chance = np.random.default_rng(3)
    filling, effect = Filling(bins), WeatherEffect()
    level, rate = np.zeros(bins), chance.lognormal(0, 0.5, bins)
    for day in range(days):
        celsius, wet = 15 + 8 * np.sin(day / 9) + 3 * chance.standard_normal(), chance.random() < 0.35
        begins = chance.integers(6, 16)
        today = rate * chance.lognormal(0, 0.3, bins)
        for hour in range(24):
            weather = Weather(2.0 if wet and begins <= hour < begins + 6 else 0.0, celsius)
            times = 1 + rain * (weather.rain > 0) + warmth * (celsius - 15) / 10
            level += chance.poisson(today * DAYTIME[hour] * times)
            readings = np.rint(np.clip(level + 3 * chance.standard_normal(bins), 0, 100))
            filling.step(day % 7 * 24 + hour, readings, effect.times(weather))
            effect.learn(weather, filling)
            if hour == 5:
                emptied = level > 40
                level[emptied] = 0
                filling.visited(emptied)
    return effect


def test_effects_that_are_there_are_found() -> None:
    effect = learned(-0.4, 0.25)

    assert effect.rain.share == pytest.approx(-0.4, abs=0.12)
    assert effect.warmth.share == pytest.approx(0.25, abs=0.1)
    assert effect.rain.error < 0.1
    assert effect.times(Weather(5, 15)) < 0.8


def test_where_there_is_none_none_is_said() -> None:
    effect = learned(0, 0)

    assert effect.rain.share == pytest.approx(0, abs=0.1)
    assert effect.warmth.share == pytest.approx(0, abs=0.08)


def test_nothing_seen_is_the_usual() -> None:
    effect = WeatherEffect()

    assert effect.times(Weather(10, 30)) == 1
    assert (effect.rain.share, effect.rain.error) == (0, pytest.approx(0.3))
