# SPDX-License-Identifier: Apache-2.0
"""Episodes: an alarm opens, may rise, and closes when life has outweighed all evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .budget import LEVELS, AlarmBudget
from .explain import Evidence
from .habit import is_learned
from .homes import Array, Homes, Index
from .scale import score_bin
from .stepping import count_absences, score


@dataclass(frozen=True, slots=True)
class Changes:
    """Homes whose level changed."""

    home: Array
    """int64 [n]"""
    at: Array
    """int64 [n]: UTC epoch seconds when it was known."""
    before: Array
    """uint8 [n]: ``Level`` before; 0 means an episode opens."""
    after: Array
    """uint8 [n]: ``Level`` now; 0 means the episode closes. It never falls without closing."""
    score: Array
    """float32 [n]"""
    evidence: tuple[Evidence | None, ...] = ()
    """Of each change at that moment; None where an episode closes."""

    def __len__(self) -> int:
        return len(self.home)

    @classmethod
    def joined(cls, parts: list[Changes]) -> Changes:
        """All parts in one, in order."""
        if not parts:
            none = np.zeros(0, np.int64)
            return cls(none, none, none.astype(np.uint8), none.astype(np.uint8), none.astype(np.float32))

        def column(name: str) -> Array:
            return np.concatenate([getattr(part, name) for part in parts])

        evidence = tuple(e for part in parts for e in part.evidence)
        return cls(column("home"), column("at"), column("before"), column("after"), column("score"), evidence)


def judge(homes: Homes, i: Index, known_at: Array, budget: AlarmBudget, judged: Array) -> Changes:
    """Raise, open and close after a step; ``judged`` marks the homes whose half hour had a value."""
    rules = budget.rules
    learned = is_learned(homes, i, rules)
    count_absences(homes, i, rules)
    bins = score_bin(score(homes, i, rules))
    gathered = homes.evidence[i]
    budget.count(homes, i, bins, learned=learned, judged=judged)

    before = homes.level[i]
    everyone_learned = learned.all()
    if everyone_learned and not before.any() and not (bins >= budget.threshold_bins[0]).any():
        return Changes.joined([])  # nearly always, with few homes
    before, silence = before.copy(), homes.silence[i]
    wanted = budget.level_of(bins)
    if not everyone_learned:
        by_rule = LEVELS[np.searchsorted(np.asarray(rules.fixed_rule_hours) * 2, silence, side="right")]
        wanted = np.where(learned, wanted, by_rule)
    over = np.where(learned, gathered, silence) == 0
    after = np.where(over, 0, np.maximum(before, wanted))
    after = np.where(judged, after, before)
    changed = np.flatnonzero(after != before)
    home = changed + (i.start or 0) if isinstance(i, slice) else i[changed]
    if len(changed):
        homes.level[i] = after
        closed = home[after[changed] == 0]
        homes.closed_slot[closed] = homes.slot[closed]
        budget.count_given(homes, home, before[changed], after[changed])
    return Changes(home, known_at[changed], before[changed], after[changed], score(homes, home, rules))
