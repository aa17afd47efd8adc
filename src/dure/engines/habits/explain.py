# SPDX-License-Identifier: Apache-2.0
"""The evidence behind a level, as data: plain numbers and lists that go into JSON as they are."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .figures import reopening
from .homes import HOURS, MEMORY_DAYS, NATS, NEVER, NO_CURRENT, SLOT_SECONDS, SLOTS_PER_DAY, STUCK, Array, Homes
from .localtime import LocalTime
from .rules import ALARM_LEVELS, HabitRules, Level
from .scale import CODE_KWH
from .signals import Signals, share_active

_RING = 2 * SLOTS_PER_DAY


@dataclass(frozen=True, slots=True)
class HourOfUse:
    """One silent local hour, and on how many remembered days the home used power in it."""

    hour: int
    days_used: int


@dataclass(frozen=True, slots=True)
class SignalSaid:
    """What one other kind of signal says of the silence that goes on."""

    kind: str
    """As it was fed: ``phone``, ``water`` …"""
    days_known: int
    """Days with activity learned so far (255 at most)."""
    last_at: int | None
    """UTC epoch seconds of the end of the last half hour with activity; None when none was seen."""
    hours_silent: float
    """Hours in which it told of no activity since the last sign of life of any kind."""
    hour: int | None
    """Of the last 24 of them the local hour with the strongest habit; None when there is none."""
    share: float
    """Learned share of that hour's half hours with activity."""
    nats: float
    """Its part of the evidence; 0 where silence of this kind says nothing or its habit is not known yet."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a home has this level. Half-hour lists run from local midnight, kWh each, None where unknown."""

    level: int
    """``Level``."""
    by_own_habit: bool
    """False: the fixed rule of a home still being learned."""
    learned_days: int
    """Days with life learned so far."""
    remembered_days: int
    """Days the figures of ``silent_hours`` are out of (28 at most)."""
    hours_silent: float
    """Hours with readings since the last use."""
    hours_without_value: float
    """Hours since then for which no value came; they count for nothing."""
    silent_since: int | None
    """UTC epoch seconds of the end of the last half hour with use; None when none was seen."""
    known_until: int
    """UTC epoch seconds up to which readings are known."""
    silent_hours: tuple[HourOfUse, ...]
    """The last 24 silent full local hours, in order of time."""
    score: float
    """Gathered evidence over the home's own usual daily peak."""
    threshold: float | None
    """Score of the level today; hours for the fixed rule."""
    half_hours_of_use_needed: int
    """Half hours of use during the silence with which the home would not have reached this level."""
    meter_stuck: bool
    no_current: bool
    usual_day: tuple[float | None, ...]
    yesterday: tuple[float | None, ...]
    today: tuple[float | None, ...]
    nats: float = 0.0
    """All evidence for silence gathered since the last sign of life, of every kind."""
    signals: tuple[SignalSaid, ...] = ()
    """What other kinds of signals say of it, the strongest first."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def explain(
    homes: Homes,
    i: int,
    thresholds: tuple[float, ...],
    local: LocalTime,
    rules: HabitRules,
    *,
    signals: Signals | None = None,
) -> Evidence:
    """Evidence of home ``i`` as it stands; ``thresholds`` of the alarm levels as ``AlarmBudget.thresholds``."""
    level = int(homes.level[i])
    slot, proof = int(homes.slot[i]), int(homes.proof[i])
    silence = int(homes.silence[i]) / 2
    own = bool(homes.learned_days[i] >= rules.learning_days)
    own_score = float(score(homes, np.array([i]), rules)[0])
    threshold = _threshold(level, thresholds if own else rules.fixed_rule_hours)
    yesterday, today = _two_days(homes, i, local)
    return Evidence(
        level=level,
        by_own_habit=own,
        learned_days=int(homes.learned_days[i]),
        remembered_days=min(int(homes.learned_days[i]), MEMORY_DAYS),
        hours_silent=silence,
        hours_without_value=max(0.0, (slot - proof) / 2 - silence) if proof != NEVER else 0.0,
        silent_since=(proof + 1) * SLOT_SECONDS if proof != NEVER else None,
        known_until=(slot + 1) * SLOT_SECONDS,
        silent_hours=_silent_hours(homes, i, local),
        score=round(own_score, 3),
        threshold=None if threshold is None else round(threshold, 3),
        half_hours_of_use_needed=_use_needed(own, own_score, threshold, rules),
        meter_stuck=bool(homes.flags[i] & STUCK),
        no_current=bool(homes.flags[i] & NO_CURRENT),
        usual_day=_kwh(np.repeat(homes.usual[i], 2)),
        yesterday=yesterday,
        today=today,
        nats=round(int(homes.evidence[i]) / NATS, 2),
        signals=_said(homes, i, signals, local) if signals is not None else (),
    )


def score(homes: Homes, i: Array, rules: HabitRules) -> Array:
    """Gathered evidence relative to what each home ``i`` needs (float32, 1 = as on any usual day): its usual daily
    peak, more after an alarm has just closed, more for a home that is often empty. As ``kernel.scores``."""
    since = np.clip(homes.slot[i] - homes.closed_slot[i], 0, None)
    after_closing = reopening(rules)
    needed = (
        np.sqrt(np.maximum(homes.noise[i], np.float32(1))) * after_closing[np.minimum(since, len(after_closing) - 1)]
    )
    too_many = np.maximum(homes.absences[i] - np.float32(rules.absences_free), np.float32(0))
    plain = homes.evidence[i].astype(np.float32) * np.float32(1 / NATS) / needed
    return plain / (1 + np.float32(rules.absence_factor) * too_many)


def _threshold(level: int, thresholds: tuple[float, ...]) -> float | None:
    return thresholds[ALARM_LEVELS.index(Level(level))] if level in ALARM_LEVELS else None


def _use_needed(own: bool, own_score: float, threshold: float | None, rules: HabitRules) -> int:
    """Each half hour of use leaves ``proof_keeps`` of the evidence; the fixed rule starts anew with one."""
    if not own or not threshold or own_score < threshold:
        return 1
    return max(1, math.floor(math.log(own_score / threshold) / -math.log(rules.proof_keeps)) + 1)


def _silent_hours(homes: Homes, i: int, local: LocalTime) -> tuple[HourOfUse, ...]:
    """Local hours of the last day whose both half hours have readings since the last use."""
    newest = int(homes.slot[i])
    if newest == NEVER:
        return ()
    slots = np.arange(max(newest - SLOTS_PER_DAY + 1, int(homes.proof[i]) + 1), newest + 1)
    known = (homes.cells[i, slots % SLOTS_PER_DAY] & 15) > 0
    hours = local.of(slots)[0] >> 1
    found: list[HourOfUse] = []
    k = 0
    while k + 1 < len(slots):
        if hours[k] == hours[k + 1]:
            if known[k] and known[k + 1]:
                found.append(HourOfUse(int(hours[k]), _days_used(homes, i, int(hours[k]))))
            k += 1
        k += 1
    return tuple(found[-HOURS:])


def _days_used(homes: Homes, i: int, hour: int) -> int:
    remembered = int(homes.hours_active[i, hour]) >> 1 & (1 << MEMORY_DAYS) - 1  # bit 0 is today
    return remembered.bit_count()


def _said(homes: Homes, i: int, signals: Signals, local: LocalTime) -> tuple[SignalSaid, ...]:
    """What each kind that the home has says since the last sign of life."""
    found = []
    for kind, row in signals.kinds_of(i).items():
        (habit,) = row
        goes_on = habit["proof"] == homes.proof[i]
        silent = int(habit["silent"]) if goes_on else 0
        hour, share = None, 0.0
        if silent:
            heard = int(habit["heard"])
            hours = local.of(np.arange(heard - min(silent, SLOTS_PER_DAY) + 1, heard + 1))[0] >> 1
            hour = int(hours[habit["rate"][hours].argmax()])
            share = float(share_active(row, np.array([hour]))[0])
        active = int(habit["active"])
        found.append(
            SignalSaid(
                kind=kind,
                days_known=int(habit["days"]),
                last_at=(active + 1) * SLOT_SECONDS if active != NEVER else None,
                hours_silent=silent / 2,
                hour=hour,
                share=round(share, 2),
                nats=round(int(habit["gathered"]) / NATS, 2) if goes_on else 0.0,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.nats))


def _two_days(homes: Homes, i: int, local: LocalTime) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    newest = int(homes.slot[i])
    days = np.zeros((2, SLOTS_PER_DAY), np.uint8)
    if newest != NEVER:
        slots = np.arange(newest - _RING + 1, newest + 1)
        local_slot, local_day = local.of(slots)
        back = local_day[-1] - local_day
        shown = back < 2
        days[1 - back[shown], local_slot[shown]] = homes.codes[i, slots[shown] % _RING]
    return _kwh(days[0]), _kwh(days[1])


_SHOWN = [None if np.isnan(kwh) else round(float(kwh), 3) for kwh in CODE_KWH]


def _kwh(codes: Array) -> tuple[float | None, ...]:
    return tuple([_SHOWN[code] for code in codes.tolist()])
