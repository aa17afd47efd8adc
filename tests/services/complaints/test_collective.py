# SPDX-License-Identifier: Apache-2.0
"""Complaints that many sign are seen, told and decided on, and end only when the committee has been heard."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from dure.city import clock
from dure.city.errors import Conflict, Invalid, NotAllowed
from dure.city.models import AuditEntry, CaseEvent, Escalation, Level
from dure.services.complaints import assist
from dure.services.complaints.actions import citizen, handling
from dure.services.complaints.actions.collective import of_many
from dure.services.complaints.models import CollectiveStage, Complaint, Decision, Kind, Matter, Outcome
from dure.services.complaints.signers import signers
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.office import Office, make_office, take

pytestmark = pytest.mark.django_db
MANY = "김철수 외 12명 드림. 21세대가 먼지로 고생합니다."


@pytest.fixture
def office(city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    """With an assistant that has learned nothing: everything comes to the desk."""
    monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: assist.Judged())
    return make_office(city)


@pytest.mark.parametrize(
    ("text", "many"),
    [
        (MANY, (13, 21)),
        ("아람동 주민 일동 드림", (None, None)),
        ("주민 37명이 서명했습니다", (37, None)),
        ("Kim and 12 others of 8 households", (13, 8)),
        ("500세대 아파트에 가로등이 나갔어요", None),
        ("야외 30명 모임, 해외 10명", None),
        ("저 외 2명이 봤어요", None),
    ],
)
def test_words_by_which_many_say_it(text: str, many: tuple[int | None, int | None] | None) -> None:
    said = signers(text)
    assert said.are_many == (many is not None)
    assert many is None or (said.people, said.households) == many


def test_what_many_seem_to_say_is_told_and_a_person_decides(office: Office) -> None:
    complaint, later = take(MANY), take("먼지가 심해요")
    citizen.add_words(later, "주민 일동이 서명합니다", client_id=uuid4())
    rows = of_many(office.lead)
    assert [(one.complaint, one.stage, one.signers) for one in rows] == [
        (complaint, CollectiveStage.SEEN, 13), (later, CollectiveStage.SEEN, None),
    ]  # fmt: skip
    assert "김철수" not in str(rows[0].words)
    complaint.case.refresh_from_db()
    assert complaint.case.level == Level.ATTENTION
    assert Escalation.objects.filter(case=complaint.case).exists()
    with pytest.raises(Invalid) as refused:
        handling.decide_collective(complaint, CollectiveStage.CONFIRMED, 13, 4, office.agent)
    assert refused.value.field == "households"
    for _ in range(2):
        handling.decide_collective(complaint, CollectiveStage.CONFIRMED, 13, 21, office.agent)
    handling.decide_collective(later, CollectiveStage.DISMISSED, None, None, office.agent)
    assert [(one.complaint, one.by) for one in of_many(office.lead)] == [(complaint, office.agent)]
    assert AuditEntry.objects.filter(tag="complaints:collective:decided").count() == 2


def test_a_complaint_of_many_ends_as_a_repeated_one_only_when_the_committee_agrees(office: Office) -> None:
    for _ in range(2):
        earlier = take(MANY, phone="010-1234-5678")
        handling.answer(earlier.case, "답", office.agent, Outcome.EXPLAINED)
    complaint = take(MANY, phone="010-1234-5678")

    def refused() -> bool:
        with pytest.raises(Conflict) as error:
            handling.end_repeated(complaint, office.agent)
        return error.value.field == "committee"

    assert refused()  # nobody has decided whether it is one of many
    handling.decide_collective(complaint, CollectiveStage.CONFIRMED, 13, 21, office.agent)
    assert refused()
    review = handling.ask_committee(complaint, Matter.ENDING, "010-1234-5678 님이 되풀이함", office.agent)
    assert handling.ask_committee(complaint, Matter.ENDING, "또", office.agent) == review
    assert "1234" not in review.reason
    with pytest.raises(NotAllowed):
        handling.record_review(review, Decision.AGREED, "끝내도 됨", office.agent, held_on=clock.today())
    with pytest.raises(Invalid):
        handling.record_review(review, Decision.AGREED, "끝내도 됨", office.lead)
    handling.record_review(review, Decision.AGAINST, "현장을 다시 볼 것", office.lead, held_on=clock.today())
    assert refused()
    again = handling.ask_committee(complaint, Matter.ENDING, "다시 봤음", office.agent)
    handling.record_review(again, Decision.AGREED, "끝내도 됨", office.lead, held_on=clock.today())
    handling.end_repeated(complaint, office.agent)
    complaint.case.refresh_from_db()
    assert complaint.case.outcome == Outcome.REPEATED


def test_an_objection_to_a_refused_application_goes_to_the_committee_first(office: Office) -> None:
    complaint = take("허가해 주세요", kind=Kind.APPLICATION)
    handling.answer(complaint.case, "안 됩니다", office.agent, Outcome.CANNOT)
    complaint.refresh_from_db()
    citizen.object_to(complaint, "부당합니다", client_id=uuid4())
    with pytest.raises(Conflict) as refused:
        handling.answer(complaint.case, "역시 안 됩니다", office.agent, Outcome.CANNOT)
    assert refused.value.field == "committee"
    review = handling.ask_committee(complaint, Matter.OBJECTION, "이의", office.agent)
    handling.record_review(review, Decision.OMITTED, "요건이 법에 있어 판단할 것이 없음", office.lead)
    handling.answer(complaint.case, "역시 안 됩니다", office.agent, Outcome.CANNOT)


def test_it_is_done_on_the_complaints_page(office: Office) -> None:
    complaint = take(MANY, kind=Kind.GRIEVANCE)
    agent, lead = Client(), Client()
    agent.force_login(office.agent)
    lead.force_login(office.lead)
    assert complaint.number in lead.get(reverse("complaints:desk")).content.decode()

    def press(who: Client, verb: str, **form: object) -> int:
        return who.post(reverse("complaints:act", args=[complaint.number, verb]), form).status_code

    assert press(agent, "many", stage="confirmed", signers="13", households="21") == 302
    assert press(agent, "stand", ground="inspection", reason="현장을 봐야 함") == 302
    pause = complaint.pauses.get()
    assert press(agent, "prolong", pause=pause.pk, until="2026-11-20", reason="비가 옴") == 302
    assert press(agent, "go_on", pause=pause.pk) == 302
    assert press(agent, "committee", matter="measures", reason="되풀이됨") == 302
    review = complaint.reviews.get()
    page = lead.get(reverse("complaints:complaint", args=[complaint.number])).content.decode()
    assert all(word in page for word in ("다수인 관련 민원", "13", "실지조사", "비가 옴", "되풀이됨"))
    form = {"review": review.pk, "decision": "agreed", "opinion": "살수차를 보냄", "held_on": "2026-11-02"}
    assert press(agent, "review", **form) == 403
    assert press(lead, "review", **form) == 302
    assert "살수차를 보냄" in agent.get(reverse("complaints:complaint", args=[complaint.number])).content.decode()
    assert Complaint.objects.get().pauses.get().to_at == clock.now()
    assert CaseEvent.objects.filter(data__what="committee").exists()
