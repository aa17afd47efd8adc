# SPDX-License-Identifier: Apache-2.0
"""What arrives beside the stream of half hours: late readings and proofs of life.

A late reading is never judged again. If it shows that somebody did something inside the present silence, the evidence
gathered up to then is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import kernel
from .figures import figures
from .homes import NEVER, SLOT_SECONDS, SLOTS_PER_DAY, Array, Homes
from .localtime import LocalTime
from .meters import Readings
from .rules import HabitRules
from .scale import CODE_KWH

_RING = 2 * SLOTS_PER_DAY


@dataclass(frozen=True, slots=True)
class Proofs:
    """Proven activity: home, half hour (UTC epoch // 1800) and when it was known (UTC epoch seconds)."""

    home: Array
    slot: Array
    known_at: Array


def proofs_in(homes: Homes, readings: Readings, rules: HabitRules) -> Proofs:
    """Late readings that show activity which the home's remembered half hours do not.

    Where the half hour was missing, its use must differ by the active step (100 W) from the nearest remembered one
    before it; where it was known, the reading alone must exceed it by that step: a repeated reading never does.
    """
    i = readings.home
    slot = (readings.at - 1) // SLOT_SECONDS
    inside = (slot > homes.proof[i]) & (slot <= homes.slot[i]) & (slot > homes.slot[i] - _RING + 1)
    inside &= ~np.isnan(readings.kwh) & (readings.interval <= 2 * SLOT_SECONDS)
    i, slot = i[inside], slot[inside]
    kwh, interval = readings.kwh[inside], readings.interval[inside]
    active_step = rules.unrest_edges_kwh[rules.active_bin - 1]

    known = CODE_KWH[homes.codes[i, slot % _RING]]
    before = CODE_KWH[homes.codes[i, (slot - 1) % _RING]]
    more_than_known = kwh * np.minimum(1, SLOT_SECONDS / interval) - known * 1.04 >= active_step
    unlike_before = np.isnan(known) & (np.abs(kwh * (SLOT_SECONDS / interval) - before) >= active_step * 1.04)
    proof = more_than_known | unlike_before  # comparisons with NaN are False
    return Proofs(i[proof], slot[proof], readings.at[inside][proof])


def take_back(homes: Homes, proofs: Proofs, local: LocalTime, rules: HabitRules) -> Array:
    """Leave only the evidence gathered after each proof; the homes for which the proof was news (int64)."""
    i, slot = _last_per_home(proofs)
    news = slot > homes.proof[i]
    i, slot = i[news], slot[news]
    if len(i):
        newest = np.where(homes.slot[i] == NEVER, slot, homes.slot[i])
        first = int(newest.min()) - SLOTS_PER_DAY
        local_slots = local.of(np.arange(first, int(newest.max()) + 1))[0]
        kernel.take_back_some(homes.rows, figures(rules), kernel.Known(i, slot, first, local_slots))
    return i


def _last_per_home(proofs: Proofs) -> tuple[Array, Array]:
    order = np.lexsort((proofs.slot, proofs.home))
    home, slot = proofs.home[order], proofs.slot[order]
    last = np.ones(len(home), bool)
    last[:-1] = home[1:] != home[:-1]
    return home[last], slot[last]
