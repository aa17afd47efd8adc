# SPDX-License-Identifier: Apache-2.0
"""What it is worth to go to a bin now, rather than at any later opportunity.

Emptying a bin now and emptying it T hours later cost the same visit. What differs: until then it may overflow, and
every visit after it comes T hours later, too. In the long run a bin costs g an hour (visits and overflow, at the best
interval for it), so that waiting saves g · T (the renewal-reward argument for optimal stopping). Hence

    worth of going now = cost of going later + min over opportunities T of (price · E[overflow-hours until T] − g · T)

and one goes where that is more than going now costs: where nobody drives a whole visit, on a route the detour.
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


@dataclass(frozen=True)
class Price:
    """``overflow_hour``: what an hour of overflow costs, in visits.

    ``must``: P(full before the next opportunity) from which nobody asks what the detour costs.
    """

    overflow_hour: float = 0.4
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
    waiting = _overflow_until(paths.levels(0, int(later[-1])), later)
    emptied = _overflow_until(paths.fallen, later)
    running = ((1 + price.overflow_hour * emptied) / later).min(1)
    # of bins slower than the paths are long the interval is what fills them to four fifths
    slow = paths.fallen[:, :, -1].mean(1) / paths.fallen.shape[2] / (0.8 * FULL)
    running = np.where(slow * later[-1] < 1, np.minimum(running, slow), running)
    worth = 1 + (price.overflow_hour * waiting - running[:, None] * later).min(1)
    seen = Forecast(paths)
    full_in, chance = seen.full_by(int(later[0]), SURE)
    must = seen.probability_full(int(later[0])) >= price.must
    return Choice(worth, worth > 1, must, full_in.astype(np.float64), chance)


def _overflow_until(levels: NDArray[np.float32], later: NDArray[np.int64]) -> Floats:
    """(bins, opportunities): expected hours at 100 or more until each."""
    return np.asarray(np.cumsum((levels >= FULL).mean(1), axis=1)[:, later - 1])
