# SPDX-License-Identifier: Apache-2.0
"""What a hospital or another city's service tells us of a person, and what it asks us to do for them."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import Q

from dure.city import audit, cases, clock, findings, follow_ups, rules
from dure.city.errors import NotFound
from dure.city.models import Case, Errand, ErrandStatus, Finding, Level, Person, User
from dure.city.people import Purpose
from dure.city.purposes import require_reach
from dure.city.teams import team_for
from dure.services.monitoring.actions.alarms import ASKED, OUTSIDE, TITLES, open_cases, put_to_work
from dure.services.monitoring.models import OutsideNote
from dure.services.monitoring.rules import MonitoringRules

GATEWAY = "gateway:fhir"
VERSION = "R4"
CANCELLED = "보낸 곳이 거두었음 / taken back by the sender"


@transaction.atomic
def noticed_outside(
    person: Person, *, number: str, text: str, level: Level, ended: bool, actor: User | str
) -> tuple[Finding, bool]:
    """Keep what somebody outside noticed, as a finding and from 주의 on as a case. ``number`` is the sender's own: the
    same again changes nothing but that it is over. Returns the finding and whether it is new.

    ``text`` may speak of the person: it is kept sealed, and said in the case's thread, never in the finding.

    Raises NotFound for the end of what was never told.
    """
    require_reach(actor, person.household.area, Purpose.HEALTH_CHECK)
    audit.take_turn()
    known = Finding.objects.filter(
        service="monitoring", kind=OUTSIDE, household=person.household, evidence__number=number
    ).first()
    if known is None and ended:
        raise NotFound("알려 주신 적이 없는 일입니다", "nothing of this number was ever told", field="Flag.identifier")
    if known is not None:
        if ended:
            findings.end_finding(known, clock.now())
        return known, False
    sender = actor.username if isinstance(actor, User) else actor
    area = person.household.area
    finding = findings.open_finding(
        service="monitoring",
        kind=OUTSIDE,
        level=level,
        score=1.0,
        reason=TITLES[OUTSIDE],
        evidence={"person": str(person.ref), "number": number, "sender": sender},
        engine=GATEWAY,
        engine_version=VERSION,
        found_at=clock.now(),
        area=area,
        household=person.household,
    )
    OutsideNote.objects.create(finding=finding, text=text)
    if level >= Level.ATTENTION:
        case = put_to_work(person, finding, Q(kind=OUTSIDE), rules.load(MonitoringRules, "monitoring", area))
        cases.add_note(case, actor=GATEWAY, text=text)
    return finding, True


def asked_outside(person: Person, *, number: str, kind: str, actor: User | str) -> tuple[Errand, bool]:
    """Order the help that somebody outside asks for, on the person's open case or one of its own. The same ``number``
    again changes nothing. Returns the errand and whether it is new. Called outside a transaction."""
    require_reach(actor, person.household.area, Purpose.HEALTH_CHECK)
    client_id = client_id_of(number)
    if known := Errand.objects.filter(client_id=client_id).first():
        return known, False
    event = follow_ups.order(_case_for(person), kind, actor=actor, client_id=client_id)
    return Errand.objects.get(pk=event.data["errand"]), True


def taken_back_outside(person: Person, *, number: str, why: str, actor: User | str) -> Errand:
    """The sender no longer asks for it. Raises NotFound for what was never asked, Conflict for what is done."""
    require_reach(actor, person.household.area, Purpose.HEALTH_CHECK)
    found = Errand.objects.filter(client_id=client_id_of(number), case__household=person.household)
    errand = found.select_related("case").first()
    if errand is None or errand.case is None:
        raise NotFound("청하신 적이 없는 일입니다", "nothing of this number was asked for", field="Task.identifier")
    if errand.status == ErrandStatus.CANCELLED:
        return errand
    follow_ups.cancel(errand.case, errand, reason=why or CANCELLED, actor=actor)
    return errand


def client_id_of(number: str) -> UUID:
    """The number by which the sender's own number is known here."""
    return uuid5(NAMESPACE_URL, f"dure-fhir:{number}")


@transaction.atomic
def _case_for(person: Person) -> Case:
    audit.take_turn()
    found = open_cases(person).first()
    if found is not None:
        return found
    area = person.household.area
    minutes = rules.load(MonitoringRules, "monitoring", area).attention_due_minutes
    return cases.open_case(
        service="monitoring",
        kind=ASKED,
        level=Level.INTEREST,
        title=TITLES[ASKED],
        area=area,
        team=team_for("monitoring", area),
        due_at=clock.now() + timedelta(minutes=minutes),
        actor=GATEWAY,
        household=person.household,
        about=f"person:{person.ref}",
    )
