# SPDX-License-Identifier: Apache-2.0
"""A round as the record has it: which trucks may still drive and from where, what was done, what is still to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
from django.utils import translation

from dure.city import clock
from dure.city.areas import reach
from dure.city.errands import OPEN
from dure.city.models import Area, ErrandStatus, LatestReading, RouteStop
from dure.engines.routing import Break, Kind, Window, straight_lines
from dure.engines.routing import Sequence as Steps
from dure.services.waste.models import Pickup, Round, RoundStatus, Site, Truck, Turn, TurnStatus, WasteKind
from dure.services.waste.round_problem import Place, Tip, TruckDay

A_DAY = timedelta(days=1)
MOST_LATE = timedelta(hours=4)
"""So long after a round's end a truck that is late may still unload."""
OUT = (TurnStatus.BROKEN, TurnStatus.BACK, TurnStatus.OFF)
"""Turns that no plan counts on any more."""


@dataclass(frozen=True)
class Standing:
    """Where a truck is free to go on from, and with how many litres on board."""

    place: Place
    on_board_l: int


@dataclass(frozen=True)
class Span:
    """From ``start`` to ``end``."""

    start: datetime
    end: datetime


def kind_words() -> dict[str, str]:
    """Each kind of waste as a plan names it, whoever reads it."""
    with translation.override("ko"):
        return {kind.value: f"{kind.label} / {kind.value}" for kind in WasteKind}


def span_on(begin: time, end: time, near: Span) -> Span | None:
    """The hours of the day ``begin`` to ``end`` (over midnight where that is earlier) that ``near`` has most of."""
    best: Span | None = None
    first = near.start.astimezone(clock.SEOUL).date() - A_DAY
    for day in (first + number * A_DAY for number in range(3)):
        start = datetime.combine(day, begin, clock.SEOUL)
        stop = datetime.combine(day, end, clock.SEOUL) + (A_DAY if end <= begin else timedelta())
        cut = Span(max(start, near.start), min(stop, near.end))
        if cut.start < cut.end and (best is None or cut.end - cut.start > best.end - best.start):
            best = cut
    return best


def shift_in(truck: Truck, span: Span) -> Span | None:
    """The part of the truck's shift that lies in ``span``; None where none does."""
    return span_on(truck.shift_from, truck.shift_to, span)


def whole(round_: Round) -> Span:
    """From the round's begin to its end."""
    return Span(round_.begins_at, round_.ends_at)


def standing(turn: Turn) -> Standing:
    """Where the turn's truck is, as far as its stops and its unit say: before it has left, at its depot."""
    place, since = (turn.truck.depot.lon, turn.truck.depot.lat), turn.free_at or turn.started_at
    if turn.lon is not None and turn.lat is not None:
        place = (turn.lon, turn.lat)
    if since is not None and (seen := _seen(turn.truck, since)) is not None:
        place = seen
    return Standing(place, turn.on_board_l)


def _seen(truck: Truck, since: datetime) -> Place | None:
    """Where its unit says that it is, if that is newer."""
    latest = LatestReading.objects.filter(series__device=truck.device_id, series__name__in=("lon", "lat"), at__gt=since)
    found = dict(latest.values_list("series__name", "value"))
    lon, lat = found.get("lon"), found.get("lat")
    return (lon, lat) if lon is not None and lat is not None else None


def metres_behind(turn: Turn) -> int:
    """About what the turn has driven already: from its depot over the stops that have ended, straight lines × 1.3."""
    ended = turn.pickups.filter(errand__status__in=(ErrandStatus.DONE, ErrandStatus.COULD_NOT))
    stops = ended.select_related("bin", "site").order_by("errand__ended_at", "pk")
    places = [turn.truck.depot, *(place for one in stops if (place := one.bin or one.site) is not None)]
    lon, lat = (np.array([getattr(one, axis) for one in places]) for axis in ("lon", "lat"))
    return int(np.diagonal(straight_lines(lon, lat, kmh=1).distance, 1).sum())


def turns_of(round_: Round) -> list[Turn]:
    """All turns with their trucks, by truck."""
    found = round_.turns.select_related("truck__depot", "truck__device", "driver", "route")
    return list(found.prefetch_related("truck__tips", "truck__areas").order_by("truck__code"))


def truck_days(round_: Round, at: datetime) -> tuple[list[TruckDay], list[Tip]]:
    """The trucks that may drive from ``at`` on, as the routing engine wants them, and the tips they may use then."""
    turns = [one for one in turns_of(round_) if one.status not in OUT]
    used = {site.pk: site for turn in turns for site in turn.truck.tips.all()}
    tips = {pk: tip for pk, site in used.items() if (tip := _tip(site, round_, at)) is not None}
    days = [day for turn in turns if (day := _truck_day(round_, turn, at, tips)) is not None]
    return days, list(tips.values())


def _tip(site: Site, round_: Round, at: datetime) -> Tip | None:
    """None while it is closed."""
    window = None
    if site.opens is not None and site.closes is not None:
        open_ = span_on(site.opens, site.closes, Span(at, max(at, round_.ends_at) + MOST_LATE))
        if open_ is None:
            return None
        last = _seconds(round_, open_.end) - site.minutes * 60
        if (first := _seconds(round_, open_.start)) > last:
            return None
        window = Window(first, last)
    return Tip(site.code, (site.lon, site.lat), site.minutes * 60, window)


def _truck_day(round_: Round, turn: Turn, at: datetime, tips: dict[int, Tip]) -> TruckDay | None:
    truck = turn.truck
    shift = shift_in(truck, whole(round_))
    if shift is None:
        return None
    usable = tuple(tips[site.pk].code for site in truck.tips.all() if site.pk in tips)
    if truck.tips.all() and not usable:
        return None
    now = standing(turn)
    start = max(shift.start, _lunch_end(round_, truck, at))
    if start >= shift.end and not now.on_board_l:
        return None
    codes = Area.objects.filter(pk__in=reach([one.pk for one in truck.areas.all()])).values_list("code", flat=True)
    return TruckDay(
        truck.code,
        now.place,
        (truck.depot.lon, truck.depot.lat),
        Window(_seconds(round_, start), _seconds(round_, max(start, shift.end))),
        truck.capacity_l,
        min(now.on_board_l, truck.capacity_l),
        frozenset(truck.waste_kinds),
        _kind_so_far(turn),
        truck.narrow,
        frozenset(codes) if truck.areas.all() else frozenset(),
        usable,
        _lunch(round_, truck, start),
    )


def _kind_so_far(turn: Turn) -> str:
    """What it has taken in this round already."""
    bins = turn.pickups.filter(bin__isnull=False, errand__status=ErrandStatus.DONE)
    return bins.values_list("bin__waste_kind", flat=True).first() or ""


def _rests(round_: Round, truck: Truck) -> list[Span]:
    visits = round_.plan.get("routes", {}).get(truck.code, {}).get("visits", ())
    return [
        Span(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))
        for one in visits
        if one["kind"] == Kind.BREAK
    ]


def _lunch_end(round_: Round, truck: Truck, at: datetime) -> datetime:
    """When the lunch that has begun by the plan is over; ``at`` where none has."""
    if round_.status != RoundStatus.GIVEN_OUT:
        return at
    return max([at, *(one.end for one in _rests(round_, truck) if one.start <= at < one.end)])


def _lunch(round_: Round, truck: Truck, at: datetime) -> Break | None:
    """What is still due: none where it was eaten, or where its time is over or beyond this round."""
    if truck.lunch_from is None or truck.lunch_to is None or not truck.lunch_minutes:
        return None
    if round_.status == RoundStatus.GIVEN_OUT and any(one.start < at for one in _rests(round_, truck)):
        return None
    window = span_on(truck.lunch_from, truck.lunch_to, Span(min(at, round_.ends_at), round_.ends_at))
    if window is None:
        return None
    return Break(Window(_seconds(round_, window.start), _seconds(round_, window.end)), truck.lunch_minutes * 60)


def _seconds(round_: Round, at: datetime) -> int:
    """On the plan's clock, which begins with the round or, for a draft that is late, never before 0."""
    return max(0, int((at - round_.begins_at).total_seconds()))


def steps_of(round_: Round) -> dict[str, Steps]:
    """By truck, the stops and sites that are still to be visited, in order: of a draft by its plan, later by the
    routes that drivers were given."""
    if round_.status == RoundStatus.DRAFT:
        return {
            truck: tuple((Kind(one["kind"]), one["name"]) for one in route["visits"] if one["kind"] != Kind.BREAK)
            for truck, route in round_.plan.get("routes", {}).items()
        }
    stops = RouteStop.objects.filter(route__turn__round=round_, errand__status__in=OPEN).order_by("position")
    columns = ("route__turn__truck__code", "errand__pickup__bin__code", "errand__pickup__site__code")
    return _grouped(stops.values_list(*columns))


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[str, Steps]:
    found: dict[str, Steps] = {}
    for truck, bin_, site in rows:
        step = (Kind.STOP, bin_) if bin_ else (Kind.SITE, site)
        found[truck] = (*found.get(truck, ()), step)
    return found


def done_in(round_: Round) -> dict[int, tuple[str, datetime]]:
    """By id of its bin, the stops of this round that have ended: the errand's status, and when."""
    ended = Pickup.objects.filter(turn__round=round_, bin__isnull=False, errand__ended_at__isnull=False)
    ended = ended.exclude(errand__status=ErrandStatus.CANCELLED).order_by("errand__ended_at")
    rows = ended.values_list("bin_id", "errand__status", "errand__ended_at")
    return {bin_: (status, at) for bin_, status, at in rows if bin_ is not None and at is not None}


def emptied_before(round_: Round, at: datetime) -> set[int]:
    """Ids of bins that drivers of another round, which is not over, are to empty before ``at``."""
    pending = Pickup.objects.filter(
        bin__isnull=False,
        turn__round__status=RoundStatus.GIVEN_OUT,
        errand__status__in=OPEN,
        errand__stop__arrive_at__lt=at,
    )
    return {pk for pk in pending.exclude(turn__round=round_).values_list("bin_id", flat=True) if pk is not None}
