# SPDX-License-Identifier: Apache-2.0
"""The escalation plan a city starts with for monitoring, until it sets its own."""

from __future__ import annotations

from datetime import time

from dure.city.escalation_plans import StepSpec, plan_for, set_plan
from dure.city.models import Area, Channel, EscalationPlan, Level, QuietAction, User

NIGHT_FROM, NIGHT_TO = time(22), time(7)


def set_default_plan(actor: User | str) -> EscalationPlan:
    """The whole city's plan for monitoring; setting it again changes nothing.

    A fall or a call for help asks whoever is on duty at once, the next one after three minutes, and 119 after six (at
    once where nobody is on duty): ours, no official figure is known. Figures that are only unlike the person wait for
    the morning and never come to 119.
    """
    return set_plan(
        service="monitoring",
        name="건강 모니터링 기본 계획",
        rearm_minutes=60,
        actor=actor,
        steps=[
            StepSpec(
                Channel.WORKER_CALL,
                from_level=Level.SEVERE,
                attempts=2,
                gap_minutes=0,
                wait_minutes=0,
                timeout_minutes=3,
            ),
            StepSpec(Channel.HANDOVER_119, from_level=Level.SEVERE, attempts=1),
            StepSpec(
                Channel.WORKER_CALL,
                attempts=2,
                gap_minutes=10,
                wait_minutes=20,
                quiet_from=NIGHT_FROM,
                quiet_to=NIGHT_TO,
                quiet_action=QuietAction.DELAY,
            ),
            StepSpec(Channel.VISIT, from_level=Level.ALERT, attempts=2, gap_minutes=30, wait_minutes=30),
        ],
    )


def ensure_plan(area: Area, actor: User | str) -> None:
    """Nobody is watched whose case would reach nobody: the default plan where the city has set none."""
    if plan_for("monitoring", area) is None:
        set_default_plan(actor)
