# SPDX-License-Identifier: Apache-2.0
"""The verbs that add to a case: notes, calls, visits, findings, and how urgent it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dure.city import clock, escalation
from dure.city.case_flow import IN_HAND, CaseTag, write
from dure.city.errors import Invalid
from dure.city.models import Audience, Case, CaseEvent, CaseEventKind, CaseStatus, Channel, Finding, User

from .beginning import begin, require_open, taken_by
from .opening import check_level


@transaction.atomic
def add_note(
    case: Case,
    *,
    actor: User | str,
    text: str,
    audience: Audience = Audience.STAFF,
    data: dict[str, Any] | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """Write something down; to a closed case too, for what somebody typed must not be lost."""
    if not text.strip():
        raise Invalid("내용을 적어 주세요", "write something", field="text")
    if done := begin(case, actor, client_id, CaseEventKind.NOTE):
        return done
    at = now or clock.now()
    event = write(
        case, CaseEventKind.NOTE, CaseTag.NOTE,
        actor=actor, at=at, data=data, text=text, audience=audience, client_id=client_id,
    )  # fmt: skip
    if isinstance(actor, User):
        escalation.still_in_hand(case, at)
    return event


def record_call(
    case: Case,
    *,
    actor: User | str,
    reached: bool,
    text: str = "",
    data: dict[str, Any] | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """A telephone call was made. By a person: reaching somebody takes the case in hand; not reaching anybody ends the
    plan's pending call, and the plan goes on. By a process: only kept, the channel reports its try itself.

    To a closed case it is kept as a note would be.
    """
    return _record_try(
        case, CaseEventKind.CALL, CaseTag.CALL, Channel.WORKER_CALL,
        actor=actor, reached=reached, text=text, data=data, client_id=client_id, now=now,
    )  # fmt: skip


def record_visit(
    case: Case,
    *,
    actor: User | str,
    reached: bool,
    text: str = "",
    data: dict[str, Any] | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """Somebody went there; as :func:`record_call`."""
    return _record_try(
        case, CaseEventKind.VISIT, CaseTag.VISIT, Channel.VISIT,
        actor=actor, reached=reached, text=text, data=data, client_id=client_id, now=now,
    )  # fmt: skip


@transaction.atomic
def _record_try(
    case: Case,
    kind: CaseEventKind,
    tag: CaseTag,
    channel: Channel,
    *,
    actor: User | str,
    reached: bool,
    text: str,
    data: dict[str, Any] | None,
    client_id: UUID | None,
    now: datetime | None,
) -> CaseEvent:
    if done := begin(case, actor, client_id, kind):
        return done
    at = now or clock.now()
    changes: dict[str, Any] = {}
    if reached and isinstance(actor, User) and case.status in (CaseStatus.OPEN, CaseStatus.ACKNOWLEDGED):
        changes = {"status": CaseStatus.IN_PROGRESS} | taken_by(case, actor, at)
    facts = (data or {}) | {"reached": reached}
    event = write(case, kind, tag, actor=actor, at=at, changes=changes, data=facts, text=text, client_id=client_id)
    if isinstance(actor, User) and case.status != CaseStatus.CLOSED:
        escalation.person_tried(case, channel, reached=reached, now=at)
    return event


@transaction.atomic
def raise_level(
    case: Case,
    level: int,
    *,
    actor: User | str,
    finding: Finding | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent | None:
    """The case is more urgent than it was; None, and no change, when it is not. The plan's steps may come sooner.

    A person who raises a case that they have in hand keeps it in hand; a process that raises it brings it back.
    """
    check_level(level)
    if done := begin(case, actor, client_id, CaseEventKind.LEVEL, CaseEventKind.FINDING):
        return done
    require_open(case)
    at = now or clock.now()
    if level <= case.level:
        return add_finding(case, finding, actor=actor, client_id=client_id, now=at) if finding else None
    if finding is not None:
        case.findings.add(finding)
    data = {"finding": finding and finding.pk}
    changes = {"level": int(level)}
    event = write(
        case, CaseEventKind.LEVEL, CaseTag.LEVEL, actor=actor, at=at, changes=changes, data=data, client_id=client_id
    )
    if isinstance(actor, User) and case.status in IN_HAND:
        escalation.still_in_hand(case, at)
    else:
        escalation.raised(case, at)
    return event


@transaction.atomic
def overrule(
    case: Case,
    level: int,
    *,
    actor: User,
    reason: str,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """A person decides otherwise than the engine did, up or down, and says why (promise 4)."""
    check_level(level)
    if not reason.strip():
        raise Invalid("까닭을 적어 주세요", "say why", field="reason")
    if done := begin(case, actor, client_id, CaseEventKind.OVERRULED):
        return done
    require_open(case)
    at, before = now or clock.now(), case.level
    event = write(
        case,
        CaseEventKind.OVERRULED,
        CaseTag.OVERRULED,
        actor=actor,
        at=at,
        changes={"level": int(level)},
        text=reason,
        client_id=client_id,
    )
    if level > before and case.status not in IN_HAND:
        escalation.raised(case, at)
    else:
        escalation.still_in_hand(case, at)
    return event


@transaction.atomic
def add_finding(
    case: Case,
    finding: Finding,
    *,
    actor: User | str | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent | None:
    """Another finding belongs to the case (by the engine's own name unless ``actor`` is given); None when it did."""
    if done := begin(case, actor or finding.engine, client_id, CaseEventKind.FINDING):
        return done
    require_open(case)
    if case.findings.filter(pk=finding.pk).exists():
        return None
    case.findings.add(finding)
    data = {"finding": finding.pk, "level": finding.level}
    return write(
        case,
        CaseEventKind.FINDING,
        CaseTag.FINDING,
        actor=actor or finding.engine,
        at=now or clock.now(),
        data=data,
        client_id=client_id,
    )
