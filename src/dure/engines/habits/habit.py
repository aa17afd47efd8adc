# SPDX-License-Identifier: Apache-2.0
"""A home's own habit: what its unrest says about life in this half hour, and how the habit is learned.

Unrest is the mean change of use from half hour to half hour over the last hour. A refrigerator, a lamp or a
television left on hardly change from one half hour to the next, whatever their level; people switch things. On the
benchmark's homes it finds twice as many silences within 24 h as the level of use or its excess over the floor.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .homes import BINS, DAY_WEIGHT, HOURS, MEMORY_DAYS, NATS, SLOTS_PER_DAY, Array, Homes, Index
from .rules import HabitRules
from .scale import NO_VALUE, ZERO, evidence_units

_BIN_MASK = np.uint8(15)
LIVED = np.uint8(16)
"""Cell flag: there had been life in the 24 h before."""
_FADE = 2 * MEMORY_DAYS
"""An hour's histogram takes two half hours a day."""
_QUIET_UNIT = 64
_EIGHT_FULL = np.uint32(0x11111111)
_HIGH_BITS = np.uint32(0x88888888)
# column b sums bins >= b; the last column is 0: exact, because the sums stay far below 2**24
_AT_LEAST = np.tril(np.ones((BINS, BINS + 1), np.float32))


def unrest_bin(homes: Homes, i: Index, kwh: Array, hourly: Array, rules: HabitRules) -> Array:
    """Bin + 1 of the unrest at this reading; 0 where this or the last reading is missing (uint8)."""
    last, before = homes.previous[i, 0], homes.previous[i, 1]
    now = np.abs(kwh - last)
    unrest = (now + np.abs(last - before)) * np.float32(0.5)
    unrest = np.where(np.isnan(unrest), now, unrest)
    unrest = np.where(hourly, unrest * np.float32(rules.hourly_factor), unrest)
    bins = (np.searchsorted(_edges(rules.unrest_edges_kwh), unrest, side="right") + 1).astype(np.uint8)
    bins[np.isnan(unrest)] = 0
    return bins


@cache
def _edges(edges: tuple[float, ...]) -> Array:
    return np.asarray(edges, np.float32)


def evidence(homes: Homes, i: Index, local_slot: int | Array, bin1: Array, rules: HabitRules) -> Array:
    """Evidence (1/64 nat, int32) of each home's unrest for silence (> 0) or life (< 0); 0 without a reading.

    log[(1 - w) Q(b) / P(b | hour) + w (F(b) + F(b + 1))]: P is the hour's histogram, smoothed over half an hour and
    shrunk to the home's overall one; Q the histogram of each day's quietest four hours; F the share of P at or above
    b, so that the second term is the likelihood ratio of "the lower of two draws from P" (Lehmann's alternative):
    use that follows the clock but stays at the low end of what this hour usually sees.
    """
    hour = local_slot >> 1
    beside = (hour - 1 + 2 * (local_slot & 1)) % HOURS
    counts = homes.histogram[i, hour] * np.float32(3) + homes.histogram[i, beside]
    overall = homes.overall[i].astype(np.float32)
    total = np.maximum(overall @ _AT_LEAST[:, :1], np.float32(1))
    counts += np.floor(overall * np.float32(rules.shrink_days * 8 * DAY_WEIGHT) / total) + np.float32(1)
    at_least = (counts @ _AT_LEAST).ravel()

    quiet = homes.quiet[i].astype(np.float32)
    quiet_total = quiet @ _AT_LEAST[:, 0]
    floor = np.floor(quiet_total * np.float32(rules.quiet_floor / BINS)) + np.float32(1)

    rows = np.arange(len(bin1))
    b = np.maximum(bin1, 1).astype(np.int64) - 1
    at, above = rows * BINS + b, rows * (BINS + 1) + b
    n = at_least[rows * (BINS + 1)].astype(np.float64)
    as_asleep = (quiet.ravel()[at] + floor) * n / ((quiet_total + BINS * floor) * counts.ravel()[at])
    low_end = (at_least[above] + at_least[above + 1]) / n
    units = evidence_units((1 - rules.tail_weight) * as_asleep + rules.tail_weight * low_end)
    cap = int(rules.evidence_cap * NATS)
    return np.where(bin1 > 0, np.minimum(np.maximum(units, -cap), cap), 0)


def remember(homes: Homes, i: Index, slot: int, local_slot: int, rules: HabitRules) -> None:
    """Learn the half hour of 24 h ago, which is about to be overwritten, if it has life on both sides."""
    living = (homes.life[i] >= rules.life_slots) & (homes.level[i] == 0)
    code = homes.codes[i, (slot - SLOTS_PER_DAY) % (2 * SLOTS_PER_DAY)]
    rate = homes.zero_rate[i]
    change = ((code == ZERO) - rate) * np.float32(1 / (MEMORY_DAYS * SLOTS_PER_DAY))
    homes.zero_rate[i] = np.where(living & (code != NO_VALUE), rate + change, rate)

    cell = homes.cells[i, slot % SLOTS_PER_DAY]
    lived = living & (cell > LIVED)  # a bin and the flag
    hour, dither = local_slot >> 1, _dither(slot)
    old = homes.histogram[i, hour]
    new = old - _FADED[dither, old]
    bins = (np.maximum(cell & _BIN_MASK, 1) - 1).astype(np.int64)
    new.ravel()[np.arange(len(cell)) * BINS + bins] += DAY_WEIGHT
    new = np.where(lived[:, None], new, old)
    homes.overall[i] += new.astype(np.uint16) - old  # wraps around to the right sum
    homes.histogram[i, hour] = new

    usual = homes.usual[i, hour]
    toward = usual + (code.astype(np.int16) - usual + np.int16(dither[0])) // np.int16(_FADE)
    homes.usual[i, hour] = np.where(lived, np.where(usual == NO_VALUE, code, toward), usual)


_FADED = ((np.arange(256) + np.arange(_FADE)[:, None]) // _FADE).astype(np.uint8)
"""Units that a count loses, by dither and count."""


def _dither(slot: int) -> Array:
    """0 to 55 for each bin, the same for all homes: a byte fades by 1/56 on average, without a bias."""
    mixed = (slot * 2654435761 ^ _BIN_SALT) >> 13
    return mixed % _FADE


_BIN_SALT = np.arange(BINS, dtype=np.int64) * 39571731


def track_quietest(homes: Homes, i: Index, bin1: Array, wh: Array, leaving_wh: Array) -> None:
    """Slide the four-hour window by one half hour and keep the quietest of the day."""
    window = (homes.window[i] << np.uint32(4)) | bin1
    total = homes.window_wh[i] + (wh - leaving_wh)
    full = ((window - _EIGHT_FULL) & ~window & _HIGH_BITS) == 0  # no nibble is zero
    least = homes.quietest_wh[i]
    better = full & (total < least)
    homes.window[i], homes.window_wh[i] = window, total
    homes.quietest[i] = np.where(better, window, homes.quietest[i])
    homes.quietest_wh[i] = np.where(better, total, least)


def new_day(homes: Homes, i: Array, day: int, rules: HabitRules) -> None:
    """Close the local day of homes whose first reading of a new one has come."""
    lived = (homes.life[i] >= rules.life_slots) & (homes.level[i] == 0)
    _learn_quietest(homes, i[lived & (homes.quietest_wh[i] < np.iinfo(np.int32).max)])
    homes.quietest_wh[i] = np.iinfo(np.int32).max

    homes.learned_days[i] += lived & (homes.learned_days[i] < np.iinfo(np.uint16).max)
    hours = homes.hours_active[i]
    homes.hours_active[i] = np.where(lived[:, None], hours << np.uint32(1), hours & ~np.uint32(1))

    peak = homes.day_peak[i].astype(np.float32) / np.float32(NATS)
    usual_peak = (peak >= 0) & (peak < rules.noise_clip)
    noise = homes.noise[i]
    homes.noise[i] = np.where(usual_peak, noise + (peak * peak - noise) * np.float32(1 / MEMORY_DAYS), noise)
    homes.absences[i] *= np.float32(1 - 1 / rules.absence_memory_days)
    homes.day_peak[i] = -1
    homes.day[i] = day


def _learn_quietest(homes: Homes, i: Array) -> None:
    quiet = homes.quiet[i]
    quiet -= quiet // MEMORY_DAYS
    window, at = homes.quietest[i], np.arange(len(i))
    for nibble in range(8):
        quiet[at, ((window >> np.uint32(4 * nibble)) & np.uint32(15)) - 1] += _QUIET_UNIT
    homes.quiet[i] = quiet


def is_learned(homes: Homes, i: Index, rules: HabitRules) -> Array:
    """Whether the home is judged by its own habit."""
    return homes.learned_days[i] >= rules.learning_days
