# SPDX-License-Identifier: Apache-2.0
"""What may fall in from now on: sampled futures, and what they say of any later hour.

A path begins with a rate and a level drawn from the filter, changes its rate as the filter says rates change, and
receives whole lumps (a Poisson number of them each hour). Over paths that is a Poisson mixture: overdispersed as a
negative binomial is, and with its own share of hours in which nothing falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rates import FULL, HAZARDS, RATES, STEP, Filling, changes_within
from .shape import HOURS, LEAST, Floats

NEAR, BLOCK = 48, 8
"""Hours ahead that are stepped one by one, and the length of the steps after them."""


@dataclass(frozen=True, eq=False)
class Paths:
    """``level`` (bins, samples) now; ``fallen`` (bins, samples, hours): points fallen in by the end of each hour."""

    level: NDArray[np.float32]
    fallen: NDArray[np.float32]

    def levels(self, start: int, end: int) -> NDArray[np.float32]:
        """(bins, samples, end - start): by the end of each of these hours, if nobody empties them."""
        return self.level[:, :, None] + self.fallen[:, :, start:end]

    def later(self, hours: int) -> Paths:
        """The same futures, seen from so many hours on, if nobody empties a bin until then."""
        if hours == 0:
            return self
        before = self.fallen[:, :, hours - 1]
        return Paths(self.level + before, self.fallen[:, :, hours:] - before[:, :, None])

    def overflow_hours(self, hours: int, emptied: NDArray[np.int64]) -> Floats:
        """(bins,): expected hours at 100 or more within ``hours``, where each bin is emptied ``emptied`` (bins,) hours
        from now; those of ``hours`` or later are not."""
        levels = self.levels(0, hours).copy()
        for bin_, at in enumerate(emptied):
            if at < hours:
                gone = self.level[bin_] + (self.fallen[bin_, :, at - 1] if at else 0)
                levels[bin_, :, at:] -= gone[:, None]
        return np.asarray((levels >= FULL).mean(1).sum(1))


def sample_paths(
    filling: Filling, hours: int, *, times: Floats | None = None, samples: int = 64, seed: int = 1
) -> Paths:
    """``samples`` futures of each bin over the ``hours`` after the filter's last. Same seed, same paths.

    ``times``, (bins, hours): so many times the usual is to be expected then, for an event or the weather.
    Hour by hour for two days, in blocks of ``BLOCK`` hours from then on.
    """
    chance = np.random.default_rng(seed)
    bins = filling.bins
    one = _drawn(filling.weight.reshape(bins, -1), (np.arange(samples) + chance.random((bins, samples))) / samples)
    bin_of = np.arange(bins)[:, None]
    persistence, now = one // len(RATES), filling.last_hour + 1
    flat = (bins, len(HAZARDS) * len(RATES))
    mean, variance = filling.mean.reshape(flat)[bin_of, one], filling.variance.reshape(flat)[bin_of, one]
    level = np.maximum(mean + np.sqrt(variance) * chance.standard_normal((bins, samples)), 0)
    rate = RATES[one % len(RATES)] * np.exp(STEP * (chance.random((bins, samples)) - 0.5))
    tends = np.cumsum(filling.tends, axis=1)
    fallen = np.empty((bins, samples, hours), np.float32)
    total = np.zeros((bins, samples))
    for start, end in _blocks(hours):
        changes = np.nonzero(chance.random((bins, samples)) < changes_within(now + start, now + end)[persistence])
        drawn = (tends[changes[0]] < chance.random(len(changes[0]))[:, None]).sum(1)
        rate[changes] = RATES[np.minimum(drawn, len(RATES) - 1)]
        shape = filling.shape.shapes[:, (now + np.arange(start, end)) % HOURS]
        shape = shape if times is None else shape * np.maximum(times[:, start:end], LEAST)
        fell = filling.lump * chance.poisson(rate * shape.sum(1)[:, None] / filling.lump)
        share = np.cumsum(shape, axis=1) / shape.sum(1, keepdims=True)
        fallen[:, :, start:end] = total[:, :, None] + fell[:, :, None] * share[:, None, :]
        total += fell
    return Paths(level.astype(np.float32), fallen)


def _blocks(hours: int) -> list[tuple[int, int]]:
    """(start, end) of each step."""
    near = min(hours, NEAR)
    return [(one, one + 1) for one in range(near)] + [
        (one, min(one + BLOCK, hours)) for one in range(near, hours, BLOCK)
    ]


def _drawn(weight: Floats, at: Floats) -> NDArray[np.intp]:
    """For each row the columns at which its running sum passes ``at`` (rows, draws) of its total."""
    running = np.cumsum(weight, axis=1)
    running /= running[:, -1:]
    return np.minimum((running[:, None, :] < at[:, :, None]).sum(2), weight.shape[1] - 1)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Of all bins, if nobody empties them. Hours count from now; ``paths`` is what it is read from."""

    paths: Paths

    def quantiles(self, hours: int, shares: tuple[float, ...]) -> Floats:
        """(shares, bins): the level ``hours`` from now, points."""
        return np.asarray(np.quantile(self.paths.level + self.paths.fallen[:, :, hours - 1], shares, axis=1))

    def probability_full(self, hours: int) -> Floats:
        """(bins,): P(level ≥ 100 at some time within ``hours``); levels only rise."""
        return np.asarray((self.paths.level + self.paths.fallen[:, :, hours - 1] >= FULL).mean(1))

    def overflow_hours(self, start: int, end: int) -> Floats:
        """(bins,): expected hours at 100 or more between ``start`` and ``end``."""
        return np.asarray((self.paths.levels(start, end) >= FULL).sum(2).mean(1))

    def full_by(self, hours: int, sureness: float) -> tuple[NDArray[np.int64], Floats]:
        """Per bin the first hour by which it is full with ``sureness``, or ``hours``; and the probability then."""
        by_then = (self.paths.levels(0, hours) >= FULL).mean(1)
        first = np.where((by_then >= sureness).any(1), (by_then >= sureness).argmax(1), hours - 1)
        return first + 1, by_then[np.arange(len(first)), first]
