# SPDX-License-Identifier: Apache-2.0
"""Made homes for the engine's tests: a refrigerator, a person awake from 7 to 23, and what may happen to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.engines.habits import Changes, Watch

MIDNIGHT = 1_704_034_800
"""2024-01-01 00:00 in Seoul."""
SLOT = 1800
DAY = 48

Floats = NDArray[np.float64]


def living(homes: int, days: int, seed: int = 0) -> Floats:
    """kWh per half hour [homes, days * 48]."""
    rng = np.random.default_rng(seed)
    hour = np.arange(days * DAY) % DAY / 2
    awake = (hour >= 7) & (hour < 23)
    fridge = 0.03 + 0.01 * rng.random((homes, days * DAY))
    use = rng.gamma(1.5, 0.12, (homes, days * DAY)) * (rng.random((homes, days * DAY)) < np.where(awake, 0.55, 0.02))
    return np.round(fridge + use, 3)


def silent(kwh: Floats, start: int, stop: int, seed: int = 1) -> Floats:
    """The same homes with nothing but the refrigerator in some columns."""
    rng = np.random.default_rng(seed)
    changed = kwh.copy()
    changed[:, start:stop] = np.round(0.03 + 0.01 * rng.random((len(kwh), stop - start)), 3)
    return changed


def ends(kwh: Floats, first_slot: int = 0) -> NDArray[np.int64]:
    """When each column was known."""
    return MIDNIGHT + (first_slot + np.arange(kwh.shape[1]) + 1) * SLOT


def feed(watch: Watch, kwh: Floats, first_slot: int = 0) -> Changes:
    """All columns of all homes at once."""
    home = np.repeat(np.arange(len(kwh)), kwh.shape[1])
    at = np.tile(ends(kwh, first_slot), len(kwh))
    return watch.feed(home, at, kwh.ravel(), np.full(kwh.size, SLOT))


def as_rows(changes: Changes) -> list[tuple[Any, ...]]:
    """Changes in a form that compares, by time and home."""
    columns = (changes.at, changes.home, changes.before, changes.after, changes.score)
    return sorted(zip(*(c.tolist() for c in columns), strict=True))
