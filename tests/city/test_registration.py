# SPDX-License-Identifier: Apache-2.0
"""What is kept about a person, who may keep it, and what is said about wrong input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dure.city import clock, people
from dure.city.audit import Tag
from dure.city.errors import Invalid, NotAllowed
from dure.city.models import AuditEntry, Consent, ConsentPurpose, Household, Person, Role
from tests.conftest import StandingClock
from tests.factories import City, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]


@pytest.fixture
def home(city: City) -> Household:
    return people.register_household(area=city.dongs[0], address="두레로 1", actor="tests")


@pytest.fixture
def person(home: Household) -> Person:
    return people.register_person(household=home, name="김순자", birth_year=1941, sex="F", actor="tests")


def faulty(call: Callable[[], object]) -> tuple[str | None, bool]:
    """The field that is refused, and whether it is said in both languages."""
    with pytest.raises(Invalid) as caught:
        call()
    error = caught.value
    return error.field, any("가" <= letter <= "힣" for letter in error.ko) and error.en.isascii()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "가" * 61),
        ("birth_year", 1895),
        ("birth_year", 2027),
        ("sex", "X"),
        ("phone", "1234"),
        ("phone", "010-1234-567"),
        ("language", "Korean"),
    ],
)
def test_a_person_with_a_wrong_value_is_refused_by_field(home: Household, field: str, value: Any) -> None:
    given = {"name": "김순자", "birth_year": 1941, "sex": "F", "actor": "tests", field: value}
    assert faulty(lambda: people.register_person(household=home, **given)) == (field, True)
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("area", "0000000000"), ("address", ""), ("lon", 181.0), ("lon", None), ("lat", -91.0), ("lat", float("nan"))],
)
def test_a_home_with_a_wrong_value_is_refused_by_field(city: City, field: str, value: Any) -> None:
    given = {"area": city.dongs[0], "address": "두레로 1", "lon": 127.1, "lat": 37.3, "actor": "tests", field: value}
    assert faulty(lambda: people.register_household(**given)) == (field, True)
    assert not Household.objects.exists()


def test_a_home_is_kept_in_an_area_that_is_valid_today(city: City) -> None:
    dong = city.dongs[0]
    assert people.register_household(area=dong.code, address="두레로 1", actor="tests").area == dong
    dong.valid_to = clock.today()
    dong.save()
    assert faulty(lambda: people.register_household(area=dong, address="두레로 1", actor="tests"))[0] == "area"
    dong.valid_from, dong.valid_to = date(2027, 1, 1), None
    dong.save()
    assert faulty(lambda: people.register_household(area=dong.code, address="두레로 1", actor="tests"))[0] == "area"


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("phone", "02-12"), ("relation", "")])
def test_a_contact_with_a_wrong_value_is_refused_by_field(person: Person, field: str, value: str) -> None:
    given = {"name": "이영희", "phone": "010-1111-2222", "relation": "딸", field: value}
    assert faulty(lambda: people.add_contact(person, actor="tests", **given)) == (f"contacts.{field}", True)


def wrong_consents(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    day = timedelta(days=1)
    return [
        ("purpose", {"purpose": "marketing"}),
        ("granted_at", {"granted_at": now + day}),
        ("granted_at", {"granted_at": now.replace(tzinfo=None)}),
        ("expires_at", {"expires_at": now}),
        ("expires_at", {"expires_at": now - day}),
        ("expires_at", {"expires_at": (now + day).replace(tzinfo=None)}),
        ("how", {"how": " "}),
    ]


def test_a_consent_with_a_wrong_value_is_refused_by_field(person: Person, standing_clock: StandingClock) -> None:
    now = standing_clock.now
    for field, wrong in wrong_consents(now):
        given = {"purpose": "ai_call", "expires_at": now + timedelta(days=9), "how": "전화", "actor": "tests", **wrong}
        assert faulty(lambda given=given: people.grant_consent(person, **given)) == (field, True), wrong  # type: ignore[misc]
    assert not Consent.objects.exists()


def test_the_same_consent_again_changes_nothing(person: Person, standing_clock: StandingClock) -> None:
    until = standing_clock.now + timedelta(days=365)
    first, again = (
        people.grant_consent(person, "ai_call", expires_at=until, how="전화", actor="tests") for _ in range(2)
    )
    assert first == again
    assert AuditEntry.objects.filter(tag=Tag.Person.CONSENT_GRANTED).count() == 1


def test_a_consent_holds_from_its_day_until_it_ends_or_is_withdrawn(
    person: Person, standing_clock: StandingClock
) -> None:
    now, day = standing_clock.now, timedelta(days=1)
    people.grant_consent(person, "ai_call", granted_at=now - day, expires_at=now + 9 * day, how="전화", actor="tests")

    def holds(at: datetime) -> bool:
        return people.has_consent(person, ConsentPurpose.AI_CALL, at)

    assert [holds(now + days * day) for days in (-2, -1, 0, 8, 9)] == [False, True, True, True, False]
    assert not people.has_consent(person, ConsentPurpose.POWER_WATCH, now)
    withdrawn_at = standing_clock.move(days=2)
    assert people.withdraw_consent(person, "ai_call", actor="tests") == 1
    assert people.withdraw_consent(person, "ai_call", actor="tests") == 0
    assert AuditEntry.objects.filter(tag=Tag.Person.CONSENT_WITHDRAWN).count() == 1
    assert [holds(withdrawn_at - day), holds(withdrawn_at), holds(withdrawn_at + day)] == [True, False, False]


def test_only_who_may_enrol_in_the_area_registers(city: City, home: Household) -> None:
    officer = make_user("kim", Role.WELFARE_OFFICER, area=city.dongs[0])
    kept = people.register_person(household=home, name="박", birth_year=1950, sex="M", actor=officer)
    assert AuditEntry.objects.order_by("-seq")[0].actor == "user:kim"
    people.add_contact(kept, name="이", phone="010-1111-2222", relation="딸", actor=officer)
    elsewhere = make_user("elsewhere", Role.WELFARE_OFFICER, area=city.dongs[1])
    for other in (elsewhere, city.users[Role.PLANNER], city.users[Role.CARE_WORKER]):
        for forbidden in (
            lambda other=other: people.register_household(area=city.dongs[0], address="두레로 2", actor=other),
            lambda other=other: people.register_person(
                household=home, name="최", birth_year=1950, sex="M", actor=other
            ),
            lambda other=other: people.change_phone(kept, "010-1111-2222", actor=other),
            lambda other=other: people.leave(kept, actor=other),
        ):
            with pytest.raises(NotAllowed):
                forbidden()


def test_carers_and_the_person_keep_consents_and_nobody_else(
    city: City, person: Person, standing_clock: StandingClock
) -> None:
    themselves = city.users[Role.CITIZEN]
    themselves.person = person
    themselves.save()
    until = standing_clock.now + timedelta(days=365)
    for user in (themselves, city.users[Role.CARE_WORKER]):
        consent = people.grant_consent(person, "ai_call", expires_at=until, how="전화", actor=user)
        assert people.withdraw_consent(person, "ai_call", actor=user) == 1
        consent.refresh_from_db()
        standing_clock.move(minutes=1)
    assert set(Consent.objects.values_list("recorded_by__username", flat=True)) == {"citizen", "care_worker"}
    for other in (city.users[Role.PLANNER], make_user("other-citizen", Role.CITIZEN)):
        with pytest.raises(NotAllowed):
            people.grant_consent(person, "ai_call", expires_at=until, how="전화", actor=other)
        with pytest.raises(NotAllowed):
            people.withdraw_consent(person, "ai_call", actor=other)


def test_no_entry_about_a_registration_holds_what_was_registered(person: Person) -> None:
    people.add_contact(person, name="이영희", phone="010-1111-2222", relation="딸", actor="tests")
    entries = str(list(AuditEntry.objects.values()))
    assert not [value for value in ("김순자", "이영희", "0101111", "두레로", "딸") if value in entries]
