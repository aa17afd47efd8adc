# SPDX-License-Identifier: Apache-2.0
"""The pages on which people ask about automatic decisions and staff answer them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dure.city import clock, escalation
from dure.city.family import let_in
from dure.city.models import AuditEntry, Case, CaseStatus, EscalationAttempt, Level, Review, Role, User
from dure.services.care.actions.alarms import alarm
from dure.services.care.models import Call, Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db
REASON = {"ko": "08시면 28일 중 25일은 전기를 쓰셨습니다.", "en": "On 25 of 28 days power was used at 8."}


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    made = enrolled(city, consents=["power_watch", "ai_call", "family_share"])
    User.objects.filter(pk=city.users[Role.CITIZEN].pk).update(person=made.person)
    return made


def signed_in(city: City, role: Role) -> Client:
    return client_of(User.objects.get(pk=city.users[role].pk))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def noticed(enrolment: Enrolment, level: Level = Level.ALERT) -> Case:
    finding = alarm(
        enrolment, level=level, score=3.0, reason=REASON, evidence={}, engine_version="test", at=clock.now()
    )
    return finding.cases.get()


def main_of(answer: Any) -> str:
    return str(answer.content.decode().partition("<main")[2])


def test_elder_reads_what_was_decided_asks_and_reads_the_answer(city: City, enrolment: Enrolment) -> None:
    case = noticed(enrolment)
    finding = case.findings.get()
    elder, officer = signed_in(city, Role.CITIZEN), signed_in(city, Role.WELFARE_OFFICER)
    assert REASON["ko"] in main_of(elder.get("/my/decisions/"))
    form = {"person": enrolment.person.ref, "finding": finding.pk, "kind": "review", "text": "집에 있었어요"}
    assert elder.post("/my/decisions/ask/", form).status_code == 302
    assert "2026년 12월 2일</time>까지 답해 드립니다" in main_of(elder.get("/my/decisions/"))

    review = Review.objects.get()
    assert "사람이 다시 봐 주세요" in main_of(officer.get("/reviews/"))
    page = main_of(officer.get(f"/reviews/{review.ref}/"))
    assert ("집에 있었어요" in page, REASON["ko"] in page, "김순자" in page) == (True, True, True)
    empty = officer.post(f"/reviews/{review.ref}/answer/", {"result": "changed", "text": ""})
    assert empty.status_code == 422
    officer.post(f"/reviews/{review.ref}/answer/", {"result": "changed", "text": "계셨던 것이 맞습니다."})
    answered = main_of(elder.get("/my/decisions/"))
    assert "계셨던 것이 맞습니다." in answered
    assert "답한 이: 복지 공무원" in answered


def test_refusal_keeps_the_machine_from_ringing_and_shows_people_that(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    elder = signed_in(city, Role.CITIZEN)
    form = {"person": enrolment.person.ref, "service": "care", "kind": "refusal"}
    elder.post("/my/decisions/ask/", form)
    case = noticed(enrolment, Level.SEVERE)
    for _ in range(60):
        escalation.run_due()
        standing_clock.move(minutes=15)
    channels = set(EscalationAttempt.objects.filter(escalation__case=case).values_list("channel", "result"))
    assert ("ai_call", "failed") in channels
    assert ("handover_119", "failed") in channels
    assert {channel for channel, _ in channels} > {"ai_call", "handover_119"}, "people are asked all the same"
    assert not Call.objects.exists()
    assert not case.handovers.exists()
    page = signed_in(city, Role.WELFARE_OFFICER).get(f"/cases/{case.number}/")
    assert "자동화된 결정을 거부하신 분입니다" in main_of(page)
    assert case.status != CaseStatus.CLOSED


def test_refusal_taken_back_lets_it_ring_again(city: City, enrolment: Enrolment) -> None:
    elder = signed_in(city, Role.CITIZEN)
    elder.post("/my/decisions/ask/", {"person": enrolment.person.ref, "service": "care", "kind": "refusal"})
    elder.post(f"/my/decisions/{Review.objects.get().ref}/withdraw/")
    noticed(enrolment)
    escalation.run_due()
    assert Call.objects.count() == 1


def test_family_asks_without_reading_what_was_decided(city: City, enrolment: Enrolment) -> None:
    finding = noticed(enrolment).findings.get()
    daughter = client_of(let_in(enrolment.person.contacts.get(), "daughter", actor="tests").user)
    page = main_of(daughter.get("/my/decisions/"))
    assert ("김순자" in page, REASON["ko"] in page) == (True, False)
    form = {"person": enrolment.person.ref, "service": "care", "kind": "explanation", "finding": finding.pk}
    daughter.post("/my/decisions/ask/", form)
    review = Review.objects.get()
    assert (review.asked_as, review.finding) == ("family", None)
    assert REASON["ko"] not in main_of(daughter.get("/my/decisions/"))


def test_stranger_asks_for_nobody_and_takes_back_nothing(city: City, enrolment: Enrolment) -> None:
    elder, stranger = signed_in(city, Role.CITIZEN), client_of(make_user("stranger", Role.CITIZEN))
    form = {"person": enrolment.person.ref, "service": "care", "kind": "refusal"}
    assert stranger.post("/my/decisions/ask/", form).status_code == 404
    elder.post("/my/decisions/ask/", form)
    assert stranger.post(f"/my/decisions/{Review.objects.get().ref}/withdraw/").status_code == 404
    assert "보여 드릴 판단이 없습니다" in main_of(stranger.get("/my/decisions/"))


def test_staff_write_down_what_was_said_and_extend_the_time(city: City, enrolment: Enrolment) -> None:
    worker = signed_in(city, Role.CARE_WORKER)
    address = f"/reviews/ask/{enrolment.person.ref}/"
    assert worker.post(address, {"service": "care", "kind": ""}).status_code == 422
    worker.post(address, {"service": "care", "kind": "explanation", "text": "왜 전화가 왔는지 물으심"})
    review = Review.objects.get()
    assert (review.asked_as, review.asked_by.username) == ("staff", "care_worker")
    officer = signed_in(city, Role.WELFARE_OFFICER)
    assert officer.post(f"/reviews/{review.ref}/extend/", {"reason": ""}).status_code == 422
    assert officer.post(f"/reviews/{review.ref}/extend/", {"reason": "자료를 더 봅니다"}).status_code == 302
    review.refresh_from_db()
    assert review.extensions == 1


def test_case_of_a_request_is_closed_by_answering_it_only(city: City, enrolment: Enrolment) -> None:
    signed_in(city, Role.CITIZEN).post(
        "/my/decisions/ask/", {"person": enrolment.person.ref, "service": "care", "kind": "explanation"}
    )
    review, officer = Review.objects.select_related("case").get(), signed_in(city, Role.WELFARE_OFFICER)
    answer = officer.get(f"/cases/{review.case.number}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/reviews/{review.ref}/")
    closed = officer.post(f"/cases/{review.case.number}/close/", {"outcome": "false_alarm"})
    assert closed.status_code == 409
    review.case.refresh_from_db()
    assert review.case.status == CaseStatus.OPEN


def test_late_request_is_loud_on_the_list_and_its_page(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    elder, officer = signed_in(city, Role.CITIZEN), signed_in(city, Role.WELFARE_OFFICER)
    elder.post("/my/decisions/ask/", {"person": enrolment.person.ref, "service": "care", "kind": "explanation"})
    standing_clock.move(days=31)
    assert "늦음" in main_of(officer.get("/reviews/"))
    assert "법이 정한 기한이 지났습니다" in main_of(officer.get(f"/reviews/{Review.objects.get().ref}/"))
    assert "기한이 지나 담당 팀에" in main_of(elder.get("/my/decisions/"))
    assert AuditEntry.objects.filter(tag="city:review:read", actor="user:citizen").exists()
