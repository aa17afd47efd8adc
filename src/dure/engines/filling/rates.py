# SPDX-License-Identifier: Apache-2.0
"""Follow each bin: how full it is, and how fast it is being filled at present.

A grid filter. What falls into a bin in an hour is its rate times its shape of the week. The rate stays as it is for a
time, then changes to another that this bin tends to have. For each rate of a grid and each of a few persistences a
bin has a probability, and, given these, a level with a variance (a Kalman filter each, merged where rates change).
That is all that is kept of the past, besides the shapes: some 300 numbers a bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .shape import HOURS, Flags, Floats, WeekShape

RATES: Floats = np.concatenate([[0.0], np.geomspace(0.05, 15, 31)])
"""Points an hour, mean of the week: nothing at all, then from a bin a fortnight or more to one every seven hours."""

STEP = float(np.log(RATES[2] / RATES[1]))
"""Between rates of the grid, as a logarithm."""

HAZARDS: Floats = np.array([0.95, 0.4, 0.1])
"""Within a day a rate changes with this probability; which of these is a bin's own is learned."""

CHANGING: Floats = np.array([0.8 / 6 if hour < 6 else 0.2 / 18 for hour in range(24)])
"""When in the day it does: days differ more from one another than a day's hours do from its shape. An assumption."""

LUMP, LUMP_POINTS, LUMPS = 1.0, 500.0, (0.3, 10.0)
"""Points that fall in at once, at first: the variance of what falls in is so many times its mean. An assumption that
counts as much as so many points seen to fall in; and between which sizes it is looked for."""

FORGET = 1 - 1 / (24 * 45)
"""Of the rates that a bin tends to have, each hour: what was 45 days ago counts a third."""

CITY_HOURS = 60.0
"""The city's rates count as much as so many hours of the bin's own."""

KERNEL_SPREAD = 0.3
"""Standard deviation, as a logarithm, by which a bin's next rate may differ from any it had."""

FULL = 100.0
"""Points at which a bin overflows."""

ODD_POINTS, ODD_DEVIATIONS = 12.0, 4.5
"""A reading further than both from what was expected is believed only when the next one says the same."""

STUCK_HOURS, STUCK_POINTS = 8, 15.0
"""A sensor that says the same so many times in a row while so much should have fallen in is not believed any more."""


@dataclass(frozen=True)
class Sensor:
    """``noise``: standard deviation of a reading, points. ``most``: the highest reading, which says "this or more"."""

    noise: float = 3.0
    most: float = 100.0


class Passed(NamedTuple):
    """Of all bins whose readings say what fell in in an hour, points: how much ``fell``, how much ``usual`` is, and the
    variances of that for the ``noise`` of readings and lumps, and for the ``rates`` that a bin has on other days."""

    fell: float
    usual: float
    noise: float
    rates: float


def changes_within(start: int, end: int) -> Floats:
    """(hazards,): probability that a rate changes from hour ``start`` of the week to ``end``."""
    return np.asarray(1 - (1 - HAZARDS) ** CHANGING[np.arange(start, end) % 24].sum())


def _kernel() -> Floats:
    """(rates, rates) without the rate of nothing: each row a normal density around its rate."""
    steps = np.arange(len(RATES) - 1)
    density = np.exp(-0.5 * ((steps[:, None] - steps) * STEP / KERNEL_SPREAD) ** 2)
    return np.asarray(density / density.sum(1, keepdims=True))


KERNEL = _kernel()


def _upper_tail(z: Floats) -> Floats:
    """1 - Φ(z) to 8 in 100,000,000 (Abramowitz and Stegun 26.2.17), for z up to 5 or so."""
    t = 1 / (1 + 0.2316419 * np.abs(z))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = series * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.where(z < 0, 1 - tail, tail)


class Filling:
    """The state of all bins."""

    def __init__(self, bins: int, sensor: Sensor | None = None) -> None:
        self.sensor = sensor or Sensor()
        self.shape = WeekShape(bins)
        common = np.exp(-0.5 * (np.log(RATES[1:]) - np.log(1.2)) ** 2)
        prior = np.concatenate([[0.02], 0.98 * common / common.sum()])
        self.prior: Floats = prior
        """(rates,): of a city nothing was read from."""
        self.habit: Floats = np.zeros((bins, len(RATES)))
        """(bins, rates): hours that each rate was present, discounted."""
        self.tends: Floats = np.tile(prior, (bins, 1))
        """(bins, rates): what a rate changes to."""
        size = (bins, len(HAZARDS), len(RATES))
        self.weight: Floats = np.broadcast_to(prior / len(HAZARDS), size).copy()
        self.mean: Floats = np.full(size, 30.0)
        self.variance: Floats = np.full(size, 900.0)
        self.lump = LUMP
        """Points that fall in at once, in the whole city, as learned so far."""
        self.silent: Floats = np.full(bins, np.inf)
        """Hours since a reading that was believed."""
        self.hours = 0
        """Steps so far."""
        self.last_hour = HOURS - 1
        """Of the week: the hour that passed last."""
        self.passed = Passed(0, 0, 0, 0)
        """What fell in in it: said by the step, and not kept in the record."""
        self._doubted: Floats = np.full(bins, np.nan)
        self._previous: Floats = np.full(bins, np.nan)
        self._same: Floats = np.zeros(bins)
        self._owed: Floats = np.zeros(bins)
        self._said: Floats = np.full(bins, np.nan)
        self._surprise: Floats = np.full(bins, np.nan)
        self._lumps: list[float] = [0.0, 0.0]

    @property
    def bins(self) -> int:
        """How many."""
        return len(self.weight)

    @property
    def level(self) -> Floats:
        """(bins,): expected level, points; above 100 beside the bin."""
        return np.asarray((self.weight * self.mean).sum((1, 2)))

    @property
    def rate(self) -> Floats:
        """(bins,): expected present rate, points an hour in the week's mean."""
        return np.asarray((self.weight * RATES).sum((1, 2)))

    def step(self, hour: int, readings: Floats, times: Floats | float = 1.0) -> Flags:
        """Hour ``hour`` of the week has passed and these are the readings at its end, (bins,), nan where there is none.

        ``times``, (bins,): so many times the usual was to be expected in this hour, for an event or the weather; what
        is learned is what is usual without. Returns which bins are now seen to have been emptied: a drop that two
        readings in a row agree on.
        """
        if readings.shape != (self.bins,):
            raise ValueError(f"readings are ({self.bins},), not {readings.shape}")
        rate, shape = self.rate, self.shape.shapes[:, hour] * times
        unsure = (self.weight * RATES**2).sum((1, 2)) - rate**2
        self._change_rates(changes_within(hour, hour + 1))
        self._let_fall(shape)
        heard = np.isfinite(readings) & ~self._stuck(readings, shape)
        odd, sure = self._doubt(readings, heard)
        dropped = sure & (readings < self.level)
        self._set_level(sure, readings, self.sensor.noise**2)
        usable = heard & ~odd
        self._believe(usable, readings)
        self._learn(hour, usable, readings, rate * times, rate * shape)
        self._learn_lump(usable, readings, rate * shape, unsure * shape**2)
        self.silent = np.where(usable | sure, 0, self.silent + 1)
        self._previous = np.where(usable | sure, readings, np.nan)
        self.hours += 1
        self.last_hour = hour
        return dropped

    def visited(self, which: Flags) -> None:
        """The crew says that these (bins,) are empty now: believed until two readings in a row say otherwise."""
        self._set_level(which, np.zeros(self.bins), 1.0)
        self._previous[which] = np.nan
        self._owed[which] = 0

    def _change_rates(self, hazards: Floats) -> None:
        hazard = hazards[:, None]
        of_hazard = self.weight.sum(2, keepdims=True)
        share = self.weight / of_hazard
        middle = (share * self.mean).sum(2, keepdims=True)
        around = (share * (self.variance + (self.mean - middle) ** 2)).sum(2, keepdims=True)
        stay = self.weight * (1 - hazard)
        come = hazard * of_hazard * self.tends[:, None, :]
        weight = stay + come
        new = come / weight
        mean = self.mean + new * (middle - self.mean)
        stayed = self.variance + (self.mean - mean) ** 2
        self.variance = stayed + new * (around + (middle - mean) ** 2 - stayed)
        self.weight, self.mean = weight, mean

    def _let_fall(self, shape: Floats) -> None:
        falls = shape[:, None, None] * RATES
        self.mean = self.mean + falls
        self.variance = self.variance + self.lump * falls + (STEP / 3 * falls) ** 2

    def _stuck(self, readings: Floats, shape: Floats) -> Flags:
        """Who has said the same for long while its bin should have been filling."""
        known = np.isfinite(readings)
        changed = known & (readings != self._said)
        self._same = np.where(changed, 0, self._same + known)
        self._owed = np.where(changed, 0, self._owed + shape * (self.tends * RATES).sum(1))
        self._said = np.where(known, readings, self._said)
        ends = (readings <= 0) | (readings >= self.sensor.most)
        return (self._same >= STUCK_HOURS) & (self._owed > STUCK_POINTS) & ~ends

    def _doubt(self, readings: Floats, heard: Flags) -> tuple[Flags, Flags]:
        """Which readings are odd, and which of these the reading before had said, too."""
        level = self.level
        spread = (self.weight * (self.variance + (self.mean - level[:, None, None]) ** 2)).sum((1, 2))
        wide = np.maximum(ODD_POINTS, ODD_DEVIATIONS * np.sqrt(spread + self.sensor.noise**2))
        odd = heard & (np.abs(readings - np.minimum(level, self.sensor.most)) > wide)
        sure = odd & (np.abs(readings - self._doubted) < 2 * ODD_POINTS)
        self._doubted = np.where(heard, np.where(odd & ~sure, readings, np.nan), self._doubted)
        return odd, sure

    def _set_level(self, which: Flags, level: Floats, variance: float) -> None:
        self.mean[which] = level[which, None, None]
        self.variance[which] = variance

    def _believe(self, which: Flags, readings: Floats) -> None:
        """The Kalman step of every rate, and Bayes's rule between them.

        A reading at either end says "this or beyond": moments of a normal cut off there (Johnson, Kotz, Balakrishnan,
        Continuous Univariate Distributions 1, ch. 13).
        """
        value, mean, variance = readings[which, None, None], self.mean[which], self.variance[which]
        spread = variance + self.sensor.noise**2
        likelihood = -0.5 * ((value - mean) ** 2 / spread + np.log(spread))
        pull, sureness = (value - mean) / spread, 1 / spread
        for end, side in ((self.sensor.most - 0.5, 1), (0.5, -1)):
            capped = side * (readings[which] - end) > 0
            z = np.clip(side * (end - mean[capped]) / np.sqrt(spread[capped]), -5, 5)
            beyond = _upper_tail(z)
            steep = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) / beyond
            likelihood[capped] = np.log(beyond)
            pull[capped] = side * steep / np.sqrt(spread[capped])
            sureness[capped] = steep * (steep - z) / spread[capped]
        self.mean[which] = mean + variance * pull
        self.variance[which] = variance * (1 - variance * sureness)
        weight = self.weight[which] * np.exp(likelihood - likelihood.max((1, 2), keepdims=True)) + 1e-12
        self.weight[which] = weight / weight.sum((1, 2), keepdims=True)

    def _learn(self, hour: int, usable: Flags, readings: Floats, flat: Floats, expected: Floats) -> None:
        """The shape from differences of readings; the rates that a bin tends to have from those it is at."""
        most = self.sensor.most - self.sensor.noise
        pairs = usable & (readings < most) & (self._previous < most)
        difference = np.where(pairs, readings - self._previous, 0)
        noise = 2 * self.sensor.noise**2 + self.lump * expected
        self.passed = self._sum_of(pairs, difference, self.shape.shapes[:, hour], noise)
        self.shape.learn(hour, pairs, difference, flat, noise)
        present = self.weight.sum(1)
        self.habit = FORGET * self.habit + np.where(usable[:, None], present, 0)
        if self.hours % 24 == 23:
            self.shape.refresh()
            self.tends = self._tendencies()

    def _sum_of(self, pairs: Flags, difference: Floats, shape: Floats, noise: Floats) -> Passed:
        usual = (self.tends * RATES).sum(1)
        around = (self.tends * RATES**2).sum(1) - usual**2
        each = (difference, usual * shape, noise, around * shape**2)
        return Passed(*(float(of[pairs].sum()) for of in each))

    def _learn_lump(self, usable: Flags, readings: Floats, expected: Floats, unsure: Floats) -> None:
        """How far differences of readings scatter beyond what noise explains.

        A difference has the variance of its fall and twice the noise's, two in a row share one noise with opposite
        signs: the fall's is the mean square plus twice the mean product, less what not knowing the rate adds to each.
        """
        inner = usable & (readings > 2 * self.sensor.noise) & (readings < self.sensor.most - 2 * self.sensor.noise)
        surprise = np.where(inner, readings - self._previous - expected, np.nan)
        both = np.isfinite(surprise) & np.isfinite(self._surprise)
        now, before = surprise[both], self._surprise[both]
        self._lumps[0] += float((now**2 + 2 * now * before - 3 * unsure[both]).sum())
        self._lumps[1] += float(expected[both].sum())
        self._surprise = surprise
        if self.hours % 24 == 23:
            learned = (self._lumps[0] + LUMP * LUMP_POINTS) / (self._lumps[1] + LUMP_POINTS)
            self.lump = float(np.clip(learned, *LUMPS))

    def _tendencies(self) -> Floats:
        """Own habit and the city's, spread over the rates around each: a few weeks show a dozen rates of a bin."""
        city = self.habit.sum(0) + self.prior * 24
        own = self.habit + CITY_HOURS * city / city.sum()
        own[:, 1:] = own[:, 1:] @ KERNEL
        return own / own.sum(1, keepdims=True)
