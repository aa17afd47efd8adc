# SPDX-License-Identifier: Apache-2.0
"""What is seen before it is too late, and what happens by itself when nobody does anything."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from dure.city import clock, holidays
from dure.city.cases import escalate_overdue
from dure.city.models import CaseEvent, Escalation, Holiday, Level, Role, RuleSetting
from dure.services.complaints import assist, watch
from dure.services.complaints.actions import handling, pauses
from dure.services.complaints.models import Kind, Message, MessageKind, Picture, Source, Text
from tests.conftest import StandingClock
from tests.factories import PASSWORD, City
from tests.services.complaints.office import Office, make_office, seoul, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: assist.Judged())
    return make_office(city)


def set_rule(city: City, name: str, value: float) -> None:
    RuleSetting.objects.create(
        service="complaints", name=name, value=value, set_by=city.users[Role.ADMINISTRATOR], set_at=clock.now()
    )


def test_little_time_left_is_told_once_before_it_is_late(office: Office, standing_clock: StandingClock) -> None:
    complaint = take(kind=Kind.QUESTION)  # until the 10th at 18:00
    assert watch.tell_near_due() == 0
    standing_clock.stand_at(seoul("2026-11-10 10:30"))
    assert [watch.tell_near_due(), watch.tell_near_due()] == [1, 0]
    case = complaint.case
    case.refresh_from_db()
    assert (case.level, Escalation.objects.filter(case=case).exists()) == (Level.ATTENTION, True)
    standing_clock.stand_at(seoul("2026-11-10 18:01"))
    assert escalate_overdue() == 1


def test_a_short_period_is_not_near_its_end_when_it_begins(office: Office, standing_clock: StandingClock) -> None:
    take()
    assert watch.tell_near_due() == 0
    standing_clock.move(hours=2, minutes=5)
    assert watch.tell_near_due() == 1


def test_what_nobody_sorts_is_told_once(office: Office, standing_clock: StandingClock) -> None:
    sorted_ = take()
    handling.choose(sorted_, office.departments["roads"], None, office.agent)
    take("안녕하세요")
    standing_clock.move(minutes=59)
    assert watch.tell_unsorted() == 0
    standing_clock.move(minutes=1)
    assert [watch.tell_unsorted(), watch.tell_unsorted()] == [1, 0]


def test_who_is_waited_for_is_not_late_but_not_waited_for_for_ever(
    office: Office, standing_clock: StandingClock
) -> None:
    complaint = take(kind=Kind.QUESTION)
    handling.ask_citizen(complaint, "어디?", office.agent)
    standing_clock.stand_at(seoul("2026-11-12 23:58"))  # the first of ten days is not counted
    assert (watch.tell_near_due(), pauses.end_overdue_pauses()) == (0, 0)
    standing_clock.move(minutes=1)
    assert [pauses.end_overdue_pauses(), pauses.end_overdue_pauses()] == [1, 0]
    complaint.refresh_from_db()
    assert complaint.due_at == seoul("2026-11-23 18:00")  # nine working days later
    assert CaseEvent.objects.filter(data__what="unanswered_question").exists()


def test_who_waits_for_long_hears_how_it_stands(office: Office, standing_clock: StandingClock) -> None:
    take(kind=Kind.LAW_QUESTION)
    standing_clock.move(days=31)
    assert [watch.tell_progress(), watch.tell_progress()] == [1, 0]
    standing_clock.move(days=31)
    assert watch.tell_progress() == 1


def test_a_safe_text_answers_at_night_where_the_city_wants_it(
    office: Office, city: City, standing_clock: StandingClock
) -> None:
    text = Text.objects.create(
        code="bags", source=Source.FAQ, title="종량제 봉투 사는 곳", changed_at=clock.now(),
        text="종량제 봉투는 동네 슈퍼와 편의점에서 팝니다.",
    )  # fmt: skip
    complaint = take("종량제 봉투는 어디에서 파나요?", kind=Kind.QUESTION)
    set_rule(city, "safe_answers", 1)
    assert watch.answer_at_night() == 0  # a Monday morning
    standing_clock.move(hours=11)
    assert watch.answer_at_night() == 0  # the text is not marked as safe
    take("고양이가 종량제 봉투를 뜯고 밤새 시끄럽게 웁니다", kind=Kind.QUESTION)
    Text.objects.filter(pk=text.pk).update(safe=True, changed_at=clock.now())
    assert [watch.answer_at_night(), watch.answer_at_night()] == [1, 0]
    message = Message.objects.get(complaint=complaint, kind=MessageKind.INTERIM)
    assert message.automatic
    assert text.text in message.text.open()
    complaint.refresh_from_db()
    assert (complaint.first_answered_at, complaint.answered_at) == (clock.now(), None)


def test_photos_go_some_time_after_the_answer(office: Office, standing_clock: StandingClock) -> None:
    complaint = take()
    Picture.objects.create(complaint=complaint, at=clock.now(), client_id=complaint.client_id, jpeg="aW1hZ2U=")
    standing_clock.move(days=200)
    assert watch.remove_old_pictures() == 0
    handling.answer(complaint.case, "답", office.agent, "done")
    standing_clock.move(days=181)
    assert [watch.remove_old_pictures(), Picture.objects.count()] == [1, 0]


def test_the_lead_keeps_the_calendar_and_the_rules(office: Office, city: City) -> None:
    lead, agent = Client(), Client()
    lead.login(username=office.lead.username, password=PASSWORD)
    agent.login(username=office.agent.username, password=PASSWORD)
    day = {"day": "2026-11-02", "ko": "시민의 날", "en": "Citizens' day", "off": "closed"}
    assert agent.post(reverse("complaints:holidays"), day).status_code == 403
    assert lead.post(reverse("complaints:holidays"), day | {"en": ""}).status_code == 422
    assert lead.post(reverse("complaints:holidays"), day).status_code == 302
    assert "시민의 날" in lead.get(reverse("complaints:holidays"), {"year": "2026"}).content.decode()
    assert Holiday.objects.get().day in holidays.days_off(2026)
    assert lead.post(reverse("complaints:holiday_clear", args=["2026-11-02"])).status_code == 302
    assert not Holiday.objects.exists()
    assert "제14조" in lead.get(reverse("complaints:rules")).content.decode()
