# SPDX-License-Identifier: Apache-2.0
"""What falls in by hour of the week, relative to the bin's own mean: the city's shape, and what each bin adds to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOURS = 168
"""Of a week; hour 0 begins on Monday at midnight."""

DAYTIME_SPREAD, WEEKDAY_SPREAD, CELL_SPREAD, OWN_SPREAD = 0.6, 0.3, 0.1, 0.3
"""How far, as a standard deviation of the ratio, a city's hours of the day are from the assumed ones, its weekdays from
one another, an hour of the week from both, a bin's own hours from its city's. Assumptions; readings overrule them."""

LEAST = 0.02
"""Of a shape: no hour is sure to bring nothing."""


def assumed_daytime() -> Floats:
    """A day before anything was read, (24,), mean 1: little at night, most in the afternoon. An assumption."""
    hours = np.arange(24) + 0.5
    shape = 0.15 + np.clip(np.sin((hours - 6) / 18 * np.pi), 0, None)
    shape[:6] = 0.15
    return shape / shape.mean()


class WeekShape:
    """Shapes of all bins, learned from the differences between readings an hour apart.

    Every ratio is a prior and what was seen, weighted by how sure the readings make it (the normal-normal posterior
    mean), level by level: hour of day, weekday, hour of week, and the bin's own hours on working days and at weekends.
    """

    def __init__(self, bins: int) -> None:
        self.amount: Floats = np.zeros((bins, HOURS))
        """Sum of the differences seen, points."""
        self.exposure: Floats = np.zeros((bins, HOURS))
        """What would have been the sum under a flat shape."""
        self.variance: Floats = np.zeros((bins, HOURS))
        """Of ``amount``."""
        self.city: Floats = np.tile(assumed_daytime(), 7)
        self.shapes: Floats = np.tile(self.city, (bins, 1))
        """(bins, 168), each of mean 1."""

    def learn(self, hour: int, seen: Flags, amount: Floats, rate: Floats, variance: Floats) -> None:
        """Add one hour: of the bins ``seen`` (bins,), ``amount`` fell in where a flat shape says ``rate``."""
        self.amount[seen, hour] += amount[seen]
        self.exposure[seen, hour] += rate[seen]
        self.variance[seen, hour] += variance[seen]

    def refresh(self) -> None:
        """Work the shapes out anew from all that was learned; once a day is enough."""
        self.city = _city(self.amount.sum(0), self.exposure.sum(0), self.variance.sum(0))
        own = _shrunk(
            np.ones(1),
            _half_weeks(self.amount),
            _half_weeks(self.exposure * self.city),
            _half_weeks(self.variance),
            OWN_SPREAD,
        )
        per_hour = np.concatenate([np.tile(own[:, :24], 5), np.tile(own[:, 24:], 2)], axis=1)
        self.shapes = _of_mean_one(self.city * per_hour)


def _city(amount: Floats, exposure: Floats, variance: Floats) -> Floats:
    """(168,) from the sums of all bins, each (168,)."""
    week = (7, 24)
    a, e, v = amount.reshape(week), exposure.reshape(week), variance.reshape(week)
    daytime = _shrunk(assumed_daytime(), a.sum(0), e.sum(0), v.sum(0), DAYTIME_SPREAD)
    weekday = _shrunk(np.ones(7), a.sum(1), (e * daytime).sum(1), v.sum(1), WEEKDAY_SPREAD)
    return _of_mean_one(_shrunk(np.outer(weekday, daytime), a, e, v, CELL_SPREAD).ravel())


def _half_weeks(of: Floats) -> Floats:
    """(bins, 168) → (bins, 48): the hours of working days, then those of weekends, summed."""
    days = of.reshape(-1, 7, 24)
    return np.concatenate([days[:, :5].sum(1), days[:, 5:].sum(1)], axis=1)


def _shrunk(prior: Floats, amount: Floats, exposure: Floats, variance: Floats, spread: float) -> Floats:
    """Posterior mean of ratio r, where amount ~ N(r · exposure, variance) and r ~ N(prior, spread²)."""
    precision = np.divide(exposure**2, variance, out=np.zeros_like(exposure), where=variance > 0) * spread**2
    ratio = np.divide(amount, exposure, out=np.zeros_like(exposure), where=exposure > 0)
    return np.maximum((prior + precision * ratio) / (1 + precision), LEAST)


def _of_mean_one(shape: Floats) -> Floats:
    return shape / shape.mean(-1, keepdims=True)
