# SPDX-License-Identifier: Apache-2.0
"""What a truck's own unit asks and says, with the key of its device; or what a fleet's server does for its trucks, with
the key of their feed, naming the ``truck``. Where a truck is comes as ordinary readings ``lon`` and ``lat``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from dure.city.bearer import MachineKey
from dure.city.devices import Holder
from dure.city.errors import Invalid, NotAllowed, NotFound
from dure.city.given_time import GivenTime
from dure.city.models import Errand
from dure.services.waste import driving
from dure.services.waste.actions import collecting
from dure.services.waste.driving import Sheet, Stop
from dure.services.waste.kinds import TRUCK
from dure.services.waste.models import Truck, Turn

router = Router(tags=["waste"])
Reason = Literal["blocked", "parked", "missing", "locked", "danger", "broken", "other"]


class StopOut(Schema):
    """A stop: a bin to be emptied or a site to unload at. Levels in percent."""

    id: int = Field(description="To be said with what came of it")
    kind: Literal["bin", "site"]
    code: str
    name: str
    lon: float
    lat: float
    arrive_at: datetime = Field(description="As planned")
    minutes: int
    status: Literal["ordered", "planned", "done", "could_not", "cancelled"]
    fill: float | None = Field(default=None, description="Expected, %")
    found: float | None = Field(default=None, description="Seen, %")
    kg: int | None = None


class BreakOut(Schema):
    """A rest that the plan holds."""

    start: datetime
    end: datetime


class TurnOut(Schema):
    """The truck's turn: what is over in the order in which it was, then what is left in the order of the plan."""

    id: int
    truck: str
    status: Literal["planned", "driving", "broken", "back", "off"]
    begins_at: datetime
    ends_at: datetime
    version: str = Field(description="Another one when the stops, their order or their states are others")
    depot: tuple[float, float] = Field(description="°E, °N")
    stops: list[StopOut]
    breaks: list[BreakOut]


class TurnIn(Schema):
    """The truck leaves, is back, or goes no further."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["driving", "back", "broken"]
    at: GivenTime | None = Field(default=None, description="When; default: now")
    lon: float | None = Field(default=None, ge=-180, le=180, description="Where it broke down, °E")
    lat: float | None = Field(default=None, ge=-90, le=90, description="°N")


class StopIn(Schema):
    """What came of a stop. The same ``client_id`` again changes nothing."""

    model_config = ConfigDict(extra="forbid")
    deed: Literal["collected", "could_not", "unloaded", "undone"]
    client_id: UUID
    at: GivenTime = Field(description="When it was; at most five minutes ahead, not before the round was given out")
    found: float | None = Field(default=None, ge=0, le=collecting.MOST_FOUND, description="Level that was seen, %")
    kg: int | None = Field(default=None, ge=0, le=collecting.MOST_KG, description="What the scale said")
    reason: Reason | None = Field(default=None, description="Needed where it could not be done")
    note: str = Field(default="", max_length=collecting.LONGEST_NOTE)


Named = Annotated[str | None, Query(max_length=40, description="Code of the truck: with the key of a feed")]


@router.get("/waste/turn", auth=MachineKey(TRUCK.feed_kind), response=TurnOut, summary="A truck's turn")
def turn(request: HttpRequest, truck: Named = None) -> dict[str, object]:
    """The turn that the truck is on, else its next; its stops with what came of them."""
    return _turn_out(driving.sheet_of(_turn_of(_truck_of(request, truck))))


@router.post(
    "/waste/turn", auth=MachineKey(TRUCK.feed_kind), response=TurnOut, summary="A truck leaves, is back, breaks down"
)
def say_turn(request: HttpRequest, said: TurnIn, truck: Named = None) -> dict[str, object]:
    """Said again it changes nothing. What a truck that breaks down had left is planned anew for the others."""
    driver = _truck_of(request, truck)
    held = _turn_of(driver)
    if said.status == "driving":
        collecting.start(held, driver, at=said.at)
    elif said.status == "back":
        collecting.back(held, driver, at=said.at)
    else:
        collecting.stranded(held, driver, at=said.at, lon=said.lon, lat=said.lat)
    return _turn_out(driving.sheet_of(held))


@router.post(
    "/waste/stops/{id}", auth=MachineKey(TRUCK.feed_kind), response=StopOut, summary="What came of a truck's stop"
)
def say_stop(
    request: HttpRequest, id: Annotated[int, Path(ge=1, le=2**62)], said: StopIn, truck: Named = None
) -> dict[str, object]:
    """Kept whatever the plan has made of the stop meanwhile; of several words the one of the latest ``at`` holds."""
    driver = _truck_of(request, truck)
    errand = Errand.objects.filter(pk=id, service="waste").first()
    if errand is None:
        raise NotFound("그런 수거가 없습니다", "there is no such stop")
    if said.deed == "collected":
        collecting.collected(errand, driver, at=said.at, client_id=said.client_id, found=said.found)
    elif said.deed == "unloaded":
        collecting.unloaded(errand, driver, at=said.at, client_id=said.client_id, kg=said.kg)
    elif said.deed == "undone":
        collecting.undo(errand, driver, at=said.at, client_id=said.client_id)
    else:
        why = {"reason": said.reason or "", "note": said.note}
        collecting.could_not(errand, driver, at=said.at, client_id=said.client_id, **why)
    return _stop_out(driving.stop_of(errand))


def _truck_of(request: HttpRequest, code: str | None) -> Truck:
    holder: Holder = request.auth  # type: ignore[attr-defined]
    trucks = Truck.objects.filter(retired_at=None)
    if holder.device is not None:
        found = trucks.filter(device=holder.device).first()
    elif code is None:
        raise Invalid("어느 차량인지 적어 주세요", "name the truck, or use its own key", field="truck")
    else:
        found = trucks.filter(code=code, device__feed=holder.feed).first()
    if found is None:
        raise NotAllowed("차량의 열쇠가 아닙니다", "this is no key of such a truck")
    return found


def _turn_of(truck: Truck) -> Turn:
    found = driving.turn_of_truck(truck)
    if found is None:
        raise NotFound("지금은 맡은 차수가 없습니다", "the truck has no turn now")
    return found


def _turn_out(sheet: Sheet) -> dict[str, object]:
    held = sheet.turn
    depot = held.truck.depot
    return {
        "id": held.pk,
        "truck": held.truck.code,
        "status": held.status,
        "begins_at": held.round.begins_at,
        "ends_at": held.round.ends_at,
        "version": sheet.version,
        "depot": (depot.lon, depot.lat),
        "stops": [_stop_out(one) for one in sheet.stops],
        "breaks": [{"start": one.start, "end": one.end} for one in sheet.breaks],
    }


def _stop_out(stop: Stop) -> dict[str, object]:
    lon, lat = stop.place
    pickup = stop.pickup
    return {
        "id": pickup.pk,
        "kind": "bin" if pickup.bin else "site",
        "code": stop.code,
        "name": stop.name,
        "lon": lon,
        "lat": lat,
        "arrive_at": stop.arrive_at,
        "minutes": pickup.errand.minutes,
        "status": stop.status,
        "fill": pickup.fill,
        "found": pickup.found,
        "kg": pickup.kg,
    }
