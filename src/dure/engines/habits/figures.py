# SPDX-License-Identifier: Apache-2.0
"""The rules of a city in the units of the compiled step."""

from __future__ import annotations

from functools import cache

import numpy as np

from .homes import BINS, DAY_WEIGHT, NATS, SLOTS_PER_DAY, Array
from .kernel import FIGURES
from .rules import HabitRules


@cache
def figures(rules: HabitRules) -> Array:
    """``HabitRules`` as the kernel takes them."""
    row = np.zeros(1, FIGURES)
    given = {
        "edges": rules.unrest_edges_kwh,
        "hourly_factor": rules.hourly_factor,
        "active_bin": rules.active_bin,
        "life_slots": rules.life_slots,
        "learning_days": rules.learning_days,
        "shrink": rules.shrink_days * 8 * DAY_WEIGHT,
        "quiet_floor": rules.quiet_floor / BINS,
        "tail": rules.tail_weight,
        "cap": int(rules.evidence_cap * NATS),
        "proof": int(rules.proof * NATS),
        "keeps": rules.proof_keeps,
        "closing": int(rules.closing_life * NATS),
        "noise_clip": rules.noise_clip,
        "absence_fade": 1 - 1 / rules.absence_memory_days,
        "absence_score": rules.absence_score,
        "absences_free": rules.absences_free,
        "absence_factor": rules.absence_factor,
        "reopening": reopening(rules),
        "stuck_slots": rules.stuck_slots,
        "stuck_known": rules.stuck_slots_known,
        "zero_share": rules.zero_share,
        "signal_days": rules.signal_days,
        "fixed_rule": np.round(np.asarray(rules.fixed_rule_hours) * 2),
    }
    for name, figure in given.items():
        row[name] = figure
    return row


@cache
def reopening(rules: HabitRules) -> Array:
    """Factor on the needed score by half hours since an alarm closed, up to two weeks (float32)."""
    days = np.arange(14 * SLOTS_PER_DAY) / SLOTS_PER_DAY
    return (1 + rules.reopening_factor * np.exp(-days / rules.reopening_days)).astype(np.float32)
