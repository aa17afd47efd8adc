# SPDX-License-Identifier: Apache-2.0
"""One half hour of any subset of homes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from . import habit
from .homes import LONG_SILENCE, NATS, NEVER, NO_CURRENT, SLOTS_PER_DAY, STUCK, Array, Homes, Index
from .rules import HabitRules
from .scale import CODE_WH, encode_kwh

_RING = 2 * SLOTS_PER_DAY
_MOST_EVIDENCE = 500 * NATS
_NOTHING_LEFT = NATS // 2
_FORGOTTEN = 14 * SLOTS_PER_DAY
_CHUNK = 16384
"""Homes worked on at a time, so that the intermediate arrays stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class SlotBatch:
    """One half hour of any homes, newer than the last of each.

    A home's half hours must follow one another; where some are missing, steps with NaN stand for them (``Watch``
    inserts them; after more than 48 h call :func:`forget_recent` instead).
    """

    home: Index
    slot: int
    """UTC epoch // 1800 of the half hour's beginning."""
    local_slot: int
    """0 to 47: half hour of the local day."""
    local_day: int
    """Local days since 1970-01-01."""
    kwh: Array
    """float32 [n]: use in the half hour, NaN when there is no value."""
    hourly: Array
    """bool [n]: the half hour is part of a longer reading."""


def step(homes: Homes, batch: SlotBatch, rules: HabitRules) -> None:
    """Learn and judge one half hour; the result is in ``homes`` (``evidence``, ``proof``, ``silence`` …)."""
    n = len(batch.kwh)
    for start in range(0, n, _CHUNK):
        rows = slice(start, min(start + _CHUNK, n))
        i = rows if isinstance(batch.home, slice) else batch.home[rows]
        part = SlotBatch(i, batch.slot, batch.local_slot, batch.local_day, batch.kwh[rows], batch.hourly[rows])
        _step(homes, part, rules)


def _step(homes: Homes, batch: SlotBatch, rules: HabitRules) -> None:
    i, slot = batch.home, batch.slot
    _roll(homes, i, batch.local_day, rules)
    kwh = _believable(homes, i, batch.kwh, rules)
    bin1 = habit.unrest_bin(homes, i, kwh, batch.hourly, rules)
    judged = (bin1 > 0) & (homes.flags[i] & STUCK == 0)
    active = bin1 > rules.active_bin
    _write_rings(homes, batch, kwh, bin1, rules)

    learned = habit.is_learned(homes, i, rules)
    units = habit.evidence(homes, i, batch.local_slot, np.where(judged & learned, bin1, 0), rules)
    proof = homes.proof[i]
    units = np.where(slot <= proof, np.minimum(units, 0), units)  # proven alive later than this
    proven = np.where(learned, units <= -rules.proof * NATS, active)
    before = homes.evidence[i].astype(np.int32)
    gathered = before + units
    shrunk = np.minimum(gathered, (before * rules.proof_keeps).astype(np.int32))
    shrunk = np.where(shrunk < _NOTHING_LEFT, 0, shrunk)
    gathered = np.minimum(np.maximum(np.where(proven, shrunk, gathered), 0), _MOST_EVIDENCE)
    for_life = np.minimum(np.maximum(homes.life_evidence[i] - units, 0), _MOST_EVIDENCE)
    gathered = np.where((homes.level[i] > 0) & (for_life >= rules.closing_life * NATS), 0, gathered)

    homes.evidence[i] = gathered
    homes.life_evidence[i] = np.where(gathered == 0, 0, for_life)
    peak = homes.day_peak[i]
    homes.day_peak[i] = np.where(judged, np.maximum(peak, gathered), peak)
    silence = np.minimum(homes.silence[i].astype(np.int32) + judged, 65535)
    alive = proven | (units < 0) & (gathered == 0)
    homes.silence[i] = np.where(alive, 0, silence)
    homes.proof[i] = np.where(alive, np.maximum(slot, proof), proof)
    homes.hours_active[i, batch.local_slot >> 1] |= active.astype(np.uint32)
    homes.slot[i] = slot


def _roll(homes: Homes, i: Index, day: int, rules: HabitRules) -> None:
    rolled = np.flatnonzero(homes.day[i] != day)
    if len(rolled):
        habit.new_day(homes, rolled + (i.start or 0) if isinstance(i, slice) else i[rolled], day, rules)


def _believable(homes: Homes, i: Index, kwh: Array, rules: HabitRules) -> Array:
    """Readings that say something about a person: not the zeros of a home without current.

    Keeps the flags ``NO_CURRENT`` and ``STUCK`` and the run of identical readings up to date.
    """
    zero, same = kwh == 0, kwh == homes.previous[i, 0]
    run, flags = homes.run[i], homes.flags[i] & ~(STUCK | NO_CURRENT)
    if not (zero.any() or same.any() or run.any() or (flags != homes.flags[i]).any()):
        return kwh  # nearly always, with few homes
    no_current = zero & (homes.zero_rate[i] < rules.zero_share)
    kwh = np.where(no_current, np.float32(np.nan), kwh)

    longest = homes.longest_run[i]
    limit = np.maximum(longest.astype(np.int32) * 2, rules.stuck_slots)
    same &= ~zero
    ended = ~np.isnan(kwh) & ~same
    homes.longest_run[i] = np.where(ended, np.maximum(longest, np.minimum(run, limit)), longest)
    run = np.where(ended, 0, np.minimum(run.astype(np.int32) + same, 255))
    homes.run[i] = run
    homes.flags[i] = flags | (run >= limit) * STUCK | no_current * NO_CURRENT
    return kwh


def _write_rings(homes: Homes, batch: SlotBatch, kwh: Array, bin1: Array, rules: HabitRules) -> None:
    """Learn what the rings are about to lose, then write this half hour into them.

    ``kwh`` is the believed reading; the picture keeps the reading as it came (``batch.kwh``).
    """
    i, slot = batch.home, batch.slot
    habit.remember(homes, i, slot, batch.local_slot, rules)

    cell = slot % SLOTS_PER_DAY
    life = homes.life[i] + (bin1 > rules.active_bin) - ((homes.cells[i, cell] & 15) > rules.active_bin)
    homes.life[i] = life
    homes.cells[i, cell] = bin1 | (life >= rules.life_slots) * habit.LIVED

    code = encode_kwh(batch.kwh)
    habit.track_quietest(homes, i, bin1, CODE_WH[code], CODE_WH[homes.codes[i, (slot - 8) % _RING]])
    homes.codes[i, slot % _RING] = code
    homes.previous[i, 1] = homes.previous[i, 0]
    homes.previous[i, 0] = kwh


def forget_recent(homes: Homes, i: Array) -> None:
    """Drop the last two days of homes that were unheard for longer; habit and gathered evidence stay."""
    for name in ("codes", "cells", "life", "window", "window_wh", "run"):
        getattr(homes, name)[i] = 0
    homes.previous[i] = np.nan
    homes.slot[i] = NEVER


def score(homes: Homes, i: Index, rules: HabitRules) -> Array:
    """Gathered evidence relative to what this home needs (float32, 1 = as on any usual day)."""
    too_many = np.maximum(homes.absences[i] - np.float32(rules.absences_free), np.float32(0))
    return _before_absences(homes, i, rules) / (1 + np.float32(rules.absence_factor) * too_many)


def _before_absences(homes: Homes, i: Index, rules: HabitRules) -> Array:
    """Evidence over the home's own usual daily peak, and over what an alarm just closed adds to it (float32)."""
    usual_peak = np.sqrt(np.maximum(homes.noise[i], np.float32(1)))
    since = np.minimum(homes.slot[i] - homes.closed_slot[i], _FORGOTTEN - 1)
    return homes.evidence[i] * np.float32(1 / NATS) / (usual_peak * _reopening(rules)[since])


@cache
def _reopening(rules: HabitRules) -> Array:
    """Factor by half hours since an alarm closed."""
    days = np.arange(_FORGOTTEN) / SLOTS_PER_DAY
    return (1 + rules.reopening_factor * np.exp(-days / rules.reopening_days)).astype(np.float32)


def count_absences(homes: Homes, i: Index, rules: HabitRules) -> None:
    """Mark long silences, and count those that have ended."""
    flags = homes.flags[i]
    ended = homes.evidence[i] == 0
    homes.absences[i] += ended & (flags & LONG_SILENCE > 0)
    long = _before_absences(homes, i, rules) >= rules.absence_score
    homes.flags[i] = np.where(ended, flags & ~LONG_SILENCE, flags | long * LONG_SILENCE)
