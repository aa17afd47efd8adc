# SPDX-License-Identifier: Apache-2.0
"""One half hour of one home, compiled: learn, weigh, judge. Everything of a home is in its row of ``Homes.rows``.

Evidence of a half hour's unrest bin b (``_units``): log[(1 - w) Q(b) / P(b | hour) + w (F(b) + F(b + 1))]. P is the
hour's histogram, smoothed over half an hour and shrunk to the home's overall one; Q the histogram of each day's
quietest four hours; F the share of P at or above b, so that the second term is the likelihood ratio of "the lower of
two draws from P" (Lehmann's alternative): use that follows the clock but stays at the low end of what this hour
usually sees. All counts are whole numbers and all curves tables, so that any order of homes gives the same bits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .compiled import compiled
from .homes import (
    BINS,
    DAY_WEIGHT,
    HOURS,
    JUDGE_ONLY,
    LONG_SILENCE,
    MEMORY_DAYS,
    NATS,
    NEVER,
    NO_CURRENT,
    SLOTS_PER_DAY,
    STUCK,
    Array,
)
from .scale import CODE_EDGES, CODE_WH, NO_VALUE, RATIO_EDGES, SCORE_EDGES, ZERO
from .slow_kernel import slow_day

RING = 2 * SLOTS_PER_DAY
MOST_EVIDENCE = 500 * NATS
NOTHING_LEFT = NATS // 2
LIVED = 16
"""Cell flag: there had been life in the 24 h before."""
FADE = 2 * MEMORY_DAYS
"""An hour's histogram takes two half hours a day."""
_PER_FADE = 1171
"""x * 1171 >> 16 is x // 56 for every x of two bytes that occurs (below 320)."""
_QUIET_UNIT = 64
_WINDOW = 0xFFFFFFFF
_EIGHT_FULL = 0x11111111
_HIGH_BITS = 0x88888888
_NO_WINDOW = np.iinfo(np.int32).max
_SALT = np.arange(BINS, dtype=np.int64) * 39571731
_EIGHT_NATS = 8 * NATS + 1


FIGURES = np.dtype(
    [
        ("edges", np.float32, (BINS - 1,)),
        ("hourly_factor", np.float32),
        ("active_bin", np.int64),
        ("life_slots", np.int64),
        ("learning_days", np.int64),
        ("shrink", np.int64),
        ("quiet_floor", np.float32),  # of one bin
        ("tail", np.float64),
        ("cap", np.int64),
        ("proof", np.int64),
        ("keeps", np.float64),
        ("closing", np.int64),
        ("noise_clip", np.float32),
        ("absence_fade", np.float32),
        ("absence_score", np.float32),
        ("absences_free", np.float32),
        ("absence_factor", np.float32),
        ("stuck_slots", np.int64),
        ("stuck_known", np.int64),
        ("zero_share", np.float32),
        ("signal_days", np.int64),
        ("fixed_rule", np.int64, (3,)),
        ("reopening", np.float32, (14 * SLOTS_PER_DAY,)),  # by half hours since an alarm closed
    ],
    align=True,
)
"""``HabitRules`` as the kernel takes them, in one row: evidence in 1/64 nat, times in half hours."""


class Limits(NamedTuple):
    """The alarm budget as the kernel takes it: today's thresholds, and today's counts, which it adds to."""

    thresholds: Array
    """int64 [3]: lowest score bin of each level."""
    levels: Array
    """uint8 [4]: none and the levels."""
    reached: Array
    given: Array
    slots: Array


class HalfHour(NamedTuple):
    """One half hour of one home."""

    slot: int
    local_slot: int
    local_day: int
    kwh: np.float32
    """As it came, NaN when there is no value."""
    hourly: bool


class Known(NamedTuple):
    """Half hours in which homes were proven alive, and the wall clock of every half hour from ``first`` on."""

    home: Array
    slot: Array
    first: int
    local_slot: Array


@compiled
def forget_recent(home: Any) -> None:
    """A home of which nothing came for more than 48 h: its last two days are forgotten, its habit and gathered evidence
    stay."""
    home.codes[:] = 0
    home.cells[:] = 0
    home.life = 0
    home.window = 0
    home.window_wh = 0
    home.run = 0
    home.previous[:] = np.nan
    home.slot = NEVER


@compiled
def step(home: Any, f: Any, at: Any) -> None:
    """Learn and weigh one half hour of the meter."""
    if home.day != at.local_day:
        slow_day(home, f, at)
        _new_day(home, f, at.local_day)
    kwh = _believable(home, f, at.kwh)
    bin1 = _unrest_bin(home, f, kwh, at.hourly)
    home.previous[1] = home.previous[0]
    home.previous[0] = kwh
    _remember(home, f, at)
    _write_rings(home, f, at, bin1)
    if bin1 > 0 and not home.flags & STUCK:
        _weigh(home, f, at, bin1)
    if bin1 > f.active_bin:
        home.hours_active[at.local_slot >> 1] |= np.uint32(1)
    home.slot = at.slot


@compiled
def _weigh(home: Any, f: Any, at: Any, bin1: int) -> None:
    """Gather the half hour's evidence for silence, and for life."""
    learned = home.learned_days >= f.learning_days
    units = 0
    if learned:
        units = evidence_units(home, f, at.local_slot, bin1)
        if at.slot <= home.proof:  # proven alive later than this
            units = min(units, 0)
    proven = units <= -f.proof if learned else bin1 > f.active_bin
    before = int(home.evidence)
    gathered = before + units
    if proven:
        shrunk = min(gathered, int(before * f.keeps))
        gathered = shrunk if shrunk >= NOTHING_LEFT else 0
    gathered = min(max(gathered, 0), MOST_EVIDENCE)
    for_life = min(max(int(home.life_evidence) - units, 0), MOST_EVIDENCE)
    if home.level > 0 and learned and for_life >= f.closing:
        gathered = 0
    home.evidence = gathered
    home.life_evidence = for_life if gathered > 0 else 0
    home.day_peak = max(int(home.day_peak), gathered)
    if proven or (units < 0 and gathered == 0):
        home.silence = 0
        home.proof = max(at.slot, int(home.proof))
    elif home.silence < 65535:
        home.silence += 1


@compiled
def _edges_up_to(edges: Array, value: Any) -> int:
    """How many of the rising edges are at or below the value."""
    low, left = 0, len(edges)
    while left > 1:  # without a branch to be guessed wrong
        half = left >> 1
        low += half * int(edges[low + half - 1] <= value)
        left -= half
    return low + int(edges[low] <= value)


@compiled
def evidence_units(home: Any, f: Any, local_slot: int, bin1: int) -> int:
    """Evidence of an unrest bin + 1 for silence (> 0) or life (< 0), 1/64 nat."""
    hour = local_slot >> 1
    beside = (hour - 1 + 2 * (local_slot & 1)) % HOURS
    total, quiet_total = 0, 0
    for b in range(BINS):
        total += int(home.overall[b])
        quiet_total += int(home.quiet[b])
    per_count = (f.shrink << 16) // max(total, 1)
    n, at_least, above, mine = 0, 0, 0, 0
    for b in range(BINS):
        count = 3 * int(home.histogram[hour, b]) + int(home.histogram[beside, b])
        count += (int(home.overall[b]) * per_count >> 16) + 1
        n += count
        if b >= bin1 - 1:
            at_least += count
        if b >= bin1:
            above += count
        if b == bin1 - 1:
            mine = count
    floor = int(np.float32(quiet_total) * f.quiet_floor) + 1
    as_asleep = (int(home.quiet[bin1 - 1]) + floor) * float(n) / (float(quiet_total + BINS * floor) * mine)
    low_end = float(at_least + above) / n
    ratio = (1 - f.tail) * as_asleep + f.tail * low_end
    units = _edges_up_to(RATIO_EDGES, ratio) - _EIGHT_NATS
    return min(max(units, -f.cap), f.cap)


@compiled
def _new_day(home: Any, f: Any, day: int) -> None:
    """Close the local day of a home whose first reading of a new one has come."""
    lived = home.life >= f.life_slots and home.level == 0
    if lived and home.quietest_wh < _NO_WINDOW:
        for b in range(BINS):
            home.quiet[b] -= home.quiet[b] // MEMORY_DAYS
        window = int(home.quietest)
        for nibble in range(8):
            home.quiet[((window >> 4 * nibble) & 15) - 1] += _QUIET_UNIT
    home.quietest_wh = _NO_WINDOW
    if lived and home.learned_days < 65535:
        home.learned_days += 1
    for hour in range(HOURS):
        hours = int(home.hours_active[hour])
        home.hours_active[hour] = hours << 1 & _WINDOW if lived else hours & ~1
    peak = np.float32(home.day_peak) / np.float32(NATS)
    if np.float32(0) <= peak < f.noise_clip:
        home.noise += (peak * peak - home.noise) * np.float32(1 / MEMORY_DAYS)
    home.absences *= f.absence_fade
    home.day_peak = -1
    home.day = day


@compiled
def _believable(home: Any, f: Any, kwh: Any) -> Any:
    """The reading if it says something about a person: not the zero of a home without current.

    Keeps the flags ``NO_CURRENT`` and ``STUCK`` and the run of identical readings up to date.
    """
    same = kwh == home.previous[0] and kwh != 0
    flags = home.flags & ~(STUCK | NO_CURRENT)
    if kwh == 0 and home.zero_rate < f.zero_share:
        flags |= NO_CURRENT
        kwh = np.float32(np.nan)
    longest, repeated = int(home.longest_run), int(home.run)
    limit = max(2 * longest, f.stuck_slots)
    if home.learned_days >= f.learning_days:
        limit = max(3 * longest, f.stuck_known)
    if not np.isnan(kwh) and not same:
        home.longest_run = max(longest, min(repeated, limit))
        repeated = 0
    elif same:
        repeated = min(repeated + 1, 255)
    home.run = repeated
    if repeated >= limit:
        flags |= STUCK
    home.flags = flags
    return kwh


@compiled
def _unrest_bin(home: Any, f: Any, kwh: Any, hourly: bool) -> int:
    """Bin + 1 of the unrest at this reading; 0 where this or the last reading is missing."""
    last = home.previous[0]
    unrest = abs(kwh - last)
    if np.isnan(unrest):
        return 0
    with_before = (unrest + abs(last - home.previous[1])) * np.float32(0.5)
    if not np.isnan(with_before):
        unrest = with_before
    if hourly:
        unrest *= f.hourly_factor
    bin1 = 1
    for edge in f.edges:
        if unrest >= edge:
            bin1 += 1
    return bin1


@compiled
def _remember(home: Any, f: Any, at: Any) -> None:
    """Learn the half hour of 24 h ago, which is about to be overwritten, if it has life on both sides."""
    if home.life < f.life_slots or home.level != 0:
        return
    code = int(home.codes[(at.slot - SLOTS_PER_DAY) % RING])
    if code != NO_VALUE:
        zero = np.float32(code == ZERO)
        home.zero_rate += (zero - home.zero_rate) * np.float32(1 / (MEMORY_DAYS * SLOTS_PER_DAY))
    cell = int(home.cells[at.slot % SLOTS_PER_DAY])
    if cell <= LIVED:  # a bin and the flag
        return
    hour, mixed = at.local_slot >> 1, at.slot * 2654435761
    for b in range(BINS):  # fades by 1/56 on average, by a dither that is the same for all homes
        old = int(home.histogram[hour, b])
        dither = (((mixed ^ _SALT[b]) >> 13) & 0xFFFF) * FADE >> 16
        new = old - ((old + dither) * _PER_FADE >> 16)
        if b == (cell & 15) - 1:
            new += DAY_WEIGHT
        home.histogram[hour, b] = new
        home.overall[b] += new - old
    usual = int(home.usual[hour])
    home.usual[hour] = (
        code if usual == NO_VALUE else usual + (code - usual + ((mixed >> 13 & 0xFFFF) * FADE >> 16)) // FADE
    )


@compiled
def _write_rings(home: Any, f: Any, at: Any, bin1: int) -> None:
    """Write this half hour into the last two days; the picture keeps the reading as it came."""
    place, cell = at.slot % RING, at.slot % SLOTS_PER_DAY
    life = home.life + int(bin1 > f.active_bin) - int((home.cells[cell] & 15) > f.active_bin)
    home.life = life
    home.cells[cell] = bin1 | (LIVED if life >= f.life_slots else 0)
    code = NO_VALUE
    if not np.isnan(at.kwh):
        code = min(_edges_up_to(CODE_EDGES, float(at.kwh)) + ZERO, 255)
    _track_quietest(home, bin1, CODE_WH[code] - CODE_WH[home.codes[(at.slot - 8) % RING]])
    home.codes[place] = code


@compiled
def _track_quietest(home: Any, bin1: int, more_wh: int) -> None:
    """Slide the four-hour window by one half hour and keep the quietest of the day."""
    window = (int(home.window) << 4 | bin1) & _WINDOW
    total = home.window_wh + more_wh
    home.window, home.window_wh = window, total
    full = (window - _EIGHT_FULL) & ~window & _HIGH_BITS == 0  # no nibble is zero
    if full and total < home.quietest_wh:
        home.quietest, home.quietest_wh = window, total


@compiled
def scores(home: Any, f: Any) -> tuple[Any, Any]:
    """Gathered evidence over the home's usual daily peak (and over what an alarm just closed adds to it); and the
    same after the home's own absences are allowed for."""
    usual_peak = np.sqrt(max(home.noise, np.float32(1)))
    since = max(min(int(home.slot) - int(home.closed_slot), len(f.reopening) - 1), 0)
    plain = np.float32(home.evidence) * np.float32(1 / NATS) / (usual_peak * f.reopening[since])
    too_many = max(home.absences - f.absences_free, np.float32(0))
    return plain, plain / (np.float32(1) + f.absence_factor * too_many)


@compiled
def judge(home: Any, f: Any, limits: Any) -> bool:
    """Count what the home's silence has newly reached; raise, open or close. True if its level changed."""
    steering = not home.flags & JUDGE_ONLY
    learned = home.learned_days >= f.learning_days
    before, level = int(home.level), 0
    if home.evidence == 0:
        end_silence(home)
    else:
        level = _reach(home, f, limits, learned and steering)
    if not learned:
        level = int(limits.levels[_edges_up_to(f.fixed_rule, int(home.silence))])
    over = home.evidence == 0 if learned else home.silence == 0
    after = 0 if over else max(before, level)
    if after == before:
        return False
    home.level = after
    if after == 0:
        home.closed_slot = home.slot
    elif steering:
        for k in range(3):
            limits.given[k] += int(before < limits.levels[k + 1] <= after)
    return True


@compiled
def _reach(home: Any, f: Any, limits: Any, counted: bool) -> int:
    """The level of the present score; marks a long silence and counts the bins newly reached."""
    plain, score = scores(home, f)
    if plain >= f.absence_score:
        home.flags |= LONG_SILENCE
    reached, peak = _edges_up_to(SCORE_EDGES, float(score)), int(home.peak_bin)
    if reached > peak:
        if counted:
            limits.reached[reached] += 1
            limits.reached[peak] -= 1
        home.peak_bin = reached
    return int(limits.levels[_edges_up_to(limits.thresholds, reached)])


@compiled
def end_silence(home: Any) -> None:
    """The evidence is gone: a long silence that ended is one of the home's own absences."""
    if home.flags & LONG_SILENCE:
        home.absences += np.float32(1)
        home.flags &= ~LONG_SILENCE
    home.peak_bin = 0


@compiled
def take_back_some(homes: Any, rules: Any, known: Any) -> None:
    """Leave only the evidence gathered after the half hour in which each home was proven alive."""
    for k in range(len(known.home)):
        take_back(homes[known.home[k]], rules[0], known, known.slot[k])


@compiled
def take_back(home: Any, f: Any, known: Any, slot: int) -> None:
    """Weigh the remembered half hours after ``slot`` again; beyond the remembered day what is left is in proportion."""
    newest, proof = int(home.slot), int(home.proof)
    gathered, silence = 0, 0
    if newest - slot > SLOTS_PER_DAY:
        share = min(max((newest - slot) / max(newest - proof, 1), 0.0), 1.0)
        gathered, silence = int(home.evidence * share), int(home.silence * share)
    else:
        learned = home.learned_days >= f.learning_days
        for at in range(slot + 1, newest + 1):
            bin1 = int(home.cells[at % SLOTS_PER_DAY]) & 15
            if bin1 > 0:
                silence += 1
                if learned:
                    gathered = max(0, gathered + evidence_units(home, f, known.local_slot[at - known.first], bin1))
    home.evidence = min(int(home.evidence), gathered)
    home.silence = min(int(home.silence), silence)
    home.life_evidence = 0
    home.proof = slot
    home.peak_bin = 0
    if home.evidence == 0:
        end_silence(home)
