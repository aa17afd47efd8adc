# SPDX-License-Identifier: Apache-2.0
"""What rain and warmth do to what falls in, learned from a city's own readings and weather.

So many times the usual falls in: 1 + rain's effect where it rains + warmth's for each ten degrees above the mean of
the weeks before. Effects are the posterior means of a Bayesian linear regression of each hour's total on the usual
total (Gelman et al., Bayesian Data Analysis, ch. 14), which begins at no effect and is pulled away from it by hours
alone: a city whose data say nothing keeps 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rates import Filling
from .shape import LEAST, Floats

WET_MM = 0.2
"""An hour with so much rain is wet: the least that a common gauge tells, twice."""

SPREAD: Floats = np.array([0.3, 0.3, 0.2])
"""Standard deviations before anything was seen: of the level that the usual was mistaken by, of the effect of rain, of
that of ten degrees. Assumptions; readings overrule them."""

SHOCK, ALIKE = 0.1, 8
"""By so much, as a share, a day of a whole city differs from others for no known reason; and so many hours of a day
differ alike, in a city as in a bin: an hour says little, a season much. Assumptions."""

MEMORY_DAYS = 30
"""The mean that warmth is counted from forgets in so long."""


@dataclass(frozen=True)
class Weather:
    """Of an hour: ``rain`` in mm, ``celsius`` of the air."""

    rain: float
    celsius: float


@dataclass(frozen=True)
class Effect:
    """``share``: of the usual, more (or less) that falls in for it; ``error``: its standard deviation."""

    share: float
    error: float


class WeatherEffect:
    """What a whole city's bins have shown so far."""

    def __init__(self) -> None:
        self._precision: Floats = np.diag(1 / SPREAD**2)
        self._pull: Floats = np.zeros(len(SPREAD))
        self._mild: float | None = None

    def learn(self, weather: Weather, filling: Filling) -> None:
        """The hour that the filter stepped last had this weather; it was stepped with the ``times`` of it."""
        if self._mild is None:
            self._mild = weather.celsius
        fell, usual, noise, rates = filling.passed
        if usual > 0:
            seen = usual * self._row(weather)
            noise += ALIKE * (rates + (SHOCK * usual) ** 2)
            self._precision += np.outer(seen, seen) / noise
            self._pull += seen * (fell - usual) / noise
        self._mild += (weather.celsius - self._mild) / (24 * MEMORY_DAYS)

    def times(self, weather: Weather) -> float:
        """So many times the usual is to be expected in such an hour."""
        effects = np.linalg.solve(self._precision, self._pull)
        return max(1 + float(self._row(weather)[1:] @ effects[1:]), LEAST)

    @property
    def rain(self) -> Effect:
        """Of a wet hour."""
        return self._effect(1)

    @property
    def warmth(self) -> Effect:
        """Of ten degrees."""
        return self._effect(2)

    def _effect(self, number: int) -> Effect:
        around = np.linalg.inv(self._precision)
        return Effect(float(around[number] @ self._pull), float(np.sqrt(around[number, number])))

    def _row(self, weather: Weather) -> Floats:
        mild = weather.celsius if self._mild is None else self._mild
        return np.array([1.0, float(weather.rain >= WET_MM), (weather.celsius - mild) / 10])
