# SPDX-License-Identifier: Apache-2.0
"""Handing a case to an outside system (119) by an outbox that nothing falls out of.

A row is marked sent and committed before the sender is called, and its answer is written afterwards. Killed in
between, the row counts as failed after :data:`ANSWER_WITHIN` and is sent again: at least once, never not at all.
The receiver tells a repetition by :attr:`Outgoing.id`, which stays the same for all tries of one handover.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dure.city import clock, escalation
from dure.city.case_flow import CaseTag, Notice, lock, require_change, write
from dure.city.errors import Conflict, Invalid
from dure.city.models import (
    AttemptResult,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseStatus,
    Channel,
    EscalationAttempt,
    Handover,
    HandoverState,
    User,
)
from dure.city.retrying import wait_after

from .beginning import begin

log = logging.getLogger(__name__)

ACTOR = "handover"
ANSWER_WITHIN = timedelta(minutes=5)
"""City time after which an unanswered sending counts as failed."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(minutes=30)
UNDER_WAY = (HandoverState.READY, HandoverState.SENT, HandoverState.FAILED)


@dataclass(frozen=True)
class Outgoing:
    """What the sender gets. ``payload`` is opened personal data: it goes to ``target`` and nowhere else."""

    id: int
    case_number: str
    target: str
    payload: str
    attempt: int


Send = Callable[[Outgoing], str | None]
"""Returns the receiver's reference, or None when it will answer later; raises when it could not be sent."""


@transaction.atomic
def hand_over(
    case: Case,
    *,
    target: str,
    payload: str,
    actor: User | str,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> Handover:
    """Put the case on its way to ``target``. The same ``client_id`` again returns the handover of the first time.

    Raises Conflict while a handover is under way, Invalid naming a field."""
    if not 0 < len(target) <= 20:
        raise Invalid("1~20자여야 합니다", "must be 1 to 20 characters", field="target")
    if not payload.strip():
        raise Invalid("보낼 내용이 있어야 합니다", "must not be empty", field="payload")
    if done := begin(case, actor, client_id, CaseEventKind.HANDOVER):
        return case.handovers.get(pk=done.data["handover"])
    require_change(case, CaseStatus.HANDOVER_READY)
    if case.handovers.filter(state__in=UNDER_WAY).exists():
        raise Conflict("이미 인계하고 있습니다", "a handover is under way", field="status")
    at = now or clock.now()
    handover = Handover.objects.create(case=case, target=target, payload=payload, created_at=at, next_at=at)
    _tell(handover, CaseStatus.HANDOVER_READY, CaseTag.HANDOVER, at, actor=actor, client_id=client_id)
    if isinstance(actor, User):
        escalation.acknowledged(case, at)
    return handover


def withdraw(case: Case) -> None:
    """A person takes back a handover that is not on its way (the verbs call this on the locked case)."""
    waiting = Handover.objects.filter(case=case, state__in=(HandoverState.READY, HandoverState.FAILED))
    waiting.update(state=HandoverState.WITHDRAWN, next_at=None)


def deliver_handovers(now: datetime | None, send: Send) -> int:
    """Send what is due, each in transactions of its own, and return how many were accepted.

    ``send`` is called outside any transaction. What fails is shown on the case, told loudly and tried again after
    1, 2, 4 … 30 minutes until it is accepted or a person takes the case back. Several workers may run it.
    """
    at = now or clock.now()
    due = Handover.objects.filter(state__in=UNDER_WAY, next_at__lte=at).order_by("next_at", "pk")
    accepted = 0
    for handover in list(due.select_related("case")):
        outgoing = _claim(handover, at)
        if outgoing is None:
            continue
        try:
            reference = send(outgoing)
        except Exception as fault:
            log.exception("handover %s to %s failed", outgoing.id, outgoing.target)
            _failed(handover, outgoing.attempt, at, type(fault).__name__)
            continue
        if reference is not None:
            accepted += handover_accepted(handover.pk, reference, now=at)
    return accepted


@transaction.atomic
def handover_accepted(handover_id: int, reference: str, *, now: datetime | None = None) -> bool:
    """The receiver has it, under its own number. False, and no change, when that was known.

    An answer to a handover that was withdrawn meanwhile is kept on the case, loudly: somebody is on the way.
    """
    handover = Handover.objects.select_related("case").get(pk=handover_id)
    case, at = handover.case, now or clock.now()
    lock(case)
    handover.refresh_from_db(fields=["state", "reference"])
    if handover.reference == reference:
        return False
    handover.reference = reference[:60]
    if handover.state == HandoverState.WITHDRAWN:
        handover.save(update_fields=["reference"])
        _tell(handover, None, CaseTag.HANDOVER_ACCEPTED, at, notice=Notice.HANDOVER_FAILED, too_late=True)
        return False
    handover.state, handover.next_at = HandoverState.ACCEPTED, None
    handover.save(update_fields=["state", "reference", "next_at"])
    _tell(handover, CaseStatus.HANDOVER_ACCEPTED, CaseTag.HANDOVER_ACCEPTED, at, reference=handover.reference)
    pending = EscalationAttempt.objects.filter(
        escalation__case=case, channel=Channel.HANDOVER_119, result=AttemptResult.PENDING
    ).first()
    if pending:
        escalation.attempt_ended(pending, AttemptResult.REACHED, at)
    escalation.acknowledged(case, at)
    return True


@transaction.atomic
def _claim(handover: Handover, at: datetime) -> Outgoing | None:
    """Mark it sent before it is: at most one worker sends it at a time. None when there is nothing to send."""
    case = handover.case
    lock(case)
    handover.refresh_from_db(fields=["state", "attempts", "next_at"])
    if handover.state not in UNDER_WAY or handover.next_at is None or handover.next_at > at:
        return None
    if handover.state == HandoverState.SENT:
        _failed(handover, handover.attempts, at, "no answer")
        return None
    if handover.state == HandoverState.FAILED:
        _tell(handover, CaseStatus.HANDOVER_READY, CaseTag.HANDOVER, at)
    handover.state, handover.next_at = HandoverState.SENT, at + ANSWER_WITHIN
    handover.attempts += 1
    handover.save(update_fields=["state", "next_at", "attempts"])
    _tell(handover, CaseStatus.HANDOVER_SENT, CaseTag.HANDOVER_SENT, at)
    payload = handover.payload
    return Outgoing(handover.pk, case.number, handover.target, payload.open(), handover.attempts)


@transaction.atomic
def _failed(handover: Handover, attempt: int, at: datetime, reason: str) -> None:
    lock(handover.case)
    handover.refresh_from_db(fields=["state", "attempts"])
    if handover.state != HandoverState.SENT or handover.attempts != attempt:
        return  # answered, or given up by another worker, meanwhile
    handover.state = HandoverState.FAILED
    handover.next_at = at + wait_after(attempt, FIRST_RETRY, LONGEST_RETRY)
    handover.save(update_fields=["state", "next_at"])
    status, tag = CaseStatus.HANDOVER_FAILED, CaseTag.HANDOVER_FAILED
    _tell(handover, status, tag, at, notice=Notice.HANDOVER_FAILED, reason=reason)


def _tell(
    handover: Handover,
    status: CaseStatus | None,
    tag: CaseTag,
    at: datetime,
    *,
    actor: User | str = ACTOR,
    client_id: UUID | None = None,
    notice: Notice | None = None,
    **data: object,
) -> CaseEvent:
    return write(
        handover.case,
        CaseEventKind.HANDOVER,
        tag,
        actor=actor,
        at=at,
        changes={"status": status} if status else None,
        data={"handover": handover.pk, "target": handover.target, "attempt": handover.attempts, **data},
        client_id=client_id,
        notice=notice,
    )
