# SPDX-License-Identifier: Apache-2.0
"""A complaint comes in: kept sealed and masked, sent to whom it belongs, joined, numbered, due by the law."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from PIL import Image

from dure.city import audit, clock, duty, escalation
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import AuditEntry, Case, CaseStatus, Level, Role
from dure.services.complaints import assist, joining
from dure.services.complaints.access import access_complaint, access_picture
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.actions.together import join, part
from dure.services.complaints.models import Complaint, Kind, Message, MessageKind, Topic, Transfer
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.office import LAMP, PLACE, Office, make_office, seoul, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(city: City, standing_clock: StandingClock) -> Office:
    return make_office(city)


@pytest.fixture(autouse=True)
def assistant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is cold, and trains nothing, but where a test is about what it says."""
    if request.node.get_closest_marker("usefixtures") is None:
        monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: assist.Judged())


judged_by_assistant = pytest.mark.usefixtures("assistant")


def test_what_was_said_is_sealed_and_only_its_mask_is_read(office: Office) -> None:
    complaint = take(name="김철수", phone="010 1234 5678", address="두레로 12, 101동 1203호")
    assert "김철수" not in complaint.masked
    assert "1234" not in complaint.masked
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, vault, reporter, address, masked FROM complaints_complaint")
        assert not any("김철수" in column or "두레로" in column for column in cursor.fetchone())
    vault = json.loads(complaint.vault.open())
    assert {"김철수", "010-1234-5678"} <= set(vault.values())


def test_what_is_answered_to_a_topics_questions_is_masked_as_well(office: Office) -> None:
    said = {"pole": "김철수네 앞, 010-1234-5678", "when": ["밤", "010-1234-5678"], "lamps": 2}
    complaint = take("가로등 고장", answers=said)
    assert "1234" not in json.dumps(complaint.answers)
    assert access_complaint(office.agent, complaint.number).answers == said


def test_letters_that_no_record_can_hold_are_left_out(office: Office) -> None:
    assert take("가로등\0이 \ud800꺼졌어요", name="김\0철수").masked == "가로등이 꺼졌어요"


def test_a_name_that_no_grammar_finds_is_masked_where_it_is_the_reporters_own(office: Office) -> None:
    assert "보라매" not in take("보라매 왔다 감. 가로등 고침 부탁", name="보라매").masked


@judged_by_assistant
def test_what_is_a_departments_topic_goes_there_at_once(office: Office) -> None:
    complaint = take(topic="lamp", **PLACE)
    transfer = Transfer.objects.get(case=complaint.case)
    assert complaint.case.team == office.departments["roads"].team
    assert (transfer.to_department.code, transfer.state) == ("roads", "sent")
    assert transfer.answer_by == seoul("2026-11-02 12:00")
    assert (complaint.area, complaint.case.title["ko"]) == (office.area, "가로등 고장 (아람동)")


@judged_by_assistant
def test_what_nobody_can_tell_stays_with_the_desk(office: Office) -> None:
    complaint = take("안녕하세요")
    assert (complaint.case.team, complaint.department) == (office.team, None)
    assert not Transfer.objects.exists()


def test_danger_stays_with_the_desk_and_rings_whoever_is_on_duty(office: Office, standing_clock: StandingClock) -> None:
    standing_clock.move(hours=14)  # at night
    begin, end = clock.now(), clock.now() + timedelta(hours=8)
    duty.add_shift(office.team, office.agent, starts_at=begin, ends_at=end, actor="tests")
    complaint = take("사람이 쓰러졌어요 살려 주세요", topic="lamp", **PLACE)
    case = complaint.case
    assert (case.team, case.level) == (office.team, Level.SEVERE)
    assert case.due_at == clock.now() + timedelta(minutes=30)
    escalation.run_due()
    case.refresh_from_db()
    assert case.assignee == office.agent
    assert complaint.judgement.urgent_words


@judged_by_assistant
def test_an_assistant_at_fault_loses_no_complaint(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError("the model cannot be read")

    monkeypatch.setattr("dure.services.complaints.assist.get", broken)
    complaint = take("불이야! 가스 냄새가 나요")
    assert (complaint.judgement.engine, complaint.judgement.decided) == ("none", False)
    assert complaint.case.level == Level.SEVERE
    assert take("봉투를 사고 싶어요", topic="bags").case.team == office.departments["waste"].team


@pytest.mark.parametrize("again", ["client_id", "outside_ref"])
def test_sending_again_changes_nothing_and_says_the_same_pin(office: Office, again: str) -> None:
    first = {"door": "email", "text": LAMP, "client_id": uuid4(), "outside_ref": "<1@mail>", "email": "kim@example.org"}
    complaint, pin = receive(Received(**first), actor="door:email")  # type: ignore[arg-type]
    entries = AuditEntry.objects.count()
    second = first | ({"outside_ref": "<2@mail>"} if again == "client_id" else {"client_id": uuid4()})
    assert receive(Received(**second), actor="door:email") == (complaint, pin)  # type: ignore[arg-type]
    assert (Complaint.objects.count(), Case.objects.count(), AuditEntry.objects.count()) == (1, 1, entries)


def test_numbers_follow_one_another_and_the_pin_is_not_kept(office: Office) -> None:
    complaint, pin = receive(Received("phone", LAMP, UUID(int=1)), actor="door:phone")
    assert (complaint.number, take().number) == ("C-2026-000001", "C-2026-000002")
    assert len(pin) == 8
    assert pin not in complaint.pin


@pytest.mark.parametrize(
    ("kind", "topic", "due"),
    [
        (None, None, "2026-11-02 12:00"),
        (Kind.QUESTION, None, "2026-11-10 18:00"),
        (Kind.LAW_QUESTION, None, "2026-11-19 18:00"),
        (Kind.GRIEVANCE, "lamp", "2026-11-10 18:00"),
        (Kind.OTHER, "lamp", "2026-11-04 18:00"),
        (Kind.APPLICATION, "bags", "2026-12-01 18:00"),
    ],
)
def test_the_law_says_by_when(office: Office, kind: str | None, topic: str | None, due: str) -> None:
    Topic.objects.filter(code="lamp").update(period=3)
    Topic.objects.filter(code="bags").update(period=1, period_unit="month")
    complaint = take(kind=kind, topic=topic, received_at=seoul("2026-11-02 09:00"), **PLACE)
    assert complaint.due_at == seoul(due)


@judged_by_assistant
def test_the_receipt_tells_number_pin_department_and_due_time(office: Office) -> None:
    complaint, pin = receive(
        Received("email", LAMP, uuid4(), topic="lamp", language="en", email="kim@example.org"), actor="door:email"
    )
    message = Message.objects.get(complaint=complaint)
    said = message.text.open()
    assert all(one in said for one in (complaint.number, pin, "Roads", "2026-11-02 12:00"))
    assert (message.kind, message.automatic, message.sent_at) == (MessageKind.RECEIPT, True, None)


def test_reports_of_one_lamp_are_one_case(office: Office, standing_clock: StandingClock) -> None:
    first = take(topic="lamp", **PLACE)
    standing_clock.move(days=2)
    second = take("불이 안 켜져요", topic="lamp", lon=127.1002, lat=37.3001)
    far = take("여기도 가로등이요", topic="lamp", lon=127.11, lat=37.3)
    assert second.case == first.case
    assert far.case != first.case
    standing_clock.move(days=30)
    assert take(topic="lamp", **PLACE).case != first.case


def test_reports_that_nobody_has_sorted_are_of_one_thing_where_place_and_words_say_so(office: Office) -> None:
    lamp = take("놀이터 옆 가로등 12-7번이 꺼져서 깜깜해요", topic="lamp", **PLACE).case
    beside, unsure = (127.1001, 37.3001), [{"label": "lamp", "p": 0.3}]

    def case_of(words: str, place: tuple[float, float] = beside, likely: list[dict[str, Any]] = unsure) -> Case | None:
        return joining.same_thing(words, joining.Where(*place), None, likely, clock.now())

    assert case_of("놀이터 옆 가로등이 꺼졌어요") == lamp
    assert case_of("강아지가 밤새 짖어서 잠을 못 자요", likely=[{"label": "bags", "p": 0.3}]) is None
    assert case_of("밤길이 무서워요", likely=[{"label": "lamp", "p": 0.6}]) == lamp
    assert case_of("놀이터 옆 가로등 12-9번이 꺼져서 깜깜해요") is None, "another lamp"
    assert case_of("놀이터 옆 가로등이 꺼졌어요", (127.102, 37.3)) is None, "too far"
    assert case_of("놀이터 옆 가로등이 꺼졌어요", likely=[{"label": "bags", "p": 0.9}]) is None, "a private matter"


def test_forty_reports_of_one_lamp_are_one_case_with_forty_citizens(
    office: Office, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked well or badly, or only by the house; chosen, sorted or neither; and the next lamp is another case."""
    said = (
        "한빛로 12 앞 가로등이 꺼졌어요",
        "한빛로 12 건너편 등이 나갔어요",
        "밤마다 깜깜해요 한빛로 12 가로등",
        "가로등 먹통 한빛로12",
    )
    unsure = assist.Judged(topics=[{"label": "lamp", "p": 0.45}])
    monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: unsure)
    for number in range(40):
        standing_clock.move(hours=3)
        aside = 0.0001 * (number % 5 - 2)
        marked: dict[str, Any] = {"lon": 127.10 + aside, "lat": 37.30} if number % 4 else {}
        take(said[number % 4], topic="lamp" if number % 3 else None, phone=f"010-0000-{number:04d}", **marked)
    cases = Counter(Complaint.objects.values_list("case", flat=True))
    assert sorted(cases.values()) == [40]
    next_lamp = take("한빛로 40 앞 가로등이 꺼졌어요", topic="lamp", lon=127.1015, lat=37.30)
    assert next_lamp.case_id not in cases


def test_topics_that_are_never_of_one_thing_are_not_joined(office: Office) -> None:
    assert take(topic="bags", **PLACE).case != take(topic="bags", **PLACE).case


def test_a_citizen_may_say_which_thing_theirs_is_about_but_not_whose_words(office: Office) -> None:
    lamp, bags = take(topic="lamp", **PLACE), take("종량제 봉투가 찢어져요", topic="bags")
    assert take("저도요", topic="lamp", joins=lamp.case.number).case == lamp.case
    for topic in ("bags", "lamp", None):
        assert take("저도요", topic=topic, joins=bags.case.number).case != bags.case


def test_an_agent_joins_and_parts(office: Office, city: City) -> None:
    agent = city.users[Role.CALL_AGENT]
    first, second = take(topic="lamp", **PLACE), take("가로등이 어두워요")
    left = second.case
    join(second, first.case, agent)
    left.refresh_from_db()
    assert (second.case, left.status, left.outcome) == (first.case, CaseStatus.CLOSED, "duplicate")
    with pytest.raises(Conflict):
        join(second, left, agent)
    part(second, agent)
    assert second.case != first.case
    assert second.case.status == CaseStatus.OPEN
    with pytest.raises(Conflict):
        part(second, agent)


def test_the_same_words_of_the_same_person_are_a_repetition(office: Office) -> None:
    first, other = take(phone="010-1234-5678"), take("쓰레기봉투는 어디서 사나요", phone="010-1234-5678")
    third = take(LAMP + " 또 적습니다", phone="01012345678")
    assert (other.repeats, third.repeats) == (None, first)
    assert take(phone="010-9999-5678").repeats is None


def test_a_photo_is_made_anew_and_opened_by_who_may(office: Office, city: City) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "PNG")
    complaint = take(topic="lamp", pictures=[picture.getvalue()])
    number = complaint.pictures.get().pk
    opened = access_picture(city.users[Role.CALL_AGENT], number)
    assert Image.open(BytesIO(opened)).format == "JPEG"
    with pytest.raises(NotFound):
        access_picture(city.users[Role.PLANNER], number)


@judged_by_assistant
def test_opening_a_complaint_needs_role_and_team_and_is_on_the_chain(office: Office, city: City) -> None:
    complaint = take(topic="lamp", name="김철수", phone="010-1234-5678")
    record = access_complaint(city.users[Role.CALL_AGENT], complaint.number)
    assert (record.text, record.name, record.phone) == (LAMP, "김철수", "01012345678")
    for user in (office.officers["waste"], city.users[Role.CARE_WORKER]):
        with pytest.raises(NotFound):
            access_complaint(user, complaint.number)
    assert access_complaint(office.officers["roads"], complaint.number).text == LAMP
    tags = AuditEntry.objects.filter(subject=f"complaint:{complaint.number}").order_by("seq")
    assert [tag.rpartition(":")[2] for tag in tags.values_list("tag", flat=True)] == [
        "received", "opened", "denied", "denied", "opened",
    ]  # fmt: skip
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "  "}, "text"),
        ({"door": "window"}, "door"),
        ({"email": "no address"}, "email"),
        ({"lon": 127.1}, "lon"),
        ({"lon": float("nan"), "lat": 37.3}, "lon"),
        ({"phone": "12"}, "phone"),
        ({"topic": "none"}, "topic"),
        ({"pictures": [b""] * 6}, "pictures"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(office: Office, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        take(**given)
    assert refused.value.field == field
    assert not Complaint.objects.exists()
