# SPDX-License-Identifier: Apache-2.0
"""Who read this person, and what was done with their record: what the privacy officer asks the chain for."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.city import audit
from dure.city.audit import Tag
from dure.city.errors import NotFound
from dure.city.models import AuditEntry, AuditMention, Case, Person, Role, User
from dure.city.purposes import Purpose, holds_role_for
from dure.city.roles import areas_of


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
    home = person.household
    numbers = Case.objects.filter(household=home).values_list("number", flat=True)
    subjects = [f"person:{ref}", f"household:{home.ref}", *(f"case:{number}" for number in numbers)]
    naming = AuditMention.objects.filter(ref__in=[ref, home.ref]).values("seq")
    return AuditEntry.objects.filter(Q(subject__in=subjects) | Q(seq__in=naming)).order_by("-seq")
