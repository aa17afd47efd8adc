# SPDX-License-Identifier: Apache-2.0
"""The one door of the engine: raw readings in, changed alarms out. Live consumer and replay both use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from . import kernel, late, signals, storage
from .alarms import Changes
from .budget import AlarmBudget
from .explain import Evidence, explain, score
from .figures import figures
from .homes import JUDGE_ONLY, SLOT_SECONDS, SLOTS_PER_DAY, Array, Homes
from .localtime import LocalTime
from .meters import HalfHours, Meters, Readings
from .rules import HabitRules
from .scale import ZERO
from .signal_kernel import Rows, State, run
from .signals import HABIT, Kind, Signals
from .slow import SlowChanges, slow_changes

_VERSION = 4
_ONE_BUDGET = 3
"""The version that knew of one budget alone."""

_NO_HABITS = np.zeros(0, HABIT)

CITY = ""
"""Name of the budget of all homes that no other one steers."""


class Watch:
    """Homes, their unfinished half hours and the alarm budgets: the city's, and of areas that have one of their own.

    Feeding the same readings in any grouping, home order or with repeats gives the same changes, as long as each
    home's readings come in time order and days come in order. State goes to bytes and back at any moment.
    """

    def __init__(self, n: int, timezone: str, rules: HabitRules | None = None) -> None:
        self.rules = rules or HabitRules()
        self.local = LocalTime(timezone)
        self.homes = Homes.new(n, self.rules.noise_prior)
        self.meters = Meters(n)
        self.signals = Signals(n)
        self.budgets = {CITY: AlarmBudget(self.rules)}
        self._budget_of = np.zeros(n, np.int16)  # place in ``budgets`` by home; the caller's to give, not kept

    @property
    def budget(self) -> AlarmBudget:
        """The city's budget."""
        return self.budgets[CITY]

    @budget.setter
    def budget(self, budget: AlarmBudget) -> None:
        self.budgets[CITY] = budget

    def share_budgets(self, own: Mapping[str, tuple[HabitRules, ArrayLike]]) -> None:
        """Give areas budgets of their own: by name the rules (only ``alarms_per_1000`` may differ) and the homes. All
        other homes are steered together, by the city's. A budget that was known by its name goes on."""
        self._budget_of[:] = 0
        kept = {CITY: self.budget}
        for place, (name, (rules, homes)) in enumerate(sorted(own.items()), start=1):
            kept[name] = self.budgets.get(name) or AlarmBudget(rules)
            kept[name].rules = rules
            self._budget_of[np.asarray(homes, np.int64)] = place
        self.budgets = kept

    def budget_of(self, home: int) -> AlarmBudget:
        """The budget that steers this home."""
        return list(self.budgets.values())[self._budget_of[home]]

    def _by_budget(self, home: Array) -> Iterator[tuple[AlarmBudget, Array]]:
        """Each budget of these homes, and which of them it steers (bool)."""
        place = self._budget_of[home]
        for number, budget in enumerate(self.budgets.values()):
            mine = place == number
            if mine.any():
                yield budget, mine

    def __len__(self) -> int:
        return len(self.homes)

    def append(self, n: int) -> None:
        """Add ``n`` homes of which nothing is known, at the end."""
        self.homes.append(n, self.rules.noise_prior)
        self.meters.append(n)
        self.signals.append(n)
        self._budget_of = np.concatenate([self._budget_of, np.zeros(n, np.int16)])

    def keep(self, mask: ArrayLike) -> None:
        """Drop every home whose ``mask`` is False; the others move up."""
        chosen = np.asarray(mask, bool)
        self.homes.keep(chosen)
        self.meters.keep(chosen)
        self.signals.keep(chosen)
        self._budget_of = self._budget_of[chosen]

    def part(self, start: int, stop: int) -> Watch:
        """The homes from ``start`` up to ``stop`` under the same budgets, as views: to be written down by itself."""
        part = Watch(0, self.local.timezone, self.rules)
        part.homes, part.meters = self.homes.part(start, stop), self.meters.part(start, stop)
        part.signals, part.budgets = self.signals.part(start, stop), self.budgets
        part._budget_of = self._budget_of[start:stop]
        return part

    @classmethod
    def joined(cls, parts: Sequence[Watch]) -> Watch:
        """All homes of ``parts`` (at least one), under the budgets and the rules of the first."""
        whole = cls(0, parts[0].local.timezone, parts[0].rules)
        whole.homes = Homes.joined([one.homes for one in parts])
        whole.meters = Meters.joined([one.meters for one in parts])
        whole.signals = Signals.joined([one.signals for one in parts])
        whole.budgets = parts[0].budgets
        whole._budget_of = np.concatenate([one._budget_of for one in parts])
        return whole

    def set_judge_only(self, home: ArrayLike, judge_only: bool = True) -> None:
        """Judge these homes like all others, but do not let them steer the budget."""
        i = np.asarray(home, np.int64)
        flags = self.homes.flags[i]
        self.homes.flags[i] = flags | JUDGE_ONLY if judge_only else flags & ~JUDGE_ONLY

    def hold(self, home: int, level: int) -> None:
        """Take over an alarm that stands about a home of which nothing is known (any more): activity closes it."""
        self.homes.level[home] = level
        self.homes.silence[home] = 1

    def feed(self, home: ArrayLike, at: ArrayLike, kwh: ArrayLike, interval: ArrayLike) -> Changes:
        """Take power readings in arrival order.

        Parameters
        ----------
        home
            Index of the home [n].
        at
            End of the reading's interval, when it was known, UTC epoch seconds [n].
        kwh
            Energy used in the interval, NaN when there is no value [n].
        interval
            Seconds the reading covers [n] (any up to four hours; a longer one counts as no value).

        Returns
        -------
        Changes
            Levels that changed, in the order in which they became known within each half hour.

        Raises
        ------
        ValueError
            When the arrays differ in length, or a home index, an interval or a use is impossible.
        """
        half_hours, found = self._take(self._checked(home, at, kwh, interval))
        return Changes.joined(found + self._judge_all(half_hours)).by_time()

    def _take(self, readings: Readings) -> tuple[HalfHours, list[Changes]]:
        """The half hours that these readings finish, and what late ones have changed."""
        half_hours, after = self.meters.add(readings)
        return half_hours, [self._proofs(late.proofs_in(self.homes, after, self.rules))] if len(after) else []

    def prove(self, home: ArrayLike, at: ArrayLike) -> Changes:
        """Proof of life from any other source (a call answered, a door, a step counter) at UTC epoch seconds ``at``.

        Takes back the evidence gathered up to then; not newer than the last proof: no effect.
        """
        i, when = np.asarray(home, np.int64), np.asarray(at, np.int64)
        return self._proofs(late.Proofs(i, when // SLOT_SECONDS, when))

    def feed_signal(self, kind: str, home: ArrayLike, at: ArrayLike, count: ArrayLike) -> Changes:
        """Activity of any other kind (``phone``, ``water``, ``steps``, ``motion`` …) in the half hour ending at ``at``.

        ``count`` > 0 is proof of life, NaN is nothing, 0 is evidence of silence only where the home has a learned
        habit of this kind. Each home's half hours in time order; a half hour may be told of several times while it
        lasts, as soon as there is activity in it.
        """
        found = self._judge_all(self._heard(kind, home, at, count), self.signals.kinds[kind].rows)
        return Changes.joined(found).by_time()

    def feed_both(self, power: Readings, kind: str, count: ArrayLike) -> Changes:
        """Power readings and, of the half hour that ends with each, the count of one other kind.

        As :meth:`feed` and :meth:`feed_signal` of one time after another, in one step.
        """
        readings = self._checked(power.home, power.at, power.kwh, power.interval)
        half_hours, found = self._take(readings)
        both = half_hours.beside(self._heard(kind, readings.home, readings.at, count))
        return Changes.joined(found + self._judge_all(both, self.signals.kinds[kind].rows)).by_time()

    def _heard(self, kind: str, home: ArrayLike, at: ArrayLike, count: ArrayLike) -> HalfHours:
        i = np.asarray(home, np.int64)
        self._check_homes(i)
        habit = self.signals.kinds.setdefault(kind, Kind.empty()).take_in(i)
        return HalfHours.heard(i, np.asarray(at, np.int64), np.asarray(count, np.float64), habit)

    def expected(self, kind: str, home: ArrayLike, at: ArrayLike) -> Array:
        """Learned share of half hours with activity of this kind in each home at that time of day, 0 where its habit is
        not known or says nothing (float64)."""
        i, when = np.asarray(home, np.int64), np.asarray(at, np.int64)
        rows = self.signals.of(kind, i)
        shares = signals.share_active(rows, self.local.of((when - 1) // SLOT_SECONDS)[0] >> 1)
        return np.where((rows["days"] >= self.rules.signal_days) & signals.tells(rows), shares, 0.0)

    def half_hours_at_zero(self, home: int) -> int:
        """For how many half hours up to the newest reading a home's use has been exactly zero (48 h are looked at)."""
        newest = int(self.homes.slot[home])
        codes = self.homes.codes[home][(newest - np.arange(kernel.RING)) % kernel.RING]
        return int(np.argmax(np.append(codes, 0) != ZERO))

    def known_until(self, home: ArrayLike) -> Array:
        """End of the last half hour that anything told of each home, UTC epoch seconds."""
        i = np.asarray(home, np.int64)
        return (np.maximum(self.homes.slot[i], self.signals.heard_until(i)) + 1) * SLOT_SECONDS

    def _proofs(self, proofs: late.Proofs) -> Changes:
        known_at = dict(zip(proofs.home.tolist(), proofs.known_at.tolist(), strict=True))
        i = late.take_back(self.homes, proofs, self.local, self.rules)
        before = self.homes.level[i]
        self.homes.level[i] = 0
        closed = before > 0
        self.homes.closed_slot[i[closed]] = self.homes.slot[i[closed]]
        at = np.array([known_at[h] for h in i[closed].tolist()], np.int64)
        none = np.zeros(len(at), np.uint8)
        return Changes(i[closed], at, before[closed], none, none.astype(np.float32), (None,) * len(at))

    def _judge_all(self, half_hours: HalfHours, habits: Array = _NO_HABITS) -> list[Changes]:
        """Judge day by day of knowledge, so that nothing later moves an earlier threshold; in a day home by home."""
        known = -((60 - half_hours.known_at) // SLOT_SECONDS)  # when it was known; a minute is forgiven
        days = self.local.of(known - 1)[1]
        if len(days) and (days == days[0]).all():  # nearly always
            return self._judge_day(int(days[0]), half_hours, habits)
        found = []
        for day in np.unique(days).tolist():
            found += self._judge_day(day, half_hours.part(days == day), habits)
        return found

    def _judge_day(self, number: int, day: HalfHours, habits: Array) -> list[Changes]:
        for budget in self.budgets.values():
            budget.begin_day(number)
        if len(self.budgets) == 1:
            return self._judge_under(self.budget, day, habits)
        parts = [self._judge_under(budget, day.part(mine), habits) for budget, mine in self._by_budget(day.home)]
        return [one for part in parts for one in part]

    def _judge_under(self, budget: AlarmBudget, day: HalfHours, habits: Array) -> list[Changes]:
        first, last = int(day.slot.min()) - kernel.RING, int(day.slot.max()) + SLOTS_PER_DAY  # a day is weighed again
        local = self.local.of(np.arange(first, last + 1))
        rows = Rows(day.home, day.slot, day.value, day.hourly, day.habit, first, *local)
        state, rules, limits = State(self.homes.rows, habits), figures(self.rules), budget.limits()
        found = []
        before = self.homes.level.copy()
        k = run(state, rules, limits, rows, 0)
        while k < len(day):
            home = day.home[k : k + 1]
            after = self.homes.level[home]
            reached = np.where(after > 0, score(self.homes, home, self.rules), np.float32(0))
            changes = Changes(home, day.known_at[k : k + 1], before[home], after, reached)
            found.append(self._explained(changes))
            before[home] = after
            k = run(state, rules, limits, rows, k + 1)
        return found

    def slow_changes(self, home: ArrayLike) -> SlowChanges:
        """What has slowly changed in these homes in the last fourteen days: for a person to read, never an alarm."""
        return slow_changes(self.homes, np.asarray(home, np.int64), self.rules)

    def explain(self, home: int) -> Evidence:
        """What stands behind the home's present level."""
        thresholds = self.budget_of(home).thresholds
        return explain(self.homes, home, thresholds, self.local, self.rules, signals=self.signals)

    def _explained(self, changes: Changes) -> Changes:
        """The same changes with the evidence of this moment."""
        evidence = (self.explain(h) if after else None for h, after in zip(changes.home, changes.after, strict=True))
        return replace(changes, evidence=tuple(evidence))

    def _checked(self, home: ArrayLike, at: ArrayLike, kwh: ArrayLike, interval: ArrayLike) -> Readings:
        readings = Readings(
            np.asarray(home, np.int64),
            np.asarray(at, np.int64),
            np.asarray(kwh, np.float64),
            np.asarray(interval, np.int64),
        )
        if not len(readings.home) == len(readings.at) == len(readings.kwh) == len(readings.interval):
            raise ValueError("home, at, kwh and interval must have the same length")
        self._check_homes(readings.home)
        if len(readings) and readings.interval.min() < 1:
            raise ValueError("interval must be at least one second")
        if np.isinf(readings.kwh).any() or (readings.kwh < 0).any():
            raise ValueError("kwh must be finite and not negative; NaN where there is no value")
        return readings

    def _check_homes(self, home: Array) -> None:
        if len(home) and (home.min() < 0 or home.max() >= len(self)):
            raise ValueError(f"home must be 0 to {len(self) - 1}")

    def to_bytes(self) -> bytes:
        """Everything needed to go on, versioned; which homes an area's budget steers is the caller's to say again."""
        parts = [self.homes.to_bytes(), self.meters.to_bytes(), self.signals.to_bytes()]
        parts += [budget.to_bytes() for budget in self.budgets.values()]
        blob = np.frombuffer(b"".join(parts), np.uint8)
        meta = {"timezone": self.local.timezone, "lengths": [len(p) for p in parts], "budgets": list(self.budgets)}
        return storage.pack("watch", _VERSION, {"parts": blob}, meta)

    @classmethod
    def from_bytes(cls, data: bytes, rules: HabitRules | None = None) -> Watch:
        """Inverse of :meth:`to_bytes`, under these rules, of this version or the one before; raises ``StateError``."""
        arrays, meta, _ = storage.unpack_any(data, "watch", (_ONE_BUDGET, _VERSION))
        ends = np.cumsum(meta["lengths"]).tolist()
        homes, meters, others, *budgets = (arrays["parts"][a:b].tobytes() for a, b in pairwise([0, *ends]))
        watch = cls(0, meta["timezone"], rules)
        watch.homes, watch.meters = Homes.from_bytes(homes), Meters.from_bytes(meters)
        watch.signals = Signals.from_bytes(others)
        names = meta.get("budgets", [CITY])
        kept = zip(names, budgets, strict=True)
        watch.budgets = {name: AlarmBudget.from_bytes(budget, watch.rules) for name, budget in kept}
        watch._budget_of = np.zeros(len(watch.homes), np.int16)
        return watch


@cache
def ready() -> None:
    """Have the inner loop compiled, or take it from where it is kept: seconds in which no caller should hold a lock."""
    watch = Watch(1, "UTC")
    half_hours = np.arange(2 * SLOTS_PER_DAY) * SLOT_SECONDS
    home = np.zeros(len(half_hours), np.int64)
    watch.feed(home, half_hours, np.full(len(half_hours), 0.1), np.full(len(half_hours), SLOT_SECONDS))
    watch.feed_signal("phone", home, half_hours, np.ones(len(half_hours)))
    watch.prove([0], [SLOT_SECONDS])
    watch.slow_changes([0])
