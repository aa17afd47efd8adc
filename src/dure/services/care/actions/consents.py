# SPDX-License-Identifier: Apache-2.0
"""Consents of a person in care: given, renewed and taken back, and what of the watching ends with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from dure.city import audit, cases, clock, findings, people
from dure.city.models import Case, CaseStatus, Consent, ConsentPurpose, Finding, Series, User
from dure.city.registration import active_at
from dure.services.care.models import Enrolment


class SaidBy(models.TextChoices):
    """Whose words a consent or its withdrawal is."""

    SELF = "self", _("본인")
    GUARDIAN = "guardian", _("법정대리인")


class How(models.TextChoices):
    """In which form it was said."""

    PAPER = "paper", _("서면")
    VISIT = "visit", _("만나서 말로")
    PHONE = "phone", _("전화로")
    ONLINE = "online", _("온라인으로")


def agreed(purpose: ConsentPurpose = ConsentPurpose.POWER_WATCH) -> Exists:
    """The enrolments whose person agrees to ``purpose`` now."""
    return Exists(Consent.objects.filter(active_at(clock.now()), person=OuterRef("person"), purpose=purpose))


@transaction.atomic
def agree(
    enrolment: Enrolment,
    purposes: Iterable[ConsentPurpose],
    *,
    last_day: date,
    said_by: SaidBy,
    how: How,
    actor: User,
) -> int:
    """The person agrees to ``purposes`` up to and with ``last_day`` (Korea), or renews. Returns how many are new; what
    holds until that day already stays as it is.

    Raises Invalid naming ``last_day``, or NotAllowed for somebody who does not work where the person lives.
    """
    audit.take_turn()
    expires_at = datetime.combine(last_day, time(), clock.SEOUL).astimezone(UTC) + timedelta(days=1)
    new = 0
    for purpose in purposes:
        held = Consent.objects.filter(person=enrolment.person, purpose=purpose, withdrawn_at=None)
        if not held.filter(expires_at=expires_at).exists():
            heard = f"{said_by}:{how}"
            people.grant_consent(enrolment.person, purpose, expires_at=expires_at, how=heard, actor=actor)
            new += 1
        if purpose == ConsentPurpose.PHONE_WATCH and enrolment.phone is None:
            enrolment.phone = Series.objects.filter(
                device__household=enrolment.household, name="activity", phone_of=None
            ).first()
            enrolment.save(update_fields=["phone"])
    return new


@transaction.atomic
def take_back(enrolment: Enrolment, purpose: ConsentPurpose, *, said_by: SaidBy, how: How, actor: User) -> int:
    """The person no longer agrees. Returns how many open cases stay for people to finish; saying it again changes
    nothing.

    Without the consent to ``power_watch`` the home is judged no more (dure.services.care.watch): what the engine held
    against it ends. A case that is open may still be somebody on the floor, so it stays, and says what happened.
    """
    audit.take_turn()
    if not people.withdraw_consent(enrolment.person, purpose, actor=actor):
        return 0
    heard = {"purpose": str(purpose), "said_by": str(said_by), "how": str(how)}
    audit.record(
        "care:consent:taken_back", actor=actor, subject=f"person:{enrolment.person.ref}", purpose=purpose, detail=heard
    )
    if purpose != ConsentPurpose.POWER_WATCH:
        return 0
    for finding in Finding.objects.filter(service="care", household=enrolment.household, ended_at=None):
        findings.end_finding(finding, clock.now())
    left = Case.objects.filter(service="care", household=enrolment.household).exclude(status=CaseStatus.CLOSED)
    said = "전력으로 안부를 확인하는 동의를 거두셨습니다. / The consent to be watched over by power was withdrawn."
    for case in left:  # in the name of the platform: the person is no actor in cases about them
        cases.add_note(case, actor="care:consents" if actor.person_id == enrolment.person_id else actor, text=said)
    return len(left)
