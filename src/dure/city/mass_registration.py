# SPDX-License-Identifier: Apache-2.0
"""Many homes at once: what :mod:`dure.city.registration` does one by one, in a few statements for a whole batch.

A home is checked and its texts are sealed before anything is locked; then all of a batch are kept in one transaction.
Each kind of deed is one audit entry that names everybody it is about in ``refs``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction

from dure.city import audit, clock
from dure.city.audit import Tag
from dure.city.database import ROWS_AT_ONCE
from dure.city.models import Area, Consent, ConsentPurpose, Contact, Household, Person, User
from dure.city.purposes import Purpose, require_reach
from dure.city.registration import new_consent, new_contact, new_household, new_person
from dure.city.sealed import seal_now


@dataclass
class NewHome:
    """A home with its person, contacts and consents: checked and sealed, kept by :func:`register_homes`."""

    household: Household
    person: Person
    contacts: list[Contact] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)


def new_home(
    area: Area,
    *,
    address: str,
    lon: float | None,
    lat: float | None,
    person: dict[str, Any],
    contacts: Sequence[dict[str, str]],
    consents: Iterable[ConsentPurpose | str],
    consent_until: datetime,
    how: str,
    actor: User | str,
) -> NewHome:
    """Check one home in ``area`` (valid today). Raises Invalid naming the field, NotAllowed for the actor.

    ``person``: name, phone, birth_year, sex, lives_alone, language; ``contacts``: name, phone, relation, in the order
    of calling; consents hold from now until ``consent_until``.
    """
    require_reach(actor, area, Purpose.ENROLMENT)
    household = new_household(area, address, lon, lat)
    home = NewHome(household, new_person(household, **person))
    now = clock.now()
    home.contacts = [new_contact(home.person, position=n, **one) for n, one in enumerate(contacts, start=1)]
    home.consents = [
        new_consent(home.person, purpose, since=now, until=consent_until, how=how, actor=actor)
        for purpose in dict.fromkeys(consents)
    ]
    for row in (home.household, home.person, *home.contacts):
        seal_now(row)
    return home


@transaction.atomic
def register_homes(homes: Sequence[NewHome], *, actor: User | str) -> None:
    """Keep all of ``homes``. The caller's actor was checked by :func:`new_home`."""
    if not homes:
        return
    audit.take_turn()
    _keep([home.household for home in homes])
    _keep([home.person for home in homes])
    _keep([contact for home in homes for contact in home.contacts])
    _keep([consent for home in homes for consent in home.consents])
    households = [home.household for home in homes]
    audit.record(
        Tag.Household.REGISTERED,
        actor=actor,
        subject=audit.about("household", [one.ref for one in households]),
        detail={"refs": [one.ref for one in households], "areas": [one.area.code for one in households]},
    )
    _record(
        Tag.Person.REGISTERED,
        [home.person for home in homes],
        actor,
        Purpose.ENROLMENT,
        households=[one.ref for one in households],
    )
    if called := [home for home in homes if home.contacts]:
        counts = [len(home.contacts) for home in called]
        _record(Tag.Person.CONTACT_ADDED, [home.person for home in called], actor, "", contacts=counts)
    _record_consents([consent for home in homes for consent in home.consents], actor)


def _keep(rows: Sequence[models.Model]) -> None:
    if rows:
        type(rows[0])._base_manager.bulk_create(rows, ROWS_AT_ONCE)


def _record_consents(consents: Iterable[Consent], actor: User | str) -> None:
    """One entry for each purpose, with from when until when each person agreed."""
    by_purpose: dict[str, list[Consent]] = defaultdict(list)
    for consent in consents:
        by_purpose[consent.purpose].append(consent)
    for purpose, given in sorted(by_purpose.items()):
        held = {"from": [one.granted_at for one in given], "until": [one.expires_at for one in given]}
        _record(Tag.Person.CONSENT_GRANTED, [one.person for one in given], actor, purpose, **held)


def _record(tag: str, people: Sequence[Person], actor: User | str, purpose: str, **detail: object) -> None:
    refs = [person.ref for person in people]
    subject = audit.about("person", refs)
    audit.record(tag, actor=actor, subject=subject, purpose=purpose, detail={"refs": refs} | detail)
