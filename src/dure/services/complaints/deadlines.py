# SPDX-License-Identifier: Apache-2.0
"""When a complaint is due, from all that moved it: its period, pauses, extensions. A case is due with the first of its
complaints."""

from __future__ import annotations

from datetime import datetime

from dure.city import cases, clock, rules
from dure.city.models import Case, CaseStatus, User
from dure.city.working_time import HOURS_A_DAY, Calendar
from dure.services.complaints.models import Complaint
from dure.services.complaints.periods import period_for
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE


def due_of(complaint: Complaint) -> datetime:
    """The end of its period with what the citizen had us wait (영 제20조) and what it was extended by (영 제21조).

    While we wait still, as if they answered on the last day.
    """
    calendar = Calendar()
    due = period_for(complaint, rules.load(DeskRules, SERVICE, complaint.area)).ends(complaint.received_at, calendar)
    for pause in complaint.pauses.all():
        waited = calendar.working_minutes_between(pause.from_at, pause.to_at or pause.until or clock.now())
        due = calendar.add_working_hours(due, waited / 60)
    days = sum(complaint.extensions.values_list("days", flat=True))
    return calendar.add_working_hours(due, days * HOURS_A_DAY)


def keep_due(complaint: Complaint, due_at: datetime, *, actor: User | str) -> None:
    """``complaint`` is due then, and its case with it; within a verb that records why."""
    complaint.due_at, complaint.near_told_at = due_at, None
    complaint.save(update_fields=["due_at", "near_told_at"])
    keep_case_due(complaint.case, actor=actor)


def keep_case_due(case: Case, *, actor: User | str) -> None:
    """The case is due with the first complaint that nobody has answered."""
    owed = case.complaints.filter(answered_at=None, withdrawn_at=None).order_by("due_at")
    first = owed.values_list("due_at", flat=True).first()
    if first is not None and case.status != CaseStatus.CLOSED and clock.now() < first != case.due_at:
        cases.set_due(case, first, actor=actor)
