# SPDX-License-Identifier: Apache-2.0
"""One press on a case orders what helps afterwards: an errand with a sensible window, said in the thread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dure.city import cases, errands, follow_ups
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import AuditEntry, Case, CaseEventKind, Errand, ErrandStatus, Level, Role
from tests.city.casework import open_care_case
from tests.conftest import StandingClock
from tests.factories import City, make_home, make_user

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 11, 2, 4, tzinfo=UTC)


@pytest.fixture
def case(city: City, standing_clock: StandingClock) -> Case:
    return opened(city, household=make_home(city.dongs[0]).household)


def opened(city: City, **fields: Any) -> Case:
    return open_care_case(city.dongs[0], city.team, level=Level.ALERT, due_at=DUE, **fields)


def press(client: Client, case: Case, **form: object) -> int:
    return client.post(f"/cases/{case.number}/follow_up/", form).status_code


def client_of(city: City, role: Role) -> Client:
    client = Client(headers={"accept-language": "ko"})
    client.force_login(city.users[role])
    return client


@pytest.mark.parametrize("kind", follow_ups.KINDS)
def test_one_press_orders_it_and_the_thread_says_so(case: Case, city: City, kind: str) -> None:
    client = client_of(city, Role.CARE_WORKER)
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert f'name="kind" value="{kind}"' in page
    assert press(client, case, kind=kind, client_id=uuid4()) == 302
    errand = Errand.objects.get(case=case)
    assert (errand.kind, errand.status, errand.service) == (kind, ErrandStatus.ORDERED, "care")
    assert errands.access_place(city.users[Role.CARE_WORKER], errand) == (127.1, 37.3)
    page = client.get(f"/cases/{case.number}/").content.decode()
    label = str(follow_ups.KINDS[kind].label)
    assert f"{label} · 11월" in page
    tags = set(AuditEntry.objects.values_list("tag", flat=True))
    assert {"city:errand:ordered", "city:case:follow_up_ordered"} <= tags


def test_pressed_twice_it_is_ordered_once(case: Case, city: City) -> None:
    client, number = client_of(city, Role.WELFARE_OFFICER), uuid4()
    assert press(client, case, kind="meal", client_id=number) == 302
    assert press(client, case, kind="meal", client_id=number) == 302
    assert Errand.objects.count() == 1
    assert case.events.filter(kind=CaseEventKind.ERRAND).count() == 1


def test_unknown_kind_names_the_field_and_orders_nothing(case: Case, city: City) -> None:
    client = client_of(city, Role.CARE_WORKER)
    assert press(client, case, kind="party", client_id=uuid4()) == 422
    with pytest.raises(Invalid) as refused:
        follow_ups.order(case, "party", actor=city.users[Role.CARE_WORKER])
    assert refused.value.field == "kind"
    assert not Errand.objects.exists()


def test_number_of_another_entry_is_refused_and_leaves_no_errand(case: Case, city: City) -> None:
    worker, number = city.users[Role.CARE_WORKER], uuid4()
    cases.add_note(case, actor=worker, text="메모", client_id=number)
    with pytest.raises(Conflict):
        follow_ups.order(case, "meal", actor=worker, client_id=number)
    assert not Errand.objects.exists()


def test_who_may_not_know_of_the_case_orders_nothing(case: Case, city: City) -> None:
    elsewhere = make_user("elsewhere", Role.WELFARE_OFFICER, area=city.dongs[1])
    with pytest.raises(NotFound):
        follow_ups.order(case, "meal", actor=elsewhere)
    assert not Errand.objects.exists()


@pytest.mark.parametrize("kind", follow_ups.KINDS)
@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_window_is_ahead_in_working_hours_and_long_enough(kind: str, hour: int) -> None:
    now = datetime(2026, 11, 2, hour, 59, tzinfo=UTC)
    begins, ends = follow_ups.window_of(kind, now)
    assert now <= begins < ends
    assert (ends - begins).total_seconds() >= 60 * follow_ups.KINDS[kind].minutes
    assert ends.hour == 9, "18:00 in Seoul"


def test_cancelled_with_a_reason_it_is_said_in_the_thread_and_done_once(case: Case, city: City) -> None:
    client, worker = client_of(city, Role.CARE_WORKER), city.users[Role.CARE_WORKER]
    follow_ups.order(case, "meal", actor=worker)
    errand, number = Errand.objects.get(), uuid4()
    address = f"/cases/{case.number}/cancel_follow_up/"
    assert client.post(address, {"errand": errand.pk, "client_id": number}).status_code == 422, "no reason"
    form = {"errand": errand.pk, "reason": "따님이 오셨습니다", "client_id": number}
    assert "후속 지원 취소" in client.get(f"/cases/{case.number}/").content.decode()
    for _ in range(2):
        assert client.post(address, form).status_code == 302
    errand.refresh_from_db()
    assert errand.status == ErrandStatus.CANCELLED
    assert "따님" not in errand.outcome, "what may speak of the person is sealed in the thread"
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "식사 배달 · 취소함" in page
    assert page.count("따님이 오셨습니다") == 1
    assert "후속 지원 취소" not in page
    tags = AuditEntry.objects.filter(tag__in=("city:errand:cancelled", "city:case:follow_up_cancelled"))
    assert tags.count() == 2
    with pytest.raises(Conflict):
        follow_ups.cancel(case, errand, reason="다시", actor=worker)


def test_follow_up_of_another_case_is_not_cancelled_here(case: Case, city: City) -> None:
    worker = city.users[Role.CARE_WORKER]
    follow_ups.order(case, "meal", actor=worker)
    other = opened(city)
    with pytest.raises(NotFound):
        follow_ups.cancel(other, Errand.objects.get(), reason="잘못", actor=worker)
    form = {"errand": Errand.objects.get().pk, "reason": "잘못", "client_id": uuid4()}
    assert client_of(city, Role.CARE_WORKER).post(f"/cases/{other.number}/cancel_follow_up/", form).status_code == 422
    assert Errand.objects.get().status == ErrandStatus.ORDERED
