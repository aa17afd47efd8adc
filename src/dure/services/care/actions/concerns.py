# SPDX-License-Identifier: Apache-2.0
"""Somebody said in a call that it hurts, or asked for help: a case at once, or the open one more urgent at once."""

from __future__ import annotations

from dure.city import cases, clock, escalation
from dure.city.models import Case, CaseStatus, Channel, Level, Person
from dure.city.teams import team_for
from dure.services.care.actions.alarms import raise_case, time_allowed
from dure.services.care.actions.meters import METER_FAULT
from dure.services.care.models import CONCERNS, FAMILY, Call, CallOutcome, Enrolment

SAID_IN_CALL = "said_in_call"
TITLE = {"ko": "전화에서 아프거나 도움이 필요하다고 하신 댁", "en": "Pain or a need of help was named in a call"}
LEVELS = {CallOutcome.PAIN: Level.ALERT, CallOutcome.HELP: Level.SEVERE}


def raise_concern(call: Call, *, actor: str, account: str) -> Case:
    """Put what the call heard (``account``, in words) to work: in the call's own case, in the open case of the home, or
    in a new one. Runs in the caller's transaction."""
    level = LEVELS[CallOutcome(call.outcome)]
    case = _case_for(call)
    if case is None:
        case = open_home_case(call.person, SAID_IN_CALL, level, TITLE, actor=actor)
    cases.record_call(case, actor=actor, reached=True, text=account, data=facts_of(call))
    if level > case.level:
        raise_case(case, level, actor=actor)
    elif call.outcome == CallOutcome.HELP:
        escalation.raised(case)  # grave already, but this must not wait for the step's time
    return case


def open_home_case(person: Person, kind: str, level: Level, title: dict[str, str], *, actor: str) -> Case:
    """A case about a person, given to their own worker, with its plan begun.

    No step of a plan is for INTEREST: such a case is held by its due time, which raises it when it passes.
    """
    area = person.household.area
    case = cases.open_case(
        service="care",
        kind=kind,
        level=level,
        title=title,
        area=area,
        team=team_for("care", area),
        due_at=clock.now() + time_allowed(level, area),
        actor=actor,
        household=person.household,
    )
    worker = Enrolment.objects.filter(person=person, ended_at=None, worker__isnull=False).first()
    if worker is not None and worker.worker is not None:
        cases.assign(case, actor=actor, user=worker.worker)
    if level > Level.INTEREST:
        escalation.start(case)
    return case


def facts_of(call: Call) -> dict[str, str]:
    """What a case's thread keeps of a call as data: nothing personal."""
    channel = Channel.FAMILY_CALL if call.script == FAMILY else Channel.AI_CALL
    return {"channel": str(channel), "script": call.script, "outcome": call.outcome, "call": str(call.ref)}


def names_concern(case: Case) -> bool:
    """Whether in one of the case's calls somebody was in pain or asked for help: a person has to close it."""
    return case.calls.filter(outcome__in=CONCERNS).exists()


def open_cases_of(person: Person) -> list[Case]:
    """Open cases about the people of a home (not about its meter), the gravest first."""
    found = Case.objects.filter(service="care", household=person.household).exclude(kind=METER_FAULT)
    return list(found.exclude(status=CaseStatus.CLOSED).order_by("-level", "opened_at"))


def _case_for(call: Call) -> Case | None:
    if call.case is not None and call.case.status != CaseStatus.CLOSED:
        return call.case
    return next(iter(open_cases_of(call.person)), None)
