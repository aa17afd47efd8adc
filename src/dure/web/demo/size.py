# SPDX-License-Identifier: Apache-2.0
"""How fast a made city lives and how much history it gets, by its size: two cores keep up with so much and no more."""

from __future__ import annotations

READINGS_A_DAY = 72
"""Of one home: its meter every half hour, its phone every hour."""

USUAL_SPEED = 60.0
LONGEST_HISTORY = 35
"""Days: what the habit engine needs to know a home."""

MOST_HISTORY = 10_000_000
"""Readings of the past that a demo takes in before it lives: some twenty minutes on two cores."""

MOST_A_SECOND = 1_000
"""Readings a real second that leave most of two cores to the pages."""


def usual_speed(homes: int) -> float:
    """City seconds per real second where nobody asked for another: 60, less for a city of more than 20,000 homes."""
    keeps_up = MOST_A_SECOND * 24 * 3600 / (READINGS_A_DAY * homes)
    return min(USUAL_SPEED, max(1.0, float(int(keeps_up))))


def days_of_history(homes: int) -> int:
    """1 to 35 days. A home that the engine does not know yet is watched by the fixed rule for new homes."""
    return max(1, min(LONGEST_HISTORY, MOST_HISTORY // (READINGS_A_DAY * homes)))
