# SPDX-License-Identifier: Apache-2.0
"""The elder's own page: what is watched and by whom, who looked, stopping it for real, being away."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dure.city import clock, people
from dure.city.family import let_in
from dure.city.models import (
    AuditEntry,
    Case,
    CaseEvent,
    CaseStatus,
    Consent,
    ConsentPurpose,
    Finding,
    Level,
    Person,
    Role,
    User,
)
from dure.city.oversight import who_looked
from dure.city.people import Purpose
from dure.services.care.actions.alarms import alarm
from dure.services.care.models import Away, AwaySource, Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import Living, enrolled, judge

pytestmark = pytest.mark.django_db
REASON = {"ko": "평소와 다릅니다.", "en": "Unlike the habit."}


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    made = enrolled(city, consents=["power_watch", "ai_call", "family_share"])
    User.objects.filter(pk=city.users[Role.CITIZEN].pk).update(person=made.person)
    return made


@pytest.fixture
def elder(city: City, enrolment: Enrolment) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=city.users[Role.CITIZEN].pk))
    return client


def words(answer: Any) -> str:
    return str(answer.content.decode().partition("<main")[2])


def test_page_says_what_is_watched_by_whom_until_when_and_which_family_sees_it(
    enrolment: Enrolment, elder: Client
) -> None:
    let_in(enrolment.person.contacts.get(), "daughter", actor="tests")
    page = words(elder.get("/care/my/"))
    for told in (
        "전력 사용으로 안부 확인",
        "2026년 11월 2일</time>에 동의하셨고",
        "2027년 12월 31일</time>까지입니다",
        "생활지원사 생활지원사가",
        "김하나 (딸)",
    ):
        assert told in page, told


def test_page_says_who_looked_and_why_but_not_that_they_looked_themselves(
    city: City, enrolment: Enrolment, elder: Client, standing_clock: StandingClock
) -> None:
    worker = city.users[Role.CARE_WORKER]
    elder.get("/care/my/")
    for _ in range(3):
        people.access_person(worker, enrolment.person.ref, Purpose.WELL_BEING_CHECK)
    standing_clock.move(days=1)
    people.access_people(worker, Person.objects.all(), Purpose.WELL_BEING_CHECK)
    people.access_as_process("feed:telephony", enrolment.person.ref, Purpose.WELL_BEING_CHECK)
    me = User.objects.get(pk=city.users[Role.CITIZEN].pk)
    assert [(look.actor, look.why) for look in who_looked(me)] == [
        ("feed:telephony", ("안부를 살피려고",)),
        ("user:care_worker", ("안부를 살피려고",)),
        ("user:care_worker", ("안부를 살피려고",)),
    ]
    page = words(elder.get("/care/my/"))
    assert page.count("안부를 살피려고") == 3
    assert who_looked(make_user("nobody", Role.CITIZEN)) == []


def test_stopping_asks_first_and_says_what_happens_then(enrolment: Enrolment, elder: Client) -> None:
    asked = elder.get("/care/my/stop/power_watch/")
    assert "무슨 일이 있어도 저희가 알 수 없습니다" in words(asked)
    assert people.has_consent(enrolment.person, ConsentPurpose.POWER_WATCH, clock.now())


def test_stopping_really_stops(enrolment: Enrolment, elder: Client, standing_clock: StandingClock) -> None:
    """Whatever the meter says afterwards is looked at by no engine, and the open case is left to people."""
    finding = alarm(
        enrolment, level=Level.ALERT, score=3, reason=REASON, evidence={}, engine_version="test", at=clock.now()
    )
    assert elder.post("/care/my/stop/power_watch/").status_code == 302
    finding.refresh_from_db()
    assert finding.ended_at == standing_clock.now
    case = Case.objects.get()
    assert case.status != CaseStatus.CLOSED
    note = CaseEvent.objects.filter(case=case, kind="note").latest("id")
    assert note.actor_name == "care:consents"
    withdrawn = Consent.objects.get(person=enrolment.person, purpose=ConsentPurpose.POWER_WATCH)
    assert withdrawn.withdrawn_at == standing_clock.now
    taken = AuditEntry.objects.get(tag="care:consent:taken_back")
    assert (taken.actor, taken.detail["said_by"], taken.detail["how"]) == ("user:citizen", "self", "online")

    begin = standing_clock.now
    standing_clock.move(days=3)
    Living(enrolment).send(begin, standing_clock.now, alive=False)
    judge()
    assert Finding.objects.count() == 1


def test_everything_can_be_stopped_at_once_and_again_does_no_harm(enrolment: Enrolment, elder: Client) -> None:
    assert elder.get("/care/my/stop/all/").content.decode().count("<h2") == 3
    elder.post("/care/my/stop/all/")
    assert not Consent.objects.filter(person=enrolment.person, withdrawn_at=None).exists()
    again = elder.post("/care/my/stop/all/", follow=True)
    assert "이미 그만두셨습니다" in again.content.decode()
    assert "지금은 아무것도 살피지 않습니다" in words(elder.get("/care/my/"))
    assert elder.get("/care/my/stop/everything/").status_code == 404


def test_elder_goes_away_and_comes_back(enrolment: Enrolment, elder: Client) -> None:
    elder.post("/care/my/away/", {"days": 1, "reason": "hospital"})
    away = Away.objects.get()
    assert (away.said_by, away.reason) == (AwaySource.ELDER, "hospital")
    assert "내일 20:00</time>까지 알림을 멈춥니다" in words(elder.get("/care/my/"))
    elder.post("/care/my/back/")
    away.refresh_from_db()
    assert away.returned_at == clock.now()


def test_evening_that_is_over_is_refused_with_words(
    enrolment: Enrolment, elder: Client, standing_clock: StandingClock
) -> None:
    standing_clock.move(hours=12)
    answer = elder.post("/care/my/away/", {"days": 0, "reason": "trip"})
    assert (answer.status_code, Away.objects.count()) == (422, 0)
    assert "뒤여야 합니다" in words(answer)


def test_account_that_is_nobodys_says_that_nothing_is_watched(city: City) -> None:
    client = Client()
    client.force_login(make_user("nobody", Role.CITIZEN))
    assert "지금은 아무것도 살피지 않습니다" in words(client.get("/care/my/"))
    assert client.post("/care/my/back/").status_code == 404
