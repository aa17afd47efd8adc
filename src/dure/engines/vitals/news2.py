# SPDX-License-Identifier: Apache-2.0
"""The National Early Warning Score (NEWS) 2 for the signs that are measured here.

Figures: Royal College of Physicians, *National Early Warning Score (NEWS) 2*, London 2017, chart 1 (SpO₂ scale 1).
For people aged 16 or over, not in pregnancy. Somebody whose usual oxygen saturation is low (scale 2 of the chart, for
hypercapnic respiratory failure) needs a clinician's own range. Blood pressure, consciousness and given oxygen are not
measured at home, so a total is what the score is *at least*.
"""

from __future__ import annotations

from math import inf

from .signs import Vital

BANDS: dict[Vital, tuple[tuple[float, int], ...]] = {
    Vital.BREATHING: ((8, 3), (11, 1), (20, 0), (24, 2), (inf, 3)),
    Vital.SPO2: ((91, 3), (93, 2), (95, 1), (inf, 0)),
    Vital.HEART_RATE: ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (inf, 3)),
    Vital.BODY_TEMPERATURE: ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (inf, 2)),
}
"""Per sign: (highest value of the band, score), from low to high."""

DECIMALS: dict[Vital, int] = {Vital.BODY_TEMPERATURE: 1}
"""Decimals in which the chart reads a sign; whole figures otherwise."""

PUBLISHED: dict[Vital, tuple[float, float]] = {
    Vital.BREATHING: (12, 20),
    Vital.SPO2: (96, 100),
    Vital.HEART_RATE: (51, 90),
    Vital.BODY_TEMPERATURE: (36.1, 38.0),
}
"""The band that scores 0: where everybody starts. Skin has no published range: its temperature follows the room's."""

LIMIT_OF_LEARNING: dict[Vital, tuple[float, float]] = {
    Vital.BREATHING: (9, 20),
    Vital.SPO2: (94, 100),
    Vital.HEART_RATE: (41, 110),
    Vital.BODY_TEMPERATURE: (35.1, 39.0),
}
"""What scores at most 1. Somebody who is ill for weeks must not teach us that this is well: beyond these figures only
a clinician's word counts, not the person's own weeks."""

URGENT, EMERGENCY = 5, 7
"""Totals at which the College asks for an urgent and for an emergency response."""


def score(vital: Vital, value: float) -> int:
    """The points that ``value`` gives, 0 to 3; 0 for a sign that the score does not know."""
    rounded = round(value, DECIMALS.get(vital, 0))
    return next((points for highest, points in BANDS.get(vital, ()) if rounded <= highest), 0)
