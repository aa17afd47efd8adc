# SPDX-License-Identifier: Apache-2.0
"""The one picture of care: today and yesterday against the usual day, drawn on the server as plain SVG paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP = 480, 132, 8
"""Size of the drawing and the air above its highest value, in SVG user units."""

Values = Sequence[float | None]


@dataclass(frozen=True)
class DayChart:
    """Paths (``d`` attributes), the place of "now", and the sums that the picture's words speak of."""

    usual: str
    yesterday: str
    today: str
    now_x: float | None
    highest: float
    hours: int
    today_sum: float
    usual_sum: float
    yesterday_sum: float


def day_chart(usual: Values, yesterday: Values, today: Values) -> DayChart:
    """Draw one day of equal slots (48 half hours, 24 hours, …).

    ``usual`` and ``yesterday`` hold a whole day; ``today`` may end early: its length is how far the day has come.
    ``None`` is a slot without a value and leaves a gap, never a zero. The sums are over the slots that today has.
    Raises ValueError where ``usual`` is empty or another list is longer.
    """
    slots = len(usual)
    if not slots or len(yesterday) > slots or len(today) > slots:
        raise ValueError(f"day_chart: usual has {slots}, yesterday {len(yesterday)}, today {len(today)} slots")
    highest = max((value for line in (usual, yesterday, today) for value in line if value is not None), default=0.0)
    so_far = len(today)
    return DayChart(
        usual="".join(f"{run} V{HEIGHT} H{left} Z" for run, left in _runs(usual, slots, highest)),
        yesterday="".join(run for run, _ in _runs(yesterday, slots, highest)),
        today="".join(run for run, _ in _runs(today, slots, highest)),
        now_x=round(so_far * WIDTH / slots, 1) if 0 < so_far < slots else None,
        highest=highest,
        hours=round(so_far * 24 / slots),
        today_sum=_sum(today),
        usual_sum=_sum(usual[:so_far]),
        yesterday_sum=_sum(yesterday[:so_far]),
    )


def _sum(values: Values) -> float:
    return sum(value for value in values if value is not None)


def _runs(values: Values, slots: int, highest: float) -> list[tuple[str, float]]:
    """One stepped path per unbroken run of values, with the x at which the run began."""
    step = WIDTH / slots
    runs: list[tuple[str, float]] = []
    for slot, value in enumerate(values):
        if value is None:
            continue
        x, right = round(slot * step, 1), round((slot + 1) * step, 1)
        y = round(HEIGHT - value / (highest or 1.0) * (HEIGHT - TOP), 1)
        if slot and values[slot - 1] is not None:
            path, left = runs.pop()
            runs.append((f"{path} V{y} H{right}", left))
        else:
            runs.append((f"M{x} {y} H{right}", x))
    return runs
