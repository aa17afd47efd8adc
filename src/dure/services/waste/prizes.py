# SPDX-License-Identifier: Apache-2.0
"""From what going now is worth, in visits, to what a route may pay for it, in metres: one rule for the simulation and
for the live plan (docs/adr/0016-bin-choice.md)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dure.engines.filling.shape import Floats

NEIGHBOURS = 3
"""The nearest so many bins say what a visit on the way adds to a route."""


def usual_metres(between: NDArray[np.int64], stop_metres: int) -> Floats:
    """(bins,): what an ordinary visit costs: the mean way to the nearest others, and the stop itself.

    ``between``: (bins, bins) metres. The trips to the tip are no part of it: what fell in has to go there sooner or
    later, however often it is fetched.
    """
    nearest = np.sort(between.astype(float), axis=1)[:, 1 : NEIGHBOURS + 1]
    return np.asarray((nearest.mean(1) if nearest.size else np.zeros(len(between))) + stop_metres)


def prizes(worth: Floats, usual: Floats, stop_metres: int) -> Floats:
    """(bins,): metres that a detour may cost. The solver weighs a prize against the detour alone, so the stop is taken
    off it."""
    return np.asarray(np.where(worth > 0, worth * usual - stop_metres, 0))


def litres_in(level: float, volume_l: float, margin: float) -> int:
    """What a bin is planned to bring along; ``level`` and ``margin`` in points."""
    return math.ceil(max(level + margin, 0) / 100 * volume_l)
