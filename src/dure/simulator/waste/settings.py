# SPDX-License-Identifier: Apache-2.0
"""The settings in which bins stand, and when how much is thrown away there. All of it is set by us: there is no Korean
source by hour; a bin fills in half a day to four days, as street bins do that are emptied one to three times a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.simulator.chance import Floats

Hours = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Setting:
    """``share`` of the bins, ``percent_a_day`` of a full bin on average, ``weekday`` and ``weekend`` as (hour, weight)
    between which the weight runs straight, and how many times as much an event nearby brings (1: nothing)."""

    name: str
    share: float
    percent_a_day: float
    weekday: Hours
    weekend: Hours
    event: float = 1.0

    def week(self) -> Floats:
        """Percent of a full bin in each hour of the week from Monday 00:00, shape [168]."""
        hour = np.arange(24) + 0.5
        days = [np.interp(hour, *np.transpose(points)) for points in (self.weekday, self.weekend)]
        week = np.concatenate([days[0]] * 5 + [days[1]] * 2)
        return week * 7 * self.percent_a_day / week.sum()


SETTINGS = (
    Setting(
        "주택가", 0.42, 30,
        ((0, 0.3), (4, 0.05), (7, 1.2), (9, 0.8), (14, 0.6), (19, 1.6), (22, 1.0), (24, 0.3)),
        ((0, 0.4), (5, 0.05), (10, 1.2), (15, 1.0), (20, 1.5), (24, 0.4)),
    ),
    Setting(
        "먹자골목", 0.2, 56,
        ((0, 1.0), (3, 0.2), (9, 0.3), (12, 1.4), (15, 0.7), (19, 2.6), (22, 2.4), (24, 1.0)),
        ((0, 1.6), (4, 0.3), (10, 0.6), (13, 1.8), (19, 3.2), (23, 2.6), (24, 1.6)),
        event=2.5,
    ),
    Setting(
        "역 앞", 0.16, 50,
        ((0, 0.4), (4, 0.05), (8, 2.6), (10, 0.9), (15, 0.8), (18.5, 2.6), (22, 1.0), (24, 0.4)),
        ((0, 0.4), (5, 0.05), (11, 0.9), (18, 1.2), (24, 0.4)),
        event=2.0,
    ),
    Setting(
        "학교 앞", 0.1, 25,
        ((0, 0.02), (7, 0.1), (8.5, 2.0), (10, 0.3), (13, 1.2), (15.5, 2.4), (18, 0.8), (22, 0.05), (24, 0.02)),
        ((0, 0.02), (10, 0.15), (16, 0.2), (24, 0.02)),
    ),
    Setting(
        "공원", 0.12, 26,
        ((0, 0.1), (5, 0.05), (8, 0.5), (15, 1.0), (19, 1.2), (22, 0.4), (24, 0.1)),
        ((0, 0.1), (6, 0.1), (11, 1.8), (15, 3.4), (19, 1.8), (22, 0.5), (24, 0.1)),
        event=4.0,
    ),
)  # fmt: skip
