# SPDX-License-Identifier: Apache-2.0
"""Waste collection's HTTP API: the bins as NGSI-LD WasteContainer entities."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from dure.city.bearer import MachineKey
from dure.services.waste import drive_api, queries, told_api

router = Router(tags=["waste"])
router.add_router("", drive_api.router)
router.add_router("", told_api.router)
MOST = 1000


class GeoPoint(Schema):
    """A place: longitude and latitude in degrees (WGS 84)."""

    type: Literal["Point"]
    coordinates: list[float]


class WasteContainer(Schema):
    """One bin in the words of the smart-data-models WasteContainer; what is not known is left out."""

    model_config = ConfigDict(extra="forbid")
    id: str
    type: Literal["WasteContainer"]
    location: GeoPoint
    name: str = ""
    areaServed: str
    fillingLevel: float | None = Field(default=None, ge=0, le=1, description="0 empty, 1 full")
    temperature: float | None = Field(default=None, description="°C inside the bin")
    status: Literal["ok", "lidOpen", "dropped", "burning", "unknown"]
    storedWasteKind: str
    storedWasteOrigin: str
    dateLastEmptying: datetime | None = None
    dateServiceStarted: datetime
    refDevice: list[str] = []
    TimeInstant: datetime | None = Field(default=None, description="When the level was measured")


@router.get(
    "/waste/containers",
    auth=MachineKey("statistics"),
    response=list[WasteContainer],
    exclude_unset=True,
    summary="Bins as NGSI-LD WasteContainer",
)
def containers(
    request: HttpRequest,
    area: Annotated[str | None, Query(pattern="^[0-9]{2,10}$", description="Area code: it and all below it")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[dict[str, object]]:
    """How full every bin is, what is wrong with it and when it was last emptied, by code, key-values."""
    return queries.containers(area=area, limit=limit, offset=offset)
