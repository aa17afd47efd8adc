# SPDX-License-Identifier: Apache-2.0
"""Slow change of one home, compiled: what is kept of a day that ends, and what of older ones is learned as usual."""

from __future__ import annotations

from typing import Any

from .compiled import compiled
from .homes import JUDGE_ONLY, SLOTS_PER_DAY, SLOW_DAYS, UNKNOWN_DAY

NIGHT = 10
"""Half hours from local midnight that are night."""
MORNING = 8
"""Half hours from local midnight at which a day of activity begins, so that a late evening is the end of it."""
AWAKE = 3
"""Active half hours of a night in which somebody was awake."""
_MOST_UNKNOWN = 12
"""Half hours without a reading that a day of slow change may have."""
_EMPTY = 8
"""A day with less than this part of the usual activity is one of absence, not of slow change."""
_LONG, _SHORT = 60, 7
"""Days over which the usual, and the present middle of the day, fade."""
_ALL_NIGHTS = (1 << SLOW_DAYS) - 1


@compiled
def slow_day(home: Any, f: Any, at: Any) -> None:
    """Keep how active the day that has just ended was, and learn the one that is 14 days old as usual."""
    for skipped in range(max(int(home.day) + 1, at.local_day - SLOW_DAYS), at.local_day - 1):
        home.active_days[skipped % SLOW_DAYS] = UNKNOWN_DAY
        home.nights = int(home.nights) << 1 & _ALL_NIGHTS
    known, active, night, middle = 0, 0, 0, 0
    for half in range(SLOTS_PER_DAY):
        bin1 = int(home.cells[(at.slot - at.local_slot + half) % SLOTS_PER_DAY]) & 15
        known += int(bin1 > 0)
        if bin1 > f.active_bin + 1:  # clearly somebody: a usual day scatters less in what is
            active += 1
            night += int(half < NIGHT)
            middle += (half - MORNING) % SLOTS_PER_DAY
    usual = int(home.usual_active)
    empty = home.usual_days >= SLOW_DAYS and active * 256 * _EMPTY < usual
    if (
        at.local_slot != 0
        or known < SLOTS_PER_DAY - _MOST_UNKNOWN
        or empty
        or home.level > 0
        or home.flags & JUDGE_ONLY
    ):
        active = UNKNOWN_DAY
    place = (at.local_day - 1) % SLOW_DAYS
    old = int(home.active_days[place])
    if old != UNKNOWN_DAY:
        _learn_usual(home, old, int(home.nights) >> (SLOW_DAYS - 1) & 1)
    home.active_days[place] = active
    home.nights = (int(home.nights) << 1 | int(active != UNKNOWN_DAY and night >= AWAKE)) & _ALL_NIGHTS
    if active != UNKNOWN_DAY and active >= AWAKE:
        _learn_middle(home, middle * 256 // active)


@compiled
def _learn_usual(home: Any, active: int, awake: int) -> None:
    days = min(int(home.usual_days) + 1, 255)
    home.usual_days = days
    weight = min(days, _LONG)
    home.usual_nights += _part(awake * 255 - int(home.usual_nights), weight)
    if days == 1:
        home.usual_active, home.active_spread = active * 256, active * 256 * 3 // 10
        return
    off = active * 256 - int(home.usual_active)
    home.active_spread += _part(abs(off) - int(home.active_spread), weight)
    home.usual_active += _part(off, weight)


@compiled
def _learn_middle(home: Any, middle: int) -> None:
    if home.middle_usual == 0:
        home.middle_recent, home.middle_usual, home.middle_spread = middle, middle, 4 * 256
        return
    off, weight = middle - int(home.middle_usual), min(int(home.usual_days) + _SHORT, _LONG)
    home.middle_spread += _part(abs(off) - int(home.middle_spread), weight)
    home.middle_usual += _part(off, weight)
    home.middle_recent += _part(middle - int(home.middle_recent), _SHORT)


@compiled
def _part(off: int, weight: int) -> int:
    """``off / weight``, rounded to the nearest."""
    return (2 * off + weight) // (2 * weight)
