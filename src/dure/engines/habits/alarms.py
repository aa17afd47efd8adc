# SPDX-License-Identifier: Apache-2.0
"""From scores to alarms: the budget that sets the thresholds, and the episodes that open, rise and close."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import storage
from .explain import Evidence
from .habit import is_learned
from .homes import JUDGE_ONLY, SLOTS_PER_DAY, Array, Homes, Index
from .rules import ALARM_LEVELS, HabitRules
from .scale import SCORE_EDGES, score_bin, score_of_bin
from .stepping import score

_BINS = len(SCORE_EDGES) + 1
_VERSION = 1
_LEVELS = np.array([0, *ALARM_LEVELS], np.uint8)


class AlarmBudget:
    """Thresholds that keep the city's alarms per 1,000 homes and day.

    An episode runs from the first evidence until all of it is gone; a week away is one episode. The budget remembers
    how many episodes of steering homes have reached each score, over how many home-days, both fading with
    ``budget_memory_days``, and mixes in the built-in curve with the weight of ``prior_home_days`` (one home alone
    starts from it). Once a local day each level's threshold becomes the lowest score that few enough episodes
    reached. Only the past is used, and a threshold holds for a whole day.
    """

    def __init__(self, rules: HabitRules) -> None:
        self.rules = rules
        self.day = -1
        self.home_days = 0.0
        self.reached = np.zeros(_BINS)
        self._today = np.zeros(_BINS, np.int64)
        self._slots_today = 0
        edges = np.array(rules.prior_curve)
        self._prior = np.exp(np.interp(np.log(SCORE_EDGES), np.log(edges[:, 0]), np.log(edges[:, 1])))
        self.threshold_bins = np.zeros(len(ALARM_LEVELS), np.int64)
        self._set_thresholds()

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Score from which each level of ``ALARM_LEVELS`` is given today."""
        return tuple(score_of_bin(int(b)) for b in self.threshold_bins)

    def expected_rate(self, bin_: int) -> float:
        """Episodes per 1,000 home-days that reach the score bin, as the budget sees it now."""
        return float(self._rates()[bin_ - 1]) if bin_ else 1000.0

    def level_of(self, score_bins: Array) -> Array:
        """Level (uint8, ``Level``) of each score bin today."""
        above = np.searchsorted(self.threshold_bins, score_bins, side="right")
        return _LEVELS[above]

    def begin_day(self, day: int) -> None:
        """Take over what was counted and set the thresholds, when the population enters a new local day."""
        if self.day < 0:
            self.day = day
        if day <= self.day:
            return
        keep = (1 - 1 / self.rules.budget_memory_days) ** (day - self.day)
        self.reached = (self.reached + self._today) * keep
        self.home_days = (self.home_days + self._slots_today / SLOTS_PER_DAY) * keep
        self._today[:] = 0
        self._slots_today = 0
        self.day = day
        self._set_thresholds()

    def count(self, homes: Homes, i: Index, bins: Array, steering: Array) -> None:
        """Count the scores that episodes of steering homes have newly reached, and the half hours judged."""
        counted = homes.peak_bin[i]
        newly = bins > counted
        mine = newly & steering
        if mine.any():
            self._today += np.bincount(bins[mine], minlength=_BINS)
            left = counted[mine]
            self._today -= np.bincount(left[left > 0], minlength=_BINS)
        self._slots_today += int(np.count_nonzero(steering))
        homes.peak_bin[i] = np.where(homes.evidence[i] == 0, 0, np.maximum(counted, bins))

    def _rates(self) -> Array:
        at_least = np.cumsum(self.reached[::-1])[::-1][1:]
        weight = self.rules.prior_home_days
        return (1000 * at_least + weight * self._prior) / (self.home_days + weight)

    def _set_thresholds(self) -> None:
        rates = self._rates()  # falls with the score
        for k, allowed in enumerate(self.rules.alarms_per_1000):
            self.threshold_bins[k] = 1 + np.count_nonzero(rates > allowed)

    def to_bytes(self) -> bytes:
        """The state, versioned (the rules are the caller's to keep)."""
        arrays = {"reached": self.reached, "today": self._today, "threshold_bins": self.threshold_bins}
        meta = {"day": self.day, "home_days": self.home_days.hex(), "slots_today": self._slots_today}
        return storage.pack("budget", _VERSION, arrays, meta)

    @classmethod
    def from_bytes(cls, data: bytes, rules: HabitRules) -> AlarmBudget:
        """Inverse of :meth:`to_bytes`; raises ``StateError``."""
        arrays, meta = storage.unpack(data, "budget", _VERSION)
        budget = cls(rules)
        budget.reached, budget._today = arrays["reached"], arrays["today"]
        budget.threshold_bins = arrays["threshold_bins"]
        budget.day, budget._slots_today = meta["day"], meta["slots_today"]
        budget.home_days = float.fromhex(meta["home_days"])
        return budget


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
    bins = score_bin(score(homes, i))
    gathered = homes.evidence[i]
    budget.count(homes, i, bins, learned & judged & (homes.flags[i] & JUDGE_ONLY == 0))

    silence = homes.silence[i]
    before = homes.level[i].copy()
    wanted = budget.level_of(bins)
    if not learned.all():
        by_rule = _LEVELS[np.searchsorted(np.asarray(rules.fixed_rule_hours) * 2, silence, side="right")]
        wanted = np.where(learned, wanted, by_rule)
    over = np.where(learned, gathered, silence) == 0
    after = np.where(over, 0, np.maximum(before, wanted))
    after = np.where(judged, after, before)
    changed = np.flatnonzero(after != before)
    if len(changed):
        homes.level[i] = after
    home = changed + (i.start or 0) if isinstance(i, slice) else i[changed]
    return Changes(home, known_at[changed], before[changed], after[changed], score(homes, home))
