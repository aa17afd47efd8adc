# SPDX-License-Identifier: Apache-2.0
"""Who read this person, and what was done with their record: what the privacy officer asks the chain for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.city import audit, clock
from dure.city.audit import Tag, name_of
from dure.city.errors import NotFound
from dure.city.models import AuditEntry, AuditMention, Case, Person, Role, User
from dure.city.purposes import WORDS, Purpose, holds_role_for
from dure.city.roles import areas_of, roles_of

LOOKING = ("read", "listed", "searched", "viewed")
"""How the tags of entries end that say that somebody looked, without changing anything."""
MOST_LOOKS = 5_000
"""Entries read for one person's page."""


def entries_about(user: User, ref: UUID) -> QuerySet[AuditEntry]:
    """Every entry about one person, newest first: of them, of their home, of its cases, and lists that name them.

    Looking is an entry, too. Raises NotFound for a person whom the reader is not responsible for, as for nobody.
    """
    theirs = Person.objects.filter(household__area__in=areas_of(user, Role.PRIVACY_OFFICER), ref=ref)
    person = theirs.select_related("household").first() if holds_role_for(user, Purpose.OVERSIGHT) else None
    with transaction.atomic():
        tag = Tag.Audit.VIEWED if person else Tag.Person.DENIED
        audit.record(tag, actor=user, subject=f"person:{ref}", purpose=Purpose.OVERSIGHT)
    if person is None:
        raise NotFound("그런 주민이 없습니다", "there is no such person")
    return _entries_of(person)


@dataclass(frozen=True)
class Look:
    """Somebody looked at a person's record on one day, for the last time that day at ``at``; ``user`` None: a process,
    called ``actor``. ``why`` holds the reasons in words, each once."""

    at: datetime
    actor: str
    user: User | None
    why: tuple[str, ...]

    @property
    def role(self) -> str:
        """What the user is here, in words."""
        return ", ".join(sorted(str(role.label) for role in roles_of(self.user))) if self.user else ""


def who_looked(user: User, *, days: int = 90) -> list[Look]:
    """Who looked at the signed-in person's own record in the last ``days``: one row a day and reader, newest first.

    Their own looks are left out.
    """
    if user.person is None:
        return []
    looks = Q()
    for ending in LOOKING:
        looks |= Q(tag__endswith=ending)
    found = _entries_of(user.person).filter(looks, at__gte=clock.now() - timedelta(days=days))
    rows: dict[tuple[object, str], list[AuditEntry]] = {}
    for entry in found.exclude(actor=name_of(user))[:MOST_LOOKS]:
        rows.setdefault((entry.at.astimezone(clock.SEOUL).date(), entry.actor), []).append(entry)
    names = [actor.removeprefix("user:") for _, actor in rows]
    users = {name_of(one): one for one in User.objects.filter(username__in=names)}
    return [Look(group[0].at, actor, users.get(actor), _reasons(group)) for (_, actor), group in rows.items()]


def _reasons(entries: list[AuditEntry]) -> tuple[str, ...]:
    known = [Purpose(one.purpose) for one in entries if one.purpose in list(Purpose)]
    return tuple(dict.fromkeys(str(WORDS[one]) for one in known))


def _entries_of(person: Person) -> QuerySet[AuditEntry]:
    home, ref = person.household, person.ref
    numbers = Case.objects.filter(household=home).values_list("number", flat=True)
    subjects = [f"person:{ref}", f"household:{home.ref}", *(f"case:{number}" for number in numbers)]
    naming = AuditMention.objects.filter(ref__in=[ref, home.ref]).values("seq")
    return AuditEntry.objects.filter(Q(subject__in=subjects) | Q(seq__in=naming)).order_by("-seq")
