# SPDX-License-Identifier: Apache-2.0
"""The escalation plan a city starts with for its bins, until it sets its own."""

from __future__ import annotations

from datetime import time

from dure.city.escalation_plans import StepSpec, plan_for, set_plan
from dure.city.models import Area, Channel, EscalationPlan, Level, QuietAction, User

NIGHT_FROM, NIGHT_TO = time(21), time(6)


def set_default_plan(actor: User | str) -> EscalationPlan:
    """The whole city's plan for waste; setting it again changes nothing.

    A fire tells the whole team at once and again every five minutes; what can wait does not ring at night.
    """
    return set_plan(
        service="waste",
        name="스마트 수거 기본 계획",
        rearm_minutes=240,
        actor=actor,
        steps=[
            StepSpec(Channel.NOTIFY_TEAM, from_level=Level.SEVERE, attempts=3, gap_minutes=5, wait_minutes=5),
            StepSpec(
                Channel.NOTIFY_TEAM,
                attempts=2,
                gap_minutes=120,
                wait_minutes=240,
                quiet_from=NIGHT_FROM,
                quiet_to=NIGHT_TO,
                quiet_action=QuietAction.DELAY,
            ),
        ],
    )


def ensure_plan(area: Area, actor: User | str) -> None:
    """No bin is watched whose case would reach nobody: the default plan where the city has set none."""
    if plan_for("waste", area) is None:
        set_default_plan(actor)
