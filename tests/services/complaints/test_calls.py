# SPDX-License-Identifier: Apache-2.0
"""A speech recogniser's door: lines of a call under way."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dure.city import devices
from dure.city.models import AuditEntry, Role
from dure.services.complaints.models import LiveCall
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(city: City, standing_clock: StandingClock) -> str:
    feed = devices.register_feed("recogniser", "받아쓰기", "telephony", actor="tests")
    return devices.issue_key(feed, actor="tests")


def post(key: str, ref: object, body: dict[str, Any]) -> tuple[int, Any]:
    answered = Client().post(
        f"/api/v1/complaints/calls/{ref}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    return answered.status_code, answered.json()


def line(n: int, text: str, who: str = "citizen") -> dict[str, Any]:
    return {"n": n, "who": who, "text": text}


def test_lines_are_kept_once_and_in_the_order_in_which_they_come(key: str, city: City) -> None:
    ref = uuid4()
    assert post(key, ref, {"lines": [line(1, "여보세요"), line(3, "가로등이 꺼졌어요")]})[1] == {"heard": 2, "new": 2}
    again = [line(3, "다른 말"), line(2, "네, 민원실입니다", "agent")]
    said = {"lines": again, "caller": "010-1234-5678", "agent": city.users[Role.CALL_AGENT].username}
    assert post(key, ref, said)[1] == {"heard": 3, "new": 1}
    assert post(key, ref, {"lines": [], "ended": True})[1] == {"heard": 3, "new": 0}
    call = LiveCall.objects.get(ref=ref)
    lines = json.loads(call.lines.open())
    assert [one["text"] for one in lines] == ["여보세요", "가로등이 꺼졌어요", "네, 민원실입니다"]
    assert (call.heard, call.agent, call.ended_at is not None) == (3, city.users[Role.CALL_AGENT], True)
    assert call.caller is not None
    assert call.caller.open() == "01012345678"
    tags = list(AuditEntry.objects.filter(subject=f"call:{ref}").order_by("seq").values_list("tag", flat=True))
    assert tags == ["complaints:call:begun", "complaints:call:ended"]
    assert post(key, ref, {"lines": [line(3, "가로등이 꺼졌어요")], "ended": True})[0] == 200
    assert post(key, ref, {"lines": [line(4, "끝난 뒤")]})[0] == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lines": [], "caller": "12"}, "caller"),
        ({"lines": [], "agent": "nobody"}, "agent"),
        ({"lines": [{"n": 0, "who": "citizen", "text": "말"}]}, "n"),
        ({"lines": [{"n": 1, "who": "dog", "text": "멍"}]}, "who"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(key: str, body: dict[str, Any], field: str) -> None:
    status, answer = post(key, uuid4(), body)
    assert (status, answer["field"]) == (422, field)
    assert not LiveCall.objects.exists()


def test_only_a_telephone_system_may_say_what_it_hears(city: City, key: str) -> None:
    other = devices.issue_key(devices.register_feed("ami", "AMI", "ami", actor="tests"), actor="tests")
    assert post(other, uuid4(), {"lines": []})[0] == 403
    assert post("guess", uuid4(), {"lines": []})[0] == 401
