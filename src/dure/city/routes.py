# SPDX-License-Identifier: Apache-2.0
"""Many errands at once, and the order in which somebody makes them. For whoever plans a day: one audit entry, about
what they planned, for all of it; each errand's own story is told by ``dure.city.errands``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from dure.city import audit, clock
from dure.city.database import in_parts
from dure.city.errands import OPEN
from dure.city.models import Area, Errand, ErrandStatus, Route, RouteStop, User

AT_ONCE = 200
"""Rows of one statement."""


@dataclass(frozen=True)
class ErrandSpec:
    """A stop as :func:`dure.city.errands.order_errand` takes it; its figures are the caller's own and not checked."""

    service: str
    kind: str
    area: Area
    window_from: datetime
    window_to: datetime
    minutes: int
    place: tuple[float, float]
    assignee: User


@transaction.atomic
def order_errands(specs: Sequence[ErrandSpec], *, subject: str, actor: User | str) -> list[Errand]:
    """Order stops that are planned already, in their order."""
    if not specs:
        return []
    audit.take_turn()
    now = clock.now()
    made = [
        Errand(
            service=one.service,
            kind=one.kind,
            area=one.area,
            place=f"{one.place[0]},{one.place[1]}",
            window_from=one.window_from,
            window_to=one.window_to,
            minutes=one.minutes,
            assignee=one.assignee,
            status=ErrandStatus.PLANNED,
            ordered_at=now,
        )
        for one in specs
    ]
    Errand.objects.bulk_create(made, AT_ONCE)
    audit.record("city:errands:ordered", actor=actor, subject=subject, detail={"errands": len(made)})
    return made


@transaction.atomic
def cancel_errands(errands: Sequence[Errand], *, reason: str, subject: str, actor: User | str) -> int:
    """Nobody needs to go any more; those that are over stay as they ended. Returns how many were open."""
    if not errands:
        return 0
    audit.take_turn()
    ended = {"status": ErrandStatus.CANCELLED, "outcome": reason[:200], "ended_at": clock.now()}
    cancelled = 0
    for part in in_parts([one.pk for one in errands]):
        cancelled += Errand.objects.filter(pk__in=part, status__in=OPEN).update(**ended)
        RouteStop.objects.filter(errand__in=part, errand__status=ErrandStatus.CANCELLED).delete()
    if cancelled:
        detail = {"errands": cancelled, "reason": reason[:200]}
        audit.record("city:errands:cancelled", actor=actor, subject=subject, detail=detail)
    return cancelled


@transaction.atomic
def lay_route(route: Route, stops: Sequence[tuple[Errand, datetime]]) -> None:
    """Let the route's open stops be these, in this order, with their planned arrivals; they become its user's. What is
    over keeps its place before them."""
    RouteStop.objects.filter(route=route, errand__status__in=OPEN).delete()
    for part in in_parts([errand.pk for errand, _ in stops]):
        RouteStop.objects.filter(errand__in=part).delete()
        Errand.objects.filter(pk__in=part, status__in=OPEN).update(assignee=route.user, status=ErrandStatus.PLANNED)
    last = RouteStop.objects.filter(route=route).order_by("-position").values_list("position", flat=True).first()
    first = 0 if last is None else last + 1
    RouteStop.objects.bulk_create(
        [
            RouteStop(route=route, errand=errand, position=first + place, arrive_at=arrive)
            for place, (errand, arrive) in enumerate(stops)
        ],
        AT_ONCE,
    )


def new_route(user: User, day: date) -> Route:
    """A route of ``user`` on that day, without stops yet."""
    return Route.objects.create(user=user, day=day, made_at=clock.now())
