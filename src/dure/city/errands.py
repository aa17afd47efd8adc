# SPDX-License-Identifier: Apache-2.0
"""Errands: stops that somebody must make (a place, a time window, how long, which skills, which load)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from dure.city import audit, clock
from dure.city.cases import access_case
from dure.city.cases.access import may_act_in
from dure.city.duty import require_aware
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import Area, Case, Errand, ErrandStatus, User

OPEN = (ErrandStatus.ORDERED, ErrandStatus.PLANNED)
LONGEST_MINUTES = 24 * 60


@transaction.atomic
def order_errand(
    *,
    service: str,
    kind: str,
    area: Area,
    window_from: datetime,
    window_to: datetime,
    minutes: int,
    actor: User | str,
    case: Case | None = None,
    place: tuple[float, float] | None = None,
    skills: Sequence[str] = (),
    load: Mapping[str, float] | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> Errand:
    """Order a stop. The same ``client_id`` again changes nothing and returns the stop of the first time.

    Parameters
    ----------
    window_from, window_to
        When the stop may begin and must have ended (aware); not past already, and long enough for ``minutes``.
    minutes
        How long it takes there.
    place
        (°E, °N), sealed: it may be a home.
    load
        What it brings along, as ``{"kg": 12.5}``; nothing below 0.

    Raises Invalid naming the field, and NotFound when ``actor`` may not know of ``case``.
    """
    audit.take_turn()
    if known := _ordered_before(client_id, service, kind, case):
        return known
    at = now or clock.now()
    _check_window(window_from, window_to, minutes, at)
    _check_stop(place, load or {})
    if case is not None and isinstance(actor, User):
        access_case(actor, case.number)
    errand = Errand.objects.create(
        service=service,
        kind=kind,
        case=case,
        area=area,
        place=None if place is None else f"{place[0]},{place[1]}",
        window_from=window_from,
        window_to=window_to,
        minutes=minutes,
        skills=list(skills),
        load=dict(load or {}),
        client_id=client_id,
        ordered_at=at,
    )
    _record("city:errand:ordered", errand, actor, {"kind": kind, "case": case and case.number})
    return errand


@transaction.atomic
def assign_errand(errand: Errand, user: User, *, actor: User | str) -> None:
    """Give the stop to ``user``; again to the same changes nothing.

    Raises Conflict when it is over, Invalid (``user``) for somebody who left.
    """
    _lock_open(errand)
    if not user.is_active:
        raise Invalid("더는 일하지 않는 사람입니다", "works here no more", field="user")
    if errand.assignee_id == user.pk:
        return
    errand.assignee = user
    errand.save(update_fields=["assignee"])
    _record("city:errand:assigned", errand, actor, {"user": user.pk})


@transaction.atomic
def errand_done(errand: Errand, *, actor: User | str, outcome: str = "", now: datetime | None = None) -> None:
    """The stop was made. Saying it again changes nothing; Conflict when it ended otherwise."""
    _end(errand, ErrandStatus.DONE, outcome, actor, now)


@transaction.atomic
def errand_could_not(errand: Errand, *, reason: str, actor: User | str, now: datetime | None = None) -> None:
    """The stop could not be made, and why. Raises Invalid (``reason``) when it is not said."""
    if not reason.strip():
        raise Invalid("까닭을 적어 주세요", "say why", field="reason")
    _end(errand, ErrandStatus.COULD_NOT, reason, actor, now)


@transaction.atomic
def cancel_errand(errand: Errand, *, reason: str, actor: User | str, now: datetime | None = None) -> None:
    """Nobody needs to go any more, and why."""
    if not reason.strip():
        raise Invalid("까닭을 적어 주세요", "say why", field="reason")
    _end(errand, ErrandStatus.CANCELLED, reason, actor, now)


@transaction.atomic
def settle_errand(
    errand: Errand,
    status: ErrandStatus,
    *,
    tag: str,
    actor: User | str,
    ended_at: datetime | None,
    outcome: str = "",
    assignee: User | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Keep what a service has found to hold of the stop, by the word of whoever was there.

    What was done holds against what was planned meanwhile: a cancelled stop may have been made all the same
    (by ``assignee``, None: whoever it is assigned to), and a word may be taken back. ``tag`` names the one entry.
    """
    audit.take_turn()
    errand.refresh_from_db(from_queryset=Errand.objects.select_for_update(no_key=True))
    errand.status, errand.outcome, errand.ended_at = status, outcome, ended_at
    errand.assignee = assignee or errand.assignee
    errand.save(update_fields=["status", "outcome", "ended_at", "assignee"])
    _record(tag, errand, actor, dict(detail or {}))


def access_place(user: User, errand: Errand) -> tuple[float, float] | None:
    """Open where the stop is (°E, °N; None where none was said): for whoever still has to make it, or acts on the
    service's cases in its area. The read, or the refusal, is committed to the audit chain before.

    Raises NotFound for anybody else, and RuntimeError inside a transaction, as dure.city.people does.
    """
    has_to = errand.assignee_id == user.pk and errand.status in OPEN and user.is_active
    allowed = has_to or may_act_in(user, errand.service, errand.area)
    with transaction.atomic(durable=True):
        tag = "city:errand:place_read" if allowed else "city:errand:place_denied"
        home = errand.case.household if errand.case else None
        refs = {"refs": [home.ref]} if home and allowed else {}
        audit.record(tag, actor=user, subject=f"errand:{errand.pk}", purpose="errand", detail=refs)
    if not allowed:
        raise NotFound("그런 심부름이 없습니다", "there is no such errand of yours")
    if errand.place is None:
        return None
    lon, lat = errand.place.open().split(",")
    return float(lon), float(lat)


def errands_of(user: User) -> QuerySet[Errand]:
    """The stops that ``user`` still has to make, the earliest window first."""
    return Errand.objects.filter(assignee=user, status__in=OPEN).order_by("window_from", "pk")


def _ordered_before(client_id: UUID | None, service: str, kind: str, case: Case | None) -> Errand | None:
    """The stop that this very request ordered. Raises Conflict when the number is another request's."""
    known = Errand.objects.filter(client_id=client_id).first() if client_id else None
    if known is None:
        return None
    if (known.service, known.kind, known.case_id) != (service, kind, case.pk if case else None):
        raise Conflict("이미 다른 기록에 쓰인 번호입니다", "this number belongs to another entry", field="client_id")
    return known


def _check_window(window_from: datetime, window_to: datetime, minutes: int, at: datetime) -> None:
    require_aware(window_from, "window_from")
    require_aware(window_to, "window_to")
    if not 0 < minutes <= LONGEST_MINUTES:
        raise Invalid(f"1~{LONGEST_MINUTES}분이어야 합니다", f"must be 1 to {LONGEST_MINUTES}", field="minutes")
    if window_to <= at:
        raise Invalid("지금보다 늦어야 합니다", "must be later than now", field="window_to")
    if window_to - window_from < timedelta(minutes=minutes):
        raise Invalid("걸리는 시간보다 길어야 합니다", "the window must hold the minutes it takes", field="window_to")


def _check_stop(place: tuple[float, float] | None, load: Mapping[str, float]) -> None:
    if place is not None and not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise Invalid("경도, 위도 순서로 적으세요", "give °E within ±180 and °N within ±90", field="place")
    for name, amount in load.items():
        if not 0 <= amount < float("inf"):
            raise Invalid("0 이상이어야 합니다", "must be at least 0", field=f"load.{name}")


def _lock_open(errand: Errand) -> None:
    audit.take_turn()
    errand.refresh_from_db(from_queryset=Errand.objects.select_for_update(no_key=True))
    if errand.status not in OPEN:
        raise Conflict("이미 끝난 심부름입니다", "the errand is over", field="status")


def _end(errand: Errand, status: ErrandStatus, outcome: str, actor: User | str, now: datetime | None) -> None:
    if len(outcome) > 200:
        raise Invalid("200자까지 적을 수 있습니다", "at most 200 characters", field="outcome")
    if isinstance(actor, User) and status != ErrandStatus.CANCELLED and errand.assignee_id != actor.pk:
        raise NotFound("그런 심부름이 없습니다", "there is no such errand of yours")
    try:
        _lock_open(errand)
    except Conflict:
        if errand.status == status:
            return
        raise
    errand.status, errand.outcome, errand.ended_at = status, outcome, now or clock.now()
    errand.save(update_fields=["status", "outcome", "ended_at"])
    _record(f"city:errand:{status.value}", errand, actor, {})


def _record(tag: str, errand: Errand, actor: User | str, detail: dict[str, object]) -> None:
    audit.record(tag, actor=actor, subject=f"errand:{errand.pk}", detail=detail)
