# SPDX-License-Identifier: Apache-2.0
"""A round as the dispatcher reads it: each truck's stops in order with their reasons, what became of them, what is left
out, and how the plan compares with the city's habit. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db.models import Count, Q
from django.utils.timezone import localtime

from dure.city import clock
from dure.city.errands import OPEN
from dure.city.models import ErrandStatus
from dure.city.templatetags.dure import in_language
from dure.engines.routing import Kind
from dure.engines.routing import Sequence as Steps
from dure.services.waste import driving
from dure.services.waste.actions.rounds.moving import tidy
from dure.services.waste.models import Bin, Pickup, Round, RoundStatus, Site, Turn, TurnStatus, Wish
from dure.services.waste.round_record import steps_of, turns_of
from dure.services.waste.round_words import kilometres, pressed

COLOURS = 12
"""Routes are told apart by so many colours, and by the truck's number."""
RECENT = timedelta(days=7)
"""Rounds that are over are listed for so long."""


@dataclass(frozen=True)
class Line:
    """A bin, a site or a rest on a truck's route. ``place``: its index among what is still to be visited, as
    ``move`` counts, None for a rest and for what is over. ``number``: as the map numbers it, 0 for a rest."""

    kind: str
    code: str
    name: str
    at: datetime
    until: datetime | None = None
    spot: tuple[float, float] | None = None
    bin: Bin | None = None
    place: int | None = None
    number: int = 0
    fill: int | None = None
    why: str = ""
    wish: str = ""
    came: str = ""
    done: bool = False
    told: int = 0
    """The errand of which its driver has written something, or sent a photo."""

    @property
    def over(self) -> bool:
        """Whether somebody has been there, or said that it could not be."""
        return bool(self.came)


@dataclass(frozen=True)
class TruckSheet:
    """One truck's part. ``colour``: 1 to COLOURS; ``metres``: of the plan that holds."""

    turn: Turn
    colour: int
    lines: tuple[Line, ...]
    metres: int = 0

    @cached_property
    def stops(self) -> list[Line]:
        """The bins on it."""
        return [one for one in self.lines if one.kind == Kind.STOP]

    @property
    def over(self) -> int:
        """How many bins are over."""
        return sum(one.over for one in self.stops)

    @property
    def out(self) -> bool:
        """Whether plans count on it."""
        return self.turn.status in (TurnStatus.PLANNED, TurnStatus.DRIVING)

    @property
    def way(self) -> str:
        """The metres in words."""
        return kilometres(self.metres)

    @property
    def begins(self) -> datetime | None:
        """At its first stop."""
        return self.lines[0].at if self.lines else None

    @property
    def ends(self) -> datetime | None:
        """After its last one."""
        return (self.lines[-1].until or self.lines[-1].at) if self.lines else None


@dataclass(frozen=True)
class Left:
    """A bin that the plan leaves out though going there would be worth something."""

    code: str
    bin: Bin | None
    why: str
    must: bool
    chance: int
    full_by: datetime


@dataclass(frozen=True)
class RoundSheet:
    """All of a round."""

    round: Round
    trucks: tuple[TruckSheet, ...]
    left_out: tuple[Left, ...] = ()
    wishes: tuple[Wish, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether something that the plan rests on has changed since it was made."""
        return bool(self.round.plan.get("stale"))

    @property
    def stops(self) -> int:
        """Bins on the routes, those that are over too."""
        return sum(len(one.stops) for one in self.trucks)

    @property
    def over(self) -> int:
        """Bins that are over."""
        return sum(one.over for one in self.trucks)

    @property
    def used(self) -> int:
        """Trucks that go anywhere."""
        return sum(bool(one.stops) for one in self.trucks)

    @property
    def out(self) -> list[TruckSheet]:
        """Trucks that plans count on."""
        return [one for one in self.trucks if one.out]

    @cached_property
    def version(self) -> str:
        """Another word when the page would be another."""
        return version_of(self.round)


def version_of(round_: Round) -> str:
    """A word that changes with the plan, with every word of a driver and with every turn's status; cheap to ask for."""
    said = Pickup.objects.filter(turn__round=round_).values_list("errand__status").annotate(n=Count("pk"))
    turns = round_.turns.order_by("pk").values_list("pk", "status", "driver")
    return sha256(repr((round_.version, round_.status, sorted(said), list(turns))).encode()).hexdigest()[:16]


def sheet_of(round_: Round) -> RoundSheet:
    """The round as its pages show it."""
    said = tuple(round_.wishes.select_related("bin", "truck").order_by("kind", "bin__code"))
    wishes = {one.bin.code: one.get_kind_display() for one in said}
    bins, sites = _places(round_)
    lines = _planned_lines if round_.status == RoundStatus.DRAFT else _given_lines
    trucks = []
    for number, turn in enumerate(turns_of(round_)):
        planned = round_.plan.get("routes", {}).get(turn.truck.code, {})
        metres = planned.get("metres", 0) if round_.status == RoundStatus.DRAFT else turn.planned_metres
        found = lines(turn, planned.get("visits", ()), bins, sites, wishes)
        trucks.append(TruckSheet(turn, number % COLOURS + 1, tuple(_numbered(found)), metres))
    left = [_left(one, bins) for one in round_.plan.get("left_out", ())]
    return RoundSheet(round_, tuple(trucks), tuple(left), said)


def _places(round_: Round) -> tuple[dict[str, Bin], dict[str, Site]]:
    """Every bin and site that the plan names, by code."""
    visits = [one for route in round_.plan.get("routes", {}).values() for one in route.get("visits", ())]
    codes = {one["name"] for one in visits if one["kind"] == Kind.STOP}
    codes |= {one["bin"] for one in round_.plan.get("left_out", ())}
    bins = {one.code: one for one in Bin.objects.filter(code__in=codes).select_related("area")}
    return bins, {one.code: one for one in Site.objects.all()}


Visits = Iterable[dict[str, Any]]


def _planned_lines(
    turn: Turn, visits: Visits, bins: dict[str, Bin], sites: dict[str, Site], wishes: dict[str, str]
) -> list[Line]:
    """As the draft says."""
    reasons, found, place = turn.round.plan.get("reasons", {}), [], 0
    for one in visits:
        kind, code = one["kind"], str(one["name"])
        at, until = _time(one["arrive"] if "arrive" in one else one["start"]), _time(one["end"])
        of = bins.get(code) if kind == Kind.STOP else sites.get(code) if kind == Kind.SITE else None
        if of is None:
            found.append(Line(kind, code, "", at, until))
            continue
        said = reasons.get(code, {})
        level = said.get("at_arrival")
        found.append(
            Line(
                kind, code, of.place or of.area.name if isinstance(of, Bin) else of.name, at, until, (of.lon, of.lat),
                bin=of if isinstance(of, Bin) else None, place=place, fill=None if level is None else round(level),
                why=in_language(said.get("why")), wish=wishes.get(code, ""),
            )
        )  # fmt: skip
        place += 1
    return found


def _given_lines(
    turn: Turn, visits: Visits, bins: dict[str, Bin], sites: dict[str, Site], wishes: dict[str, str]
) -> list[Line]:
    """As the driver has them: what is over, then what is left."""
    found, place = [], 0
    sheet = driving.sheet_of(turn)
    for stop in sheet.stops:
        of, pickup = stop.pickup.bin, stop.pickup
        left = stop.open
        found.append(
            Line(
                Kind.STOP.value if of else Kind.SITE.value, stop.code, stop.name,
                stop.arrive_at if left else pickup.errand.ended_at or stop.arrive_at, spot=stop.place, bin=of,
                place=place if left else None, fill=None if pickup.fill is None else round(pickup.fill),
                why=stop.why if of else "",
                wish=wishes.get(stop.code, ""), came="" if left else pressed(stop),
                done=pickup.errand.status == ErrandStatus.DONE, told=pickup.pk if stop.told else 0,
            )
        )  # fmt: skip
        place += left
    rests = [Line(Kind.BREAK.value, "", "", one.start, one.end) for one in sheet.breaks]
    over, left_ = [one for one in found if one.over], [one for one in found if not one.over]
    return [*over, *sorted([*left_, *rests], key=lambda one: one.at)]


def _numbered(lines: list[Line]) -> Iterable[Line]:
    number = 0
    for one in lines:
        number += one.spot is not None
        yield replace(one, number=number if one.spot else 0)


def _left(one: dict[str, Any], bins: dict[str, Bin]) -> Left:
    chance = round(100 * one["chance"])
    return Left(one["bin"], bins.get(one["bin"]), in_language(one["why"]), one["must"], chance, _time(one["full_by"]))


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


@dataclass(frozen=True)
class Summary:
    """A round in the list. ``stops``, ``metres``, ``overflow``: of its plan, None where there is none."""

    round: Round
    trucks: int
    stops: int
    over: int
    could_not: int
    metres: int
    overflow: float | None

    @property
    def way(self) -> str:
        """The metres in words."""
        return kilometres(self.metres)


def summaries() -> tuple[list[Summary], list[Summary]]:
    """The rounds that are not over or of today, by time; and those of the last week, the newest first."""
    now = clock.now()
    today = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = Round.objects.filter(Q(begins_at__gte=today - RECENT) | ~Q(status=RoundStatus.OVER)).order_by("begins_at")
    rounds = list(found.prefetch_related("turns"))
    ended = Counter[tuple[int, str]]()
    words = Pickup.objects.filter(turn__round__in=rounds, bin__isnull=False)
    for pk, status, many in words.values_list("turn__round", "errand__status").annotate(n=Count("pk")):
        ended[pk, status] += many
    lines = [_summary(one, ended) for one in rounds]
    current = [one for one in lines if one.round.begins_at >= today or one.round.status != RoundStatus.OVER]
    return current, [one for one in reversed(lines) if one not in current]


def _summary(round_: Round, ended: Counter[tuple[int, str]]) -> Summary:
    figures = round_.plan.get("figures", {})
    draft = round_.status == RoundStatus.DRAFT
    turns = list(round_.turns.all())
    done, could_not = (ended[round_.pk, status] for status in (ErrandStatus.DONE, ErrandStatus.COULD_NOT))
    left = sum(ended[round_.pk, status] for status in OPEN)
    routes = round_.plan.get("routes", {})
    return Summary(
        round_,
        len(routes) if draft else sum(one.route_id is not None and one.status != TurnStatus.OFF for one in turns),
        figures.get("stops", 0) if draft else done + could_not + left,
        done + could_not,
        could_not,
        figures.get("metres", 0) if draft else sum(one.planned_metres for one in turns),
        figures.get("overflow_hours"),
    )


def order_of(round_: Round, truck: str, without: str = "") -> Steps:
    """What the truck still has to visit, in order, less the bin ``without``: places are counted in it."""
    return tidy(tuple(one for one in steps_of(round_).get(truck, ()) if one != (Kind.STOP, without)))


def map_of(sheet: RoundSheet) -> dict[str, Any]:
    """The routes as GeoJSON: a line a truck that goes out, from its depot through what is on it and back, and points
    for stops, depots and tips."""
    features: list[dict[str, Any]] = []
    depots: dict[str, Site] = {}
    for truck in sheet.trucks:
        spots = [one.spot for one in truck.lines if one.spot]
        if not spots:
            continue
        depot = truck.turn.truck.depot
        depots[depot.code] = depot
        about = {"truck": truck.turn.truck.code, "colour": truck.colour}
        ends = (depot.lon, depot.lat)
        line = [ends, *spots, ends]
        features.append(_feature("LineString", [[round(x, 5), round(y, 5)] for x, y in line], about | {"is": "route"}))
        for one in truck.stops:
            told = {"is": "stop", "bin": one.code, "label": str(one.number), "over": one.over}
            features.append(_point(one.spot, about | told))
    sites = {one.code: one for one in Site.objects.filter(unloading_trucks__turns__round=sheet.round)} | depots
    features += [_point((one.lon, one.lat), {"is": one.kind, "label": one.name}) for one in sites.values()]
    known = [one.bin for one in sheet.left_out if one.bin]
    features += [_point((one.lon, one.lat), {"is": "left", "bin": one.code}) for one in known]
    return {"type": "FeatureCollection", "features": features}


def _point(spot: tuple[float, float] | None, properties: dict[str, Any]) -> dict[str, Any]:
    lon, lat = spot or (0.0, 0.0)
    return _feature("Point", [round(lon, 5), round(lat, 5)], properties)


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
