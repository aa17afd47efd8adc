# SPDX-License-Identifier: Apache-2.0
"""Half hours of homes as they become known, the meter's and one other signal's among them, compiled.

Activity of any other kind proves life; its absence is evidence of log 1 / (1 - p), p the learned share of this local
hour's half hours with activity.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .compiled import compiled
from .homes import HOURS, JUDGE_ONLY, MEMORY_DAYS, NATS, NEVER, Array
from .kernel import MOST_EVIDENCE, RING, HalfHour, forget_recent, judge, step, take_back

FULL = 255
_MOST = 250
"""Highest share that is learned: silence is never impossible."""
_YOUNG_DAYS = 14
"""Days over which a young habit is averaged."""
_MOST_BYTES = 65535
SILENCE_UNITS = np.append(np.floor(-np.log(1 - np.arange(FULL) / FULL) * NATS).astype(np.int64), 8 * NATS)
"""Evidence (1/64 nat) of silence by learned share / 255."""


class State(NamedTuple):
    """Rows of ``Homes`` and of one ``signals.Kind``."""

    homes: Array
    habits: Array


class Rows(NamedTuple):
    """Half hours, each home's in order of time, and the wall clock of every half hour from ``first`` on."""

    home: Array
    slot: Array
    value: Array
    """kWh of the meter as it came, NaN when there is no value; of another signal 1 with activity and 0 without."""
    hourly: Array
    habit: Array
    """Row of the home's habit in the other signal; -1 where the meter speaks."""
    first: int
    local_slot: Array
    local_day: Array


@compiled
def run(state: Any, rules: Any, limits: Any, rows: Any, start: int) -> int:
    """Judge rows from ``start`` on; stops after the row that changed a home's level and returns it, or their number."""
    k = start
    while True:
        k, changed = _run_meters(state.homes, rules, limits, rows, k)
        if changed or k == len(rows.home):
            return k
        if _hear(state.homes[rows.home[k]], state.habits[rows.habit[k]], rules[0], limits, rows, k):
            return k
        k += 1


@compiled
def _run_meters(homes: Any, rules: Any, limits: Any, rows: Any, start: int) -> tuple[int, bool]:
    """Judge the meters' rows from ``start`` on, up to the one that changed a home's level, or another signal's.

    One loop: a function for one row would copy all columns' heads each time.
    """
    f = rules[0]
    for k in range(start, len(rows.home)):
        if rows.habit[k] >= 0:
            return k, False
        home, slot = homes[rows.home[k]], rows.slot[k]
        begin = home.slot + 1
        if home.slot == NEVER:
            begin = slot
        elif slot - home.slot > RING:
            forget_recent(home)
            begin = slot
        for at in range(begin, slot + 1):
            c, here = at - rows.first, at == slot
            kwh = rows.value[k] if here else np.float32(np.nan)
            step(home, f, HalfHour(at, rows.local_slot[c], rows.local_day[c], kwh, here and rows.hourly[k]))
        if np.isnan(rows.value[k]):
            continue
        if not home.flags & JUDGE_ONLY:
            limits.slots[0] += int(home.learned_days >= f.learning_days)
            limits.slots[1] += 1
        if judge(home, f, limits):
            return k, True
    return len(rows.home), False


@compiled
def _hear(home: Any, habit: Any, f: Any, limits: Any, rows: Any, k: int) -> bool:  # noqa: PLR0917
    """Learn, weigh and judge one half hour of another signal; once used, it has nothing more to say."""
    slot, used = rows.slot[k], rows.value[k] > 0
    if habit.active == slot:
        return False
    local_slot = rows.local_slot[slot - rows.first]
    tells, silent, units = _tells(habit), not used and slot > home.proof, 0
    if tells and habit.days >= f.signal_days:
        units = min(SILENCE_UNITS[habit.rate[local_slot >> 1]], f.cap)
    if silent and units > 0:
        gathered = min(int(home.evidence) + units, MOST_EVIDENCE)
        home.evidence = gathered
        home.day_peak = max(int(home.day_peak), gathered)
    _learn(habit, local_slot >> 1, rows.local_day[slot - rows.first], used, home.level == 0)
    if used:
        habit.active = max(int(habit.active), slot)
    habit.heard = max(int(habit.heard), slot)
    closed = used and tells and slot > home.proof and _prove(home, f, rows, slot)
    _count_silence(habit, home.proof, units, silent)
    return judge(home, f, limits) if silent else closed


@compiled
def _tells(habit: Any) -> bool:
    """Not what is active in every hour of day and night as often as not, like a dripping tap."""
    quietest = FULL
    for hour in range(HOURS):
        quietest = min(quietest, int(habit.rate[hour]))
    return quietest < FULL // 2


@compiled
def _learn(habit: Any, hour: int, day: int, used: bool, usual: bool) -> None:
    """Learn one half hour; silence is learned only where it is ``usual``."""
    rate, days = int(habit.rate[hour]), int(habit.days)
    step = (used * float(FULL) - rate) / (_YOUNG_DAYS if days < MEMORY_DAYS else 2 * MEMORY_DAYS)
    if used:
        habit.rate[hour] = min(rate + int(np.ceil(step)), _MOST)
    elif usual:
        habit.rate[hour] = max(rate + int(np.floor(step + 0.5)), 0)
    if used and habit.day != day:
        habit.days, habit.day = min(days + 1, 255), day


@compiled
def _prove(home: Any, f: Any, rows: Any, slot: int) -> bool:
    """Somebody was alive in this half hour: what was gathered before it is nothing. True if it closed an alarm."""
    take_back(home, f, rows, slot)
    closed = home.level > 0
    if closed:
        home.level, home.closed_slot = 0, home.slot
    return closed


@compiled
def _count_silence(habit: Any, proof: int, units: int, silent: bool) -> None:
    """Keep what this kind has said since ``proof``, the half hour of the last sign of life."""
    if habit.proof != proof:
        habit.gathered, habit.silent = 0, 0
    habit.proof = proof
    if silent:
        habit.gathered = min(int(habit.gathered) + units, _MOST_BYTES)
        habit.silent = min(int(habit.silent) + 1, _MOST_BYTES)
