# SPDX-License-Identifier: Apache-2.0
"""What a citizen may do with their own complaint, and nobody with another's."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from dure.city import audit, cases, clock, escalation
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import AuditEntry, CaseStatus, Channel, Escalation, EscalationAttempt, Level
from dure.services.complaints import assist
from dure.services.complaints.access import access_as_citizen
from dure.services.complaints.actions import citizen, handling, protection
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.drafting import draft_for
from dure.services.complaints.models import Complaint, ConcernStage, Kind, Message, MessageWay, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.desk import add_text
from tests.services.complaints.office import LAMP, PLACE, Office, make_office, seoul, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    """With an assistant that has learned nothing: everything comes to the desk."""
    monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: assist.Judged())
    return make_office(city)


def answered(office: Office) -> Complaint:
    """A complaint with its answer."""
    complaint = take()
    handling.answer(complaint.case, "고쳤습니다", office.agent, Outcome.DONE)
    complaint.refresh_from_db()
    return complaint


def test_number_and_pin_prove_whose_it_is(office: Office) -> None:
    complaint, pin = receive(Received("web", LAMP, uuid4(), name="김철수"), actor="door:web")
    spoken = f" {complaint.number.lower()} ", f"{pin[:4]} {pin[4:]}"
    assert citizen.prove(*spoken, "web") == complaint
    record = access_as_citizen(complaint)
    assert (record.text, record.name, len(record.messages)) == (LAMP, "김철수", 1)
    for number, tried in ((complaint.number, "00000000"), ("C-2026-999999", pin), (complaint.number, "")):
        with pytest.raises(NotFound) as refused:
            citizen.prove(number, tried, "web")
        assert refused.value.field == "pin"
    tags = AuditEntry.objects.filter(tag__startswith="complaints:pin").order_by("seq").values_list("tag", flat=True)
    assert [tag.rpartition(":")[2] for tag in tags] == ["accepted", "refused", "refused", "refused"]
    assert audit.verify() == []


def test_guessing_closes_it_for_a_while(office: Office, standing_clock: StandingClock) -> None:
    complaint, pin = receive(Received("web", LAMP, uuid4()), actor="door:web")
    for _ in range(5):
        with pytest.raises(NotFound):
            citizen.prove(complaint.number, "12345678", "web")
    with pytest.raises(citizen.TooManyTries):
        citizen.prove(complaint.number, pin, "web")
    standing_clock.move(minutes=61)
    assert citizen.prove(complaint.number, pin, "web") == complaint


def test_more_words_are_masked_and_reach_whoever_has_the_case(office: Office) -> None:
    complaint, number = take(kind=Kind.QUESTION), uuid4()
    handling.ask_citizen(complaint, "어디인가요?", office.agent)
    for _ in range(2):
        citizen.add_words(complaint, "제 번호는 010-7777-8888입니다", client_id=number)
    assert (complaint.version, "7777" in complaint.masked) == (2, False)
    assert "⟦PHONE_2⟧" in complaint.masked
    assert not complaint.pauses.filter(to_at=None).exists()
    assert complaint.case.status == CaseStatus.IN_PROGRESS
    assert Message.objects.filter(way=MessageWay.IN).get().text.open().endswith("8888입니다")


def test_danger_in_later_words_rings_though_somebody_has_the_case_in_hand(office: Office) -> None:
    complaint = take(kind=Kind.QUESTION)
    cases.acknowledge(complaint.case, office.agent)
    for known in (False, True):  # grave already the second time, and taken again meanwhile
        citizen.add_words(complaint, "지금 사람이 갇혔어요", client_id=uuid4())
        escalation.run_due()
        case = complaint.case
        case.refresh_from_db()
        rung = EscalationAttempt.objects.filter(escalation__case=case, channel=Channel.WORKER_CALL)
        assert (case.level, case.status, rung.count()) == (Level.SEVERE, CaseStatus.OPEN, 1 + known)
        assert case.due_at == clock.now() + timedelta(minutes=30)
        cases.acknowledge(case, office.agent)


def test_an_objection_is_heard_as_a_first_word_is(office: Office) -> None:
    complaint = answered(office)
    citizen.object_to(complaint, "지금 사람이 갇혔다고 이 개새끼들아", client_id=uuid4())
    assert complaint.case.level == Level.SEVERE
    assert Escalation.objects.filter(case=complaint.case).exists()
    assert [one.stage for one in complaint.concerns.all()] == [ConcernStage.SEEN]


def test_rough_words_that_come_later_are_kept_and_again_after_a_warning(office: Office) -> None:
    complaint = take()
    for words in ("이 개새끼들아", "이 개새끼들아", "야 병신아"):
        citizen.add_words(complaint, words, client_id=uuid4())
    (concern,) = complaint.concerns.all()
    assert json.loads(concern.words.open()) == ["개새끼", "병신아"]
    protection.decide(concern, ConcernStage.WARNED, actor=office.agent)
    citizen.add_words(complaint, "이 개새끼들아", client_id=uuid4())
    assert [one.stage for one in complaint.concerns.order_by("pk")] == [ConcernStage.WARNED, ConcernStage.SEEN]


def test_a_draft_answers_what_was_added_as_well(office: Office) -> None:
    complaint = take("문의드립니다")
    add_text("bags", "종량제 봉투 사는 곳", "종량제 봉투는 동네 슈퍼에서 팝니다.")
    citizen.add_words(complaint, "종량제 봉투는 어디에서 파나요?", client_id=uuid4())
    draft = draft_for(complaint, office.agent)
    assert [one["code"] for one in draft.passages] == ["bags"]
    assert draft.version == complaint.version


def test_a_number_of_another_request_is_refused(office: Office) -> None:
    number = uuid4()
    citizen.add_words(take(), "하나", client_id=number)
    with pytest.raises(Conflict):
        citizen.add_words(take(), "둘", client_id=number)


def test_who_withdraws_is_asked_no_more_and_the_others_wait_on(office: Office) -> None:
    first, second = take(topic="lamp", **PLACE), take(topic="lamp", **PLACE)
    for complaint in (first, first):
        citizen.withdraw(complaint, client_id=uuid4())
    assert (first.withdrawn_at, first.case.status) == (clock.now(), CaseStatus.OPEN)
    citizen.withdraw(second, client_id=uuid4())
    second.case.refresh_from_db()
    assert second.case.outcome == Outcome.WITHDRAWN
    with pytest.raises(Conflict):
        citizen.add_words(first, "하나 더", client_id=uuid4())


def test_an_answer_is_rated_and_the_last_word_counts(office: Office) -> None:
    with pytest.raises(Conflict):
        citizen.rate(take(), 5, client_id=uuid4())
    complaint = answered(office)
    for stars in (2, 2, 4):
        citizen.rate(complaint, stars, client_id=uuid4())
    assert complaint.rating == 4
    assert AuditEntry.objects.filter(tag="complaints:complaint:rated").count() == 2
    with pytest.raises(Invalid):
        citizen.rate(complaint, 6, client_id=uuid4())


def test_an_objection_is_looked_at_in_a_case_of_its_own(office: Office) -> None:
    complaint, number = answered(office), uuid4()
    before = complaint.case
    for _ in range(2):
        citizen.object_to(complaint, "아직 깜깜합니다", client_id=number)
    before.refresh_from_db()
    assert (before.status, complaint.case.status, complaint.case.team) == ("closed", "open", office.team)
    assert (complaint.answered_at, complaint.objected_at) == (None, clock.now())
    assert complaint.due_at == complaint.case.due_at == seoul("2026-11-13 18:00")
    handling.answer(complaint.case, "다시 고쳤습니다", office.agent, Outcome.DONE)


def test_it_is_too_late_to_object_after_the_time_for_it(office: Office, standing_clock: StandingClock) -> None:
    complaint = answered(office)
    standing_clock.move(days=61)
    with pytest.raises(Conflict):
        citizen.object_to(complaint, "이제 보니", client_id=uuid4())
