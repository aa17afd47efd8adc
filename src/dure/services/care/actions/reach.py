# SPDX-License-Identifier: Apache-2.0
"""What the steps of care's escalation plan do, besides the automatic call (calls.py)."""

from __future__ import annotations

import json

from dure.city import cases, escalation
from dure.city.models import AttemptResult, EscalationAttempt
from dure.services.care.actions.refusals import refused
from dure.services.care.queries import newest_finding

PLAN = "care:plan"
"""The name under which the plan's own steps act in the record."""


def ask_somebody(attempt: EscalationAttempt) -> None:
    """The case goes to the one who is to call or visit, and stands first on their page until they answer."""
    case = attempt.escalation.case
    if attempt.user is not None and case.assignee_id != attempt.user.pk:
        cases.assign(case, actor=PLAN, user=attempt.user)


def tell_team(attempt: EscalationAttempt) -> None:
    """The pending attempt itself is what the team's pages show; there is nothing to write."""


def call_119(attempt: EscalationAttempt) -> None:
    """Hand over to 119 with the reason; the sender adds who lives there and where when it sends.

    Of somebody who refuses automatic decisions a person has to do it: the try fails, and the plan says loudly that it
    has come to its end.
    """
    case = attempt.escalation.case
    if refused(case):
        escalation.attempt_ended(attempt, AttemptResult.FAILED)
        return
    finding = newest_finding(case)
    note = {"reason": finding.reason if finding else None}
    cases.hand_over(case, target="119", payload=json.dumps(note, ensure_ascii=False), actor=PLAN)
