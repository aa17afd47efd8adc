# SPDX-License-Identifier: Apache-2.0
"""The escalation plan a city starts with for its complaints, until it sets its own."""

from __future__ import annotations

from datetime import time

from dure.city.escalation_plans import StepSpec, plan_for, set_plan
from dure.city.models import Area, Channel, EscalationPlan, Level, QuietAction, User
from dure.services.complaints.teams import SERVICE

NIGHT_FROM, NIGHT_TO = time(18), time(9)


def set_default_plan(actor: User | str) -> EscalationPlan:
    """The whole city's plan for complaints; setting it again changes nothing.

    Danger asks whoever is on duty, day and night, and tells the whole team until somebody takes it; what is late or
    nearly so is told within office hours.
    """
    return set_plan(
        service=SERVICE,
        name="민원 기본 계획",
        rearm_minutes=480,
        actor=actor,
        steps=[
            StepSpec(
                Channel.WORKER_CALL, from_level=Level.SEVERE, attempts=2, gap_minutes=3, wait_minutes=0,
                timeout_minutes=5,
            ),
            StepSpec(Channel.NOTIFY_TEAM, from_level=Level.SEVERE, attempts=3, gap_minutes=5, wait_minutes=10),
            StepSpec(
                Channel.NOTIFY_TEAM, from_level=Level.INTEREST, attempts=2, gap_minutes=120, wait_minutes=240,
                quiet_from=NIGHT_FROM, quiet_to=NIGHT_TO, quiet_action=QuietAction.DELAY,
            ),
        ],
    )  # fmt: skip


def ensure_plan(area: Area, actor: User | str) -> None:
    """No danger is told to nobody: the default plan where the city has set none."""
    if plan_for(SERVICE, area) is None:
        set_default_plan(actor)
