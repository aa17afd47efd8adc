# SPDX-License-Identifier: Apache-2.0
"""What the steps of every service's escalation plan do. A service adds channels of its own, as care its call."""

from __future__ import annotations

import json

from dure.city import cases, escalation, reviews
from dure.city.escalation import ACTOR
from dure.city.models import AttemptResult, Channel, EscalationAttempt


def register_channels() -> None:
    """Say what each channel does that the record itself can do."""
    escalation.register_channel(Channel.WORKER_CALL, ask_somebody)
    escalation.register_channel(Channel.VISIT, ask_somebody)
    escalation.register_channel(Channel.HANDOVER_119, call_119)
    escalation.register_channel(Channel.NOTIFY_TEAM, tell_team)


def ask_somebody(attempt: EscalationAttempt) -> None:
    """The case goes to the one who is to call or visit, and stands first on their page until they answer."""
    case = attempt.escalation.case
    if attempt.user is not None and case.assignee_id != attempt.user.pk:
        cases.assign(case, actor=ACTOR, user=attempt.user)


def tell_team(attempt: EscalationAttempt) -> None:
    """The pending attempt itself is what the team's pages show; there is nothing to write."""


def call_119(attempt: EscalationAttempt) -> None:
    """Hand over to 119 with the reason; the sender adds who lives there and where when it sends.

    Of somebody who refuses automatic decisions a person has to do it: the try fails, and the plan says loudly that it
    has come to its end.
    """
    case = attempt.escalation.case
    if reviews.refused(case):
        escalation.attempt_ended(attempt, AttemptResult.FAILED)
        return
    finding = case.findings.order_by("-level", "-found_at").first()
    note = {"reason": finding.reason if finding else None}
    cases.hand_over(case, target="119", payload=json.dumps(note, ensure_ascii=False), actor=ACTOR)
