# SPDX-License-Identifier: Apache-2.0
"""What it is worth to go to a bin now, rather than at any later opportunity.

The same sampled futures are lived through twice, by a bin that is emptied now and by one that is not, and from the next
opportunity on both follow the same plain rule: a bin is emptied when the chance that it is full before the opportunity
after is more than so much. What the second costs more than the first (visits, and overflow at its price) is what going
now is worth; of several such rules each takes the one that is cheapest for it. One goes where that is more than going
now costs: where nobody drives a whole visit, on a route the detour. This is rollout, one step of policy improvement
(Bertsekas, Tsitsiklis, Wu 1997, Rollout algorithms for combinatorial optimization).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .paths import Forecast, Paths
from .rates import FULL
from .shape import Flags, Floats

SURE = 0.8
"""A reason names the hour by which a bin is full with this probability, where there is one."""

CHANCES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)
"""Of being full before the opportunity after: the rules that are tried from the next one on."""

EMPTY_ENOUGH = 20.0
"""Points below which no rule goes to a bin, however fast it is filled."""


@dataclass(frozen=True)
class Price:
    """``overflow_hour``: what an hour of overflow costs, in visits.

    ``must``: P(full before the next opportunity) from which nobody asks what the detour costs.
    """

    overflow_hour: float = 0.6
    must: float = 0.99


@dataclass(frozen=True, eq=False)
class Choice:
    """Of all bins, each (bins,). ``worth``: of going now, in visits; ``go`` where that is more than a visit.

    ``must``: full before the next opportunity for certain, as good as. The reason: full within ``full_in`` hours with
    probability ``chance``.
    """

    worth: Floats
    go: Flags
    must: Flags
    full_in: Floats
    chance: Floats


def value_of_going(paths: Paths, opportunities: Sequence[int], price: Price | None = None) -> Choice:
    """Value every bin. ``opportunities``: the next decisions, hours from now, rising, none after the paths' last."""
    price = price or Price()
    later = np.asarray(opportunities)
    if not len(later) or (np.diff(later, prepend=0) <= 0).any() or later[-1] > paths.fallen.shape[2]:
        raise ValueError("opportunities are rising hours from 1 to the paths' last")
    futures = _Futures(paths, later)
    emptied, waiting = futures.lived(np.zeros_like(paths.level)), futures.lived(paths.level)
    # what a point left at the end will cost: a visit takes along as much as visits did until then
    a_point = (emptied.visits.sum(2, keepdims=True) + 1) / (emptied.taken.sum(2, keepdims=True) + futures.first)
    ends = [
        one.visits + price.overflow_hour * one.overflow + _left(one.level, futures.first, a_point)
        for one in (waiting, emptied)
    ]
    worth = np.subtract(*(cost.mean(2).min(0) for cost in ends)).astype(np.float64)
    seen = Forecast(paths)
    full_in, chance = seen.full_by(int(later[0]), SURE)
    must = seen.probability_full(int(later[0])) >= price.must
    return Choice(worth, worth > 1, must, full_in.astype(np.float64), chance)


@dataclass(frozen=True, eq=False)
class _Lived:
    """Until the last opportunity, each (rules, bins, samples): ``taken`` points by ``visits``, hours of ``overflow``,
    and the ``level`` then."""

    visits: NDArray[np.float32]
    taken: NDArray[np.float32]
    overflow: NDArray[np.float32]
    level: NDArray[np.float32]


class _Futures:
    """Paths, cut at the opportunities."""

    def __init__(self, paths: Paths, later: NDArray[np.int64]) -> None:
        starts = np.concatenate([[0], later[:-1]])
        before = [paths.fallen[:, :, start - 1, None] if start else np.float32(0) for start in starts]
        self.gaps = [
            paths.fallen[:, :, start:end] - fell for start, end, fell in zip(starts, later, before, strict=True)
        ]
        """Of each gap (bins, samples, hours): what falls in from its start."""
        totals = np.stack([gap[:, :, -1] for gap in self.gaps], axis=2)
        likely = np.quantile(totals, 1 - np.array(CHANCES), axis=1)
        self.enough = np.maximum(FULL - likely, EMPTY_ENOUGH).astype(np.float32)
        """(rules, bins, gaps): the level from which a rule goes when the gap begins."""
        self.first = self.enough[:, :, 0, None]
        """The last opportunity is taken to be like this one, a week before or so."""

    def lived(self, level: NDArray[np.float32]) -> _Lived:
        """From ``level`` (bins, samples) on; nobody goes at the start of the first gap."""
        now = np.repeat(level[None], len(CHANCES), axis=0)
        visits, taken, overflow = np.zeros_like(now), np.zeros_like(now), np.zeros_like(now)
        for number, gap in enumerate(self.gaps):
            if number:
                go = now >= self.enough[:, :, number, None]
                visits += go
                taken += np.where(go, now, 0)
                now = np.where(go, 0, now)
            end = now + gap[:, :, -1]
            full = np.nonzero(end >= FULL)
            overflow[full] += (gap[full[1:]] >= (FULL - now[full])[:, None]).sum(1)
            now = end
        return _Lived(visits, taken, overflow, now)


def _left(level: NDArray[np.float32], enough: NDArray[np.float32], a_point: NDArray[np.float32]) -> Floats:
    """A visit where the rule would go at the end, else the part of one that is used up."""
    return np.where(level >= enough, 1, np.minimum(level * a_point, 1))
