# SPDX-License-Identifier: Apache-2.0
"""Who may open a person's record, what a refusal tells, and what the chain says about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dure.city import people
from dure.city.audit import Tag
from dure.city.errors import DureError, Invalid, NotAllowed, NotFound
from dure.city.models import (
    Area,
    AreaSuccession,
    AuditEntry,
    Consent,
    ConsentPurpose,
    Household,
    Membership,
    Person,
    Role,
    User,
)
from dure.city.people import MAY_OPEN, Purpose
from tests.conftest import StandingClock
from tests.factories import City, make_dong, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]
BY_AREA = [purpose for purpose in Purpose if purpose not in (Purpose.OWN, Purpose.FAMILY)]


def make_home(area: Area, **fields: Any) -> Household:
    return people.register_household(**{"area": area, "address": "두레로 1", "actor": "tests", **fields})


def make_person(area: Area, **fields: Any) -> Person:
    given = {"name": "김순자", "phone": "010-1234-5678", "birth_year": 1941, "sex": "F", "actor": "tests", **fields}
    return people.register_person(household=make_home(area), **given)


def agree(person: Person, purpose: ConsentPurpose, **fields: Any) -> Consent:
    until = person.registered_at + timedelta(days=365)
    return people.grant_consent(
        person, purpose, **{"expires_at": until, "how": "등록 서류", "actor": "tests", **fields}
    )


@pytest.fixture
def person(city: City) -> Person:
    return make_person(city.dongs[0])


@pytest.fixture
def worker(city: City) -> User:
    """A care worker of the first 행정동 only."""
    return make_user("worker", Role.CARE_WORKER, area=city.dongs[0])


def last_entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-seq")[0]


def said(entry: AuditEntry) -> tuple[str, str, str, str]:
    return entry.tag, entry.actor, entry.subject, entry.purpose


def test_a_record_is_opened_with_all_its_values(city: City) -> None:
    home = make_home(city.dongs[0], lon=127.1, lat=37.3)
    person = people.register_person(
        household=home, name=" 김 순자 ", phone="+82 10 1234 5678", birth_year=1941, sex="F", actor="tests"
    )
    people.add_contact(person, name="이영희", phone="02-123-4567", relation="딸", actor="tests")
    people.add_contact(person, name="박철수", phone="010 8888 7777", relation="이웃", actor="tests")
    record = people.access_person(city.users[Role.CARE_WORKER], person.ref, Purpose.WELL_BEING_CHECK)
    assert (record.name, record.phone, record.phone_spaced) == ("김 순자", "01012345678", "010-1234-5678")
    assert (record.address, record.lon, record.lat, record.area) == ("두레로 1", 127.1, 37.3, city.dongs[0])
    assert (record.birth_year, record.age, record.sex, record.lives_alone) == (1941, 85, "F", True)
    assert [(one.name, one.phone, one.relation) for one in record.contacts] == [
        ("이영희", "021234567", "딸"),
        ("박철수", "01088887777", "이웃"),
    ]


def test_a_record_shows_nothing_when_it_is_printed(city: City, person: Person) -> None:
    people.add_contact(person, name="이영희", phone="02-123-4567", relation="딸", actor="tests")
    record = people.access_person(city.users[Role.CARE_WORKER], person.ref, Purpose.WELL_BEING_CHECK)
    printed = f"{record} {record!r} {record.contacts} {person.name} {person.name!r} {person.household.address}"
    assert not [value for value in ("김순자", "이영희", "0101234", "두레로") if value in printed]


@pytest.mark.parametrize("purpose", BY_AREA)
@pytest.mark.parametrize("role", Role)
def test_roles_and_purposes_are_the_table_and_nothing_else(
    city: City, person: Person, role: Role, purpose: Purpose
) -> None:
    agree(person, ConsentPurpose.FAMILY_SHARE)
    agree(person, ConsentPurpose.HEALTH_WATCH)
    user = city.users[role]
    if role in MAY_OPEN[purpose].roles:
        assert people.access_person(user, person.ref, purpose).name == "김순자"
        assert said(last_entry()) == (Tag.Person.READ, f"user:{role}", f"person:{person.ref}", purpose)
    else:
        with pytest.raises(NotAllowed):
            people.access_person(user, person.ref, purpose)
        assert said(last_entry()) == (Tag.Person.DENIED, f"user:{role}", f"person:{person.ref}", purpose)
        assert last_entry().detail == {"why": "role"}


def test_every_purpose_has_roles() -> None:
    assert set(MAY_OPEN) == set(Purpose)
    assert all(opening.roles for opening in MAY_OPEN.values())


def test_somebody_without_an_account_or_with_a_closed_one_opens_nothing(worker: User, person: Person) -> None:
    User.objects.filter(pk=worker.pk).update(is_active=False)
    worker.refresh_from_db()
    for nobody in (AnonymousUser(), worker):
        with pytest.raises(NotAllowed):
            people.access_person(nobody, person.ref, Purpose.WELL_BEING_CHECK)  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            people.access_own(nobody)  # type: ignore[arg-type]


def refusal_of(user: User, ref: object, purpose: Purpose) -> dict[str, str | None]:
    with pytest.raises(DureError) as caught:
        people.access_person(user, ref, purpose)  # type: ignore[arg-type]
    return caught.value.as_dict() | {"status": str(caught.value.status)}


def test_a_refusal_does_not_tell_whether_there_is_such_a_person(city: City, worker: User) -> None:
    elsewhere = make_person(city.dongs[1])
    out_of_area = refusal_of(worker, elsewhere.ref, Purpose.WELL_BEING_CHECK)
    assert out_of_area["status"] == "404"
    assert last_entry().detail == {"why": "area"}
    assert last_entry().subject == f"person:{elsewhere.ref}"
    unknown = uuid4()
    assert refusal_of(worker, unknown, Purpose.WELL_BEING_CHECK) == out_of_area
    assert last_entry().detail == {"why": "unknown"}
    assert refusal_of(worker, "no such reference", Purpose.WELL_BEING_CHECK) == out_of_area
    assert last_entry().subject == "person:unknown"
    without_role = refusal_of(worker, elsewhere.ref, Purpose.OVERSIGHT)
    assert without_role["status"] == "403"
    assert refusal_of(worker, unknown, Purpose.OVERSIGHT) == without_role


def test_a_role_reaches_down_to_everything_below_its_area(city: City, person: Person) -> None:
    for area in (city.dongs[0], city.dongs[0].parent, city.area, None):
        user = make_user(f"worker-{area}", Role.CARE_WORKER, area=area)
        assert people.access_person(user, person.ref, Purpose.WELL_BEING_CHECK).ref == person.ref


def test_a_role_in_another_area_and_another_role_in_this_area_do_not_add_up(city: City, person: Person) -> None:
    user = make_user("both", Role.CARE_WORKER, area=city.dongs[1])
    Membership.objects.create(user=user, role=Role.PLANNER, area=city.dongs[0])
    with pytest.raises(NotFound):
        people.access_person(user, person.ref, Purpose.WELL_BEING_CHECK)


def split(city: City, on: date) -> tuple[Area, Area]:
    """The first 행정동 becomes two."""
    old = city.dongs[0]
    old.valid_to = on
    old.save()
    assert old.parent is not None
    first = make_dong("4199153000", "아람1동", old.parent, 127.095, 37.3)
    second = make_dong("4199154000", "아람2동", old.parent, 127.105, 37.3)
    for one in (first, second):
        AreaSuccession.objects.create(predecessor=old, successor=one, on=on)
    return first, second


def test_a_role_follows_its_area_into_what_it_became(city: City, worker: User) -> None:
    first, _ = split(city, date(2026, 7, 1))
    moved_in = make_person(first)
    assert people.access_person(worker, moved_in.ref, Purpose.WELL_BEING_CHECK).area == first


def test_a_role_in_a_new_area_reaches_homes_still_booked_under_the_old_one(city: City, person: Person) -> None:
    first, second = split(city, date(2026, 7, 1))
    user = make_user("new-worker", Role.CARE_WORKER, area=first)
    assert people.access_person(user, person.ref, Purpose.WELL_BEING_CHECK).area == city.dongs[0]
    with pytest.raises(NotFound):
        people.access_person(user, make_person(second).ref, Purpose.WELL_BEING_CHECK)


def test_homes_follow_their_area_by_their_place_or_by_its_one_successor(city: City) -> None:
    west = make_home(city.dongs[0], lon=127.092, lat=37.3)
    east = make_home(city.dongs[0], lon=127.107, lat=37.3)
    nowhere = make_home(city.dongs[0])
    first, second = split(city, date(2026, 7, 1))
    assert people.follow_successions(actor="tests") == 2
    assert last_entry().tag == Tag.Household.MOVED
    assert [Household.objects.get(pk=one.pk).area for one in (west, east, nowhere)] == [first, second, city.dongs[0]]
    assert people.follow_successions(actor="tests") == 0
    AreaSuccession.objects.filter(successor=second).delete()
    assert people.follow_successions(actor="tests") == 1
    nowhere.refresh_from_db()
    assert nowhere.area == first


def test_the_contacts_are_opened_only_where_the_purpose_needs_them(city: City, person: Person) -> None:
    people.add_contact(person, name="이영희", phone="02-123-4567", relation="딸", actor="tests")
    agent = city.users[Role.CALL_AGENT]
    assert people.access_person(agent, person.ref, Purpose.COMPLAINT).contacts == ()


def test_a_list_is_one_entry_that_names_everybody_who_was_read(city: City, worker: User) -> None:
    mine = [make_person(city.dongs[0]) for _ in range(3)]
    elsewhere = make_person(city.dongs[1])
    before = last_entry().seq
    asked = Person.objects.order_by("-pk")
    records = people.access_people(worker, asked, Purpose.WELL_BEING_CHECK)
    assert [one.ref for one in records] == [one.ref for one in reversed(mine)]
    entry = last_entry()
    assert entry.seq == before + 1
    assert said(entry) == (Tag.Person.LISTED, "user:worker", "people:3", Purpose.WELL_BEING_CHECK)
    assert entry.detail == {"refs": [str(one.ref) for one in reversed(mine)], "left_out": 1}
    assert str(elsewhere.ref) not in str(entry.detail)
    assert len(people.access_people(worker, asked[1:3], Purpose.WELL_BEING_CHECK)) == 2


def test_a_list_of_nobody_reads_nothing_and_says_nothing(worker: User) -> None:
    before = AuditEntry.objects.count()
    assert people.access_people(worker, Person.objects.none(), Purpose.WELL_BEING_CHECK) == []
    assert AuditEntry.objects.count() == before


def test_a_list_without_the_role_is_refused_and_audited(city: City, person: Person) -> None:
    with pytest.raises(NotAllowed):
        people.access_people(city.users[Role.PLANNER], Person.objects.all(), Purpose.WELL_BEING_CHECK)
    assert said(last_entry())[:2] == (Tag.Person.DENIED, "user:planner")


def test_opening_names_costs_the_same_queries_for_one_as_for_many(city: City, worker: User) -> None:
    def queries(count: int) -> int:
        asked = Person.objects.filter(pk__in=[make_person(city.dongs[0]).pk for _ in range(count)])
        with CaptureQueriesContext(connection) as captured:
            assert len(people.access_people(worker, asked, Purpose.WELL_BEING_CHECK)) == count
        return len(captured)

    assert queries(1) == queries(5)


def test_a_record_is_not_opened_inside_a_transaction_that_could_roll_the_entry_back(
    worker: User, person: Person
) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        people.access_person(worker, person.ref, Purpose.WELL_BEING_CHECK)


def test_sharing_with_the_family_needs_the_persons_consent(worker: User, person: Person) -> None:
    with pytest.raises(NotAllowed) as caught:
        people.access_person(worker, person.ref, Purpose.FAMILY_SHARE)
    assert "동의" in caught.value.ko
    assert last_entry().detail == {"why": "consent"}
    assert people.access_people(worker, Person.objects.all(), Purpose.FAMILY_SHARE) == []
    agree(person, ConsentPurpose.FAMILY_SHARE)
    assert people.access_person(worker, person.ref, Purpose.FAMILY_SHARE).name == "김순자"
    assert len(people.access_people(worker, Person.objects.all(), Purpose.FAMILY_SHARE)) == 1


def test_a_process_needs_the_persons_consent(person: Person) -> None:
    with pytest.raises(NotAllowed):
        people.access_as_process("care:ai-call", person.ref, Purpose.WELL_BEING_CHECK)
    assert said(last_entry())[:2] == (Tag.Person.DENIED, "care:ai-call")
    agree(person, ConsentPurpose.AI_CALL)
    assert people.access_as_process("care:ai-call", person.ref, Purpose.WELL_BEING_CHECK).phone == "01012345678"
    assert said(last_entry()) == (
        Tag.Person.READ,
        "care:ai-call",
        f"person:{person.ref}",
        Purpose.WELL_BEING_CHECK,
    )
    people.withdraw_consent(person, ConsentPurpose.AI_CALL, actor="tests")
    with pytest.raises(NotAllowed):
        people.access_as_process("care:ai-call", person.ref, Purpose.WELL_BEING_CHECK)


@pytest.mark.parametrize("purpose", [one for one in Purpose if not MAY_OPEN[one].automatic])
def test_no_process_opens_a_record_for_what_a_person_must_decide(person: Person, purpose: Purpose) -> None:
    for consent in ConsentPurpose:
        agree(person, consent)
    with pytest.raises(NotAllowed):
        people.access_as_process("worker", person.ref, purpose)
    with pytest.raises(NotAllowed):
        people.access_people_as_process("worker", Person.objects.all(), purpose)


def test_a_process_that_lists_opens_those_who_agreed_as_one_entry(city: City) -> None:
    agreed, other = make_person(city.dongs[0]), make_person(city.dongs[1])
    agree(agreed, ConsentPurpose.AI_CALL)
    records = people.access_people_as_process("care:ai-call", Person.objects.all(), Purpose.WELL_BEING_CHECK)
    assert [one.ref for one in records] == [agreed.ref]
    assert last_entry().detail == {"refs": [str(agreed.ref)], "left_out": 1}
    with pytest.raises(NotFound):
        people.access_as_process("care:ai-call", uuid4(), Purpose.WELL_BEING_CHECK)
    assert other.ref != agreed.ref


def test_citizens_read_themselves_and_nobody_else(city: City, person: Person) -> None:
    citizen = city.users[Role.CITIZEN]
    with pytest.raises(NotFound):
        people.access_own(citizen)
    citizen.person = person
    citizen.save()
    assert people.access_own(citizen).name == "김순자"
    assert said(last_entry()) == (Tag.Person.READ, "user:citizen", f"person:{person.ref}", Purpose.OWN)
    neighbour = make_person(city.dongs[0])
    with pytest.raises(NotFound):
        people.access_person(citizen, neighbour.ref, Purpose.OWN)
    with pytest.raises(NotAllowed):
        people.access_person(citizen, person.ref, Purpose.WELL_BEING_CHECK)


@pytest.mark.parametrize("spelled", ["010-1234-5678", "01012345678", "+82 10 1234 5678", "(010) 1234.5678"])
def test_a_person_is_found_by_phone_however_it_is_spelled(worker: User, person: Person, spelled: str) -> None:
    found = people.find_by_phone(worker, spelled, Purpose.WELL_BEING_CHECK)
    assert [one.ref for one in found] == [person.ref]
    assert last_entry().tag == Tag.Person.FOUND_BY_PHONE
    assert "1234" not in str(last_entry().detail).replace(str(person.ref), "")


def test_a_search_by_phone_stays_in_the_area_and_is_audited_even_when_nobody_is_found(city: City, worker: User) -> None:
    make_person(city.dongs[1])
    assert people.find_by_phone(worker, "010-1234-5678", Purpose.WELL_BEING_CHECK) == []
    assert said(last_entry())[:3] == (Tag.Person.FOUND_BY_PHONE, "user:worker", "people:0")
    with pytest.raises(NotAllowed):
        people.find_by_phone(worker, "010-1234-5678", Purpose.OVERSIGHT)
    with pytest.raises(Invalid) as caught:
        people.find_by_phone(worker, "1234", Purpose.WELL_BEING_CHECK)
    assert caught.value.field == "phone"


def test_who_left_or_changed_number_is_no_longer_found_by_it(worker: User, city: City) -> None:
    gone, moved = make_person(city.dongs[0]), make_person(city.dongs[0], phone="010-2222-3333")
    people.leave(gone, actor="tests")
    people.leave(gone, actor="tests")
    assert AuditEntry.objects.filter(tag=Tag.Person.LEFT).count() == 1
    people.change_phone(moved, "010-4444-5555", actor="tests")
    find = people.find_by_phone
    assert find(worker, "010-1234-5678", Purpose.WELL_BEING_CHECK) == []
    assert find(worker, "010-2222-3333", Purpose.WELL_BEING_CHECK) == []
    assert [one.phone for one in find(worker, "010-4444-5555", Purpose.WELL_BEING_CHECK)] == ["01044445555"]
    people.change_phone(moved, None, actor="tests")
    assert people.access_person(worker, moved.ref, Purpose.WELL_BEING_CHECK).phone is None


def test_a_move_of_the_clock_ends_a_consent(person: Person, standing_clock: StandingClock) -> None:
    agree(person, ConsentPurpose.AI_CALL, expires_at=standing_clock.now + timedelta(days=1))
    assert people.has_consent(person, ConsentPurpose.AI_CALL, standing_clock.now)
    later = standing_clock.move(days=1)
    assert not people.has_consent(person, ConsentPurpose.AI_CALL, later)
