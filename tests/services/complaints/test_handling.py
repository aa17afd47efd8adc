# SPDX-License-Identifier: Apache-2.0
"""From department to department and to the answer: nothing is lost, nothing bounces for ever, everybody is told."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from dure.city import audit, clock
from dure.city.errors import Conflict, DureError, Invalid, NotAllowed, NotFound
from dure.city.models import AuditEntry, CaseEvent, CaseStatus, Escalation, Role
from dure.services.complaints import assist, law_clock
from dure.services.complaints.access import access_complaint
from dure.services.complaints.actions import citizen, handling
from dure.services.complaints.actions.pauses import end_overdue_pauses
from dure.services.complaints.actions.transfers import return_unanswered
from dure.services.complaints.joining import department_of
from dure.services.complaints.models import (
    Complaint,
    Draft,
    DraftState,
    Judgement,
    Kind,
    Message,
    MessageKind,
    Outcome,
    Transfer,
)
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.office import LAMP, PLACE, Office, make_office, seoul, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    """With an assistant that has learned nothing: everything comes to the desk."""
    monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: assist.Judged())
    return make_office(city)


def sent(office: Office, code: str = "roads", complaint: Complaint | None = None) -> Transfer:
    """A complaint that the desk has sent to a department."""
    complaint = complaint or take()
    return handling.transfer(complaint.case, office.departments[code], "도로과 업무", office.agent)


def last_said(complaint: Complaint) -> str:
    """The last word that the citizen was told."""
    message = Message.objects.filter(complaint=complaint, way="out").latest("pk")
    return str(message.text.open())


def test_a_person_chooses_and_both_opinions_stay(office: Office) -> None:
    complaint = take()
    for _ in range(2):
        handling.choose(complaint, office.departments["waste"], None, office.agent)
    judgement = Judgement.objects.get(complaint=complaint)
    assert (judgement.chosen, judgement.chosen_by, judgement.labels) == (office.departments["waste"], office.agent, [])
    assert AuditEntry.objects.filter(tag="complaints:complaint:sorted").count() == 1


def test_a_department_accepts_what_is_its_own(office: Office) -> None:
    transfer = sent(office)
    assert transfer.answer_by == seoul("2026-11-02 12:00")
    for stranger, error in ((office.officers["waste"], NotFound), (office.agent, NotAllowed)):
        with pytest.raises(error):
            handling.accept(transfer, stranger)
    handling.accept(transfer, office.officers["roads"])
    handling.accept(transfer, office.officers["roads"])
    case = transfer.case
    case.refresh_from_db()
    assert (case.team, case.assignee) == (office.departments["roads"].team, office.officers["roads"])
    assert case.status == CaseStatus.ACKNOWLEDGED
    with pytest.raises(Conflict):
        handling.refuse(transfer, "아님", office.officers["roads"])


def test_what_is_refused_is_the_desks_again_with_why(office: Office) -> None:
    transfer = sent(office)
    with pytest.raises(Invalid):
        handling.refuse(transfer, " ", office.officers["roads"])
    handling.refuse(transfer, "청소 일입니다", office.officers["roads"])
    transfer.case.refresh_from_db()
    assert (transfer.case.team, transfer.case.status) == (office.team, CaseStatus.OPEN)
    assert department_of(transfer.case) is None
    assert any("청소 일입니다" in event.text.open() for event in CaseEvent.objects.exclude(text=None))


def test_an_unanswered_transfer_comes_back_and_is_told(office: Office, standing_clock: StandingClock) -> None:
    transfer = sent(office)
    standing_clock.move(hours=2)
    assert return_unanswered() == 0
    standing_clock.move(hours=2)
    assert [return_unanswered(), return_unanswered()] == [1, 0]
    case = transfer.case
    case.refresh_from_db()
    assert case.team == office.team
    assert Escalation.objects.filter(case=case).exists()


def test_nothing_bounces_for_ever(office: Office, standing_clock: StandingClock) -> None:
    complaint = take()
    for code in ("roads", "waste", "welfare"):
        handling.refuse(sent(office, code, complaint), "아님", office.officers[code])
    with pytest.raises(NotAllowed):
        handling.transfer(complaint.case, office.departments["roads"], "다시", office.agent)
    final = handling.transfer(complaint.case, office.departments["roads"], "책임자가 정함", office.lead)
    with pytest.raises(Conflict):
        handling.refuse(final, "그래도 아님", office.officers["roads"])
    standing_clock.move(hours=4)
    assert return_unanswered() == 1
    complaint.case.refresh_from_db()
    assert complaint.case.team == office.departments["roads"].team


def test_the_desk_takes_back_what_nobody_has_answered_and_others_do_not(office: Office) -> None:
    transfer = sent(office)
    with pytest.raises(Conflict):
        handling.transfer(transfer.case, office.departments["waste"], "청소", office.officers["roads"])
    handling.transfer(transfer.case, office.departments["waste"], "잘못 보냄", office.agent)
    transfer.refresh_from_db()
    assert transfer.state == "refused"
    with pytest.raises(Conflict):
        handling.transfer(transfer.case, office.departments["waste"], "또", office.agent)


def test_who_is_sent_to_another_institution_is_told_where(office: Office) -> None:
    away, complaint = office.departments["welfare"], take(language="en")
    away.outside, away.phone = True, "031-999-0000"
    away.save()
    transfer = sent(office, "welfare", complaint)
    assert transfer.answer_by == seoul("2026-11-02 18:00")
    assert all(word in last_said(complaint) for word in ("Welfare", "031-999-0000"))
    handling.accept(transfer, office.agent)  # they have said so by telephone
    assert transfer.state == "accepted"


def test_partners_give_their_opinion_before_the_answer(office: Office, standing_clock: StandingClock) -> None:
    complaint = take(kind=Kind.QUESTION)
    partner = handling.ask_partner(
        complaint.case, office.departments["waste"], "010-1234-5678 님의 봉투 문의", office.agent
    )
    assert "1234" not in partner.part
    with pytest.raises(Conflict):
        handling.answer(complaint.case, "됩니다", office.agent, Outcome.EXPLAINED)
    with pytest.raises(NotAllowed):
        handling.give_opinion(partner, "저희 의견", office.officers["roads"])
    officer = Client()
    officer.force_login(office.officers["waste"])
    page = officer.get(reverse("complaints:opinions")).content.decode()
    assert "봉투 문의" in page
    assert "1234" not in page
    officer.post(reverse("complaints:opinion", args=[partner.pk]), {"text": "봉투는 됩니다"})
    assert [one.text for one in access_complaint(office.agent, complaint.number).opinions] == ["봉투는 됩니다"]
    handling.answer(complaint.case, "됩니다", office.agent, Outcome.EXPLAINED)
    assert complaint.case.outcome == Outcome.EXPLAINED


def test_the_clock_stands_while_the_citizen_is_asked(office: Office, standing_clock: StandingClock) -> None:
    complaint = take(kind=Kind.QUESTION)
    number = uuid4()
    for _ in range(2):
        handling.ask_citizen(complaint, "어느 전봇대인가요?", office.agent, client_id=number)
    assert complaint.case.status == CaseStatus.WAITING
    with pytest.raises(Conflict):
        handling.ask_citizen(complaint, "또", office.agent)
    standing_clock.move(days=2, hours=4)  # two working days and three hours
    assert handling.end_pause(complaint, actor=office.agent)
    assert complaint.due_at == seoul("2026-11-13 12:00")
    assert (complaint.case.status, complaint.case.due_at) == (CaseStatus.IN_PROGRESS, complaint.due_at)
    assert not handling.end_pause(complaint, actor=office.agent)


def test_an_inspection_of_a_grievance_does_not_count_and_lasts_as_long_as_the_law_lets_it(
    office: Office, standing_clock: StandingClock
) -> None:
    complaint = take(kind=Kind.GRIEVANCE)  # until the 10th at 18:00
    for kind, ground, until, field in (
        (Kind.QUESTION, "inspection", None, "ground"),
        (Kind.GRIEVANCE, "inspection", "2026-11-17 09:00", "until"),
        (Kind.GRIEVANCE, "citizen", None, "ground"),
        (Kind.GRIEVANCE, "hearing", None, "until"),
    ):
        Complaint.objects.update(kind=kind)
        with pytest.raises(Invalid) as refused:
            handling.pause(complaint, ground, "현장을 봐야 함", seoul(until) if until else None, office.agent)
        assert refused.value.field == field
    pause = handling.pause(complaint, "inspection", "현장을 봐야 함", None, office.agent)
    assert (pause.until, pause.by) == (seoul("2026-11-16 23:59"), office.agent)
    assert complaint.due_at == seoul("2026-11-25 18:00")
    assert all(word in last_said(complaint) for word in ("실지조사", "현장을 봐야 함", "2026-11-25 18:00"))
    with pytest.raises(Invalid):
        handling.prolong(pause, seoul("2026-11-24 09:00"), "비가 옴", office.agent)
    handling.prolong(pause, seoul("2026-11-20 18:00"), "비가 옴", office.agent)
    with pytest.raises(Conflict):
        handling.prolong(pause, seoul("2026-11-21 18:00"), "또 비", office.agent)
    standing_clock.move(days=2)  # two working days
    assert handling.end_pause(complaint, actor=office.agent, ground="inspection")
    assert complaint.due_at == seoul("2026-11-12 18:00")


def test_one_inspection_stands_for_every_citizen_of_the_case(office: Office, standing_clock: StandingClock) -> None:
    first, second, question = (
        take(kind=kind, topic="lamp", **PLACE) for kind in (Kind.GRIEVANCE, Kind.GRIEVANCE, Kind.QUESTION)
    )
    assert first.case == second.case == question.case
    pause = handling.pause(first, "inspection", "현장", None, office.agent)
    handling.prolong(pause, seoul("2026-11-18 18:00"), "비가 옴", office.agent)
    assert [one.pauses.count() for one in (first, second, question)] == [1, 1, 0]
    standing_clock.move(days=2)
    handling.end_pause(first, actor=office.agent, ground="inspection")
    second.refresh_from_db()
    assert second.due_at == first.due_at == seoul("2026-11-12 18:00")
    assert "2026-11-18" in last_said(second)


@pytest.mark.parametrize("how", ["objection", "look_again"])
def test_what_is_looked_at_again_has_a_period_of_its_own(
    office: Office, standing_clock: StandingClock, how: str
) -> None:
    complaint = take(kind=Kind.QUESTION)
    handling.extend(complaint, 7, "현장 조사", False, office.agent)
    handling.answer(complaint.case, "답", office.agent, Outcome.EXPLAINED)
    standing_clock.stand_at(seoul("2026-12-07 09:00"))
    complaint.refresh_from_db()
    if how == "objection":
        citizen.object_to(complaint, "아직입니다", client_id=uuid4())
    else:
        handling.look_again(complaint.case, "현장이 달랐음", office.agent)
    handling.ask_citizen(complaint, "어디인가요?", office.agent)
    standing_clock.move(days=2)
    citizen.add_words(complaint, "골목입니다", client_id=uuid4())
    assert complaint.due_at == seoul("2026-12-22 18:00")  # ten working days and the two
    handling.extend(complaint, 10, "더 필요", False, office.agent)
    with pytest.raises(Conflict):
        handling.extend(complaint, 1, "또", True, office.agent)


def test_what_two_pauses_have_in_common_is_left_out_once_and_the_citizens_answer_ends_its_own_alone(
    office: Office, standing_clock: StandingClock
) -> None:
    complaint = take(kind=Kind.QUESTION)
    handling.pause(complaint, "examination", "시험성적서", seoul("2026-11-05 18:00"), office.agent)
    standing_clock.move(days=1)
    handling.ask_citizen(complaint, "어느 제품인가요?", office.agent)
    standing_clock.move(days=1)
    citizen.add_words(complaint, "이 제품입니다", client_id=uuid4())
    (standing,) = complaint.pauses.filter(to_at=None)
    assert law_clock.clocks([complaint])[complaint.pk].words == "멈춤: 검사·감정·기술 검토"
    standing_clock.stand_at(seoul("2026-11-05 18:00"))
    assert end_overdue_pauses() == 1
    complaint.refresh_from_db()
    assert (standing.ground, complaint.due_at) == ("examination", seoul("2026-11-16 18:00"))  # four working days


def test_a_period_is_extended_once_and_again_only_with_consent(office: Office) -> None:
    complaint = take(kind=Kind.QUESTION)
    handling.extend(complaint, 7, "현장 조사", False, office.agent)
    assert complaint.due_at == seoul("2026-11-19 18:00")
    assert all(word in last_said(complaint) for word in ("현장 조사", "2026-11-19 18:00"))
    with pytest.raises(Invalid) as refused:
        handling.extend(complaint, 3, "더 필요", False, office.agent)
    assert refused.value.field == "agreed"
    handling.extend(complaint, 3, "더 필요", True, office.agent)
    with pytest.raises(Conflict):
        handling.extend(complaint, 1, "또", True, office.agent)


@pytest.mark.parametrize(("days", "reason", "field"), [(8, "김", "days"), (0, "김", "days"), (1, "", "reason")])
def test_an_extension_stays_within_the_period(office: Office, days: int, reason: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        handling.extend(take(kind=Kind.QUESTION), days, reason, False, office.agent)
    assert refused.value.field == field


def test_everybody_of_a_case_is_answered_with_their_own_data(office: Office) -> None:
    first = take(topic="lamp", **PLACE)
    second = take("저는 이영희입니다. 가로등이요", topic="lamp", language="en", **PLACE)
    third = take("010-9999-8888 가로등", topic="lamp", **PLACE)
    assert first.case == second.case == third.case
    number = uuid4()
    for _ in range(2):
        handling.answer(first.case, "⟦NAME_1⟧ 님, 고쳤습니다.", office.agent, Outcome.DONE, client_id=number)
    assert last_said(first).startswith("김철수 님")
    assert last_said(second).startswith("이영희 님")
    assert "김철수" not in last_said(third)
    assert Message.objects.filter(kind=MessageKind.ANSWER).count() == 3
    first.refresh_from_db()
    assert (first.answered_at, first.first_answered_at) == (clock.now(), clock.now())
    assert audit.verify() == []


def test_an_answer_to_fewer_words_than_were_said_is_not_sent(office: Office) -> None:
    complaint = take()
    version = handling.version_of(complaint.case)
    draft = Draft.objects.create(complaint=complaint, version=1, at=clock.now(), writer="extractive", action="answer")
    Complaint.objects.update(version=2)
    for given in ({"expected_version": version}, {"draft": draft}):
        with pytest.raises(Conflict) as refused:
            handling.answer(complaint.case, "고쳤습니다", office.agent, Outcome.DONE, **given)
        assert refused.value.field == "version"
    draft.version = 2
    draft.save()
    handling.answer(complaint.case, "고쳤습니다.", office.agent, Outcome.DONE, draft=draft)
    assert (draft.state, draft.by) == (DraftState.SENT, office.agent)


def test_a_refusal_comes_with_the_way_to_object(office: Office) -> None:
    complaint = take()
    handling.answer(complaint.case, "할 수 없습니다.", office.agent, Outcome.CANNOT)
    assert all(word in last_said(complaint) for word in ("60일", complaint.number))


def test_repeated_ones_end_only_as_the_law_lets_them(office: Office) -> None:
    for _ in range(2):
        complaint = take(phone="010-1234-5678")
        with pytest.raises(Conflict):
            handling.end_repeated(complaint, office.agent)
        handling.answer(complaint.case, "답", office.agent, Outcome.EXPLAINED)
    third = take(phone="010-1234-5678")
    handling.say_repeats(third, None, office.agent)
    with pytest.raises(Conflict):
        handling.end_repeated(third, office.agent)
    handling.say_repeats(third, complaint, office.agent)
    handling.end_repeated(third, office.agent)
    third.case.refresh_from_db()
    assert third.case.outcome == Outcome.REPEATED


def test_a_case_closed_too_early_is_looked_at_again(office: Office) -> None:
    complaint = take()
    handling.answer(complaint.case, "답", office.agent, Outcome.EXPLAINED)
    handling.look_again(complaint.case, "현장이 달랐음", office.agent)
    complaint.refresh_from_db()
    assert (complaint.answered_at, complaint.case.status) == (None, CaseStatus.IN_PROGRESS)


@pytest.mark.parametrize("verb", ["choose", "transfer", "ask", "extend", "answer"])
def test_who_may_not_act_on_a_case_does_not(office: Office, city: City, verb: str) -> None:
    complaint, stranger = take(LAMP), city.users[Role.CARE_WORKER]
    verbs: dict[str, Any] = {
        "choose": lambda: handling.choose(complaint, office.departments["roads"], None, stranger),
        "transfer": lambda: handling.transfer(complaint.case, office.departments["roads"], "까닭", stranger),
        "ask": lambda: handling.ask_citizen(complaint, "무엇?", stranger),
        "extend": lambda: handling.extend(complaint, 1, "까닭", False, stranger),
        "answer": lambda: handling.answer(complaint.case, "답", stranger, Outcome.DONE),
    }
    entries = AuditEntry.objects.count()
    with pytest.raises(DureError):
        verbs[verb]()
    assert AuditEntry.objects.count() == entries
