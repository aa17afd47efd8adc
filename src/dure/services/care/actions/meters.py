# SPDX-License-Identifier: Apache-2.0
"""A meter of which nothing can be judged (stuck, or no current at all) is a case about a thing, not about a person."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from dure.city import cases, clock
from dure.city.models import Case, CaseStatus, Level
from dure.city.teams import team_for
from dure.services.care.models import Enrolment, Outcome

ENGINE = "care:habits"
METER_FAULT = "meter_fault"
TIME_ALLOWED = timedelta(hours=24)


@transaction.atomic
def meter_fault(enrolment: Enrolment, note: dict[str, str]) -> Case | None:
    """Open the meter's case with ``note`` (words in both languages) as its title; None when it is open already.

    Being without current may itself be why somebody is in need, so the case goes to the home's own worker.
    """
    household = enrolment.household
    if open_meter_cases().filter(household=household).exists():
        return None
    case = cases.open_case(
        service="care",
        kind=METER_FAULT,
        level=Level.ATTENTION,
        title=note,
        area=household.area,
        team=team_for("care", household.area),
        due_at=clock.now() + TIME_ALLOWED,
        actor=ENGINE,
        household=household,
        device=enrolment.power.device,
    )
    if enrolment.worker is not None:
        cases.assign(case, actor=ENGINE, user=enrolment.worker)
    return case


@transaction.atomic
def meter_well(enrolment: Enrolment) -> None:
    """The meter can be judged by again: a case that nobody has taken closes itself."""
    for case in open_meter_cases().filter(household=enrolment.household, status=CaseStatus.OPEN):
        cases.close(case, actor=ENGINE, outcome=Outcome.DATA_FAULT)


def open_meter_cases() -> QuerySet[Case]:
    """Meters that somebody has still to look at."""
    return Case.objects.filter(service="care", kind=METER_FAULT, closed_at=None)
