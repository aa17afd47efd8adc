# SPDX-License-Identifier: Apache-2.0
"""A case's thread, opened for somebody who may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dure.city import audit
from dure.city.case_flow import CaseTag
from dure.city.models import Audience, Case, CaseEvent, CaseEventKind, User

from .access import access_case, sees_own_home_only


@dataclass(frozen=True)
class ThreadEntry:
    """One event with its text opened. ``who`` is a display name; a process has ``is_process``."""

    id: int
    at: datetime
    kind: CaseEventKind
    audience: Audience
    who: str
    is_process: bool
    text: str
    data: dict[str, Any]
    client_id: UUID | None


@transaction.atomic
def thread(user: User, case: Case) -> list[ThreadEntry]:
    """The thread in its order, texts opened; the read is on the audit chain. Raises NotFound as access_case.

    Staff see all of it. A citizen sees of their own case what is meant for them.
    """
    access_case(user, case.number)
    events = CaseEvent.objects.filter(case=case).select_related("actor").order_by("id")
    if sees_own_home_only(user, case):
        events = events.filter(audience=Audience.CITIZEN)
    entries = [_opened(event) for event in events]
    detail = {"entries": len(entries)}
    audit.record(CaseTag.THREAD_READ, actor=user, subject=f"case:{case.number}", purpose="case", detail=detail)
    return entries


def _opened(event: CaseEvent) -> ThreadEntry:
    return ThreadEntry(
        id=event.pk,
        at=event.at,
        kind=CaseEventKind(event.kind),
        audience=Audience(event.audience),
        who=str(event.actor) if event.actor else event.actor_name,
        is_process=event.actor is None,
        text=event.text.open() if event.text else "",
        data=event.data,
        client_id=event.client_id,
    )
