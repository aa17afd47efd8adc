# SPDX-License-Identifier: Apache-2.0
"""The escalation plan a city starts with, until it sets its own.

Automatic call → family, where the person agreed to that → worker's call → visit → 119, as all Korean services do
(docs/care.md); no official number of calls or interval is known, so these are ours to begin with.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from dure.city.escalation_plans import StepSpec, set_plan
from dure.city.models import Channel, EscalationPlan, Level, QuietAction, User

NIGHT_FROM, NIGHT_TO = time(22), time(7)


def set_default_plan(actor: User | str) -> EscalationPlan:
    """The whole city's plan for care; setting it again changes nothing. A severe case waits for no morning."""
    return set_plan(
        service="care",
        name="안부 확인 기본 계획",
        rearm_minutes=120,
        actor=actor,
        steps=[
            _by_day(StepSpec(Channel.AI_CALL, attempts=2, gap_minutes=20, wait_minutes=10, timeout_minutes=60)),
            _by_day(StepSpec(Channel.FAMILY_CALL, attempts=2, gap_minutes=2, wait_minutes=5, timeout_minutes=30)),
            _by_day(StepSpec(Channel.WORKER_CALL, attempts=2, gap_minutes=20, wait_minutes=30)),
            StepSpec(Channel.VISIT, from_level=Level.ALERT, attempts=2, gap_minutes=60, wait_minutes=60),
            StepSpec(Channel.HANDOVER_119, from_level=Level.SEVERE, attempts=1),
        ],
    )


def _by_day(step: StepSpec) -> StepSpec:
    return replace(step, quiet_from=NIGHT_FROM, quiet_to=NIGHT_TO, quiet_action=QuietAction.DELAY)
