# SPDX-License-Identifier: Apache-2.0
"""A truck breaks down: the others take over what they can, within seconds, and somebody is told of the rest."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from dure.city import cases, clock, escalation, rules
from dure.city.errands import OPEN
from dure.city.errors import Conflict, NotFound
from dure.city.models import Case, Level, Role, User
from dure.city.roles import roles_of
from dure.city.teams import team_for
from dure.engines.routing import Words
from dure.services.waste.models import Pickup, Round, RoundStatus, Turn, TurnStatus
from dure.services.waste.rules import SensorRules

from .drafting import replan_for_all
from .giving import home_area
from .turns import begin, keep, outdate

log = logging.getLogger(__name__)

PROCESS = "waste:rounds"
BROKE_DOWN = "truck_broke_down"
SECONDS = 3.0
"""Of CPU for the new plan: drivers wait at the kerb."""
UNPLANNED: Words = (
    "새 계획을 세우지 못했습니다. 배차 담당이 나눠 주세요.",
    "No new plan could be made; the dispatcher has to share them out.",
)
SHOWN = 30
"""Bins named in the case."""


def broke_down(turn: Turn, actor: User | str, at: datetime | None, lon: float | None, lat: float | None) -> Round:
    """The truck goes no further: what it had left is planned anew for the others, from where they are, and a case tells
    what nobody could take, and that something may still be on board. Again changes nothing.

    ``at``: when (None: now); ``lon``, ``lat``: where, degrees (None: where it was last). Raises Conflict when its turn
    is over, NotFound for who neither drives it nor plans.
    """
    _require_part(turn, actor)
    left = _stop(turn, actor, at or clock.now(), lon, lat)
    round_ = turn.round
    if left is None:
        return round_
    case, codes = left
    try:
        replan_for_all(round_, PROCESS, seconds=SECONDS)
    except (Conflict, RuntimeError):
        log.exception("no new plan after %s broke down", turn.truck)
        _note(case, UNPLANNED, codes)
    else:
        _tell(case, round_, codes)
    return round_


def _require_part(turn: Turn, actor: User | str) -> None:
    if isinstance(actor, User) and turn.driver_id != actor.pk and Role.DISPATCHER not in roles_of(actor):
        raise NotFound("그런 운행이 없습니다", "there is no such turn of yours")


@transaction.atomic
def _stop(
    turn: Turn, actor: User | str, at: datetime, lon: float | None, lat: float | None
) -> tuple[Case, list[str]] | None:
    """Its case and the bins that it had left; None where it was known to be broken."""
    begin(turn.round, None)
    turn.refresh_from_db(fields=["status", "lon", "lat", "on_board_l", "started_at"])
    if turn.status == TurnStatus.BROKEN:
        return None
    if turn.status in (TurnStatus.BACK, TurnStatus.OFF):
        raise Conflict("이미 끝난 운행입니다", "its turn is over", field="turn")
    if lon is not None and lat is not None:
        turn.lon, turn.lat = lon, lat
    turn.status, turn.ended_at = TurnStatus.BROKEN, at
    turn.save(update_fields=["status", "ended_at", "lon", "lat"])
    outdate(turn.round)
    keep(turn.round, "waste:round:truck_broke_down", actor=actor, detail={"truck": turn.truck.code})
    return _case(turn, actor), _bins_left(turn)


def _bins_left(turn: Turn) -> list[str]:
    if turn.round.status == RoundStatus.DRAFT:
        visits = turn.round.plan.get("routes", {}).get(turn.truck.code, {}).get("visits", ())
        return [one["name"] for one in visits if one["kind"] == "stop"]
    left = Pickup.objects.filter(turn=turn, bin__isnull=False, errand__status__in=OPEN)
    return [code for code in left.order_by("errand__stop__position").values_list("bin__code", flat=True) if code]


def _case(turn: Turn, actor: User | str) -> Case:
    """Somebody has to fetch the truck and what it carries."""
    area = home_area(turn)
    due = timedelta(hours=rules.load(SensorRules, "waste", area).due_hours)
    depot = turn.truck.depot
    known = turn.lon is not None and turn.lat is not None
    case = cases.open_case(
        service="waste",
        kind=BROKE_DOWN,
        level=Level.ATTENTION,
        title={"ko": f"차량 고장: {turn.truck.name}", "en": f"Broken down: {turn.truck.name}"},
        area=area,
        team=team_for("waste", area),
        due_at=clock.now() + due,
        actor=actor if isinstance(actor, str) else PROCESS,
        about=f"truck:{turn.truck.code}",
        lon=turn.lon if known else depot.lon,
        lat=turn.lat if known else depot.lat,
    )
    escalation.start(case)
    return case


def _tell(case: Case, round_: Round, codes: list[str]) -> None:
    """Into the case: who takes over, and what nobody does."""
    taken = {one["name"] for route in round_.plan["routes"].values() for one in route["visits"]}
    rest = [code for code in codes if code not in taken]
    ko = f"남은 {len(codes)}곳 가운데 {len(codes) - len(rest)}곳을 다른 차량이 맡았습니다."
    en = f"Of {len(codes)} stops that were left others take {len(codes) - len(rest)}."
    _note(case, (ko, en), rest)


def _note(case: Case, words: Words, rest: list[str]) -> None:
    """``rest``: bins that nobody goes to."""
    ko, en = words
    if rest:
        named = ", ".join(rest[:SHOWN]) + (" …" if len(rest) > SHOWN else "")
        ko, en = f"{ko} 맡지 못한 곳: {named}", f"{en} Nobody takes: {named}"
    cases.add_note(case, actor=PROCESS, text=f"{ko} / {en}")
