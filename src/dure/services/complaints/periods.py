# SPDX-License-Identifier: Apache-2.0
"""How long the law gives for a complaint (영 제14~17조), in working hours or days, or by the calendar."""

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
    """So many of a ``unit``: ``hours`` and ``days`` of work, ``weeks``, ``months`` and ``years`` of the calendar."""

    number: int
    unit: str = "days"

    def ends(self, received_at: datetime, calendar: Calendar) -> datetime:
        """When it ends for what came at ``received_at``."""
        return calendar.legal_due(received_at, **{self.unit: self.number})

    def working_days(self, received_at: datetime, calendar: Calendar) -> int:
        """Its length in working days, a begun one whole: what it may be extended by at most (영 제21조 제1항)."""
        if self.unit == "days":
            return self.number
        minutes = calendar.working_minutes_between(received_at, self.ends(received_at, calendar))
        return -(-minutes // (60 * HOURS_A_DAY))


def period_of(kind: str, topic: Topic | None, rules: DeskRules) -> Period:
    """The period of a complaint of ``kind`` about ``topic``."""
    if topic is not None and topic.period is not None and kind in OWN_PERIOD:
        return Period(topic.period, f"{topic.period_unit}s")
    if kind == Kind.OTHER:
        return Period(rules.other_hours, "hours")
    days = {
        Kind.LAW_QUESTION: rules.law_question_days,
        Kind.QUESTION: rules.question_days,
        Kind.SUGGESTION: rules.suggestion_days,
        Kind.GRIEVANCE: rules.grievance_days,
        Kind.APPLICATION: rules.application_days,
    }
    return Period(days[Kind(kind)])


def period_for(complaint: Complaint, rules: DeskRules) -> Period:
    """The period of ``complaint`` as it is now."""
    return period_of(complaint.kind, complaint.topic, rules)
