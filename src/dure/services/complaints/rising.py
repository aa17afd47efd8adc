# SPDX-License-Identifier: Apache-2.0
"""What comes more often this week than chance would have it. Counts in, findings out.

A cell (a topic in an area) is compared with its own previous weeks. Where it comes as often as ever, all its things
fall into the weeks alike, so that of ``now + before`` things those of this week are binomial with 1 / (1 + weeks): the
conditional test of two Poisson counts (Przyborowski and Wilenski 1940), which needs no guess of the usual rate. Many
cells are looked at, so that some are high by chance: Benjamini and Hochberg (1995) keep the share of such among those
that are told below ``share``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Generic, TypeVar

FEWEST_WEEKS = 3
"""Previous weeks without which there is nothing to compare with."""
FEWEST_NOW = 3
"""Things a week that are worth a word at all."""
SHARE = 0.05
Cell = TypeVar("Cell", bound=Hashable)


@dataclass(frozen=True)
class Rise(Generic[Cell]):
    """``usual``: things a week before; ``p``: how often chance alone brings as many or more."""

    cell: Cell
    now: int
    before: int
    usual: float
    p: float


@dataclass(frozen=True)
class Rises(Generic[Cell]):
    """Those that rise, the surest first, of so many cells that were ``tested``."""

    found: list[Rise[Cell]]
    tested: int


def rises(now: Mapping[Cell, int], before: Mapping[Cell, int], weeks: int, share: float = SHARE) -> Rises[Cell]:
    """``now``: things of the last seven days by cell; ``before``: of the ``weeks`` before together. Cells with few
    things now are not tested. Raises ValueError for fewer than FEWEST_WEEKS weeks."""
    if weeks < FEWEST_WEEKS:
        raise ValueError(f"weeks: at least {FEWEST_WEEKS} are needed, got {weeks}")
    tested = [
        Rise(cell, count, before.get(cell, 0), before.get(cell, 0) / weeks, tail(count, before.get(cell, 0), weeks))
        for cell, count in now.items()
        if count >= FEWEST_NOW
    ]
    tested.sort(key=lambda one: (one.p, -one.now))
    last = max((rank for rank, one in enumerate(tested, 1) if one.p <= share * rank / len(tested)), default=0)
    return Rises(tested[:last], len(tested))


def tail(now: int, before: int, weeks: int) -> float:
    """How often chance brings ``now`` or more of ``now + before`` things into one week of ``1 + weeks``."""
    total, part = now + before, 1 / (1 + weeks)
    return min(1.0, sum(_binomial(count, total, part) for count in range(now, total + 1)))


def _binomial(count: int, total: int, part: float) -> float:
    ways = lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1)
    return exp(ways + count * log(part) + (total - count) * log(1 - part))
