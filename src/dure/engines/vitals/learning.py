# SPDX-License-Identifier: Apache-2.0
"""A person's own range, from their own weeks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .judge import Readings, Sustained, slots
from .news2 import LIMIT_OF_LEARNING
from .ranges import Range, Source
from .signs import Vital

DAY = 86_400
LEAST_DAYS = 14
"""Days with enough readings before a person's own range is believed."""
USUAL_SHARE = 0.95
"""Of the days, so many stayed within the learned edge: a day of fever in four weeks does not move it."""
MARGIN: dict[Vital, float] = {
    Vital.HEART_RATE: 5,
    Vital.BREATHING: 2,
    Vital.SPO2: 1,
    Vital.BODY_TEMPERATURE: 0.3,
    Vital.SKIN_TEMPERATURE: 1,
}
"""Added outside the learned edges, in the sign's unit: about what wrist devices are off by (ours; makers' data sheets
name ±5 /min for the heart at rest, ±2 % for SpO₂, of which half is taken so as not to miss a fall of saturation)."""


def learn(vital: Vital, readings: Readings, rule: Sustained) -> Range | None:
    """The person's own range from their own weeks, or None while there are fewer than LEAST_DAYS days of them.

    Each day gives the highest and the lowest value that it *held* (n of m slots, the very rule by which a departure is
    told), so that a spike does not count and the number of departures to expect is known. The edges are the
    USUAL_SHARE quantile over the days, a MARGIN wider, and never beyond LIMIT_OF_LEARNING. None also where the person's
    days lie wholly beyond that limit: that is for a clinician to say.
    """
    held = np.array(list(_held(readings, rule)))
    if len(held) < LEAST_DAYS:
        return None
    low = float(np.quantile(held[:, 0], 1 - USUAL_SHARE)) - MARGIN[vital]
    high = float(np.quantile(held[:, 1], USUAL_SHARE)) + MARGIN[vital]
    floor, ceiling = LIMIT_OF_LEARNING.get(vital, (-np.inf, np.inf))
    low, high = max(low, floor), min(high, ceiling)
    if low >= high:
        return None
    if vital is Vital.SPO2:
        high = ceiling  # nobody has too much of it
    return Range(round(low, 1), round(high, 1), Source.LEARNED, days=len(held))


def _held(readings: Readings, rule: Sustained) -> Iterator[tuple[float, float]]:
    """Per day (of UTC; any day of 24 h serves) the lowest and the highest value that was held."""
    at, value = slots(readings, rule.slot_seconds)
    day = at // DAY
    for one in np.unique(day):
        values: NDArray[np.float64] = value[day == one]
        if len(values) < rule.of:
            continue
        windows = np.sort(np.lib.stride_tricks.sliding_window_view(values, rule.of), axis=1)
        yield float(windows[:, rule.least - 1].min()), float(windows[:, rule.of - rule.least].max())
