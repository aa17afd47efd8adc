# SPDX-License-Identifier: Apache-2.0
"""What is due by the clock: the next round's plan, giving it out where nobody is to look at it first, and its end."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from dure.city import clock, rules
from dure.city.database import one_by_one
from dure.city.errands import OPEN
from dure.city.errors import Conflict
from dure.services.waste import forecast
from dure.services.waste.models import Pickup, Round, RoundStatus, Truck, Turn, TurnStatus
from dure.services.waste.round_rules import RoundRules

from .drafting import decisions_near, make_round, next_decision, replan
from .ending import end_round
from .giving import LATE, give_out

log = logging.getLogger(__name__)

PROCESS = "waste:rounds"
LEAST = timedelta(hours=1)
"""A round that would be over sooner is not begun any more."""


def keep() -> None:
    """Do what is due; again changes nothing. A city without trucks has no rounds."""
    now, chosen = clock.now(), rules.load(RoundRules, "waste")
    over = [one for one in Round.objects.exclude(status=RoundStatus.OVER) if _is_over(one, now, chosen)]
    _, failed = one_by_one(over, _end, failed_at="waste: a round could not be ended")
    if chosen.give_out_by_itself:
        for round_ in Round.objects.filter(status=RoundStatus.DRAFT, begins_at__lte=now, ends_at__gt=now):
            _give_out(round_, now)
    if Truck.objects.filter(retired_at=None).exists():
        for begins_at in _due(now, chosen):
            if not Round.objects.filter(begins_at=begins_at).exclude(plan={}).exists():
                forecast.step(now - forecast.LATE)
                make_round(begins_at, PROCESS)
    if failed:
        raise ExceptionGroup("waste.keep_rounds", failed)


def next_round() -> Round:
    """The round that is on or begins next, planned if nobody has planned it yet."""
    now, chosen = clock.now(), rules.load(RoundRules, "waste")
    forecast.step(now - forecast.LATE)
    on = Round.objects.exclude(status=RoundStatus.OVER).filter(ends_at__gt=now).order_by("begins_at").first()
    return on or make_round(next_decision(now, chosen), PROCESS)


def _end(round_: Round) -> int:
    end_round(round_, PROCESS)
    return 1


def _due(now: datetime, chosen: RoundRules) -> list[datetime]:
    """Begins of rounds that are to be planned by now and are not nearly over."""
    lead, longest = timedelta(minutes=chosen.lead_minutes), timedelta(hours=chosen.round_hours)
    return [
        begin
        for begin in decisions_near(now, chosen)
        if begin - lead <= now < min(begin + longest, next_decision(begin, chosen)) - LEAST
    ]


def _is_over(round_: Round, now: datetime, chosen: RoundRules) -> bool:
    """Its time and the wait for late words have passed; or it has, and every truck is back with nothing left to do."""
    if now >= round_.ends_at + timedelta(minutes=chosen.end_after_minutes):
        return True
    if now < round_.ends_at:
        return False
    out = Turn.objects.filter(round=round_, status__in=(TurnStatus.PLANNED, TurnStatus.DRIVING), route__isnull=False)
    return not out.exists() and not Pickup.objects.filter(turn__round=round_, errand__status__in=OPEN).exists()


def _give_out(round_: Round, now: datetime) -> None:
    """As a dispatcher would: plan again what has become old, then give it out. Who is at it meanwhile goes first."""
    try:
        made_for = datetime.fromisoformat(round_.plan["at"]) if round_.plan else now - 2 * LATE
        if round_.plan.get("stale") or now > made_for + LATE:
            replan(round_, PROCESS, round_.version)
        give_out(round_, PROCESS, round_.version)
    except Conflict as wrong:
        log.warning("the round of %s is not given out: %s", round_.begins_at, wrong)
