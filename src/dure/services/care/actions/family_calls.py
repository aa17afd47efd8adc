# SPDX-License-Identifier: Apache-2.0
"""The automatic call to family: that the person was not reached, and whether they will look or know better.

Whoever picks up hears no name and nothing of health. What family says is noted for the worker and closes nothing; who
asks for help in it raises the case as anybody would (:mod:`.calls`).
"""

from __future__ import annotations

from datetime import timedelta

from dure.city import clock, escalation, people, reviews
from dure.city.models import AttemptResult, Case, ConsentPurpose, Contact, EscalationAttempt
from dure.services.care.actions.ringing import ring
from dure.services.care.models import FAMILY, ON_THE_LINE, Enrolment


def has_family(case: Case) -> bool:
    """Whether somebody is to be rung about the case: a contact, and the person's consent to tell family."""
    return bool(_contacts(case))


def start_family_call(attempt: EscalationAttempt) -> None:
    """Ring the next contact in the order of calling (the channel FAMILY_CALL).

    Of somebody who refuses automatic decisions a machine tells nobody: a person comes next. A contact who is being rung
    already counts as no answer.
    """
    case = attempt.escalation.case
    if reviews.refused(case):
        escalation.attempt_ended(attempt, AttemptResult.FAILED)
        escalation.raised(case)
        return
    contacts = _contacts(case)
    contact = contacts[(attempt.attempt - 1) % len(contacts)]
    if contact.calls.filter(state__in=ON_THE_LINE).exists():
        escalation.attempt_ended(attempt, AttemptResult.NO_ANSWER)
        return
    call = ring(contact.person, FAMILY, attempt=attempt, case=case, contact=contact)
    escalation.wait_until(attempt, call.rings_until + timedelta(minutes=1))


def _contacts(case: Case) -> list[Contact]:
    enrolment = Enrolment.objects.filter(household=case.household, ended_at=None).select_related("person").first()
    if enrolment is None or not people.has_consent(enrolment.person, ConsentPurpose.FAMILY_SHARE, clock.now()):
        return []
    return list(enrolment.person.contacts.select_related("person__household__area"))
