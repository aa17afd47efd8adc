# SPDX-License-Identifier: Apache-2.0
"""Reads for waste collection's pages and API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from dure.city import cases, clock
from dure.city.models import Area, LatestReading, Reading, Role, User
from dure.city.roles import areas_of
from dure.services.waste.bin_outlook import chance_full, shift_end
from dure.services.waste.models import Bin, BinStatus
from dure.services.waste.sensing import level_of

STAFF = (Role.DISPATCHER, Role.DRIVER)
NGSI_STATUS = {
    BinStatus.OK: "ok",
    BinStatus.LID_OPEN: "lidOpen",
    BinStatus.TILTED: "dropped",
    BinStatus.BURNING: "burning",
    BinStatus.STUCK: "unknown",
    BinStatus.UNKNOWN: "unknown",
}
"""A status in the words of the smart-data-models WasteContainer."""


@dataclass(frozen=True)
class BinLine:
    """A bin on the dispatcher's page; ``fill`` in whole percent, ``case``: number of an open case about it or "".
    ``chance``: percent of being full by ``until``, by which it is judged if ``at_end``."""

    bin: Bin
    fill: int | None
    case: str = ""
    chance: int | None = None
    until: datetime | None = None
    at_end: bool = False

    @property
    def fine(self) -> bool:
        """Whether nothing is known to be wrong with it."""
        return self.bin.state.status in (BinStatus.OK, BinStatus.UNKNOWN)

    @property
    def shade(self) -> str:
        """How urgent the level, or the chance, is, as the map and the list colour it."""
        if self.figure is None:
            return "none"
        full, high = (50, 20) if self.at_end else (90, 70)
        return "full" if self.figure >= full else "high" if self.figure >= high else "low"

    @property
    def figure(self) -> int | None:
        """By what it is judged: the level now, or the chance of being full at the end of the shift."""
        return self.chance if self.at_end else self.fill


def bins_in(areas: QuerySet[Area] | None = None) -> QuerySet[Bin]:
    """The bins in service with their state, of these areas or of the city."""
    found = Bin.objects.filter(retired_at=None).select_related("state", "area", "device", "forecast")
    return found if areas is None else found.filter(area__in=areas)


def lines_for(user: User, *, at_end: bool = False) -> list[BinLine]:
    """The bins of the user's areas: fires, what else needs hands, then the fullest (``at_end``: those most likely to be
    full when the shift ends); those of which nothing is known come last."""
    until = shift_end()
    open_cases = cases.visible_cases(user).filter(service="waste", closed_at=None, about__startswith="bin:")
    numbers = dict(open_cases.order_by("level", "-pk").values_list("about", "number"))
    lines = [
        BinLine(
            one,
            None if one.state.fill is None else round(one.state.fill),
            numbers.get(f"bin:{one.code}", ""),
            chance_full(one, until),
            until,
            at_end,
        )
        for one in bins_in(areas_of(user, *STAFF))
    ]
    return sorted(lines, key=_urgency)


def _urgency(one: BinLine) -> tuple[bool, bool, float, str]:
    burning = one.bin.state.status == BinStatus.BURNING
    return not burning, one.fine, 1 if one.figure is None else -one.figure, one.bin.code


def figures(lines: Iterable[BinLine]) -> dict[str, int]:
    """How many bins there are, are nearly full, need hands, and are silent."""
    count = Counter[str]()
    for one in lines:
        count["all"] += 1
        count["full"] += one.shade == "full"
        count["wrong"] += not one.fine
        count["unknown"] += one.bin.state.status == BinStatus.UNKNOWN
    return {name: count[name] for name in ("all", "full", "wrong", "unknown")}


def map_points(lines: Iterable[BinLine]) -> dict[str, Any]:
    """The bins as GeoJSON points with what the map shows of them."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(one.bin.lon, 5), round(one.bin.lat, 5)]},
            "properties": {
                "code": one.bin.code,
                "fill": one.fill,
                "label": "?" if one.figure is None else f"{one.figure}%" if one.at_end else str(one.figure),
                "urgency": one.figure or 0,
                "shade": one.shade,
                "fine": one.fine,
            },
        }
        for one in lines
    ]
    return {"type": "FeatureCollection", "features": features}


def containers(*, area: str | None, limit: int, offset: int) -> list[dict[str, Any]]:
    """Bins as NGSI-LD WasteContainer entities (key-values), by code. ``area``: of this code and below."""
    found = bins_in()
    if area:
        found = found.filter(area__code__startswith=area.rstrip("0"))
    rows = list(found.order_by("code")[offset : offset + limit])
    heat = LatestReading.objects.filter(series__device__in=[one.device_id for one in rows], series__name="temperature")
    celsius = dict(heat.values_list("series__device_id", "value"))
    return [_entity(one, celsius.get(one.device_id or 0)) for one in rows]


def _entity(one: Bin, celsius: float | None) -> dict[str, Any]:
    state = one.state
    said = {
        "id": f"urn:ngsi-ld:WasteContainer:{one.code}",
        "type": "WasteContainer",
        "location": {"type": "Point", "coordinates": [one.lon, one.lat]},
        "name": one.place or None,
        "areaServed": one.area.full_name,
        "fillingLevel": None if state.fill is None else round(state.fill / 100, 3),
        "temperature": celsius,
        "status": NGSI_STATUS[BinStatus(state.status)],
        "storedWasteKind": one.waste_kind,
        "storedWasteOrigin": "municipal",
        "dateLastEmptying": state.emptied_at,
        "dateServiceStarted": one.enrolled_at,
        "refDevice": [f"urn:ngsi-ld:Device:{one.device.code}"] if one.device else None,
        "TimeInstant": state.fill_at,
    }
    return {name: value for name, value in said.items() if value is not None}


def levels(of: Bin, since: datetime, until: datetime | None = None) -> list[tuple[datetime, float]]:
    """What the sensor's readings between two times say of the level, raw: percent by the bin's calibration as it is
    now, not clipped, oldest first."""
    until = until or clock.now()
    found = Reading.objects.filter(
        series__device=of.device_id, series__name__in=("distance", "fill"), at__gte=since, at__lt=until
    )
    rows = found.order_by("at").annotate(name=F("series__name")).values_list("at", "name", "value")
    said = [(at, name, value) for at, name, value in rows if value is not None]
    return [(at, value if name == "fill" else level_of(of, value)) for at, name, value in said]
