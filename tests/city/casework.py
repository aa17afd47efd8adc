# SPDX-License-Identifier: Apache-2.0
"""What the tests of cases and escalation share: a case, a plan, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dure.city import cases, clock, duty, escalation
from dure.city.escalation_plans import StepSpec, set_plan
from dure.city.models import (
    Area,
    Case,
    CaseEvent,
    Channel,
    Escalation,
    EscalationAttempt,
    EscalationPlan,
    Handover,
    Level,
    Team,
    User,
)
from tests.conftest import StandingClock
from tests.factories import City

Rung = list[EscalationAttempt]

TITLE = {"ko": "평소와 다른 댁", "en": "A home unlike its habit"}


def open_care_case(area: Area, team: Team, **fields: Any) -> Case:
    """A care case of level ATTENTION, due in two hours, unless ``fields`` say otherwise."""
    given: dict[str, Any] = {
        "service": "care",
        "kind": "unlike_habit",
        "level": Level.ATTENTION,
        "title": TITLE,
        "area": area,
        "team": team,
        "due_at": fields.get("now", clock.now()) + timedelta(hours=2),
        "actor": "care:habits",
    }
    return cases.open_case(**(given | fields))


def care_plan(*steps: StepSpec, rearm_minutes: int = 120, **fields: Any) -> EscalationPlan:
    """The city's plan for care."""
    return set_plan(service="care", name="안부 확인", steps=steps, actor="tests", rearm_minutes=rearm_minutes, **fields)


def calls(**fields: Any) -> StepSpec:
    """A step of automatic calls: no person is needed."""
    return StepSpec(channel=Channel.AI_CALL, **fields)


def snapshot(case: Case) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the record holds of a case, to see that nothing changed."""
    return {
        "case": list(Case.objects.filter(pk=case.pk).values_list()),
        "events": list(CaseEvent.objects.filter(case=case).order_by("id").values_list("id", "kind", "at", "data")),
        "escalation": list(Escalation.objects.filter(case=case).values_list()),
        "handovers": list(Handover.objects.filter(case=case).values_list("id", "state", "attempts", "next_at")),
    }


def tries(case: Case) -> list[tuple[int, int, int, str]]:
    """(round, step, attempt, result) of every try in its order."""
    found = case.escalation.tries.order_by("id").values_list("round", "step", "attempt", "result")
    return [(r, s, a, str(result)) for r, s, a, result in found]


def notices(case: Case) -> list[str]:
    """The notices of a case in their order."""
    data = CaseEvent.objects.filter(case=case).order_by("id").values_list("data", flat=True)
    return [facts["notice"] for facts in data if "notice" in facts]


def at(text: str) -> datetime:
    """A time of day in Seoul, as in ``2026-11-02 09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.SEOUL)


def begin(city: City, **fields: Any) -> Case:
    """A case with far away due time, whose plan has started."""
    case = open_care_case(city.dongs[0], city.team, due_at=clock.now() + timedelta(days=300), **fields)
    escalation.start(case)
    return case


def run(now: StandingClock, **by: float) -> int:
    """Move the clock on and do what is due."""
    now.move(**by)
    return escalation.run_due()


def put_on_duty(city: City, *users: User) -> None:
    """These users are on duty for the city's team for the next months."""
    for user in users:
        duty.add_shift(
            city.team, user, starts_at=clock.now() - timedelta(days=1), ends_at=clock.now() + timedelta(days=99),
            actor="tests",
        )  # fmt: skip
