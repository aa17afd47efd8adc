# SPDX-License-Identifier: Apache-2.0
"""How a call begins, whatever it asks: whom one may ring, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from dure.city import audit, clock, people, rules
from dure.city.models import Area, Case, ConsentPurpose, Contact, EscalationAttempt, Person
from dure.services.care import conversation
from dure.services.care.models import FAMILY, ON_THE_LINE, Call, Occasion
from dure.services.care.rules import CareRules

CALLER = "care:ai-call"
"""The name under which the automatic call acts in the record."""

SHORTEST_DEMO_RING = timedelta(seconds=15)
"""Real time a call rings at least where city time runs fast, so that a person at the page can answer it."""


def may_call(person: Person, at: datetime) -> bool:
    """Whether there is a number to ring and a consent to ring it."""
    return bool(person.phone) and people.has_consent(person, ConsentPurpose.AI_CALL, at)


@transaction.atomic
def ring(
    person: Person,
    script: str,
    *,
    values: Mapping[str, str] | None = None,
    attempt: EscalationAttempt | None = None,
    case: Case | None = None,
    occasion: Occasion | None = None,
    contact: Contact | None = None,
) -> Call:
    """Begin a call, to the person or about them to their ``contact``. Whoever has one already cannot have another:
    IntegrityError."""
    now = clock.now()
    audit.record("care:call:begun", actor=CALLER, subject=f"person:{person.ref}", detail={"script": script})
    return Call.objects.create(
        person=person,
        contact=contact,
        script=script,
        attempt=attempt,
        case=case,
        occasion=occasion,
        ringing_since=now,
        rings_until=now + patience("call_rings_seconds", person.household.area),
        dialogue=conversation.begun(script, "ko" if contact else conversation.language_of(person), values),
    )


def on_the_line(person: Person) -> bool:
    """Whether a call of theirs rings or is talked in."""
    return lines_of(person).exists()


def lines_of(person: Person) -> QuerySet[Call]:
    """Their own call that rings or is talked in, if there is one; not one to their family."""
    return Call.objects.filter(person=person, state__in=ON_THE_LINE).exclude(script=FAMILY)


def patience(rule: str, area: Area) -> timedelta:
    """How long a call waits, by the rule of that name."""
    wait = timedelta(seconds=getattr(rules.load(CareRules, "care", area), rule))
    return max(wait, SHORTEST_DEMO_RING * clock.speed()) if settings.DURE_SIMULATION else wait
