# SPDX-License-Identifier: Apache-2.0
"""A turn as whoever drives it reads it: the stops in their order, what is next, and why one goes there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet

from dure.city import clock
from dure.city.errors import NotFound
from dure.city.models import Errand, ErrandStatus, User
from dure.city.templatetags.dure import in_language
from dure.engines.routing.travel import DETOUR, great_circle
from dure.services.waste.models import Deed, Photo, Pickup, Press, RoundStatus, Truck, Turn, TurnStatus

OPEN = (ErrandStatus.ORDERED, ErrandStatus.PLANNED)
STILL_SHOWN = timedelta(hours=12)
"""A turn is shown to its driver for so long after its round's end: a phone may be in an underpass."""


@dataclass(frozen=True)
class Stop:
    """A stop of a turn. ``metres``: from the one before, by a straight line × 1.3. ``press``: the word that holds.
    ``told``: whether its driver has written something, or sent a photo.
    """

    pickup: Pickup
    position: int
    arrive_at: datetime
    metres: int
    press: Press | None = None
    told: bool = False

    @property
    def status(self) -> str:
        """Of its errand."""
        return self.pickup.errand.status

    @property
    def open(self) -> bool:
        """Whether somebody still has to go there."""
        return self.status in OPEN

    @property
    def code(self) -> str:
        """Of the bin or the site."""
        return (self.pickup.bin or self.pickup.site).code  # type: ignore[union-attr]

    @property
    def name(self) -> str:
        """What people call the place."""
        if self.pickup.site:
            return self.pickup.site.name
        return (self.pickup.bin.place or self.pickup.bin.code) if self.pickup.bin else ""

    @property
    def place(self) -> tuple[float, float]:
        """°E, °N."""
        return _place(self.pickup)

    @property
    def lon_lat(self) -> str:
        """The place as drive_way.js reads it."""
        lon, lat = self.place
        return f"{lon:.5f},{lat:.5f}"

    @property
    def geo(self) -> str:
        """The place as an address that a phone's map opens (RFC 5870)."""
        lon, lat = self.place
        return f"geo:{lat:.5f},{lon:.5f}?q={lat:.5f},{lon:.5f}"

    @property
    def way(self) -> str:
        """How far it is from the stop before."""
        return f"{round(self.metres, -1)} m" if self.metres < 1000 else f"{self.metres / 1000:.1f} km"

    @property
    def why(self) -> str:
        """Why one goes there, in the reader's language; "" where the plan does not say."""
        return in_language(self.pickup.reason.get("why"))

    @property
    def can_undo(self) -> bool:
        """Whether its driver has said something that can be taken back."""
        return self.press is not None and self.press.deed != Deed.UNDONE and not self.open


@dataclass(frozen=True)
class Break:
    """A rest that the plan holds."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Sheet:
    """All of a turn. ``stops``: those that stand, in the plan's order; ``breaks``: in time."""

    turn: Turn
    stops: tuple[Stop, ...]
    breaks: tuple[Break, ...]

    @property
    def open(self) -> list[Stop]:
        """The stops that are left."""
        return [one for one in self.stops if one.open]

    @property
    def ended(self) -> list[Stop]:
        """The stops of which something was said, the newest first."""
        return sorted((one for one in self.stops if not one.open), key=_ended_at, reverse=True)

    @property
    def made(self) -> int:
        """How many stops are over."""
        return len(self.stops) - len(self.open)

    @property
    def lines(self) -> list[Stop | Break]:
        """What is left, with the rests that are still to come, in time."""
        now = clock.now()
        rests = [one for one in self.breaks if one.end > now]
        return sorted([*self.open, *rests], key=lambda one: one.start if isinstance(one, Break) else one.arrive_at)

    @property
    def version(self) -> str:
        """Another word when the turn's status, or the order, times or states of its stops are others."""
        said: list[Any] = [self.turn.pk, self.turn.status]
        said += [(one.pickup.pk, one.status, one.arrive_at.isoformat()) for one in self.stops]
        return sha256(json.dumps(said).encode()).hexdigest()[:16]


def turn_for(turns: QuerySet[Turn]) -> Turn | None:
    """The turn to be driven now, of one driver's or one truck's: the one under way, else the next, else the last."""
    now = clock.now()
    there = turns.exclude(status=TurnStatus.OFF).exclude(round__status=RoundStatus.DRAFT)
    found = list(
        there.filter(round__ends_at__gt=now - STILL_SHOWN)
        .select_related("round", "truck__depot", "driver")
        .order_by("round__begins_at", "pk")
    )
    under_way = [one for one in found if one.status == TurnStatus.DRIVING]
    waiting = [one for one in found if one.status == TurnStatus.PLANNED and one.round.ends_at > now]
    return next(iter([*under_way, *waiting, *reversed(found)]), None)


def turn_of_driver(user: User) -> Turn | None:
    """The turn that ``user`` drives."""
    return turn_for(Turn.objects.filter(driver=user))


def turn_of_truck(truck: Truck) -> Turn | None:
    """The turn that ``truck`` is on."""
    return turn_for(Turn.objects.filter(truck=truck))


def sheet_of(turn: Turn) -> Sheet:
    """The turn's stops; those that were cancelled, and that nobody went to, are not among them."""
    stands = Q(turn=turn) & ~Q(errand__status=ErrandStatus.CANCELLED)
    rows = Pickup.objects.filter(stands).select_related("bin__area", "site", "errand", "errand__stop")
    pickups = sorted(rows, key=_turn_order)
    said, told = _newest_words(pickups), _told(pickups)
    at = (turn.truck.depot.lon, turn.truck.depot.lat)
    stops = []
    for position, one in enumerate(pickups, start=1):
        place = _place(one)
        stops.append(Stop(one, position, _arrival(one), metres_between(at, place), said.get(one.pk), one.pk in told))
        at = place
    return Sheet(turn, tuple(stops), tuple(_breaks(turn)))


def stop_of(errand: Errand) -> Stop:
    """The one stop, by itself (``position``, ``metres``: 0). Raises NotFound where nobody collects anything."""
    found = Pickup.objects.select_related("bin__area", "site", "errand", "errand__stop").filter(pk=errand.pk).first()
    if found is None:
        raise NotFound("그런 수거가 없습니다", "there is no such stop")
    return Stop(found, 0, _arrival(found), 0, _newest_words([found]).get(found.pk))


def _newest_words(pickups: Sequence[Pickup]) -> dict[int, Press]:
    """By errand, the word that holds."""
    words = Press.objects.filter(errand__in=[one.pk for one in pickups]).order_by("at", "pk")
    return {one.errand_id: one for one in words}


def _told(pickups: Sequence[Pickup]) -> set[int]:
    """The errands with a photo, or with something written."""
    of = {"errand__in": [one.pk for one in pickups]}
    written = Press.objects.filter(note__isnull=False, **of).values_list("errand", flat=True)
    return {*Photo.objects.filter(**of).values_list("errand", flat=True), *written}


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> int:
    """By road, as well as it can be said without a map; (°E, °N)."""
    return round(float(great_circle(*one, *other)) * DETOUR)


def _place(one: Pickup) -> tuple[float, float]:
    of = one.bin or one.site
    return of.lon, of.lat  # type: ignore[union-attr]


def _turn_order(one: Pickup) -> tuple[bool, datetime, int]:
    """What is over in the order in which it was, then what is left in the plan's."""
    left = one.errand.status in OPEN
    return left, (_arrival(one) if left else one.errand.ended_at or _arrival(one)), one.pk


def _arrival(one: Pickup) -> datetime:
    """When the plan arrives there; a stop that no route holds any more, by its window."""
    stop = getattr(one.errand, "stop", None)
    arrive_at: datetime = stop.arrive_at if stop is not None else one.errand.window_from
    return arrive_at


def _ended_at(one: Stop) -> datetime:
    return one.pickup.errand.ended_at or one.arrive_at


def _breaks(turn: Turn) -> list[Break]:
    visits = turn.round.plan.get("routes", {}).get(turn.truck.code, {}).get("visits", [])
    return [
        Break(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))
        for one in visits
        if one.get("kind") == "break"
    ]
