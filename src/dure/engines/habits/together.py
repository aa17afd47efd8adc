# SPDX-License-Identifier: Apache-2.0
"""Silence of one kind in many homes at once is no silence of people: a telephone network, a head end has failed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .homes import Array

FEW = 0.1
"""At most this part of the homes that should show activity do: a holiday morning is quieter than that, not as quiet."""
CHANCE = 1e-5
"""It would happen by chance less often than this: once in years of an area's half hours."""


def silent_together(expected: ArrayLike, used: ArrayLike) -> Array:
    """Where activity of so few homes cannot be chance (bool).

    Parameters
    ----------
    expected
        Homes that should show activity in this half hour: the sum of their learned shares [groups].
    used
        Homes that did [groups].

    The homes are taken as independent, so that their number is at most as scattered as Poisson's; its lower tail is
    summed term by term.
    """
    mean, seen = np.asarray(expected, float), np.asarray(used, np.int64)
    few = seen <= FEW * mean
    unlikely = np.zeros(len(mean), bool)
    for k in np.flatnonzero(few & (mean >= -np.log(CHANCE))).tolist():
        terms = np.arange(seen[k] + 1)
        logs = terms * np.log(mean[k]) - np.cumsum(np.log(np.maximum(terms, 1)))
        unlikely[k] = np.exp(logs - mean[k]).sum() < CHANCE
    return unlikely
