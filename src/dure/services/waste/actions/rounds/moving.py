# SPDX-License-Identifier: Apache-2.0
"""Dragging stops: what a change costs and would break, before it is made; and only what the checker passes is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from dure.city import clock, rules
from dure.city.errors import Conflict, Invalid
from dure.city.models import User
from dure.engines.routing import Kind, Problem, Route, Words
from dure.engines.routing import Sequence as Steps
from dure.engines.routing.sites import with_last_site
from dure.services.waste.models import Bin, Round, RoundStatus, Truck, WishKind
from dure.services.waste.planning import ask_of, figures_of, look, route_data
from dure.services.waste.round_problem import Situation, Timed, problem_of, put_in, timed
from dure.services.waste.round_record import done_in, kind_words, steps_of, truck_days
from dure.services.waste.round_rules import RoundRules
from dure.services.waste.travel import travel_by

from .giving import hand_out
from .turns import begin, keep, require_dispatcher
from .wishes import keep_wish, require_fit

MOST_AT_ONCE = 50
"""Bins given to another truck in one go."""


@dataclass(frozen=True)
class MoveCost:
    """What a change adds to the plan's metres and minutes on the road (below 0: it saves), and what it would break:
    while anything is ``wrong``, it cannot be made."""

    metres: int
    minutes: int
    wrong: tuple[Words, ...]


@dataclass(frozen=True, eq=False)
class _Changed:
    """``routes`` by truck: as they would be, None for one that goes nowhere any more."""

    cost: MoveCost
    routes: dict[str, Route | None]
    kind: str


def cost_of_move(round_: Round, of: Bin, truck: Truck, position: int | None = None) -> MoveCost:
    """What it would cost to visit the bin with ``truck``, at ``position`` among its stops and sites still to be
    visited (0: next; breaks are not counted; None: where it costs least). Nothing is written.

    Raises Invalid (``truck``, ``bin``, ``position``).
    """
    return _changed(round_, [of], truck, position).cost


def move(
    round_: Round, of: Bin, truck: Truck, position: int | None, actor: User, *, expected_version: int | None = None
) -> Round:
    """Visit the bin with ``truck`` at ``position`` (as :func:`cost_of_move`), whatever was planned; later plans leave
    it with that truck.

    Raises Conflict with what the checker has against it, or when somebody changed the plan meanwhile; Invalid.
    """
    tag = "waste:round:moved"
    return _change(round_, [of], truck, position, actor=actor, expected_version=expected_version, tag=tag)


def split(round_: Round, bins: Sequence[Bin], truck: Truck, actor: User, expected_version: int | None = None) -> Round:
    """Give several stops to ``truck`` at once, each where it costs least; as :func:`move`."""
    if not 0 < len(bins) <= MOST_AT_ONCE:
        raise Invalid(f"1~{MOST_AT_ONCE}곳을 고르세요", f"choose 1 to {MOST_AT_ONCE} bins", field="bin")
    tag = "waste:round:split"
    return _change(round_, bins, truck, None, actor=actor, expected_version=expected_version, tag=tag)


def _change(
    round_: Round,
    bins: Sequence[Bin],
    truck: Truck,
    position: int | None,
    *,
    actor: User,
    expected_version: int | None,
    tag: str,
) -> Round:
    require_dispatcher(actor, *(one.area for one in bins))
    round_.refresh_from_db()
    seen = round_.version if expected_version is None else expected_version
    changed = _changed(round_, bins, truck, position)
    if changed.cost.wrong:
        ko, en = ("; ".join(words) for words in zip(*changed.cost.wrong[:3], strict=True))
        raise Conflict(ko, en, field="truck")
    with transaction.atomic():
        begin(round_, seen)
        for one in bins:
            keep_wish(round_, one, WishKind.TRUCK, truck, actor)
        _put_into_plan(round_, bins, truck, changed)
        detail = {"bins": [one.code for one in bins], "truck": truck.code, "metres": changed.cost.metres}
        if round_.status == RoundStatus.GIVEN_OUT:
            detail |= hand_out(round_, actor)
        keep(round_, tag, actor=actor, detail=detail)
    return round_


def _put_into_plan(round_: Round, bins: Sequence[Bin], truck: Truck, changed: _Changed) -> None:
    plan: dict[str, Any] = round_.plan
    for code, route in changed.routes.items():
        known = plan["routes"].pop(code, {})
        if route is not None:
            kind = changed.kind if code == truck.code else known.get("waste_kind", "")
            plan["routes"][code] = route_data(round_, route, {code: kind})
    codes = {one.code for one in bins}
    plan["left_out"] = [one for one in plan["left_out"] if one["bin"] not in codes]
    for code in codes:
        plan["reasons"].setdefault(code, {})["wish"] = WishKind.TRUCK.value
    outlook = look(round_, max(round_.begins_at, clock.now()), rules.load(RoundRules, "waste"))
    plan["figures"] = figures_of(round_, outlook, plan["routes"])


def _changed(round_: Round, bins: Sequence[Bin], truck: Truck, position: int | None) -> _Changed:
    if not round_.plan:
        raise Conflict("아직 계획이 없습니다", "there is no plan yet", field="plan")
    for one in bins:
        require_fit(round_, one, truck)
        if one.pk in done_in(round_):
            raise Invalid("이미 다녀온 수거함입니다", "was visited already", field="bin")
    steps = steps_of(round_)
    problem, kind = _problem(round_, steps, bins, truck)
    steps = {name: _usable(problem, way) for name, way in steps.items()}
    codes = {one.code for one in bins}
    others = {name for name, way in steps.items() if any(step[1] in codes for step in way) and name != truck.code}
    after = {
        name: tidy(tuple(step for step in steps.get(name, ()) if step[0] is not Kind.STOP or step[1] not in codes))
        for name in (*others, truck.code)
        if name in problem.vehicle_named
    }
    if truck.code not in after:
        raise Invalid("이 차량은 오늘 더 갈 수 없습니다", "the truck has no time left today", field="truck")
    if position is not None and not 0 <= position <= len(after[truck.code]):
        raise Invalid("그런 차례가 없습니다", "there is no such place in its route", field="position")
    for one in bins:
        after[truck.code] = put_in(problem, truck.code, after[truck.code], one.code, position)
    before = {name: timed(problem, name, _ended(problem, name, steps.get(name, ()))) for name in after}
    made = {name: timed(problem, name, _ended(problem, name, way)) for name, way in after.items()}
    # what a late truck gives away makes nothing worse
    asked = [truck.code, *(name for name in made if name != truck.code and not before[name].wrong)]
    wrong = tuple(words for name in asked for words in made[name].wrong)
    metres, seconds = _sum(made) - _sum(before), _seconds(made) - _seconds(before)
    routes = {name: one.route for name, one in made.items()}
    return _Changed(MoveCost(metres, round(seconds / 60), wrong), routes, kind)


def _problem(round_: Round, steps: dict[str, Steps], bins: Sequence[Bin], truck: Truck) -> tuple[Problem, str]:
    """The round's problem with every planned bin and these; and which kind of waste ``truck`` then takes."""
    chosen = rules.load(RoundRules, "waste")
    at = max(round_.begins_at, clock.now())
    codes = {name for way in steps.values() for kind, name in way if kind is Kind.STOP} | {one.code for one in bins}
    reasons = round_.plan.get("reasons", {})
    asks = tuple(
        ask_of(one, reasons.get(one.code, {}).get("litres", one.volume_l), 0)
        for one in Bin.objects.filter(code__in=codes).select_related("area")
    )
    days, tips = truck_days(round_, at)
    kinds = {code: route.get("waste_kind", "") for code, route in round_.plan.get("routes", {}).items()}
    kinds[truck.code] = kinds.get(truck.code) or bins[0].waste_kind
    trucks = tuple(replace(one, kind=one.kind or kinds.get(one.code, "")) for one in days)
    if not trucks:
        raise Invalid("나갈 차량이 없습니다", "no truck goes out", field="truck")
    situation = Situation(asks, trucks, tuple(tips), chosen.bin_seconds, kind_words())
    return problem_of(situation, travel_by(chosen)), kinds[truck.code]


def _usable(problem: Problem, way: Steps) -> Steps:
    """Without sites that have closed since, or that the truck uses no more; another one is found at the end."""
    return tuple(step for step in way if step[0] is Kind.STOP or step[1] in problem.site_named)


def tidy(way: Steps) -> Steps:
    """Without a trip to a site that brings nothing, where stops were taken out between two."""
    return tuple(
        step for place, step in enumerate(way) if step[0] is Kind.STOP or place == 0 or way[place - 1][0] is Kind.STOP
    )


def _ended(problem: Problem, truck: str, way: Steps) -> Steps:
    """With a site at the end where the truck must come home empty."""
    vehicle = problem.vehicle_named[truck]
    return with_last_site(problem, vehicle, way) if vehicle.empty_at_end and way else way


def _sum(routes: dict[str, Timed]) -> int:
    return sum(one.route.distance for one in routes.values() if one.route is not None)


def _seconds(routes: dict[str, Timed]) -> int:
    return sum(one.route.end - one.route.start for one in routes.values() if one.route is not None)
