# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from dure.city.accounts import add_user
from dure.city.errors import Invalid
from dure.city.models import AuditEntry, Membership, Role, User
from tests.factories import City

pytestmark = pytest.mark.django_db


def test_a_new_account_gets_a_role_and_a_password_shown_once(city: City) -> None:
    added = add_user("kim", Role.CARE_WORKER, area=city.dongs[0].code, display_name="김", actor="tests")
    assert added.password is not None
    assert len(added.password) >= 12
    assert User.objects.get(username="kim").check_password(added.password)
    membership = Membership.objects.get(user=added.user)
    assert (membership.role, membership.area) == (Role.CARE_WORKER, city.dongs[0])
    entries = AuditEntry.objects.filter(subject="user:kim").order_by("seq")
    assert [one.tag for one in entries] == ["account:user:added", "account:role:given"]
    assert added.password not in str(list(entries.values()))


def test_a_known_account_gets_another_role_and_keeps_its_password(city: City) -> None:
    first = add_user("kim", "care_worker", actor="tests")
    again = add_user("kim", "care_worker", actor="tests")
    more = add_user("kim", "planner", area=city.area.code, actor="tests")
    assert (again.password, more.password, more.user) == (None, None, first.user)
    assert Membership.objects.filter(user=first.user).count() == 2
    assert AuditEntry.objects.filter(tag="account:role:given").count() == 2


@pytest.mark.parametrize(
    ("name", "role", "area", "field"),
    [
        ("kim lee", "planner", None, "name"),
        ("", "planner", None, "name"),
        ("kim", "mayor", None, "role"),
        ("kim", "planner", "9", "area"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(name: str, role: str, area: str | None, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        add_user(name, role, area=area, actor="tests")
    assert caught.value.field == field
    assert not User.objects.exists()
