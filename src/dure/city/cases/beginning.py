# SPDX-License-Identifier: Apache-2.0
"""How every verb begins: lock, answer a repetition, check the actor."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dure.city.case_flow import lock, sent_before
from dure.city.errors import Conflict
from dure.city.models import Case, CaseEvent, CaseEventKind, CaseStatus, User

from .access import require_actor


def begin(case: Case, actor: User | str, client_id: UUID | None, *kinds: CaseEventKind) -> CaseEvent | None:
    """Lock the case; the entry that this very request left before, if any; else check that ``actor`` may act."""
    lock(case)
    if event := sent_before(case, client_id, actor, *kinds):
        return event
    require_actor(actor, case)
    return None


def require_open(case: Case) -> None:
    """Raise Conflict for a closed case."""
    if case.status == CaseStatus.CLOSED:
        raise Conflict("닫힌 사건입니다", "the case is closed", field="status")


def taken_by(case: Case, actor: User | str, at: datetime) -> dict[str, Any]:
    """The case is the actor's unless it is somebody's already."""
    if isinstance(actor, str):
        return {}
    return {"acknowledged_at": at, "assignee_id": case.assignee_id or actor.pk}
