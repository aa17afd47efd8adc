# SPDX-License-Identifier: Apache-2.0
"""How long to wait before something that failed is tried again."""

from __future__ import annotations

from datetime import timedelta

MOST_DOUBLINGS = 20
"""So that the number stays one that a time can hold, however often it has failed."""


def wait_after(tries: int, first: timedelta, longest: timedelta) -> timedelta:
    """The wait after so many failed ``tries``: ``first``, then twice as long each time, at most ``longest``."""
    return min(first * 2 ** min(tries - 1, MOST_DOUBLINGS), longest)
