# SPDX-License-Identifier: Apache-2.0
"""Accounts of the people who work here: made by the city's administrator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from dure.city import clock
from dure.city.areas import valid_on
from dure.city.audit import Tag, record
from dure.city.errors import Invalid
from dure.city.models import Area, Membership, Role, User


@dataclass(frozen=True)
class Added:
    """The account, and its first password if it is new: it is shown once and kept nowhere."""

    user: User
    password: str | None


@transaction.atomic
def add_user(
    name: str, role: Role | str, *, area: str | None = None, display_name: str = "", actor: User | str
) -> Added:
    """Give ``name`` a role in the area of that code (None: the whole city), and an account if there is none yet.

    The same role again changes nothing. Raises Invalid naming ``name``, ``role`` or ``area``.
    """
    if role not in Role.values:
        known = ", ".join(Role.values)
        raise Invalid(f"없는 역할입니다: {known} 가운데 하나", f"no such role; one of {known}", field="role")
    place = _area(area) if area else None
    user, password = _user(name, display_name, actor)
    _, is_new = Membership.objects.get_or_create(user=user, role=role, area=place)
    if is_new:
        detail = {"role": str(role), "area": place.code if place else None}
        record(Tag.Account.ROLE_GIVEN, actor=actor, subject=f"user:{name}", detail=detail)
    return Added(user, password)


def _area(code: str) -> Area:
    found = valid_on(clock.today()).filter(code=code).first()
    if found is None:
        raise Invalid(f"지금 쓰이는 지역이 아닙니다: {code}", f"no area that is valid today: {code}", field="area")
    return found


def _user(name: str, display_name: str, actor: User | str) -> tuple[User, str | None]:
    if (known := User.objects.filter(username=name).first()) is not None:
        return known, None
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise Invalid(
            "글자, 숫자, @ . + - _ 만 쓸 수 있습니다", "only letters, digits and @ . + - _", field="name"
        ) from error
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(name, password=password, display_name=display_name)
    record(Tag.Account.ADDED, actor=actor, subject=f"user:{name}")
    return user, password
