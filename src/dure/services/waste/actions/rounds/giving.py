# SPDX-License-Identifier: Apache-2.0
"""From a plan to what drivers have before them: errands on routes, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import transaction

from dure.city import clock, rules
from dure.city.database import in_parts
from dure.city.errands import OPEN
from dure.city.errors import Conflict
from dure.city.models import Area, Errand, ErrandStatus, User
from dure.city.routes import ErrandSpec, cancel_errands, lay_route, new_route, order_errands
from dure.engines.routing import Kind
from dure.services.waste.models import Bin, Pickup, Round, RoundStatus, Site, Turn
from dure.services.waste.round_record import OUT, Span, metres_behind, shift_in, turns_of, whole
from dure.services.waste.round_rules import RoundRules

from .turns import begin, keep, require_dispatcher, subject_of

EMPTY_BIN, UNLOAD = "empty_bin", "unload"
LATE = timedelta(minutes=30)
"""So long after its times began to count a plan may still be given out."""
REASON = ("level", "at_arrival", "chance", "full_by", "must", "worth", "wish", "why", "litres")
NOT_WANTED = "계획이 바뀜 / the plan has changed"


@transaction.atomic
def give_out(round_: Round, actor: User | str, expected_version: int | None = None) -> Round:
    """Give every driver the stops of the plan; again changes nothing.

    Raises Conflict in words: somebody changed the plan meanwhile, something it rests on has changed since it was made,
    its first hour has passed, or a truck has nobody to drive it.
    """
    require_dispatcher(actor)
    begin(round_, None)
    if round_.status == RoundStatus.GIVEN_OUT:
        return round_
    begin(round_, expected_version)
    if not round_.plan or round_.plan.get("stale"):
        raise Conflict(
            "계획을 세운 뒤에 바뀐 것이 있습니다. 다시 계획한 뒤 나눠 주세요.",
            "something has changed since the plan was made: plan again, then give it out",
            field="plan",
        )
    if clock.now() > datetime.fromisoformat(round_.plan["at"]) + LATE:
        raise Conflict("계획한 시각이 지났습니다. 다시 계획하세요.", "its times have passed: plan again", field="plan")
    round_.status, round_.given_out_at = RoundStatus.GIVEN_OUT, clock.now()
    keep(round_, "waste:round:given_out", actor=actor, detail=hand_out(round_, actor))
    return round_


@dataclass
class _Open:
    """The stops of a round that drivers have and have not ended; what the plan wants again is taken out."""

    bins: dict[str, Pickup] = field(default_factory=dict)
    sites: dict[tuple[int, str], list[Pickup]] = field(default_factory=lambda: defaultdict(list))

    def take(self, turn: Turn, kind: Kind, name: str) -> Pickup | None:
        if kind is Kind.STOP:
            return self.bins.pop(name, None)
        known = self.sites[turn.pk, name]
        return known.pop(0) if known else None

    def rest(self) -> list[Errand]:
        left = [*self.bins.values(), *(one for many in self.sites.values() for one in many)]
        return [one.errand for one in left]


@dataclass
class _Wanted:
    """A stop that a driver is to make next: ``pickup`` of a stop that is known already, or to be made."""

    turn: Turn
    bin: Bin | None
    site: Site | None
    arrive: datetime
    area: Area
    pickup: Pickup | None


def hand_out(round_: Round, actor: User | str) -> dict[str, Any]:
    """Make the drivers' open stops what ``round_.plan`` says, within the caller's transaction: those that stay are
    moved, others are cancelled, new ones are added. Returns what the chain is told.

    Raises Conflict naming a truck that nobody drives.
    """
    turns = {turn.truck.code: turn for turn in turns_of(round_)}
    waiting = _open_of(round_)
    wanted = {truck: _wanted(round_, turns, truck, waiting) for truck in sorted(round_.plan["routes"])}
    cancelled = cancel_errands(waiting.rest(), reason=NOT_WANTED, subject=subject_of(round_), actor=actor)
    _order(round_, [one for stops in wanted.values() for one in stops if one.pickup is None], actor)
    _move([one for stops in wanted.values() for one in stops], round_)
    for truck, turn in turns.items():
        _lay(round_, turn, wanted.get(truck, []))
    stops = sum(len(one) for one in wanted.values())
    return {"trucks": len(wanted), "errands": stops, "cancelled": cancelled}


def _open_of(round_: Round) -> _Open:
    found = _Open()
    pickups = Pickup.objects.filter(turn__round=round_, errand__status__in=OPEN)
    for one in pickups.select_related("errand", "bin", "site").order_by("errand__stop__position", "pk"):
        if one.bin is not None:
            found.bins[one.bin.code] = one
        elif one.site is not None:
            found.sites[one.turn_id, one.site.code].append(one)
    return found


def _wanted(round_: Round, turns: dict[str, Turn], truck: str, waiting: _Open) -> list[_Wanted]:
    """The truck's stops in their order; who was emptied while the plan was made is not visited again."""
    turn = turns.get(truck)
    if turn is None or turn.status in OUT or turn.driver is None or not turn.driver.is_active:
        raise Conflict(f"{truck}: 운전할 사람이 없습니다", f"{truck}: nobody drives it", field="driver")
    visits = [one for one in round_.plan["routes"][truck]["visits"] if one["kind"] != Kind.BREAK]
    names = [one["name"] for one in visits]
    bins = {one.code: one for one in Bin.objects.filter(code__in=names).select_related("area")}
    sites = {one.code: one for one in Site.objects.filter(code__in=names)}
    done = Pickup.objects.filter(turn__round=round_, bin__code__in=names, errand__status=ErrandStatus.DONE)
    emptied = set(done.values_list("bin__code", flat=True))
    area = next((bins[name].area for name in names if name in bins), None) or home_area(turn)
    found = []
    for one in visits:
        kind, name = Kind(one["kind"]), one["name"]
        if kind is Kind.STOP and name in emptied:
            continue
        bin_, site = (bins[name], None) if kind is Kind.STOP else (None, sites[name])
        area = bin_.area if bin_ else area
        arrive = datetime.fromisoformat(one["arrive"])
        found.append(_Wanted(turn, bin_, site, arrive, area, waiting.take(turn, kind, name)))
    return found


def home_area(turn: Turn) -> Area:
    """Of a truck that is on its way to the tip only: where it works, or anywhere that bins are."""
    return turn.truck.areas.first() or Bin.objects.select_related("area").order_by("pk")[0].area


def _order(round_: Round, new: list[_Wanted], actor: User | str) -> None:
    """Errands and pickups for the stops that nobody has yet."""
    bin_minutes = ceil(rules.load(RoundRules, "waste").bin_seconds / 60)
    errands = order_errands([_spec(round_, one, bin_minutes) for one in new], subject=subject_of(round_), actor=actor)
    for one, errand in zip(new, errands, strict=True):
        one.pickup = Pickup(errand=errand, turn=one.turn, bin=one.bin, site=one.site)
    Pickup.objects.bulk_create([one.pickup for one in new if one.pickup], 200)


def _spec(round_: Round, one: _Wanted, bin_minutes: int) -> ErrandSpec:
    place = one.bin or one.site
    shift = shift_in(one.turn.truck, whole(round_)) or Span(round_.begins_at, round_.ends_at)
    assert place is not None and one.turn.driver is not None  # noqa: S101, PT018 - _wanted has seen to it
    return ErrandSpec(
        service="waste",
        kind=EMPTY_BIN if one.bin else UNLOAD,
        area=one.area,
        window_from=shift.start,
        window_to=shift.end,
        minutes=max(1, bin_minutes if one.site is None else one.site.minutes),
        place=(place.lon, place.lat),
        assignee=one.turn.driver,
    )


def _move(wanted: list[_Wanted], round_: Round) -> None:
    """What the plan says of each stop: whose it is, how full the bin will be, and why one goes there."""
    reasons = round_.plan.get("reasons", {})
    pickups = []
    for one in wanted:
        pickup = one.pickup
        if pickup is None:
            continue
        pickup.turn = one.turn
        if one.bin is not None:
            said = reasons.get(one.bin.code, {})
            pickup.fill = said.get("at_arrival")
            pickup.reason = {name: said[name] for name in REASON if name in said}
        pickups.append(pickup)
    for part in in_parts(pickups, 200):
        Pickup.objects.bulk_update(part, ["turn", "fill", "reason"])


def _lay(round_: Round, turn: Turn, stops: list[_Wanted]) -> None:
    """The turn's route; a truck that was never sent anywhere has none."""
    if turn.route is None:
        if not stops or turn.driver is None:
            return
        turn.route = new_route(turn.driver, round_.begins_at.astimezone(clock.SEOUL).date())
    if turn.driver is not None and turn.route.user_id != turn.driver_id:
        turn.route.user = turn.driver
        turn.route.save(update_fields=["user"])
    lay_route(turn.route, [(one.pickup.errand, one.arrive) for one in stops if one.pickup is not None])
    turn.planned_metres = metres_behind(turn) + round_.plan["routes"].get(turn.truck.code, {}).get("metres", 0)
    turn.save(update_fields=["route", "planned_metres"])
