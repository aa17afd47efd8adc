# SPDX-License-Identifier: Apache-2.0
"""The alarm budget: which score gives which level, so that the city's staff can answer all alarms."""

from __future__ import annotations

import numpy as np

from . import kernel, storage
from .homes import SLOTS_PER_DAY, Array
from .rules import ALARM_LEVELS, HabitRules
from .scale import SCORE_EDGES, score_of_bin

_BINS = len(SCORE_EDGES) + 1
_VERSION = 1
LEVELS = np.array([0, *ALARM_LEVELS], np.uint8)


class AlarmBudget:
    """Thresholds that keep the city's alarms per 1,000 homes and day.

    An episode runs from the first evidence until all of it is gone; a week away is one episode. The budget remembers
    how many episodes of steering homes have reached each score, over how many home-days, both fading with
    ``budget_memory_days``; a built-in curve stands in for what a small or young population has not shown yet. Once a
    local day each level's threshold becomes the lowest score that few enough episodes reached. What was really given
    (the fixed rule of new homes included) is compared with what was allowed, and corrects the aim. Only the past is
    used, and a threshold holds for a whole day.
    """

    def __init__(self, rules: HabitRules) -> None:
        self.rules = rules
        self.day = -1
        self.reached = np.zeros(_BINS)
        """Episodes by the highest score bin they reached, faded."""
        self.given = np.zeros(len(ALARM_LEVELS))
        """Alarms given at each level or above, faded."""
        self.home_days = np.zeros(2)
        """Home-days judged by own habit, and judged at all, faded."""
        self._reached_today = np.zeros(_BINS, np.int64)
        self._given_today = np.zeros(len(ALARM_LEVELS), np.int64)
        self._slots_today = np.zeros(2, np.int64)
        curve = np.log(np.array(rules.prior_curve))
        self._prior = np.exp(np.interp(np.log(SCORE_EDGES), curve[:, 0], curve[:, 1]))
        self.threshold_bins = self._aim()

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Score from which each level of ``ALARM_LEVELS`` is given today."""
        return tuple(score_of_bin(int(b)) for b in self.threshold_bins)

    def begin_day(self, day: int) -> None:
        """Take over what was counted and set the thresholds, when the population enters a new local day."""
        if self.day < 0:
            self.day = day
        if day <= self.day:
            return
        keep = (1 - 1 / self.rules.budget_memory_days) ** (day - self.day)
        self.reached = (self.reached + self._reached_today) * keep
        self.given = (self.given + self._given_today) * keep
        self.home_days = (self.home_days + self._slots_today / SLOTS_PER_DAY) * keep
        for counter in (self._reached_today, self._given_today, self._slots_today):
            counter[:] = 0
        self.day = day
        self.threshold_bins = self._aim()

    def limits(self) -> kernel.Limits:
        """Today's thresholds and counters for the compiled step, which counts in them.

        Counted are the scores that silences of steering homes have newly reached, the levels given to them, and the
        half hours judged.
        """
        return kernel.Limits(self.threshold_bins, LEVELS, self._reached_today, self._given_today, self._slots_today)

    def _aim(self) -> Array:
        """Threshold bins from what is remembered."""
        own_days, all_days = self.home_days
        prior_days = self.rules.prior_home_days**2 / (self.rules.prior_home_days + own_days)
        reached = np.cumsum(self.reached[::-1])[::-1][1:]
        rates = (1000 * reached + prior_days * self._prior) / (own_days + prior_days)  # falls with the score
        allowed = np.array(self.rules.alarms_per_1000)
        wanted, (if_few, if_many) = allowed * all_days / 1000, self.rules.correction_slack
        slack = np.where(self.given > wanted, if_many, if_few)
        # squared: what counting scores misjudges by a factor then leaves only its cube root
        correction = np.clip(((wanted + slack) / (self.given + slack)) ** 2, 0.4, 2.5)
        return 1 + np.array([np.count_nonzero(rates > aim) for aim in allowed * correction], np.int64)

    _ARRAYS = ("reached", "given", "home_days", "_reached_today", "_given_today", "_slots_today", "threshold_bins")

    def to_bytes(self) -> bytes:
        """The state, versioned (the rules are the caller's to keep)."""
        return storage.pack("budget", _VERSION, {name: getattr(self, name) for name in self._ARRAYS}, {"day": self.day})

    @classmethod
    def from_bytes(cls, data: bytes, rules: HabitRules) -> AlarmBudget:
        """Inverse of :meth:`to_bytes`; raises ``StateError``."""
        arrays, meta = storage.unpack(data, "budget", _VERSION)
        budget = cls(rules)
        for name in cls._ARRAYS:
            setattr(budget, name, arrays[name])
        budget.day = meta["day"]
        return budget
