# SPDX-License-Identifier: Apache-2.0
"""The complaint desk of the browser tests' city: its team, two departments and what citizens may choose."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dure.city import teams
from dure.city.models import Role, User
from dure.services.complaints.actions.answering import answer
from dure.services.complaints.actions.departments import DepartmentSpec, TopicSpec, set_department, set_topic
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Door, Outcome

ANSWERED = "5f0e2a52-6f0b-4d0e-9c57-0a4c1f3d7b11"
STREET = {"ko": "길과 시설", "en": "Streets"}
HOME = {"ko": "생활", "en": "Daily life"}
HOW: dict[str, Any] = {
    "code": "how",
    "name": {"ko": "어떤가요", "en": "What is wrong"},
    "type": "one",
    "required": True,
    "values": [
        {"key": "out", "name": {"ko": "꺼짐", "en": "Out"}},
        {"key": "blinks", "name": {"ko": "깜박임", "en": "Blinks"}},
    ],
}


def make_desk(users: dict[Role, User]) -> None:
    """Departments with their duties and topics; the call agent and the lead are the desk."""
    teams.set_team("민원실", [users[Role.CALL_AGENT], users[Role.DESK_LEAD]], service="complaints", actor="tests")
    for code, ko, en, duties in (
        ("roads", "도로과", "Roads", ["가로등과 보안등 설치와 수리", "도로 포장과 보수, 포트홀"]),
        ("waste", "자원순환과", "Waste", ["생활 쓰레기 수거와 종량제 봉투", "대형 폐기물 배출 신고"]),
    ):
        spec = DepartmentSpec(code, {"ko": ko, "en": en}, "031-000-0001", members=[Role.OFFICER.value], duties=duties)
        set_department(spec, actor="tests")
    for topic in (
        TopicSpec(
            "lamp", {"ko": "가로등 고장", "en": "Street lamp"}, "roads", group=STREET, keywords=["가로등", "보안등"],
            placed=True, metres=50, fields=[HOW],
        ),
        TopicSpec("pothole", {"ko": "도로 파임", "en": "Pothole"}, "roads", group=STREET, placed=True, metres=30),
        TopicSpec("bags", {"ko": "쓰레기와 봉투", "en": "Waste and bags"}, "waste", group=HOME, keywords=["종량제"]),
    ):  # fmt: skip
        set_topic(topic, actor="tests")


def answer_one(agent: User) -> None:
    """One that was answered. Sent again under ANSWERED, the form shows its number and PIN."""
    text = "폐가구 버리는 날을 알고 싶습니다"
    received = Received(door=Door.WEB, text=text, topic="bags", client_id=UUID(ANSWERED))
    complaint, _pin = receive(received, actor="tests")
    answer(complaint.case, "폐가구는 화요일에 가져갑니다.", agent, Outcome.EXPLAINED)
