# SPDX-License-Identifier: Apache-2.0
"""When somebody at a home was last known to be alive, whatever told it: only the time, never what they did."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Max

from dure.city import clock, people
from dure.city.models import CaseEvent, CaseEventKind, ConsentPurpose
from dure.services.care import watch
from dure.services.care.models import Call, CallState, Enrolment, Occasion, OccasionState


def last_sign_of(enrolment: Enrolment) -> datetime | None:
    """The newest of: use of power as a living person's (to the end of its half hour), an answered call, a confirmed
    routine, a person of the staff who spoke to them. None where nothing is known. Power counts while that is agreed to.
    """
    person, home = enrolment.person, enrolment.household
    spoke = CaseEvent.objects.filter(
        case__household=home, kind__in=(CaseEventKind.CALL, CaseEventKind.VISIT), data__reached=True
    )
    answered = Call.objects.filter(person=person, state=CallState.ANSWERED)
    confirmed = Occasion.objects.filter(routine__person=person, state=OccasionState.CONFIRMED)
    found: list[datetime | None] = [
        _power_used(enrolment),
        spoke.aggregate(at=Max("at"))["at"],
        answered.aggregate(at=Max("ended_at"))["at"],
        confirmed.aggregate(at=Max("ended_at"))["at"],
    ]
    return max((at for at in found if at is not None), default=None)


def _power_used(enrolment: Enrolment) -> datetime | None:
    if not people.has_consent(enrolment.person, ConsentPurpose.POWER_WATCH, clock.now()):
        return None
    picture = watch.picture(enrolment)
    at = picture["silent_since"] if picture else None
    return None if at is None else datetime.fromtimestamp(at, UTC)
