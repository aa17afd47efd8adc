# SPDX-License-Identifier: Apache-2.0
"""What waits at the desk of the browser tests' city: complaints that came by several doors, and what may be quoted."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dure.city.models import Area, Role, User
from dure.services.complaints.actions import handling, receiving
from dure.services.complaints.actions.knowledge import TemplateSpec, TextSpec, set_template, set_text
from dure.services.complaints.actions.receiving import Received
from dure.services.complaints.models import Complaint, Department, Door

TEXTS = (
    (
        "lamp",
        "roads",
        "가로등 고장 신고",
        "가로등이 꺼지면 기둥의 번호를 알려 주세요. 신고한 날부터 3일 안에 고칩니다.",
    ),
    (
        "bags",
        "waste",
        "종량제 봉투 사는 곳",
        "종량제 봉투는 동네 슈퍼와 편의점에서 팝니다. 20리터 한 장은 600원입니다.",
    ),
)
SORRY = {
    "ko": "{name}님, 불편을 드려 죄송합니다. 접수 번호는 {number}입니다.",
    "en": "Dear {name}, we are sorry for the trouble. Your number is {number}.",
}


def complain(users: dict[Role, User], area: Area) -> None:
    """Texts, a template, and five complaints: of one lamp twice, in English, rough, and one handed to a department."""
    for code, department, title, text in TEXTS:
        set_text(TextSpec(code, "manual", title, text, department=department), actor="tests")
    set_template(TemplateSpec("sorry", {"ko": "사과", "en": "Apology"}, SORRY), actor="tests")
    lamp: dict[str, Any] = {"topic": "lamp", "lon": area.lon, "lat": area.lat, "area": area}
    _receive(
        Door.WEB, "우리 골목 가로등이 며칠째 꺼져 있어 밤길이 무섭습니다", name="김보라", phone="010-0000-0101", **lamp
    )
    _receive(Door.CHAT, "골목 가로등 또 나갔어요 빨리 고쳐 주세요", **lamp)
    _receive(Door.WEB, "Where can I buy the official rubbish bags?", language="en", name="Alex Doe", area=area)
    _receive(Door.EMAIL, "이 새끼들아 쓰레기를 왜 안 가져가냐", name="이초롱", email="a@example.org", area=area)
    sent = _receive(Door.PHONE, "인도 보도블록이 솟아 어르신이 넘어질 뻔했습니다", area=area)
    roads = Department.objects.get(code="roads")
    handling.transfer(sent.case, roads, "보도 정비는 도로과의 일", users[Role.DESK_LEAD])


def _receive(door: Door, text: str, **fields: Any) -> Complaint:
    complaint, _pin = receiving.receive(Received(door=door, text=text, client_id=uuid4(), **fields), actor="tests")
    return complaint
