# SPDX-License-Identifier: Apache-2.0
"""What is offered to an agent, and the evidence that protects them."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client

from dure.city import clock
from dure.city.errors import Conflict, NotFound
from dure.city.models import AuditEntry, Role, User
from dure.services.complaints import desk_list, live_calls, numbers, suggestions
from dure.services.complaints.actions import calls, handling, protection, receiving
from dure.services.complaints.actions.calls import Line
from dure.services.complaints.actions.handling import version_of
from dure.services.complaints.actions.receiving import Received
from dure.services.complaints.desk_list import Filters
from dure.services.complaints.models import Complaint, ConcernStage, Door, LiveCall, Pause, Transfer
from dure.services.complaints.templatetags.complaints import shown
from tests.factories import City, make_user
from tests.services.complaints.desk import complain, make_desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]


def test_typed_words_bring_department_passage_and_like_case_that_the_agent_may_see(city: City) -> None:
    desk = make_desk(city)
    lamp = complain(desk, "가로등이 안 켜져서 골목이 깜깜합니다", topic=desk.topics["lamp"])
    agent = city.users[Role.CALL_AGENT]
    words = "김철수입니다. 골목 가로등이 안 켜져요. 010-1234-5678로 알려 주세요"
    offered = suggestions.suggest(agent, words)
    assert offered.departments[0].row == desk.departments["roads"]
    assert offered.passages[0].row.code == "lamp-1"
    assert [one.case for one in offered.cases] == [lamp.case]
    assert "5678" not in str(offered.judged), "what is kept and shown as a reason is of masked words"
    elsewhere = make_user("elsewhere", Role.CALL_AGENT, area=city.dongs[1])
    assert suggestions.suggest(elsewhere, words).cases == []
    assert suggestions.suggest(agent, "네").departments == []


def test_case_near_the_place_stands_before_what_only_sounds_like_it(city: City) -> None:
    desk = make_desk(city)
    agent, area = city.users[Role.CALL_AGENT], desk.area
    near = complain(desk, "밤에 앞이 안 보입니다", topic=desk.topics["lamp"], lon=area.lon, lat=area.lat)
    like = complain(desk, "골목 가로등이 안 켜져요", topic=desk.topics["lamp"])
    there = suggestions.suggest(agent, "골목 가로등이 안 켜져요", lon=area.lon, lat=area.lat)
    assert [one.case for one in there.cases] == [near.case, like.case]
    elsewhere = suggestions.suggest(agent, "골목 가로등이 안 켜져요")
    assert elsewhere.cases[0].case == like.case


def test_gravest_and_soonest_stand_first_and_filters_narrow(city: City) -> None:
    desk = make_desk(city)
    agent = city.users[Role.CALL_AGENT]
    complain(desk, "하나", department=desk.departments["roads"])
    second = complain(desk, "둘")
    second.case.level, second.case.assignee = 3, agent
    second.case.save()
    complain(desk, "둘과 같은 일", case=second.case)
    _page, rows = desk_list.page_of(desk_list.filtered(agent, Filters()), None)
    assert [(row.complaint.masked, row.citizens) for row in rows] == [("둘", 2), ("하나", 1)]
    assert desk_list.filtered(agent, Filters.of({"whose": "mine"})).get() == second.case
    assert desk_list.filtered(agent, Filters.of({"undecided": "on"})).get() == second.case
    assert desk_list.figures(agent) == {"open": 2, "mine": 1, "nobody": 1, "sent": 0, "late": 0}


def test_abuse_is_kept_once_a_kind_and_judged_by_a_person(city: City) -> None:
    desk = make_desk(city)
    agent = city.users[Role.CALL_AGENT]
    rough = Received(Door.EMAIL, "이 새끼들아 일 좀 해라", uuid4(), area=desk.area)
    complaint, _pin = receiving.receive(rough, actor="tests")
    concern = complaint.concerns.get()
    assert protection.see(complaint, rough.text, actor=agent) == [], "one row a kind"
    assert concern.stage == ConcernStage.SEEN, "nothing follows by itself"
    warned = protection.decide(concern, "warned", actor=agent)
    assert (warned.stage, warned.by) == (ConcernStage.WARNED, agent)
    ended = protection.decide(warned, "ended", actor=agent)
    assert [one["stage"] for one in ended.history] == ["seen", "warned"]
    with pytest.raises(Conflict):
        protection.decide(ended, "dismissed", actor=agent)
    assert AuditEntry.objects.filter(tag="complaints:concern:decided").count() == 2


def sign_in(user: User) -> Client:
    """A browser's session."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db(transaction=True)
def test_complaint_is_typed_sorted_corrected_and_answered_with_a_quoted_draft(city: City) -> None:
    desk = make_desk(city)
    agent = sign_in(city.users[Role.CALL_AGENT])
    assert "가로등 고장 신고" in agent.post("/complaints/suggest/", {"text": "가로등이 안 켜져요"}).content.decode()
    typed = {
        "client_id": str(uuid4()), "door": "phone", "language": "ko", "area": city.dongs[0].code, "department": "waste",
        "text": "김철수입니다. 골목 가로등이 며칠째 안 켜져요", "name": "김철수", "phone": "010-0000-0001",
    }  # fmt: skip
    assert agent.post("/complaints/new/", typed).status_code == 302
    assert agent.post("/complaints/new/", typed).status_code == 302, "sending twice"
    complaint = Complaint.objects.get()
    address = f"/complaints/{complaint.number}/"
    assert complaint.judgement.chosen == desk.departments["waste"]
    page = agent.get(address).content.decode()
    pin = numbers.pin_for(complaint.client_id)
    assert pin in page
    assert "김철수입니다" in page
    agent.post(f"{address}choose/", {"department": "roads", "topic": "lamp"})
    assert complaint.judgement.__class__.objects.get().chosen == desk.departments["roads"]
    agent.post(f"{address}draft/")
    page = agent.get(address).content.decode()
    assert pin not in page, "it goes with the next deed, and stands in no receipt shown here"
    assert "AI가 만든 초안입니다" in page
    answered = {
        "client_id": str(uuid4()), "text": "3일 안에 고칩니다.", "outcome": "planned",
        "version": str(version_of(complaint.case)),
    }  # fmt: skip
    assert agent.post(f"{address}answer/", answered).status_code == 302
    complaint.refresh_from_db()
    assert complaint.answered_at is not None
    assert sign_in(city.users[Role.CITIZEN]).get(address).status_code == 403


class Forms(HTMLParser):
    """The forms of a page as a browser without scripts would send them: ``by_action[address][name]``."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.by_action: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._select = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Names and values as they stand there; of a choice the chosen or first."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.by_action.setdefault(given.get("action", ""), {})
        elif tag in {"input", "textarea"} and "name" in given:
            self._form[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or self._select not in self._form):
            self._form[self._select] = given["value"]


@pytest.mark.django_db(transaction=True)
def test_call_is_taken_in_sorted_and_answered_by_plain_forms_without_scripts(city: City) -> None:
    make_desk(city)
    agent = sign_in(city.users[Role.CALL_AGENT])
    new = Forms(agent.get("/complaints/new/").content).by_action["/complaints/new/"]
    typed = new | {"text": "골목 가로등이 며칠째 안 켜져요", "area": city.dongs[0].code, "name": "김철수"}
    address = agent.post("/complaints/new/", typed)["Location"]
    forms = Forms(agent.get(address).content).by_action
    assert agent.post(f"{address}choose/", forms[f"{address}choose/"] | {"department": "waste"}).status_code == 302
    answer = Forms(agent.get(address).content).by_action[f"{address}answer/"]
    assert agent.post(f"{address}answer/", answer | {"text": "3일 안에 고칩니다."}).status_code == 302
    complaint = Complaint.objects.get()
    assert complaint.judgement.chosen is not None
    assert (complaint.judgement.chosen.code, complaint.case.outcome) == ("waste", "done")
    again = Forms(agent.get(address).content).by_action[f"{address}again/"]
    agent.post(f"{address}again/", again | {"reason": "아직 어둡다고 하심"})
    agent.post(f"{address}again/", again | {"reason": "아직 어둡다고 하심"})
    complaint.refresh_from_db()
    assert (complaint.answered_at, complaint.case.closed_at) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_agent_sees_what_the_same_person_said_and_says_what_it_repeats(city: City) -> None:
    desk = make_desk(city)
    first, second = (complain(desk, text, reporter_index="same") for text in ("문이 부서짐", "문이 또 부서짐"))
    complain(desk, "다른 사람의 말", reporter_index="other")
    agent, address = sign_in(city.users[Role.CALL_AGENT]), f"/complaints/{second.number}/"
    page = agent.get(address).content.decode()
    assert first.number in page
    assert "C-000003" not in page
    for of, repeats in ((first.number, first), ("C-000003", first), ("", None)):
        agent.post(f"{address}compare/", {"of": of})
        second.refresh_from_db()
        assert second.repeats == repeats


def test_what_comes_back_from_a_department_is_nobodys_and_what_is_late_is_counted(city: City) -> None:
    desk = make_desk(city)
    agent, roads = city.users[Role.CALL_AGENT], desk.departments["roads"]
    back = complain(desk, "놀이터 그네 ⟦PHONE_1⟧")
    sent = handling.transfer(back.case, roads, "도로 시설로 보임", agent)
    roads.team.members.add(officer := city.users[Role.OFFICER])
    handling.refuse(sent, "공원의 일", officer)
    paused = complain(desk, "멈춘 것", due_at=clock.now() - timedelta(days=1))
    Pause.objects.create(complaint=paused, from_at=clock.now(), reason="보완")
    late = complain(desk, "늦은 것", due_at=clock.now() - timedelta(days=1))
    assert desk_list.filtered(agent, Filters.of({"late": "on"})).get() == late.case
    assert desk_list.figures(agent)["late"] == 1
    _page, rows = desk_list.page_of(desk_list.filtered(agent, Filters()).filter(pk=back.case_id), None)
    assert (rows[0].complaint.department, rows[0].sent, rows[0].returned) == (None, None, sent)
    assert shown(back.masked) == "놀이터 그네 [전화번호]"


@pytest.mark.django_db(transaction=True)
def test_officer_sees_what_was_handed_to_their_department_and_accepts_it(city: City) -> None:
    desk = make_desk(city)
    officer = city.users[Role.OFFICER]
    desk.departments["roads"].team.members.add(officer)
    complaint = complain(desk, "보도블록이 깨졌습니다")
    browser, address = sign_in(officer), f"/complaints/{complaint.number}/"
    assert browser.get(address).status_code == 404
    lead = sign_in(city.users[Role.DESK_LEAD])
    lead.post(f"{address}transfer/", {"department": "roads", "reason": "보도 정비"})
    assert complaint.number in browser.get("/complaints/?whose=sent").content.decode()
    assert "우리 일입니다" in browser.get(address).content.decode()
    assert browser.post(f"{address}accept/").status_code == 302
    assert Transfer.objects.get().state == "accepted"


@pytest.mark.django_db(transaction=True)
def test_call_is_opened_by_its_agent_alone_and_read_on_line_by_line(city: City) -> None:
    agent, other = city.users[Role.CALL_AGENT], city.users[Role.DESK_LEAD]
    ref = uuid4()
    calls.hear(ref, [Line(1, "citizen", "여보세요", clock.now())], actor="tests", caller="010-0000-0001")
    heard = live_calls.access_call(agent, ref)
    assert ([one["text"] for one in heard.lines], heard.heard) == (["여보세요"], 1)
    assert LiveCall.objects.get().agent == agent
    for reading in (lambda: live_calls.access_call(other, ref), lambda: live_calls.heard_since(other, ref, 0)):
        with pytest.raises(NotFound):
            reading()
    calls.hear(ref, [Line(3, "citizen", "가로등이요", clock.now())], actor="tests")
    assert [one["text"] for one in live_calls.heard_since(agent, ref, 1).lines] == ["가로등이요"]
    calls.hear(ref, [Line(2, "citizen", "저기", clock.now()), Line(4, "agent", "네", clock.now())], actor="tests")
    late = live_calls.heard_since(agent, ref, 2)
    assert [(one["text"], one["before"]) for one in late.lines] == [("저기", "가로등이요"), ("네", "")]
    whole = live_calls.access_call(agent, ref)
    assert [one["text"] for one in whole.lines] == ["여보세요", "저기", "가로등이요", "네"]
    assert AuditEntry.objects.filter(tag="complaints:call:opened").count() == 3
