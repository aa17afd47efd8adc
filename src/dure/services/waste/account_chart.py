# SPDX-License-Identifier: Apache-2.0
"""Bars of weeks beside each other, ours and the calendar's, as plain SVG shapes. Values in, shapes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP = 480, 132, 8
"""Of the drawing, and the air above its highest bar, in SVG user units."""
FILLED = 0.36
"""Of a week's width, each of its two bars."""


@dataclass(frozen=True)
class Bar:
    """A rectangle from the ground up."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Bars:
    """``ours`` and ``calendar``: bars of the weeks that have a value; ``labels``: x of the middle, and the week."""

    ours: tuple[Bar, ...]
    calendar: tuple[Bar, ...]
    labels: tuple[tuple[float, str], ...]
    highest: float


def bars(weeks: Sequence[str], ours: Sequence[float | None], calendar: Sequence[float | None]) -> Bars:
    """Two bars a week; None leaves a gap, never a bar of nothing. Raises ValueError where the lengths differ."""
    if not len(weeks) == len(ours) == len(calendar):
        raise ValueError(f"bars: {len(weeks)} weeks, {len(ours)} and {len(calendar)} values")
    highest = max((value for value in (*ours, *calendar) if value is not None), default=0.0)
    step = WIDTH / max(len(weeks), 1)

    def drawn(values: Sequence[float | None], shift: float) -> tuple[Bar, ...]:
        made = []
        for number, value in enumerate(values):
            if value is not None:
                height = round(value / (highest or 1.0) * (HEIGHT - TOP), 1)
                x = round(number * step + shift * step, 1)
                made.append(Bar(x, HEIGHT - height, round(FILLED * step, 1), height))
        return tuple(made)

    labels = tuple((round((number + 0.5) * step, 1), week) for number, week in enumerate(weeks))
    return Bars(drawn(ours, 0.12), drawn(calendar, 0.12 + FILLED + 0.02), labels, highest)
