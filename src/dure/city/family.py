# SPDX-License-Identifier: Apache-2.0
"""A contact of a person becomes a reader: family with an account of their own, for as long as the person agrees."""

from __future__ import annotations

from django.db import transaction

from dure.city import audit, clock
from dure.city.accounts import Added, add_user
from dure.city.errors import Conflict, Invalid
from dure.city.models import ConsentPurpose, Contact, Role, User
from dure.city.purposes import Purpose, require_reach
from dure.city.registration import has_consent
from dure.city.roles import roles_of


@transaction.atomic
def let_in(contact: Contact, username: str, *, actor: User | str) -> Added:
    """Give a contact an account that sees their person by :attr:`Purpose.FAMILY`; doing it again changes nothing.

    An account that is family already (of another parent) is taken as it is; a new one gets its first password. Raises
    Conflict without the person's consent to ``family_share``, Invalid naming ``name`` for an account of somebody who
    has another role.
    """
    person = contact.person
    require_reach(actor, person.household.area, Purpose.CONSENT)
    if not has_consent(person, ConsentPurpose.FAMILY_SHARE, clock.now()):
        raise Conflict(
            "본인이 가족과 함께 보는 데 동의하지 않았습니다", "the person has not agreed to share with family"
        )
    known = User.objects.filter(username=username).first()
    if known is not None and (roles_of(known) != {Role.FAMILY} or not known.is_active):
        raise Invalid("다른 사람이 쓰는 이름입니다", "this name belongs to somebody else", field="name")
    if contact.user is not None and contact.user != known:
        raise Conflict("이미 다른 이름으로 열려 있습니다", "another account sees this person for them already")
    audit.take_turn()
    added = add_user(username, Role.FAMILY, display_name=contact.relation, actor=actor)
    if contact.user_id is None:
        contact.user = added.user
        contact.save(update_fields=["user"])
        _record("person:family:let_in", contact, added.user, actor)
    return added


@transaction.atomic
def shut_out(contact: Contact, *, actor: User | str) -> None:
    """The contact no longer sees the person; the account stays. Doing it again changes nothing."""
    require_reach(actor, contact.person.household.area, Purpose.CONSENT)
    audit.take_turn()
    was, contact.user = contact.user, None
    if was is not None:
        contact.save(update_fields=["user"])
        _record("person:family:shut_out", contact, was, actor)


def _record(tag: str, contact: Contact, user: User, actor: User | str) -> None:
    detail = {"contact": contact.pk, "user": user.username}
    audit.record(tag, actor=actor, subject=f"person:{contact.person.ref}", detail=detail)
