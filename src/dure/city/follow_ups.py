# SPDX-License-Identifier: Apache-2.0
"""From a case to what helps afterwards: a repair, a ramp, a delivery, a meal, a safety visit. One press is enough.

Each kind has a window that is sensible without asking; the service that makes the stops comes later, the errand
(dure.city.errands) exists from now on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dure.city import audit, clock, errands, escalation, people
from dure.city.case_flow import CaseTag, lock, write
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import begin
from dure.city.errors import Conflict, Invalid, NotAllowed, NotFound, require_one_of
from dure.city.models import Case, CaseEvent, CaseEventKind, CaseStatus, Errand, Person, User
from dure.city.people import Purpose

IN_THREAD = "까닭은 사건의 기록에 / the reason is in the case's thread"
OPENS, CLOSES = time(9), time(18)
"""Of a working day in Korea."""


@dataclass(frozen=True)
class FollowUp:
    """A kind of help: what it is called, how long it takes there, how soon it begins and until when it must be done.

    ``after_days`` 0 is now; otherwise it begins at OPENS of that day. It ends at CLOSES of the day ``within_days`` on.
    """

    label: str | Promise
    minutes: int
    after_days: int
    within_days: int


KINDS: dict[str, FollowUp] = {
    "safety_visit": FollowUp(_("안전 방문"), 30, 0, 1),
    "meal": FollowUp(_("식사 배달"), 10, 0, 1),
    "delivery": FollowUp(_("물품 전달"), 15, 1, 3),
    "repair": FollowUp(_("집수리"), 120, 1, 7),
    "ramp": FollowUp(_("경사로 놓기"), 180, 1, 14),
}


def order(
    case: Case, kind: str, *, actor: User | str, client_id: UUID | None = None, now: datetime | None = None
) -> CaseEvent:
    """Order help of that ``kind`` for the home of ``case``; what is open of it is said in the thread.

    Where the home lies is kept with the errand, sealed, when ``actor`` may open it. The same ``client_id`` again
    changes nothing. Called outside a transaction, because the home is opened. Raises Invalid (``kind``), NotFound,
    NotAllowed.
    """
    require_one_of(KINDS, kind, "kind")
    require_actor(actor, case)
    return _order(case, kind, _place_of(case, actor), actor=actor, client_id=client_id, at=now or clock.now())


@transaction.atomic
def cancel(
    case: Case,
    errand: Errand,
    *,
    reason: str,
    actor: User | str,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """Nobody needs to go any more. The reason, which may speak of the person, is in the thread alone, sealed.

    The same ``client_id`` again changes nothing. Raises Invalid (``reason``) when it is not said, NotFound for another
    case's errand, Conflict when it is over.
    """
    audit.take_turn()
    if done := begin(case, actor, client_id, CaseEventKind.ERRAND):
        return done
    if errand.case_id != case.pk:
        raise NotFound("이 사건의 후속 지원이 아닙니다", "no follow-up of this case", field="errand")
    if not reason.strip():
        raise Invalid("까닭을 적어 주세요", "say why", field="reason")
    lock(case)
    errand.refresh_from_db()
    if errand.status not in errands.OPEN:
        raise Conflict("이미 끝난 일입니다", "it is over", field="errand")
    at = now or clock.now()
    errands.cancel_errand(errand, reason=IN_THREAD, actor=actor, now=at)
    data = {"errand": errand.pk, "follow_up": errand.kind, "cancelled": True}
    return write(
        case,
        CaseEventKind.ERRAND,
        CaseTag.ERRAND_CANCELLED,
        actor=actor,
        at=at,
        data=data,
        text=reason,
        client_id=client_id,
    )


def open_of(case: Case) -> QuerySet[Errand]:
    """The follow-ups of a case that nobody has made yet, the earliest first."""
    return Errand.objects.filter(case=case, status__in=errands.OPEN).order_by("window_from", "pk")


def window_of(kind: str, now: datetime) -> tuple[datetime, datetime]:
    """From when until when a follow-up of that kind may be made, if it is ordered at ``now`` (UTC)."""
    chosen, today = KINDS[kind], now.astimezone(clock.SEOUL).date()
    begins = datetime.combine(today + timedelta(days=chosen.after_days), OPENS, clock.SEOUL)
    ends = datetime.combine(today + timedelta(days=chosen.within_days), CLOSES, clock.SEOUL)
    return (begins if chosen.after_days else now).astimezone(UTC), ends.astimezone(UTC)


@transaction.atomic
def _order(
    case: Case, kind: str, place: tuple[float, float] | None, *, actor: User | str, client_id: UUID | None, at: datetime
) -> CaseEvent:
    audit.take_turn()
    if done := begin(case, actor, client_id, CaseEventKind.ERRAND):
        return done
    lock(case)
    begins, ends = window_of(kind, at)
    errand = errands.order_errand(
        service=case.service,
        kind=kind,
        area=case.area,
        window_from=begins,
        window_to=ends,
        minutes=KINDS[kind].minutes,
        actor=actor,
        case=case,
        place=place,
        client_id=client_id,
        now=at,
    )
    data = {"errand": errand.pk, "follow_up": kind, "from": begins.isoformat(), "to": ends.isoformat()}
    event = write(case, CaseEventKind.ERRAND, CaseTag.ERRAND, actor=actor, at=at, data=data, client_id=client_id)
    if isinstance(actor, User) and case.status != CaseStatus.CLOSED:
        escalation.still_in_hand(case, at)
    return event


def _place_of(case: Case, actor: User | str) -> tuple[float, float] | None:
    """Where the home is (°E, °N), opened and audited; None where there is none, or it is not the actor's to open."""
    if case.household is None or isinstance(actor, str):
        return None
    living = Person.objects.filter(household=case.household, left_at=None).order_by("pk")
    try:
        records = people.access_people(actor, living[:1], Purpose.WELL_BEING_CHECK)
    except NotAllowed:
        return None
    if not records or records[0].lon is None or records[0].lat is None:
        return None
    return records[0].lon, records[0].lat
