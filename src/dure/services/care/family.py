# SPDX-License-Identifier: Apache-2.0
"""What family may know of a person: how they are, in one calm sentence, and when there was last a sign of life.

Never a reading, a curve, a device, a routine or the reason of a finding: the person agreed to be seen, not watched.
Nothing at all without their consent to ``family_share``; every look is on the audit chain (dure.city.people).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city import clock, people
from dure.city.errors import NotFound
from dure.city.models import Case, CaseStatus, Level, Person, User
from dure.city.people import PersonRecord, Purpose
from dure.services.care import watch
from dure.services.care.actions.away import away_at
from dure.services.care.actions.consents import agreed
from dure.services.care.actions.meters import METER_FAULT
from dure.services.care.life import last_sign_of_life
from dure.services.care.models import Away, Enrolment, Outcome

HANDED_OVER = (CaseStatus.HANDOVER_READY, CaseStatus.HANDOVER_SENT, CaseStatus.HANDOVER_ACCEPTED)
NEWS_FOR_A_PERSON = (Outcome.TO_HOSPITAL, Outcome.DIED)
"""How a case ended that nobody should learn from a page."""
NEWS_LASTS = timedelta(days=30)


class Wellbeing(models.TextChoices):
    """How somebody is, as family reads it."""

    WELL = "well", _("오늘도 잘 지내고 계십니다")
    AS_USUAL = "as_usual", _("평소와 다른 점이 없습니다")
    AWAY = "away", _("집을 비우신다고 알려 주셨습니다")
    CHECKING = "checking", _("평소와 조금 달라 안부를 확인하고 있습니다")
    SOMEBODY_ON_IT = "somebody_on_it", _("담당자가 안부를 확인하고 있습니다")
    HELP_CALLED = "help_called", _("담당자가 도움을 불렀고, 곧 연락드립니다")
    ASK = "ask", _("담당자가 직접 말씀드릴 일이 있습니다. 연락해 주세요")
    UNKNOWN = "unknown", _("기기에서 소식이 오지 않아 지금은 알 수 없습니다")
    NOT_WATCHED = "not_watched", _("지금은 안부를 살피고 있지 않습니다")

    @property
    def calm(self) -> bool:
        """Whether there is nothing to wait for."""
        return self in (Wellbeing.WELL, Wellbeing.AS_USUAL, Wellbeing.AWAY)


@dataclass(frozen=True, repr=False)
class Relative:
    """One person as their family sees them."""

    record: PersonRecord
    enrolment: Enrolment | None
    how: Wellbeing
    sign_at: datetime | None
    """The last sign of life, or None where it is not to be shown."""
    away: Away | None

    @property
    def sign_is_of_today(self) -> bool:
        """Whether the last sign of life is of this day in Korea."""
        return self.sign_at is not None and self.sign_at.astimezone(clock.SEOUL).date() == clock.today()

    def __repr__(self) -> str:
        return f"<Relative {self.record.ref}>"


def my_relatives(user: User) -> list[Relative]:
    """Those whose family ``user`` is and who agree to it now. The look is one entry on the audit chain."""
    theirs = Person.objects.filter(contacts__user=user).distinct()
    return [_relative(record) for record in people.access_people(user, theirs, Purpose.FAMILY)]


def my_relative(user: User, ref: UUID) -> Relative:
    """One of them. Raises NotFound or NotAllowed as dure.city.people.access_person."""
    return _relative(people.access_person(user, ref, Purpose.FAMILY))


def home_of(relative: Relative) -> Enrolment:
    """Their enrolment. Raises NotFound for somebody who is not, or no longer, in care."""
    if relative.enrolment is None:
        raise NotFound("안부 확인 대상이 아닙니다", "this person is not enrolled in care")
    return relative.enrolment


def _relative(record: PersonRecord) -> Relative:
    enrolment = (
        Enrolment.objects.filter(person__ref=record.ref, ended_at=None)
        .annotate(watched=agreed())
        .select_related("household", "person", "worker", "power__device")
        .first()
    )
    if enrolment is None:
        return Relative(record, None, Wellbeing.NOT_WATCHED, None, None)
    away = away_at([enrolment.household_id], clock.now()).get(enrolment.household_id)
    sign_at = last_sign_of_life(enrolment)
    found = Relative(record, enrolment, Wellbeing.AS_USUAL, sign_at, away)
    how = _wellbeing(enrolment, found)
    shown = sign_at if how not in (Wellbeing.ASK, Wellbeing.NOT_WATCHED) else None
    return Relative(record, enrolment, how, shown, away)


def _wellbeing(enrolment: Enrolment, seen: Relative) -> Wellbeing:
    about_them = Case.objects.filter(household=enrolment.household).exclude(kind=METER_FAULT)  # a fall is one, too
    grave = about_them.filter(closed_at=None, level__gte=Level.ATTENTION).order_by("-level").first()
    newest = about_them.filter(closed_at__gte=clock.now() - NEWS_LASTS).order_by("-closed_at").first()
    if grave is not None:
        return _of_case(grave)
    if newest is not None and newest.outcome in NEWS_FOR_A_PERSON:
        return Wellbeing.ASK
    if seen.away is not None:
        return Wellbeing.AWAY
    if not enrolment.watched:  # type: ignore[attr-defined]
        return Wellbeing.NOT_WATCHED
    if enrolment.power.device.silent_since is not None:
        return Wellbeing.UNKNOWN
    if seen.sign_is_of_today:
        return Wellbeing.WELL
    return Wellbeing.AS_USUAL if watch.goes_on() else Wellbeing.UNKNOWN


def _of_case(case: Case) -> Wellbeing:
    if case.status in HANDED_OVER:
        return Wellbeing.HELP_CALLED
    return Wellbeing.CHECKING if case.status == CaseStatus.OPEN else Wellbeing.SOMEBODY_ON_IT
