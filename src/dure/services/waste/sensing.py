# SPDX-License-Identifier: Apache-2.0
"""From what a sensor reports to how full its bin is, and what is wrong with it: values in, values out.

A level is ``100 · (empty − distance) / (empty − full)`` percent, not clipped; what is shown is the median of the newest
three, clipped to 0 … 100. What cannot be believed leaves the last level standing, and the status says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple

from dure.services.waste.models import Bin, BinState, BinStatus, Mount
from dure.services.waste.rules import SensorRules

SHOWN_OF = 3
"""Levels of which the median is shown: one spike changes nothing."""
KEPT = 5
STAYS = 2
"""Readings that a drop must last to be an emptying."""
SAME_POINTS = 0.5
"""Levels that differ by less are the same: a living sensor's noise is larger."""
NOT_FULL_BELOW = 10
"""Points below the full level at which a bin is no longer full: noise must not end and begin it."""


@dataclass(frozen=True)
class Report:
    """What a sensor said at one time; None for what it did not say."""

    at: datetime
    distance: float | None = None
    fill: float | None = None
    tilt: float | None = None
    lid: float | None = None
    temperature: float | None = None


class Emptied(NamedTuple):
    """An emptying: ``at`` is the first low reading's time; levels in percent."""

    at: datetime
    before: float
    after: float


class _Level(NamedTuple):
    """A believed level, and the fill that was shown before it; ``at`` in seconds since 1970."""

    at: float
    percent: float
    before: float | None


def take(state: BinState, of: Bin, report: Report, rules: SensorRules) -> Emptied | None:
    """Bring ``state`` up to ``report``; the caller keeps it. A report older than the newest changes nothing."""
    if state.heard_at is not None and report.at <= state.heard_at:
        return None
    state.heard_at = report.at
    fault = _fault(state, of, report, rules)
    if fault == BinStatus.BURNING:
        state.burnt_at = report.at
    emptied = None
    if fault in (None, BinStatus.BURNING):
        level = _believed(state, of, report, rules)
        if level is not None:
            emptied = _show(state, report.at, level, rules)
    _set_status(state, fault or _status_without_fault(state, report, rules), report.at)
    return emptied


def level_said(state: BinState, of: Bin, report: Report, rules: SensorRules) -> float | None:
    """The level that a report gives (percent, clipped), None where it gives none that can be true. Of ``state`` only
    ``status`` (what was wrong) and ``fill`` (what was said before) are looked at and brought up."""
    fault = _fault(state, of, report, rules)
    state.status = fault or BinStatus.OK
    level = _believed(state, of, report, rules) if fault in (None, BinStatus.BURNING) else None
    if level is None:
        return None
    state.fill = _clipped(level)
    return state.fill


def _fault(state: BinState, of: Bin, report: Report, rules: SensorRules) -> BinStatus | None:
    """What the report says is wrong; what it is silent about is as it was."""
    tilted = report.tilt if of.mount == Mount.BODY else None
    opened = report.lid if report.lid is not None or of.mount == Mount.BODY else report.tilt
    hot = None if report.temperature is None else report.temperature - rules.fire_celsius
    for status, said in ((BinStatus.BURNING, hot), (BinStatus.TILTED, tilted), (BinStatus.LID_OPEN, opened)):
        if (said > 0) if said is not None else (state.status == status):
            return status
    return None


def _believed(state: BinState, of: Bin, report: Report, rules: SensorRules) -> float | None:
    """The level that the report gives, None where it gives none that can be true."""
    if report.fill is not None:
        return report.fill
    distance = report.distance
    if distance is None or distance > of.empty_mm * (1 + rules.above_empty_percent / 100):
        return None
    if distance < of.blind_mm:
        filling = state.fill is not None and state.fill >= rules.near_full_percent
        return 100.0 if filling else None
    return level_of(of, distance)


def level_of(of: Bin, distance: float) -> float:
    """Percent of the calibrated depth, not clipped."""
    return 100 * (of.empty_mm - distance) / (of.empty_mm - of.full_mm)


def _show(state: BinState, at: datetime, level: float, rules: SensorRules) -> Emptied | None:
    recent = [_Level(*one) for one in state.recent][-(KEPT - 1) :]
    recent.append(_Level(at.timestamp(), level, state.fill))
    fresh_from = (at - timedelta(hours=rules.recent_hours)).timestamp()
    fresh = [one.percent for one in recent[-SHOWN_OF:] if one.at >= fresh_from]
    state.fill, state.fill_at = _clipped(median(fresh)), at
    emptied = _emptied(recent, rules)
    if emptied is not None:
        state.fill, state.emptied_at, state.full_since = emptied.after, emptied.at, None
        recent = [one._replace(before=emptied.after) for one in recent[-STAYS:]]
    state.recent = [list(one) for one in recent]
    if state.same_level is None or abs(level - state.same_level) > SAME_POINTS:
        state.same_level, state.same_since = level, at
    if state.fill >= rules.full_percent:
        state.full_since = state.full_since or at
    elif state.fill < rules.full_percent - NOT_FULL_BELOW:
        state.full_since = None
    return emptied


def _emptied(recent: Sequence[_Level], rules: SensorRules) -> Emptied | None:
    """A drop from what was shown before, which the newest readings agree on. A sensor that is new has shown too little
    to drop from."""
    low = recent[-STAYS:]
    before = low[0].before
    if len(recent) < STAYS + 2 or before is None:
        return None
    if max(one.percent for one in low) > before - rules.emptied_points:
        return None
    first = datetime.fromtimestamp(low[0].at, UTC)
    return Emptied(first, before, _clipped(median(one.percent for one in low)))


def _status_without_fault(state: BinState, report: Report, rules: SensorRules) -> BinStatus:
    if state.fill_at is None or report.at - state.fill_at > timedelta(hours=rules.no_level_hours):
        return BinStatus.UNKNOWN
    moved = state.same_since == report.at
    return BinStatus.STUCK if state.status == BinStatus.STUCK and not moved else BinStatus.OK


def _set_status(state: BinState, status: BinStatus, at: datetime) -> None:
    if state.status != status or state.status_since is None:
        state.status, state.status_since = status, at


def _clipped(level: float) -> float:
    return min(100.0, max(0.0, level))
