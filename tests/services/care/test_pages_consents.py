# SPDX-License-Identifier: Apache-2.0
"""The pages of consents: who may keep them, what a wrong one says, what is said when the watching stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dure.city import people
from dure.city.audit import Tag
from dure.city.models import AuditEntry, Consent, ConsentPurpose, Role, User
from dure.services.care.models import Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    return enrolled(city)


def client_of(user: User, language: str = "ko") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def address(enrolment: Enrolment, rest: str = "") -> str:
    return f"/care/people/{enrolment.person.ref}/consents/{rest}"


def typed(**changed: object) -> dict[str, Any]:
    form = {"purposes": ["power_watch", "family_share"], "last_day": "2027-05-31", "said_by": "self", "how": "visit"}
    return form | changed


@pytest.mark.parametrize("role", Role)
def test_carers_open_it_and_nobody_else(city: City, enrolment: Enrolment, role: Role) -> None:
    expected = 200 if role in {Role.CARE_WORKER, Role.WELFARE_OFFICER} else 403
    assert client_of(city.users[role]).get(address(enrolment)).status_code == expected


def test_page_says_what_holds_until_when_and_the_reading_is_on_the_chain(city: City, enrolment: Enrolment) -> None:
    text = client_of(city.users[Role.CARE_WORKER]).get(address(enrolment)).content.decode()
    assert text.count("2027년 12월 31일</time>까지") == 3
    assert "등록 서류" in text
    assert "살피지 않습니다" not in text[: text.index('id="of-power_watch"')]
    read = AuditEntry.objects.get(tag=Tag.Person.READ)
    assert (read.actor, read.purpose) == ("user:care_worker", "consent")


def test_renewal_is_shown_with_who_said_so(city: City, enrolment: Enrolment) -> None:
    client = client_of(city.users[Role.CARE_WORKER])
    form = typed(last_day="2028-01-31", said_by="guardian")
    assert client.post(address(enrolment, "grant/"), form).status_code == 302
    text = client.get(address(enrolment)).content.decode()
    assert text.count("2028년 1월 31일</time>까지") == 2
    assert "법정대리인 · 만나서 말로 · 적은 이 생활지원사" in text
    assert Consent.objects.filter(person=enrolment.person).count() == 5
    again = client.post(address(enrolment, "grant/"), form, follow=True)
    assert "이미 그렇게 적혀 있습니다" in again.content.decode()
    assert Consent.objects.filter(person=enrolment.person).count() == 5


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"purposes": []}, "purposes"),
        ({"purposes": ["everything"]}, "purposes"),
        ({"last_day": "2026-11-01"}, "last_day"),
        ({"last_day": "2031-12-01"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"last_day": "someday"}, "last_day"),
        ({"said_by": "neighbour"}, "said_by"),
        ({"how": ""}, "how"),
    ],
)
def test_wrong_consent_names_its_field_and_keeps_nothing(
    city: City, enrolment: Enrolment, changed: dict[str, object], field: str
) -> None:
    answer = client_of(city.users[Role.WELFARE_OFFICER]).post(address(enrolment, "grant/"), typed(**changed))
    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.content.decode()
    assert Consent.objects.filter(person=enrolment.person).count() == 3


def test_taking_back_stops_the_watching_and_says_so(city: City, enrolment: Enrolment) -> None:
    client = client_of(city.users[Role.CARE_WORKER])
    place = address(enrolment, "power_watch/withdraw/")
    assert client.post(place, {"said_by": "self"}).status_code == 422
    answer = client.post(place, {"said_by": "self", "how": "phone"}, follow=True)
    text = answer.content.decode()
    assert "이 댁의 안부를 더 살피지 않습니다" in text
    assert "지금 이 댁의 안부를 살피지 않습니다" in text
    assert "2026년 11월 2일</time> 철회" in text
    assert client.post(address(enrolment, "everything/withdraw/"), typed()).status_code == 404


def test_who_is_not_watched_any_more_is_marked_where_they_are_looked_for(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    worker = city.users[Role.CARE_WORKER]
    mark = "동의가 없어 살피지 않음"
    assert mark not in client_of(worker).get("/care/today/").content.decode()
    people.withdraw_consent(enrolment.person, ConsentPurpose.POWER_WATCH, actor=worker)
    assert mark in client_of(worker).get("/care/today/").content.decode()
    assert mark in client_of(worker).get(f"/care/people/{enrolment.person.ref}/").content.decode()
    board = client_of(city.users[Role.WELFARE_OFFICER]).get("/care/board/").content.decode()
    assert mark in board


def test_renewed_consent_is_no_longer_due(city: City, enrolment: Enrolment, standing_clock: StandingClock) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    Consent.objects.filter(purpose="power_watch").update(expires_at=standing_clock.now + timedelta(days=3))
    due = officer.get("/care/board/").content.decode()
    assert f'href="{address(enrolment)}"' in due
    officer.post(address(enrolment, "grant/"), typed(purposes=["power_watch"]))
    assert f'href="{address(enrolment)}"' not in officer.get("/care/board/").content.decode()


def test_person_of_another_area_is_as_unknown_as_nobody(city: City, enrolment: Enrolment) -> None:
    stranger = client_of(make_user("stranger", Role.CARE_WORKER, area=city.dongs[1]))
    assert stranger.get(address(enrolment)).status_code == 404
    assert stranger.post(address(enrolment, "grant/"), typed()).status_code == 404
    answer = stranger.post(address(enrolment, "power_watch/withdraw/"), {"said_by": "self", "how": "phone"})
    assert answer.status_code == 404
    assert not Consent.objects.exclude(withdrawn_at=None).exists()
