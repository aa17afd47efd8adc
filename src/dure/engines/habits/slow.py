# SPDX-License-Identifier: Apache-2.0
"""Slow change: 14 days unlike what was usual before them. For a person to read, never an alarm.

Three things are looked at, each against the home's own past: fewer active half hours a day, more nights awake, and a
day that has moved. Days with few readings, days on which nobody was there and days said to be away do not count; the
usual is learned from days older than the fourteen, so that what has just changed does not hide itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .homes import SLOW_DAYS, UNKNOWN_DAY, Array, Homes
from .rules import HabitRules
from .slow_kernel import MORNING

KINDS = ("less", "nights", "drift")
_DEVIATION = 1.25
"""Standard deviation of a normal variable over its mean distance from the mean: sqrt(pi / 2)."""
_WEEK = 0.28
"""Standard error of a mean that fades over seven days, in standard deviations of a day: sqrt(1 / 13)."""
_NIGHTS = 7
_NIGHT_SIGMAS = 3.0
_RARE = 0.05
"""Share of nights awake that is taken as usual at least."""
_ALL_NIGHTS = (1 << SLOW_DAYS) - 1


@dataclass(frozen=True, slots=True)
class SlowChange:
    """One home that changed slowly. Units of ``recent`` and ``usual``: hours a day of half hours with use (``less``),
    nights awake of fourteen (``nights``), hour of the local day (``drift``)."""

    kind: str
    recent: float
    usual: float
    days: int
    """Known days of the last fourteen."""
    usual_days: int
    """Days from which the usual is known (255 at most)."""
    sigmas: float
    """Standard errors between them, of the home's own days."""
    limit: float = 0.0
    """The value of ``recent`` with which it would not have been said, in its units (of a ``drift``: hours moved)."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SlowChanges:
    """Of many homes at once: by kind which have begun to change and which are back (bool), and the figures (float)."""

    begun: dict[str, Array]
    over: dict[str, Array]
    recent: dict[str, Array]
    usual: dict[str, Array]
    sigmas: dict[str, Array]
    limit: dict[str, Array]
    days: Array
    usual_days: Array

    def of(self, kind: str, k: int) -> SlowChange:
        """The figures of the ``k``-th home."""
        return SlowChange(
            kind=kind,
            recent=round(float(self.recent[kind][k]), 2),
            usual=round(float(self.usual[kind][k]), 2),
            days=int(self.days[k]),
            usual_days=int(self.usual_days[k]),
            sigmas=round(float(self.sigmas[kind][k]), 1),
            limit=round(float(self.limit[kind][k]), 2),
        )


def slow_changes(homes: Homes, i: Array, rules: HabitRules) -> SlowChanges:
    """What has slowly changed in the homes ``i``."""
    ring, nights = homes.active_days[i], homes.nights[i]
    known = ring != UNKNOWN_DAY
    days, usual_days = known.sum(axis=1), homes.usual_days[i].astype(int)
    enough = (days >= rules.slow_known_days) & (usual_days >= rules.slow_usual_days)
    n = np.maximum(days, 1)

    active, usual = np.where(known, ring, 0).sum(axis=1) / n, homes.usual_active[i] / 256
    error = _DEVIATION * homes.active_spread[i] / 256 / np.sqrt(n)
    less = (usual - active) / np.maximum(error, 0.01)

    awake, share = np.bitwise_count(nights & _ALL_NIGHTS), np.maximum(homes.usual_nights[i] / 255, _RARE)
    more_nights = (awake - n * share) / np.sqrt(n * share * (1 - np.minimum(share, 0.95)))

    middle, usual_middle = homes.middle_recent[i] / 256, homes.middle_usual[i] / 256
    moved = np.abs(middle - usual_middle)
    drift = moved / np.maximum(_WEEK * _DEVIATION * homes.middle_spread[i] / 256, 0.01)

    begun = {
        "less": (active <= rules.slow_less * usual) & (less >= rules.slow_sigmas),
        "nights": (awake >= _NIGHTS) & (awake / n - share >= rules.slow_nights) & (more_nights >= _NIGHT_SIGMAS),
        "drift": (moved >= 2 * rules.slow_drift_hours) & (drift >= rules.slow_sigmas),
    }
    over = {
        "less": active > rules.slow_less_over * usual,
        "nights": awake / n - share < rules.slow_nights / 2,
        "drift": moved < rules.slow_drift_hours,
    }
    return SlowChanges(
        begun={kind: enough & mask for kind, mask in begun.items()},
        over={kind: enough & mask for kind, mask in over.items()},
        recent={"less": active / 2, "nights": awake.astype(float), "drift": _hour(middle)},
        usual={"less": usual / 2, "nights": SLOW_DAYS * homes.usual_nights[i] / 255, "drift": _hour(usual_middle)},
        sigmas={"less": less, "nights": more_nights, "drift": drift},
        limit={
            "less": rules.slow_less * usual / 2,
            "nights": np.maximum(n * (share + rules.slow_nights), _NIGHTS),
            "drift": np.full(len(n), rules.slow_drift_hours),
        },
        days=days,
        usual_days=usual_days,
    )


def _hour(middle: Array) -> Array:
    """Hour of the local day of a middle counted in half hours from the morning on."""
    hours: Array = ((middle + MORNING) / 2 + 0.25) % 24
    return hours
