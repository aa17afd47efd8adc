# SPDX-License-Identifier: Apache-2.0
"""Stretches of time in which something is so at a home: a trip, a fault, an emergency."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pace import SLOTS_PER_DAY

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """Arrays of shape [spans]: home, first slot, slot after the last, and a ``variant`` whose meaning is the
    kind's own (0 where it has none)."""

    home: Integers
    begin: Integers
    end: Integers
    variant: Integers

    def __len__(self) -> int:
        return len(self.home)

    def where(self, held: NDArray[np.bool_]) -> Spans:
        return Spans(self.home[held], self.begin[held], self.end[held], self.variant[held])

    def touching(self, begin: int, end: int) -> Spans:
        """Those that hold some slot of [begin, end)."""
        return self.where((self.begin < end) & (self.end > begin))


def together(parts: Iterable[Spans]) -> Spans:
    """All spans of the parts."""
    listed = list(parts)
    if not listed:
        none = np.empty(0, dtype=np.int64)
        return Spans(none, none, none, none)
    return Spans(
        np.concatenate([part.home for part in listed]),
        np.concatenate([part.begin for part in listed]),
        np.concatenate([part.end for part in listed]),
        np.concatenate([part.variant for part in listed]),
    )


def during(draw: Callable[[int], Spans], first_day: int, last_day: int, longest_days: int) -> Spans:
    """Spans that touch the days first..last (both included), from a ``draw`` of those that begin on a day and
    last at most ``longest_days``."""
    drawn = together(draw(day) for day in range(first_day - longest_days, last_day + 1))
    return drawn.touching(first_day * SLOTS_PER_DAY, (last_day + 1) * SLOTS_PER_DAY)


def painted(spans: Spans, homes: int, day: int) -> NDArray[np.bool_]:
    """Whether each home is within a span in each slot of the day; shape [homes, 48]."""
    first = day * SLOTS_PER_DAY
    steps = np.zeros((homes, SLOTS_PER_DAY + 1), dtype=np.int32)
    np.add.at(steps, (spans.home, np.clip(spans.begin - first, 0, SLOTS_PER_DAY)), 1)
    np.add.at(steps, (spans.home, np.clip(spans.end - first, 0, SLOTS_PER_DAY)), -1)
    return np.cumsum(steps, axis=1)[:, :SLOTS_PER_DAY] > 0
