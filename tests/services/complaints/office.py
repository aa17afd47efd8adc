# SPDX-License-Identifier: Apache-2.0
"""An office for the tests of the record: a desk, three departments with one officer each, and citizens who complain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from dure.city import teams
from dure.city.clock import SEOUL
from dure.city.models import Area, Role, Team, User
from dure.services.complaints.actions.departments import DepartmentSpec, TopicSpec, set_department, set_topic
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Department
from tests.factories import City, make_user

LAMP = "우리 집 앞 가로등이 나갔어요. 저는 김철수입니다. 010-1234-5678로 연락 주세요."
PLACE: dict[str, Any] = {"lon": 127.10, "lat": 37.30}
DEPARTMENTS = {
    "roads": ("도로과", "Roads", ["도로 포장과 보수", "가로등과 보안등 설치와 수리"]),
    "waste": ("자원순환과", "Waste", ["생활 쓰레기 수거와 종량제 봉투", "대형 폐기물과 재활용품 배출"]),
    "welfare": ("복지정책과", "Welfare", ["기초생활보장 수급자 상담", "어르신 기초연금 신청"]),
}


@dataclass(frozen=True)
class Office:
    """The desk's team with its agent and lead, and departments by code, each with its officer."""

    team: Team
    agent: User
    lead: User
    departments: dict[str, Department]
    officers: dict[str, User]
    area: Area


def make_office(city: City) -> Office:
    """By the record's own verbs. Topics: ``lamp`` (joined within 50 m) and ``bags`` (never joined)."""
    agent, lead = city.users[Role.CALL_AGENT], city.users[Role.DESK_LEAD]
    team = teams.set_team("민원실", [agent, lead], service="complaints", actor="tests")
    officers = {code: make_user(f"{code}-officer", Role.OFFICER) for code in DEPARTMENTS}
    departments = {
        code: set_department(
            DepartmentSpec(code, {"ko": ko, "en": en}, "031-000-0000", members=[f"{code}-officer"], duties=duties),
            actor="tests",
        )
        for code, (ko, en, duties) in DEPARTMENTS.items()
    }
    for spec in (
        TopicSpec("lamp", {"ko": "가로등 고장", "en": "Street lamp out"}, "roads", placed=True, metres=50),
        TopicSpec("bags", {"ko": "쓰레기와 봉투", "en": "Waste and bags"}, "waste"),
    ):
        set_topic(spec, actor="tests")
    return Office(team, agent, lead, departments, officers, city.dongs[0])


def take(text: str = LAMP, *, actor: User | str = "door:web", **given: Any) -> Complaint:
    """A complaint by the web's door, unless ``given`` says otherwise."""
    said: dict[str, Any] = {"door": "web", "text": text, "client_id": uuid4()} | given
    return receive(Received(**said), actor=actor)[0]


def seoul(text: str) -> datetime:
    """A moment as a clock in Korea shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)
