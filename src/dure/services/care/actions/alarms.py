# SPDX-License-Identifier: Apache-2.0
"""From an engine's judgement to a case that a named worker must finish."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from dure.city import cases, clock, escalation, findings, rules
from dure.city.models import Area, Case, CaseStatus, Finding, Level
from dure.city.teams import team_for
from dure.services.care.actions.away import away_at
from dure.services.care.models import CONCERNS, Enrolment, Outcome
from dure.services.care.rules import CareRules

ENGINE = "care:habits"
"""The name under which the habit engine acts in the record."""

UNLIKE_HABIT = "unlike_habit"
TITLE = {"ko": "평소와 다른 댁", "en": "A home unlike its habit"}


@transaction.atomic
def alarm(
    enrolment: Enrolment,
    *,
    level: Level,
    score: float,
    reason: dict[str, str],
    evidence: dict[str, Any],
    engine_version: str,
    at: datetime,
) -> Finding:
    """The engine noticed that a home is unlike itself, or that it grew more so. Opens a case or raises the open one.

    While the home is said to be empty the finding is kept without a case; :func:`unmute` opens it afterwards.
    """
    household = enrolment.household
    finding = findings.open_finding(
        service="care",
        kind=UNLIKE_HABIT,
        level=level,
        score=score,
        reason=reason,
        evidence=evidence,
        engine="habits",
        engine_version=engine_version,
        found_at=at,
        area=household.area,
        household=household,
    )
    if not away_at([household.id], clock.now()):
        _put_to_work(enrolment, finding)
    return finding


def _put_to_work(enrolment: Enrolment, finding: Finding) -> Case:
    level = Level(finding.level)
    case = _open_case_of(enrolment)
    if case is None:
        case = cases.open_case(
            service="care",
            kind=UNLIKE_HABIT,
            level=level,
            title=TITLE,
            area=enrolment.household.area,
            team=team_for("care", enrolment.household.area),
            due_at=clock.now() + time_allowed(level, enrolment.household.area),
            actor=ENGINE,
            household=enrolment.household,
            finding=finding,
        )
        if enrolment.worker is not None:
            cases.assign(case, actor=ENGINE, user=enrolment.worker)
        escalation.start(case)
    elif level > case.level:
        raise_case(case, level, actor=ENGINE, finding=finding)
    else:
        cases.add_finding(case, finding)
    return case


def raise_case(case: Case, level: Level, *, actor: str, finding: Finding | None = None) -> None:
    """The case is more urgent than it was, and so it is due sooner; never later."""
    cases.raise_level(case, level, actor=actor, finding=finding)
    due_at = clock.now() + time_allowed(level, case.area)
    if due_at < case.due_at:
        cases.set_due(case, due_at, actor=actor)


def _open_case_of(enrolment: Enrolment) -> Case | None:
    return (
        Case.objects.filter(service="care", kind=UNLIKE_HABIT, household=enrolment.household)
        .exclude(status=CaseStatus.CLOSED)
        .first()
    )


def time_allowed(level: Level, area: Area) -> timedelta:
    """How soon a case of this level is due."""
    chosen = rules.load(CareRules, "care", area)
    minutes = {
        Level.INTEREST: chosen.attention_due_minutes,
        Level.ATTENTION: chosen.attention_due_minutes,
        Level.ALERT: chosen.alert_due_minutes,
        Level.SEVERE: chosen.severe_due_minutes,
    }[level]
    return timedelta(minutes=minutes)


@transaction.atomic
def activity_returned(enrolment: Enrolment, *, at: datetime) -> None:
    """Life is seen again. A case nobody has taken closes itself; one that a person has taken is theirs to close."""
    for finding in Finding.objects.filter(household=enrolment.household, kind=UNLIKE_HABIT, ended_at=None):
        findings.end_finding(finding, at)
    case = _open_case_of(enrolment)
    if case is None:
        return
    seen, text = {"activity_at": at.isoformat()}, "생활 신호가 다시 보입니다. / Activity is seen again."
    in_need = case.calls.filter(outcome__in=CONCERNS).exists()  # whoever asked for help may well move about
    if case.status == CaseStatus.OPEN and not in_need:
        cases.close(case, actor=ENGINE, outcome=Outcome.ACTIVITY_RETURNED, text=text, data=seen)
    else:
        cases.add_note(case, actor=ENGINE, text=text, data=seen)


@transaction.atomic
def unmute() -> int:
    """Open the cases that an “I am away” held back and whose time is over while the home is still silent."""
    held = Finding.objects.filter(service="care", kind=UNLIKE_HABIT, ended_at=None, cases=None)
    waiting = {one.household_id: one for one in held.order_by("level").select_related("household__enrolment")}
    still_away = away_at([home for home in waiting if home is not None], clock.now())
    for home, finding in waiting.items():
        if home not in still_away and finding.household is not None:
            _put_to_work(finding.household.enrolment, finding)
    return len(waiting) - len(still_away)
