# SPDX-License-Identifier: Apache-2.0
"""When a complaint is due, from all that moved it: its period, pauses, extensions. A case is due with the first of its
complaints."""

from __future__ import annotations

from datetime import datetime

from dure.city import cases, clock, rules
from dure.city.models import Case, CaseStatus, User
from dure.city.working_time import HOURS_A_DAY, Calendar
from dure.services.complaints.models import Complaint
from dure.services.complaints.periods import Period, period_for
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

LOOKED_AGAIN = "looked_again"
"""What a case's entry says when its answers are owed once more."""


def due_of(complaint: Complaint) -> datetime:
    """The end of its period with what does not count towards it (영 제17조 제5항, 제20조) and what it was extended by
    (영 제21조).

    While it stands still, as if that lasted as long as it may.
    """
    calendar = Calendar()
    since, period = running(complaint)
    due = period.ends(since, calendar)
    for from_at, to_at in _left_out(complaint, since):
        due = calendar.add_working_hours(due, calendar.working_minutes_between(from_at, to_at) / 60)
    days = sum(complaint.extensions.filter(at__gte=since).values_list("days", flat=True))
    return calendar.add_working_hours(due, days * HOURS_A_DAY)


def running(complaint: Complaint) -> tuple[datetime, Period]:
    """The period that runs now, and since when: its own from its receipt, or that of an objection (법 제35조 제2항)
    from when the citizen objected or the desk looked at its answer again."""
    desk = rules.load(DeskRules, SERVICE, complaint.area)
    again = complaint.case.events.filter(data__what=LOOKED_AGAIN, at__gt=complaint.received_at)
    begun = [*again.values_list("at", flat=True), *filter(None, [complaint.objected_at])]
    return (max(begun), Period(desk.objection_days)) if begun else (complaint.received_at, period_for(complaint, desk))


def _left_out(complaint: Complaint, since: datetime) -> list[tuple[datetime, datetime]]:
    """The times of its pauses since then, what two have in common once."""
    times: list[tuple[datetime, datetime]] = []
    for pause in complaint.pauses.filter(from_at__gte=since).order_by("from_at", "pk"):
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
