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
    """The end of its period with what does not count towards it (영 제17조 제5항, 제20조) and what it was extended by
    (영 제21조).

    While it stands still, as if that lasted as long as it may.
    """
    calendar = Calendar()
    due = period_for(complaint, rules.load(DeskRules, SERVICE, complaint.area)).ends(complaint.received_at, calendar)
    for from_at, to_at in _left_out(complaint):
        due = calendar.add_working_hours(due, calendar.working_minutes_between(from_at, to_at) / 60)
    days = sum(complaint.extensions.values_list("days", flat=True))
    return calendar.add_working_hours(due, days * HOURS_A_DAY)


def _left_out(complaint: Complaint) -> list[tuple[datetime, datetime]]:
    """The times of its pauses, what two have in common once."""
    times: list[tuple[datetime, datetime]] = []
    for pause in complaint.pauses.order_by("from_at", "pk"):
        from_at, to_at = pause.from_at, pause.to_at or pause.until or clock.now()
        if times and from_at <= times[-1][1]:
            times[-1] = times[-1][0], max(times[-1][1], to_at)
        else:
            times.append((from_at, to_at))
    return times


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
