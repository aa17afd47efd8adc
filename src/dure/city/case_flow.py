# SPDX-License-Identifier: Apache-2.0
"""How a case moves: the one table of status changes, and :func:`write`, the only writer of a case and its thread.

A case's row lock is the lock of everything that belongs to it (its thread, escalation and handovers). :func:`lock`
takes the turn on the audit chain before it, so that transactions that touch many cases cannot wait in a ring.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from dure.city import audit
from dure.city.errors import Conflict, Invalid
from dure.city.models import Audience, Case, CaseEvent, CaseEventKind, CaseStatus, User

log = logging.getLogger(__name__)

ALLOWED_STATUS_CHANGES: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.OPEN: frozenset(
        {
            CaseStatus.ACKNOWLEDGED,
            CaseStatus.IN_PROGRESS,  # somebody was reached before anybody pressed "I take it"
            CaseStatus.HANDOVER_READY,  # the plan's own last step hands over without waiting for a person
            CaseStatus.CLOSED,  # life was seen again, or the automatic call was answered: nobody had to take it
        }
    ),
    CaseStatus.ACKNOWLEDGED: frozenset(
        {
            CaseStatus.OPEN,  # given back, or not finished within the re-arm time: it is nobody's again
            CaseStatus.IN_PROGRESS,
            CaseStatus.WAITING,
            CaseStatus.HANDOVER_READY,
            CaseStatus.CLOSED,
        }
    ),
    CaseStatus.IN_PROGRESS: frozenset(
        {
            CaseStatus.OPEN,  # as from ACKNOWLEDGED
            CaseStatus.WAITING,
            CaseStatus.HANDOVER_READY,
            CaseStatus.CLOSED,
        }
    ),
    CaseStatus.WAITING: frozenset(
        {
            CaseStatus.OPEN,  # as from ACKNOWLEDGED
            CaseStatus.IN_PROGRESS,
            CaseStatus.HANDOVER_READY,
            CaseStatus.CLOSED,
        }
    ),
    CaseStatus.HANDOVER_READY: frozenset(
        {
            CaseStatus.HANDOVER_SENT,
            CaseStatus.IN_PROGRESS,  # withdrawn by a person before it left
            CaseStatus.CLOSED,  # solved before it left; the handover is withdrawn
        }
    ),
    # What is on its way can be neither withdrawn nor closed: the other side may be acting on it. It is answered or
    # given up as failed within minutes.
    CaseStatus.HANDOVER_SENT: frozenset({CaseStatus.HANDOVER_ACCEPTED, CaseStatus.HANDOVER_FAILED}),
    CaseStatus.HANDOVER_FAILED: frozenset(
        {
            CaseStatus.HANDOVER_READY,  # the next try
            CaseStatus.HANDOVER_ACCEPTED,  # the other side's answer came after we had given the try up
            CaseStatus.IN_PROGRESS,  # a person does it by telephone instead
            CaseStatus.CLOSED,
        }
    ),
    CaseStatus.HANDOVER_ACCEPTED: frozenset(
        {
            CaseStatus.OPEN,  # nobody told us how it ended within the re-arm time
            CaseStatus.IN_PROGRESS,  # given back to us, or we follow up
            CaseStatus.CLOSED,
        }
    ),
    CaseStatus.CLOSED: frozenset({CaseStatus.IN_PROGRESS}),  # reopened by a person, who has it in hand from then on
}
"""From which status to which. :func:`write` refuses everything else."""

IN_HAND = frozenset({CaseStatus.ACKNOWLEDGED, CaseStatus.IN_PROGRESS, CaseStatus.WAITING, CaseStatus.HANDOVER_ACCEPTED})
"""Somebody works on it, and falls back to OPEN when they show no sign of it for the plan's re-arm time."""


class CaseTag(StrEnum):
    """What the audit chain says of cases."""

    OPENED = "city:case:opened"
    ACKNOWLEDGED = "city:case:acknowledged"
    STATUS = "city:case:status_changed"
    ASSIGNED = "city:case:assigned"
    DUE = "city:case:due_changed"
    NOTE = "city:case:noted"
    CALL = "city:case:called"
    VISIT = "city:case:visited"
    LEVEL = "city:case:level_raised"
    OVERRULED = "city:case:overruled"
    FINDING = "city:case:finding_added"
    CLOSED = "city:case:closed"
    REOPENED = "city:case:reopened"
    OVERDUE = "city:case:overdue"
    THREAD_READ = "city:case:thread_read"
    ERRAND = "city:case:follow_up_ordered"
    ERRAND_CANCELLED = "city:case:follow_up_cancelled"
    HANDOVER = "city:handover:ordered"
    HANDOVER_SENT = "city:handover:sent"
    HANDOVER_FAILED = "city:handover:failed"
    HANDOVER_ACCEPTED = "city:handover:accepted"
    ESCALATION = "city:escalation:moved"
    ATTEMPT = "city:escalation:tried"
    ATTEMPT_ENDED = "city:escalation:try_ended"


class Notice(StrEnum):
    """What must not stay quiet. The word is in the event's ``data["notice"]``, so that every page can show it."""

    OVERDUE = "overdue"
    NOBODY_ON_DUTY = "nobody_on_duty"
    EXHAUSTED = "exhausted"
    NO_PLAN = "no_plan"
    CHANNEL_FAILED = "channel_failed"
    HANDOVER_FAILED = "handover_failed"
    CAME_BACK = "came_back"


NoticeHandler = Callable[[Case, CaseEvent], None]
_notice_handlers: list[NoticeHandler] = []


def register_notice(handler: NoticeHandler) -> None:
    """Have ``handler`` called, in the transaction of the event, whenever a case must not stay quiet."""
    if handler not in _notice_handlers:
        _notice_handlers.append(handler)


def lock(case: Case) -> None:
    """In a transaction: take the turn on the audit chain and the case's row, and bring ``case`` up to date in place."""
    audit.take_turn()
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(no_key=True))


def sent_before(case: Case, client_id: UUID | None, actor: User | str, *kinds: CaseEventKind) -> CaseEvent | None:
    """The event that this very request already left, if any. Raises Conflict when the number is another request's."""
    event = CaseEvent.objects.filter(client_id=client_id).first() if client_id else None
    if event is None:
        return None
    same_actor = event.actor_id == actor.pk if isinstance(actor, User) else event.actor_name == actor
    if event.case_id != case.pk or event.kind not in kinds or not same_actor:
        raise Conflict("이미 다른 기록에 쓰인 번호입니다", "this number belongs to another entry", field="client_id")
    return event


def require_change(case: Case, to: CaseStatus) -> None:
    """Raise Conflict unless the table lets ``case`` move to ``to``."""
    if to not in ALLOWED_STATUS_CHANGES[CaseStatus(case.status)]:
        now_ko, now_en = CaseStatus(case.status).label, case.status
        raise Conflict(
            f"지금 ‘{now_ko}’ 상태여서 ‘{to.label}’(으)로 바꿀 수 없습니다",
            f"a case that is {now_en} cannot become {to.value}",
            field="status",
        )


def write(
    case: Case,
    kind: CaseEventKind,
    tag: CaseTag,
    *,
    actor: User | str,
    at: datetime,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    text: str = "",
    audience: Audience = Audience.STAFF,
    client_id: UUID | None = None,
    notice: Notice | None = None,
) -> CaseEvent:
    """Save ``changes`` to the locked case, append what happened to its thread, and put it on the audit chain.

    Parameters
    ----------
    changes
        Case fields and their new values. They are kept in ``data["changed"]`` as ``{field: [before, after]}``, so
        that :func:`replay` of the thread gives the case. A ``status`` must be a step of ALLOWED_STATUS_CHANGES.
    data
        Facts of the event, without personal data.
    text
        What somebody wrote. Sealed; never on the audit chain.
    """
    if isinstance(actor, str) and not 0 < len(actor) <= 60:
        raise Invalid("1~60자여야 합니다", "must be 1 to 60 characters", field="actor")
    changes = {name: value for name, value in (changes or {}).items() if getattr(case, name) != value}
    if "status" in changes:
        require_change(case, changes["status"])
    facts = dict(data or {})
    if changes:
        facts["changed"] = {name: [_plain(getattr(case, name)), _plain(value)] for name, value in changes.items()}
        for name, value in changes.items():
            setattr(case, name, value)
        case.save(update_fields=list(changes))
    if notice:
        facts["notice"] = notice.value
    event = CaseEvent.objects.create(
        case=case,
        at=at,
        kind=kind,
        audience=audience,
        actor=actor if isinstance(actor, User) else None,
        actor_name="" if isinstance(actor, User) else actor,
        text=text or None,
        data=facts,
        client_id=client_id,
    )
    if notice:
        for handler in _notice_handlers:
            run_guarded(handler, case, event)
    audit.record(tag, actor=actor, subject=f"case:{case.number}", purpose="case", detail={"event": event.pk} | facts)
    return event


def run_guarded(handler: Callable[..., None], *arguments: object) -> Exception | None:
    """Run a registered handler so that its fault undoes only its own writes; the fault is logged and returned.

    A lost or locked database is not the handler's fault and passes through.
    """
    try:
        with transaction.atomic():
            handler(*arguments)
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:
        log.exception("%s failed", getattr(handler, "__qualname__", handler))
        return fault
    return None


def replay(events: Iterable[CaseEvent]) -> dict[str, Any]:
    """What the thread alone says of the case: the last value of every field that it ever changed."""
    told: dict[str, Any] = {}
    for event in events:
        told |= {name: after for name, (_, after) in event.data.get("changed", {}).items()}
    return told


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
