# SPDX-License-Identifier: Apache-2.0
"""The trucks that empty the bins, where they start and where they unload; and their enrolment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dure.simulator.areas import Dong
from dure.simulator.shapes import points_inside
from dure.simulator.waste.bins import Bins

FEED = "fleet"
BINS_A_TRUCK = 60
FEWEST = {"other": 2, "plastic": 1}
LARGE_LITRES, SMALL_LITRES = 6000, 2500
"""A compactor of 5 tons, and a small truck that fits narrow streets; set by us."""
DEPOT, TIP = "depot-01", "tip-01"


@dataclass(frozen=True)
class TruckPlan:
    """One truck: what it takes, how much, and whether it fits narrow streets."""

    number: int
    waste_kind: str
    litres: int
    narrow: bool

    @property
    def code(self) -> str:
        return f"truck-{self.number:02d}"

    @property
    def unit(self) -> str:
        """Code of its device."""
        return f"unit-{self.number:02d}"

    @property
    def driver(self) -> str:
        """Their user name."""
        return "driver" if self.number == 1 else f"driver{self.number}"


def trucks_of(bins: Bins) -> list[TruckPlan]:
    """As many as the bins need, the second of each kind of waste a small one; a single one is small."""
    planned: list[TruckPlan] = []
    for kind, fewest in FEWEST.items():
        count = int(np.sum(bins.plastic == (kind == "plastic")))
        for place in range(max(fewest, -(-count // BINS_A_TRUCK)) if count else 0):
            small = place % 2 == 1 or kind == "plastic"
            planned.append(TruckPlan(len(planned) + 1, kind, SMALL_LITRES if small else LARGE_LITRES, small))
    return planned


def grams_per_litre(truck: TruckPlan) -> int:
    """Of what it brings to the tip; set by us."""
    return 40 if truck.waste_kind == "plastic" else 110


def fleet_lines(bins: Bins, areas: list[Dong]) -> Iterator[dict[str, Any]]:
    """Lines for ``dure waste trucks``: the depot in the first dong, the tip in the one farthest from it, the trucks."""
    trucks = trucks_of(bins)
    if not trucks:
        return
    places = [points_inside(area.rings, 1, bins.seed, 2_000 + index)[0] for index, area in enumerate(areas)]
    farthest = max(places, key=lambda place: float(np.hypot(*(place - places[0]))))
    yield {"site": _site(DEPOT, "depot", "환경 차고지", places[0], 5)}
    yield {"site": _site(TIP, "tip", "자원회수센터", farthest, 12) | {"opens": "05:00", "closes": "21:00"}}
    for one in trucks:
        kind = "재활용" if one.waste_kind == "plastic" else "일반"
        yield {
            "truck": {
                "code": one.code,
                "name": f"{one.number}호차 ({kind}{', 소형' if one.narrow else ''})",
                "depot": DEPOT,
                "tips": [TIP],
                "capacity_l": one.litres,
                "waste_kinds": [one.waste_kind],
                "narrow": one.narrow,
                "shift_from": "05:30",
                "shift_to": "21:30",
                "lunch_from": "11:30",
                "lunch_to": "13:00",
                "lunch_minutes": 50,
                "grams_per_litre": grams_per_litre(one),
                "co2_g_per_km": 620 if one.narrow else 980,
                "driver": one.driver,
                "unit": {"feed": FEED, "code": one.unit},
            }
        }


def _site(code: str, kind: str, name: str, place: Any, minutes: int) -> dict[str, Any]:
    lon, lat = (round(float(degrees), 6) for degrees in place)
    return {"code": code, "kind": kind, "name": name, "lon": lon, "lat": lat, "minutes": minutes}
