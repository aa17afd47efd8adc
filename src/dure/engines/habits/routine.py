# SPDX-License-Identifier: Apache-2.0
"""By when somebody does what they do every day, from their own past, and when its absence is worth a word.

Times are minutes after the time the plan names (negative: before it), so that nothing here knows of days or zones.
Only what was confirmed is evidence: a day that was missed or excused teaches nothing, and leaving home is not looked
at at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RoutineRules:
    """How the own time is learned."""

    memory_days: int = 28
    """Confirmations older than this are forgotten; the caller leaves them out."""
    enough: int = 7
    """Below this many confirmations the plan's own time and grace hold: a week shows every weekday once."""
    quantile: float = 0.95
    allowance_minutes: float = 60.0
    """From the own time until the absence is noticed."""


RULES = RoutineRules()


def own_time(delays: Sequence[float], grace_minutes: float, rules: RoutineRules = RULES) -> float:
    """By when on 95 days of 100 it is done, in minutes after the plan's time.

    Parameters
    ----------
    delays
        Of the confirmations of the last ``memory_days``, in any order: minutes after the plan's time.
    grace_minutes
        What the plan allows; holds until there are ``enough`` confirmations.

    The quantile is the empirical one without interpolation (numpy's ``higher``), so that with 28 days it is the second
    latest of them and never an hour at which nothing was ever done.
    """
    if len(delays) < rules.enough:
        return grace_minutes
    return float(np.quantile(np.asarray(delays, float), rules.quantile, method="higher"))


def deadline(delays: Sequence[float], grace_minutes: float, rules: RoutineRules = RULES) -> float:
    """When its absence is noticed, in minutes after the plan's time: the own time and the allowance."""
    return own_time(delays, grace_minutes, rules) + rules.allowance_minutes
