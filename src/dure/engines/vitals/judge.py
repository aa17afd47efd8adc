# SPDX-License-Identifier: Apache-2.0
"""Has a sign left its range, and stayed out? n of the last m readings of good quality, never a single spike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .news2 import EMERGENCY, URGENT, score
from .ranges import Range, Source
from .signs import Vital

INTEREST, ATTENTION, ALERT, SEVERE = 1, 2, 3, 4
"""관심 주의 경계 심각."""

Way = Literal["low", "high"]


@dataclass(frozen=True)
class Readings:
    """Readings of one sign as parallel arrays, in any order.

    ``at``: seconds since 1970, UTC. ``value``: in the sign's unit. ``usable``: of good quality, and taken at rest; all
    others are no evidence of anything.
    """

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    usable: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Iterable[tuple[int, float | None, bool]]) -> Readings:
        """From rows of (time, value or None, usable)."""
        kept = list(rows)
        return cls(
            np.array([at for at, _, _ in kept], np.int64),
            np.array([np.nan if value is None else value for _, value, _ in kept], np.float64),
            np.array([usable and value is not None for _, value, usable in kept], bool),
        )


@dataclass(frozen=True)
class Sustained:
    """How long is long enough. Time is cut into slots, whose median speaks for them, so that a device that reports
    every second and one that reports every half hour are judged alike: ``least`` of the last ``of`` slots with usable
    readings, none of them older than ``oldest_seconds``."""

    least: int = 4
    of: int = 5
    slot_seconds: int = 300
    oldest_seconds: int = 3 * 3600

    def __post_init__(self) -> None:
        if not (self.of / 2 < self.least <= self.of and self.slot_seconds > 0 < self.oldest_seconds):
            raise ValueError("sustained: more than half of the slots, of a length above 0")


@dataclass(frozen=True)
class Judgement:
    """One sign as it stands. ``way`` None: it is within its range, or has not been out for long enough.

    ``known``: enough usable readings to say either. ``settled``: enough of them inside, so that a departure is over.
    ``outside`` of ``of`` slots lay beyond the edge; ``value``: their median (of all, where none did); ``since`` and
    ``until``: the first and the last slot looked at, seconds since 1970; ``points``: the NEWS2 score of ``value``, 0
    where it has not left the range; ``needed``: so many more slots inside, and it would not have been told.
    """

    vital: Vital
    known: bool
    way: Way | None = None
    settled: bool = False
    value: float = float("nan")
    outside: int = 0
    of: int = 0
    since: int = 0
    until: int = 0
    points: int = 0
    needed: int = 0


@dataclass(frozen=True)
class Assessment:
    """All of a person's signs together. ``level``: 0 (nothing) to 4; ``total``: the NEWS2 points of those that have
    left their ranges, and so at least the score's total."""

    level: int
    total: int
    departures: tuple[Judgement, ...]


def slots(readings: Readings, slot_seconds: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The start of each slot that has usable readings, in order, and their median."""
    usable = readings.usable & np.isfinite(readings.value)
    value = readings.value[usable]
    slot = readings.at[usable] - readings.at[usable] % slot_seconds
    order = np.lexsort((value, slot))
    value = value[order]
    starts, first, count = np.unique(slot[order], return_index=True, return_counts=True)
    return starts, (value[first + (count - 1) // 2] + value[first + count // 2]) / 2


def judge(vital: Vital, readings: Readings, usual: Range, rule: Sustained, now: int) -> Judgement:
    """Where the sign stands at ``now`` (seconds since 1970)."""
    at, value = slots(readings, rule.slot_seconds)
    fresh = (at > now - rule.oldest_seconds) & (at <= now)
    at, value = at[fresh][-rule.of :], value[fresh][-rule.of :]
    if len(at) < rule.of:
        return Judgement(vital, known=False)
    low, high = value < usual.low, value > usual.high
    out, way = (high, "high") if high.sum() >= low.sum() else (low, "low")
    outside = int(out.sum())
    departed = outside >= rule.least and bool(out[-1])
    typical = float(np.median(value[out] if departed else value))
    return Judgement(
        vital,
        known=True,
        way=("high" if way == "high" else "low") if departed else None,
        settled=int((~low & ~high).sum()) >= rule.least,
        value=round(typical, 1),
        outside=outside,
        of=rule.of,
        since=int(at[0]),
        until=int(at[-1]) + rule.slot_seconds,
        points=score(vital, typical) if departed else 0,
        needed=outside - rule.least + 1 if departed else 0,
    )


def assess(judged: Iterable[tuple[Judgement, Range]]) -> Assessment:
    """How urgent the departures are together.

    관심 where a sign is unlike the person and still scores 0; 주의 where it scores, or left a clinician's range; 경계
    where one scores 3 or the total is URGENT; 심각 where the total is EMERGENCY (the College's own steps).
    """
    departures = [(one, usual) for one, usual in judged if one.way is not None]
    total = sum(one.points for one, _ in departures)
    if total >= EMERGENCY:
        level = SEVERE
    elif total >= URGENT or any(one.points >= 3 for one, _ in departures):
        level = ALERT
    elif total or any(usual.source is Source.CLINICIAN for _, usual in departures):
        level = ATTENTION
    else:
        level = INTEREST if departures else 0
    return Assessment(level, total, tuple(one for one, _ in departures))
