# SPDX-License-Identifier: Apache-2.0
"""No case is forgotten: what passes its due time says so, loudly and once per due time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dure.city import clock, escalation
from dure.city.case_flow import CaseTag, Notice, lock, write
from dure.city.models import Case, CaseEventKind, CaseStatus, Level

ACTOR = "deadline"
AT_ONCE = 200
"""Cases told in one run: after a long stop thousands may be late, and the worker has other things to do as well."""
HIGHEST_BY_LATENESS = Level.ALERT
"""Lateness alone never makes a case SEVERE: that level may call 119."""


def escalate_overdue(now: datetime | None = None) -> int:
    """Raise every open case past its due time by one level (up to ALERT) and tell it, those that are latest first and
    AT_ONCE in one run. Returns how many.

    A case that nobody has in hand goes on with its plan at once; one that somebody has is told to them, and the
    plan's re-arm time brings it back. A new due time is told anew. Several workers may run it.
    """
    at = now or clock.now()
    late = Case.objects.filter(closed_at=None, due_at__lte=at, overdue_told_at=None)
    return sum(_tell(case, at) for case in late.order_by("due_at", "pk")[:AT_ONCE])


@transaction.atomic
def _tell(case: Case, at: datetime) -> bool:
    lock(case)
    if case.status == CaseStatus.CLOSED or case.overdue_told_at is not None or case.due_at > at:
        return False  # another worker, or a person, was here first
    before = case.level
    level = max(before, min(before + 1, HIGHEST_BY_LATENESS))
    write(
        case,
        CaseEventKind.ESCALATION,
        CaseTag.OVERDUE,
        actor=ACTOR,
        at=at,
        changes={"level": level, "overdue_told_at": at},
        data={"what": "overdue", "due_at": case.due_at.isoformat()},
        notice=Notice.OVERDUE,
    )
    if level > before and case.status == CaseStatus.OPEN:
        escalation.raised(case, at)
    return True
