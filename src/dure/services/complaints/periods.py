# SPDX-License-Identifier: Apache-2.0
"""How long the law gives for a complaint (영 제14~17조), in working hours or days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dure.city.working_time import HOURS_A_DAY, Calendar
from dure.services.complaints.models import Complaint, Kind, Topic
from dure.services.complaints.rules import DeskRules

OWN_PERIOD = (Kind.APPLICATION, Kind.OTHER)
"""Kinds for which each topic may have its own: 법 제17조, 영 제16조 제3항."""


@dataclass(frozen=True)
class Period:
    """Working ``hours`` or ``days``, one of them."""

    hours: int | None = None
    days: int | None = None

    def ends(self, received_at: datetime, calendar: Calendar) -> datetime:
        """When it ends for what came at ``received_at``."""
        return calendar.legal_due(received_at, hours=self.hours, days=self.days)

    @property
    def whole_days(self) -> int:
        """As days, begun ones whole: what it may be extended by at most."""
        return self.days if self.days is not None else -(-(self.hours or 0) // HOURS_A_DAY)


def period_of(kind: str, topic: Topic | None, rules: DeskRules) -> Period:
    """The period of a complaint of ``kind`` about ``topic``."""
    if topic is not None and topic.days_due is not None and kind in OWN_PERIOD:
        return Period(days=topic.days_due)
    if kind == Kind.OTHER:
        return Period(hours=rules.other_hours)
    days = {
        Kind.LAW_QUESTION: rules.law_question_days,
        Kind.QUESTION: rules.question_days,
        Kind.SUGGESTION: rules.suggestion_days,
        Kind.GRIEVANCE: rules.grievance_days,
        Kind.APPLICATION: rules.application_days,
    }
    return Period(days=days[Kind(kind)])


def period_for(complaint: Complaint, rules: DeskRules) -> Period:
    """The period of ``complaint`` as it is now."""
    return period_of(complaint.kind, complaint.topic, rules)
