# SPDX-License-Identifier: Apache-2.0
"""A round comes into being, and its plan is made anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from dure.city import audit, clock, rules
from dure.city.duty import require_aware
from dure.city.errors import Conflict, Invalid
from dure.city.models import User
from dure.services.waste.models import Bin, Round, RoundStatus, Truck, Turn, TurnStatus
from dure.services.waste.planning import draft
from dure.services.waste.round_changes import changes
from dure.services.waste.round_record import done_in, shift_in, whole
from dure.services.waste.round_rules import RoundRules

from .giving import hand_out
from .turns import begin, keep, require_dispatcher, subject_of

TRIES = 3
"""Of a re-plan that nobody waits at a page for, when somebody changes the round meanwhile."""


def make_round(begins_at: datetime, actor: User | str) -> Round:
    """The round that begins then, with its trucks and a plan; again changes nothing.

    Trucks without a driver stay at home until they are given one. Raises Invalid (``begins_at``) for what is over.
    """
    require_dispatcher(actor)
    require_aware(begins_at, "begins_at")
    round_ = Round.objects.filter(begins_at=begins_at).first() or _new_round(begins_at, actor)
    if not round_.plan and round_.status == RoundStatus.DRAFT:
        try:
            replan(round_, actor, round_.version)
        except Conflict:  # somebody else was at it, too
            round_.refresh_from_db()
    return round_


@transaction.atomic
def _new_round(begins_at: datetime, actor: User | str) -> Round:
    audit.take_turn()
    now, chosen = clock.now(), rules.load(RoundRules, "waste")
    next_at = next_decision(begins_at, chosen)
    ends_at = min(next_at, begins_at + timedelta(hours=chosen.round_hours))
    if ends_at <= now:
        raise Invalid("이미 지난 차수입니다", "the round would be over already", field="begins_at")
    round_, made = Round.objects.get_or_create(
        begins_at=begins_at, defaults={"ends_at": ends_at, "next_at": next_at, "made_at": now}
    )
    if made:
        trucks = Truck.objects.filter(retired_at=None).select_related("driver").order_by("code")
        Turn.objects.bulk_create(
            Turn(round=round_, truck=one, driver=one.driver, status=_first_status(one))
            for one in trucks
            if shift_in(one, whole(round_)) is not None
        )
        audit.record("waste:round:made", actor=actor, subject=subject_of(round_), detail={"ends_at": ends_at})
    return round_


def _first_status(truck: Truck) -> TurnStatus:
    able = truck.driver is not None and truck.driver.is_active
    return TurnStatus.PLANNED if able else TurnStatus.OFF


def next_decision(after: datetime, chosen: RoundRules) -> datetime:
    """The first time after ``after`` at which a round begins."""
    return min(one for one in decisions_near(after, chosen) if one > after)


def decisions_near(at: datetime, chosen: RoundRules) -> list[datetime]:
    """When rounds begin on the day of ``at``, the one before and the one after."""
    today = at.astimezone(clock.SEOUL).date()
    return [
        datetime(day.year, day.month, day.day, hour, tzinfo=clock.SEOUL)
        for day in (today + timedelta(days=number) for number in (-1, 0, 1))
        for hour in chosen.decisions
    ]


def replan(
    round_: Round, actor: User | str, expected_version: int | None = None, *, seconds: float | None = None
) -> Round:
    """Plan anew what is still to do, from where the trucks are, with what they have on board and as the dispatcher
    wished. Once the round is given out the drivers' stops follow at once; what is done stays done.

    Takes the seconds of the search. Raises Conflict when somebody else changed the round before or meanwhile.
    """
    require_dispatcher(actor)
    with transaction.atomic():
        begin(round_, expected_version)
    if clock.now() >= round_.ends_at:
        raise Conflict("차수의 시간이 지났습니다", "its time is over", field="ends_at")
    seen = round_.version
    made = draft(round_, seconds=seconds)
    with transaction.atomic():
        begin(round_, seen)
        over = Bin.objects.filter(pk__in=done_in(round_)).values_list("code", flat=True)
        round_.plan = made.as_json() | {"since": changes(round_.plan, made.as_json(), set(over))}
        detail = round_.plan["figures"] | {"left_out": len(round_.plan["left_out"])}
        if round_.status == RoundStatus.GIVEN_OUT:
            detail |= hand_out(round_, actor)
        keep(round_, "waste:round:planned", actor=actor, detail=detail)
    return round_


def replan_for_all(round_: Round, actor: User | str, *, seconds: float | None = None) -> Round:
    """As :func:`replan`, of whichever version it is by then: for what must be planned whoever else is at it."""
    for left in reversed(range(TRIES)):
        try:
            return replan(round_, actor, seconds=seconds)
        except Conflict:
            if not left or round_.status == RoundStatus.OVER:
                raise
    return round_
