# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from dure.city import audit, clock, errands
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import AuditEntry, Errand, Role, User
from tests.city.casework import open_care_case
from tests.conftest import StandingClock
from tests.factories import City, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(city: City) -> User:
    return city.users[Role.CARE_WORKER]


def order(city: City, **fields: Any) -> Errand:
    given: dict[str, Any] = {
        "service": "care",
        "kind": "repair",
        "area": city.dongs[0],
        "window_from": clock.now(),
        "window_to": clock.now() + timedelta(hours=3),
        "minutes": 40,
        "actor": "tests",
    }
    return errands.order_errand(**(given | fields))


def test_an_errand_is_ordered_assigned_and_done(standing_clock: StandingClock, city: City, worker: User) -> None:
    errand = order(city, place=(127.1, 37.3), skills=["electrician"], load={"kg": 12.5})
    assert not errands.errands_of(worker).exists()
    errands.assign_errand(errand, worker, actor="tests")
    assert list(errands.errands_of(worker)) == [errand]
    standing_clock.move(hours=1)
    errands.errand_done(errand, actor=worker, outcome="전등 교체")
    errands.errand_done(errand, actor=worker, outcome="전등 교체")
    errand.refresh_from_db()
    assert (errand.status, errand.outcome, errand.ended_at) == ("done", "전등 교체", clock.now())
    assert not errands.errands_of(worker).exists()
    tags = AuditEntry.objects.filter(subject=f"errand:{errand.pk}").order_by("seq").values_list("tag", flat=True)
    assert list(tags) == ["city:errand:ordered", "city:errand:assigned", "city:errand:done"]


def test_what_could_not_be_done_says_why(standing_clock: StandingClock, city: City, worker: User) -> None:
    errand = order(city)
    errands.assign_errand(errand, worker, actor="tests")
    with pytest.raises(Invalid) as error:
        errands.errand_could_not(errand, reason=" ", actor=worker)
    assert error.value.field == "reason"
    errands.errand_could_not(errand, reason="문을 열지 않음", actor=worker)
    assert (errand.status, errand.outcome) == ("could_not", "문을 열지 않음")
    with pytest.raises(Conflict):
        errands.errand_done(errand, actor=worker)
    with pytest.raises(Conflict):
        errands.assign_errand(errand, worker, actor="tests")


def test_somebody_elses_errand_is_not_theirs_to_end(standing_clock: StandingClock, city: City, worker: User) -> None:
    errand = order(city)
    errands.assign_errand(errand, worker, actor="tests")
    with pytest.raises(NotFound):
        errands.errand_done(errand, actor=make_user("other", Role.CARE_WORKER))
    errands.cancel_errand(errand, reason="고쳐졌음", actor=city.users[Role.WELFARE_OFFICER])
    assert errand.status == "cancelled"


def test_a_place_is_sealed(standing_clock: StandingClock, city: City) -> None:
    order(city, place=(127.1, 37.3))
    assert "127.1" not in str(list(Errand.objects.values_list("place", flat=True)))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 181}, "window_to"),
        ({"window_from": datetime(2026, 11, 2)}, "window_from"),  # noqa: DTZ001 - the point of the test
        ({"window_to": datetime(2026, 11, 1, tzinfo=clock.SEOUL)}, "window_to"),
        ({"place": (37.3, 127.1)}, "place"),
        ({"load": {"kg": -1.0}}, "load.kg"),
    ],
)
def test_what_is_wrong_is_said_by_field(
    standing_clock: StandingClock, city: City, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        order(city, **fields)
    assert error.value.field == field
    assert not Errand.objects.exists()


def test_an_errand_of_a_case_that_the_user_must_not_know(standing_clock: StandingClock, city: City) -> None:
    case = open_care_case(city.dongs[0], city.team)
    with pytest.raises(NotFound):
        order(city, case=case, actor=city.users[Role.DRIVER])
    assert order(city, case=case, actor=city.users[Role.WELFARE_OFFICER]).case == case


def test_the_database_refuses_a_window_that_ends_before_it_begins(standing_clock: StandingClock, city: City) -> None:
    errand = order(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.filter(pk=errand.pk).update(window_to=errand.window_from)


def test_an_order_sent_twice_is_one_stop(standing_clock: StandingClock, city: City, worker: User) -> None:
    number = uuid4()
    first = order(city, client_id=number)
    chain = audit.count()
    standing_clock.move(days=1)  # its window is over by now; the answer is the same
    assert order(city, client_id=number, window_to=first.window_to, window_from=first.window_from) == first
    with pytest.raises(Conflict) as error:
        order(city, client_id=number, kind="meal")
    assert error.value.field == "client_id"
    assert (Errand.objects.count(), audit.count()) == (1, chain)


def test_a_stop_given_twice_to_the_same_person_is_given_once(
    standing_clock: StandingClock, city: City, worker: User
) -> None:
    errand = order(city)
    for _ in range(2):
        errands.assign_errand(errand, worker, actor="tests")
    assert AuditEntry.objects.filter(tag="city:errand:assigned").count() == 1


def test_a_place_is_opened_to_who_has_to_go_there_and_the_read_is_on_the_chain(
    standing_clock: StandingClock, city: City
) -> None:
    driver, officer = city.users[Role.DRIVER], city.users[Role.WELFARE_OFFICER]
    errand = order(city, place=(127.1, 37.3))
    with pytest.raises(NotFound):
        errands.access_place(driver, errand)
    errands.assign_errand(errand, driver, actor="tests")
    assert errands.access_place(driver, errand) == (127.1, 37.3)
    assert errands.access_place(officer, errand) == (127.1, 37.3)
    errands.errand_done(errand, actor=driver)
    with pytest.raises(NotFound):
        errands.access_place(driver, errand)
    read = AuditEntry.objects.filter(subject=f"errand:{errand.pk}", purpose="errand").order_by("seq")
    assert [(one.actor, one.tag.rpartition(":")[2]) for one in read] == [
        ("user:driver", "place_denied"),
        ("user:driver", "place_read"),
        ("user:welfare_officer", "place_read"),
        ("user:driver", "place_denied"),
    ]


def test_a_stop_without_a_place_has_none(standing_clock: StandingClock, city: City) -> None:
    assert errands.access_place(city.users[Role.WELFARE_OFFICER], order(city)) is None
