# SPDX-License-Identifier: Apache-2.0
"""One sign's last 24 hours as SVG paths: the values of each slot, and the band of what is usual."""

from __future__ import annotations

from dataclasses import dataclass

from dure.engines.vitals import Range, Readings, slots

WIDTH, HEIGHT, AIR = 480, 120, 8
"""Size of the drawing and the air above and below its values, in SVG user units."""
DAY = 86_400
SLOT = 600
"""Seconds that one point of the line speaks for."""
GAP = 3 * SLOT
"""A longer silence is a gap in the line, never a bridge over what nobody measured."""


@dataclass(frozen=True)
class Curve:
    """``line``: path of the usable slots' medians. ``band_y``, ``band_height``: where the usual range lies.

    ``lowest``, ``highest``: of the values drawn. ``ticks``: (x, hour) of every sixth clock hour.
    """

    line: str
    band_y: float
    band_height: float
    lowest: float
    highest: float
    ticks: tuple[tuple[float, int], ...]


def draw(readings: Readings, usual: Range | None, until: int, utc_offset: int) -> Curve | None:
    """Draw the day before ``until`` (seconds since 1970); None where there is nothing to draw.

    ``utc_offset``: seconds east of UTC, for the hours below the drawing.
    """
    at, value = slots(readings, SLOT)
    kept = at > until - DAY
    at, value = at[kept], value[kept]
    if not len(at):
        return None
    edges = (usual.low, usual.high) if usual else (float(value.min()), float(value.max()))
    low, high = min(float(value.min()), edges[0]), max(float(value.max()), edges[1])
    scale = (HEIGHT - 2 * AIR) / ((high - low) or 1.0)

    def y(one: float) -> float:
        return round(HEIGHT - AIR - (one - low) * scale, 1)

    parts: list[str] = []
    before: int | None = None
    for moment, one in zip(at.tolist(), value.tolist(), strict=True):
        x = round((moment - until + DAY) * WIDTH / DAY, 1)
        parts.append(f"{'M' if before is None or moment - before > GAP else 'L'}{x} {y(one)}")
        if parts[-1][0] == "M":
            parts.append("h0.1")  # a lone point is seen, too
        before = moment
    first = -(-(until - DAY + utc_offset) // (6 * 3600)) * 6 * 3600
    hours = range(first, until + utc_offset + 1, 6 * 3600)
    return Curve(
        line=" ".join(parts),
        band_y=y(edges[1]),
        band_height=round(y(edges[0]) - y(edges[1]), 1),
        lowest=float(value.min()),
        highest=float(value.max()),
        ticks=tuple((round((one - utc_offset - until + DAY) * WIDTH / DAY, 1), one // 3600 % 24) for one in hours),
    )
