# SPDX-License-Identifier: Apache-2.0
"""The verbs that move a case: who has it, in which status, until when, and how it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dure.city import clock, escalation
from dure.city.case_flow import CaseTag, require_change, write
from dure.city.errors import Conflict, Invalid
from dure.city.models import Case, CaseEvent, CaseEventKind, CaseStatus, Team, User

from .access import may_act_in
from .beginning import begin, require_open, taken_by
from .handover import withdraw
from .opening import check_due

SET_BY_HAND = (CaseStatus.OPEN, CaseStatus.ACKNOWLEDGED, CaseStatus.IN_PROGRESS, CaseStatus.WAITING)
"""What change_status sets; the other statuses have a verb of their own (close, hand_over)."""


@transaction.atomic
def acknowledge(case: Case, user: User, client_id: UUID | None = None, *, now: datetime | None = None) -> CaseEvent:
    """Take the case: whatever rings stops at once, and it is the user's unless it was somebody's already."""
    if done := begin(case, user, client_id, CaseEventKind.STATUS):
        return done
    to, tag = CaseStatus.ACKNOWLEDGED, CaseTag.ACKNOWLEDGED
    return _set_status(case, to, tag, actor=user, at=now or clock.now(), client_id=client_id)


@transaction.atomic
def change_status(
    case: Case,
    to: CaseStatus,
    *,
    actor: User | str,
    note: str = "",
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """Move the case to OPEN (given back), ACKNOWLEDGED, IN_PROGRESS or WAITING along ALLOWED_STATUS_CHANGES.

    A person who takes it in hand stops the plan; giving it back starts it anew. A handover that has not left yet is
    withdrawn.
    """
    if to not in SET_BY_HAND:
        raise Invalid("이 상태는 따로 정해진 방법으로만 됩니다", "this status has a verb of its own", field="to")
    if done := begin(case, actor, client_id, CaseEventKind.STATUS):
        return done
    if case.status == CaseStatus.CLOSED:
        raise Conflict("닫힌 사건은 다시 열기로만 엽니다", "a closed case is opened by reopen only", field="status")
    at = now or clock.now()
    return _set_status(case, CaseStatus(to), CaseTag.STATUS, actor=actor, at=at, note=note, client_id=client_id)


def _set_status(
    case: Case,
    to: CaseStatus,
    tag: CaseTag,
    *,
    actor: User | str,
    at: datetime,
    client_id: UUID | None,
    note: str = "",
) -> CaseEvent:
    require_change(case, to)
    withdraw(case)
    changes: dict[str, Any] = {"status": to}
    if to != CaseStatus.OPEN:
        changes |= taken_by(case, actor, at)
    event = write(case, CaseEventKind.STATUS, tag, actor=actor, at=at, changes=changes, text=note, client_id=client_id)
    if to == CaseStatus.OPEN:
        escalation.given_back(case, at)
    elif isinstance(actor, User):
        escalation.acknowledged(case, at)
    return event


@transaction.atomic
def assign(
    case: Case,
    *,
    actor: User | str,
    user: User | None = None,
    team: Team | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """Give the case to a user, a team, or a user of that team. Another team's case is nobody's until it takes it.

    Raises Invalid naming ``user`` when neither is given or the user may not act in the case's area.
    """
    if user is None and team is None:
        raise Invalid("사람이나 팀을 고르세요", "choose a person or a team", field="user")
    if done := begin(case, actor, client_id, CaseEventKind.ASSIGNED):
        return done
    require_open(case)
    if user is not None and not may_act_in(user, case.service, case.area):
        raise Invalid("이 지역의 사건을 맡을 수 없는 사람입니다", "may not act on cases in this area", field="user")
    changes = {"assignee_id": user.pk if user else None, "team_id": team.pk if team else case.team_id}
    at = now or clock.now()
    event = write(
        case, CaseEventKind.ASSIGNED, CaseTag.ASSIGNED, actor=actor, at=at, changes=changes, client_id=client_id
    )
    if isinstance(actor, User):
        escalation.still_in_hand(case, at)
    return event


@transaction.atomic
def set_due(
    case: Case,
    due_at: datetime,
    *,
    actor: User | str,
    note: str = "",
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """Set another due time, later than now. Passing it is told anew."""
    at = now or clock.now()
    if done := begin(case, actor, client_id, CaseEventKind.DUE):
        return done
    require_open(case)
    check_due(due_at, at)
    changes = {"due_at": due_at, "overdue_told_at": None}
    event = write(
        case, CaseEventKind.DUE, CaseTag.DUE, actor=actor, at=at, changes=changes, text=note, client_id=client_id
    )
    if isinstance(actor, User):
        escalation.still_in_hand(case, at)
    return event


@transaction.atomic
def close(
    case: Case,
    *,
    actor: User | str,
    outcome: str,
    text: str = "",
    data: dict[str, Any] | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """End the case with what came of it: the plan stops for good, and a handover that has not left is withdrawn."""
    if not 0 < len(outcome) <= 40:
        raise Invalid("결과를 고르세요", "must be 1 to 40 characters", field="outcome")
    if done := begin(case, actor, client_id, CaseEventKind.OUTCOME):
        return done
    require_change(case, CaseStatus.CLOSED)
    withdraw(case)
    at = now or clock.now()
    changes = {"status": CaseStatus.CLOSED, "outcome": str(outcome), "closed_at": at}
    event = write(
        case, CaseEventKind.OUTCOME, CaseTag.CLOSED,
        actor=actor, at=at, changes=changes, data=data, text=text, client_id=client_id,
    )  # fmt: skip
    escalation.stop(case, at)
    return event


@transaction.atomic
def reopen(
    case: Case,
    *,
    actor: User,
    reason: str,
    due_at: datetime,
    client_id: UUID | None = None,
    now: datetime | None = None,
) -> CaseEvent:
    """It was closed too early: a person takes it in hand again, says why, and until when.

    The former outcome stays in the thread. The plan does not ring anybody; it comes back after the re-arm time.
    """
    if not reason.strip():
        raise Invalid("까닭을 적어 주세요", "say why", field="reason")
    if done := begin(case, actor, client_id, CaseEventKind.STATUS):
        return done
    at = now or clock.now()
    check_due(due_at, at)
    if case.status != CaseStatus.CLOSED:
        raise Conflict("닫히지 않은 사건입니다", "the case is not closed", field="status")
    changes = {
        "status": CaseStatus.IN_PROGRESS,
        "outcome": "",
        "closed_at": None,
        "due_at": due_at,
        "overdue_told_at": None,
        "acknowledged_at": at,
        "assignee_id": actor.pk,
    }
    event = write(
        case, CaseEventKind.STATUS, CaseTag.REOPENED,
        actor=actor, at=at, changes=changes, text=reason, client_id=client_id,
    )  # fmt: skip
    escalation.reopened(case, at)
    return event
