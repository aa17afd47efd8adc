# SPDX-License-Identifier: Apache-2.0
"""A small desk: four departments with their duties, topics and texts, and complaints that came by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from dure.city import cases, clock
from dure.city.models import Area, Level, Team
from dure.services.complaints.models import (
    Complaint,
    Department,
    Door,
    Duty,
    Judgement,
    Source,
    Text,
    Topic,
)
from tests.factories import City

DEPARTMENTS = {
    "roads": ("도로과", "Roads", ["도로 포장과 보수", "포트홀과 인도 보도블록 정비", "가로등과 보안등 설치와 수리"]),
    "waste": (
        "자원순환과",
        "Waste",
        ["생활 쓰레기 수거와 종량제 봉투", "대형 폐기물과 재활용품 배출", "무단 투기 단속"],
    ),
    "parking": ("주차관리과", "Parking", ["불법 주정차 단속과 견인", "공영 주차장 운영", "거주자 우선 주차"]),
    "welfare": ("복지정책과", "Welfare", ["기초생활보장 수급자 상담", "어르신 기초연금 신청", "긴급 복지 지원"]),
}
TOPICS = {
    "lamp": ("roads", "가로등 고장", "Street lamp out", ["가로등", "보안등", "불이 나갔어요"], 50),
    "pothole": ("roads", "도로 파손", "Pothole", ["포트홀", "구멍", "패임"], 30),
    "bags": ("waste", "쓰레기와 봉투", "Waste and bags", ["종량제", "수거", "분리배출"], 0),
    "illegal-parking": ("parking", "불법 주정차", "Illegal parking", ["불법주차", "견인", "단속"], 0),
    "pension": ("welfare", "기초연금", "Basic pension", ["연금", "어르신", "신청"], 0),
}
TEXTS = {
    "lamp-1": ("roads", "lamp", "가로등 고장 신고", "가로등이 고장 나면 기둥의 번호를 알려 주세요. 3일 안에 고칩니다."),
    "bags-1": ("waste", "bags", "봉투 사는 곳", "종량제 봉투는 동네 슈퍼에서 팝니다. 20리터 한 장은 600원입니다."),
    "parking-1": ("parking", "illegal-parking", "주정차 신고", "불법 주정차는 앱으로 사진 두 장을 찍어 신고합니다."),
    "pension-1": ("welfare", "pension", "기초연금 신청", "기초연금은 만 65세가 되기 주민센터에서 신청합니다."),
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """The desk's own team (agents), and its departments by code."""

    team: Team
    departments: dict[str, Department]
    topics: dict[str, Topic]
    area: Area


def make_desk(city: City) -> Desk:
    """Departments, duties, topics and texts, each department with a team of its own."""
    departments = {}
    for code, (ko, en, duties) in DEPARTMENTS.items():
        team = Team.objects.create(name=ko, service="complaints")
        departments[code] = Department.objects.create(
            code=code, name={"ko": ko, "en": en}, phone="031-000-0000", team=team
        )
        Duty.objects.bulk_create(Duty(department=departments[code], text=text) for text in duties)
    topics = {
        code: Topic.objects.create(
            code=code,
            name={"ko": ko, "en": en},
            keywords=words,
            department=departments[of],
            placed=metres > 0,
            metres=metres,
        )
        for code, (of, ko, en, words, metres) in TOPICS.items()
    }
    for code, (of, topic, title, text) in TEXTS.items():
        add_text(code, title, text, department=departments[of], topic=topics[topic])
    return Desk(Team.objects.create(name="민원실", service="complaints"), departments, topics, city.dongs[0])


def add_text(code: str, title: str, text: str, **fields: Any) -> Text:
    """A text that may be quoted."""
    given = {"source": Source.MANUAL, "changed_at": clock.now()} | fields
    return Text.objects.create(code=code, title=title, text=text, **given)


def complain(desk: Desk, masked: str, **fields: Any) -> Complaint:
    """A complaint as it lies there before anybody has looked: a row made by hand, without a door."""
    now = clock.now()
    case = fields.pop("case", None) or cases.open_case(
        service="complaints", kind="complaint", level=Level.INTEREST, title={"ko": "민원", "en": "A complaint"},
        area=desk.area, team=desk.team, due_at=now + timedelta(days=7), actor="complaints",
    )  # fmt: skip
    given = {
        "number": f"C-{Complaint.objects.count() + 1:06d}", "pin": "-", "client_id": uuid4(), "case": case,
        "door": Door.PHONE, "area": desk.area, "text": masked, "masked": masked, "vault": "{}", "title": masked[:20],
        "received_at": now, "due_at": now + timedelta(days=7),
    }  # fmt: skip
    complaint = Complaint.objects.create(**(given | fields))
    Judgement.objects.create(complaint=complaint, engine="tests", at=now, decided=False)
    return complaint
