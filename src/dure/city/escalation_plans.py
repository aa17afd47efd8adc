# SPDX-License-Identifier: Apache-2.0
"""A city's own escalation plans: set, checked field by field, and chosen by area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from dure.city import audit, clock
from dure.city.errors import Invalid
from dure.city.models import Area, Channel, EscalationPlan, EscalationStep, Level, QuietAction, Team, User
from dure.city.teams import lineage

MOST_STEPS = 50
MOST_ATTEMPTS = 50
MOST_MINUTES = 60 * 24 * 365


@dataclass(frozen=True)
class StepSpec:
    """One step of a plan, as :class:`dure.city.models.EscalationStep`; its place in the list is its position."""

    channel: Channel
    from_level: Level = Level.ATTENTION
    attempts: int = 1
    gap_minutes: int = 10
    wait_minutes: int = 30
    timeout_minutes: int = 30
    quiet_from: time | None = None
    quiet_to: time | None = None
    quiet_action: QuietAction = QuietAction.DELAY
    team: Team | None = None


@transaction.atomic
def set_plan(
    *,
    service: str,
    name: str,
    steps: Sequence[StepSpec],
    actor: User | str,
    area: Area | None = None,
    rearm_minutes: int = 120,
) -> EscalationPlan:
    """Set the plan of ``service`` in ``area`` (None: the whole city), in place of the one it had.

    Cases under way go on at the same position with the new steps; a try that is pending keeps its own time-out.
    Raises Invalid naming the field, as in ``steps.2.attempts`` (the second step).
    """
    if not name.strip():
        raise Invalid("이름을 적어 주세요", "give a name", field="name")
    _require_between(rearm_minutes, 1, MOST_MINUTES, "rearm_minutes")
    _require_between(len(steps), 1, MOST_STEPS, "steps")
    for position, step in enumerate(steps, start=1):
        _check(step, f"steps.{position}")
    audit.take_turn()
    plan = EscalationPlan.objects.filter(service=service, area=area, active=True).first()
    if plan is None:
        plan = EscalationPlan(service=service, area=area)
    plan.name, plan.rearm_minutes = name, rearm_minutes
    plan.save()
    plan.steps.all().delete()
    EscalationStep.objects.bulk_create(
        EscalationStep(plan=plan, position=position, **_columns(step)) for position, step in enumerate(steps, start=1)
    )
    detail = {"name": name, "rearm_minutes": rearm_minutes, "steps": [_told(step) for step in steps]}
    audit.record("city:escalation:plan_set", actor=actor, subject=f"plan:{plan.pk}", detail=detail)
    return plan


@transaction.atomic
def retire_plan(plan: EscalationPlan, *, actor: User | str) -> None:
    """An area goes by the plan above it again; doing it again changes nothing. Cases under way keep the plan that they
    run by until their next round.

    Raises Invalid for the whole city's plan, below which there is none.
    """
    if plan.area_id is None:
        raise Invalid("도시 전체의 계획은 없앨 수 없습니다", "the whole city's plan cannot be removed", field="area")
    audit.take_turn()
    if EscalationPlan.objects.filter(pk=plan.pk, active=True).update(active=False):
        plan.active = False
        audit.record("city:escalation:plan_retired", actor=actor, subject=f"plan:{plan.pk}", detail={"name": plan.name})


def plan_for(service: str, area: Area) -> EscalationPlan | None:
    """The active plan of the nearest area that has one, or the whole city's, or None."""
    plans = {plan.area_id: plan for plan in EscalationPlan.objects.filter(service=service, active=True)}
    places = [*(one.pk for one in lineage(area)), None]
    return next((plans[place] for place in places if place in plans), None)


def quiet_until(step: EscalationStep, at: datetime) -> datetime | None:
    """When the quiet hours that ``at`` lies in end (UTC), or None outside them. The hours are those of Seoul."""
    if step.quiet_from is None or step.quiet_to is None:
        return None
    local = at.astimezone(clock.SEOUL)
    now, start, end = local.time(), step.quiet_from, step.quiet_to
    quiet = start <= now < end if start < end else now >= start or now < end
    if not quiet:
        return None
    day = local.date() if now < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, tzinfo=clock.SEOUL).astimezone(at.tzinfo)


def _check(step: StepSpec, at: str) -> None:
    if step.channel not in Channel.values:
        raise Invalid("없는 방법입니다", f"must be one of {', '.join(Channel.values)}", field=f"{at}.channel")
    if step.from_level not in Level.values:
        raise Invalid("1~4여야 합니다", "must be 1 to 4", field=f"{at}.from_level")
    if step.quiet_action not in QuietAction.values:
        allowed = ", ".join(QuietAction.values)
        raise Invalid("없는 방법입니다", f"must be one of {allowed}", field=f"{at}.quiet_action")
    _require_between(step.attempts, 1, MOST_ATTEMPTS, f"{at}.attempts")
    _require_between(step.gap_minutes, 0, MOST_MINUTES, f"{at}.gap_minutes")
    _require_between(step.wait_minutes, 0, MOST_MINUTES, f"{at}.wait_minutes")
    _require_between(step.timeout_minutes, 1, MOST_MINUTES, f"{at}.timeout_minutes")
    missing = "quiet_from" if step.quiet_from is None else "quiet_to"
    if (step.quiet_from is None) != (step.quiet_to is None):
        raise Invalid("시작과 끝을 함께 적어 주세요", "give both ends or none", field=f"{at}.{missing}")
    if step.quiet_from is not None and step.quiet_from == step.quiet_to:
        raise Invalid("시작과 달라야 합니다", "must differ from the start", field=f"{at}.quiet_to")


def _require_between(value: int, low: int, high: int, field: str) -> None:
    if not low <= value <= high:
        raise Invalid(f"{low}~{high}이어야 합니다", f"must be {low} to {high}", field=field)


def _columns(step: StepSpec) -> dict[str, object]:
    return {name: getattr(step, name) for name in StepSpec.__dataclass_fields__}


def _told(step: StepSpec) -> dict[str, object]:
    return {name: str(value) for name, value in _columns(step).items() if value is not None}
