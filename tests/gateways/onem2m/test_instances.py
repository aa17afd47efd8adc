# SPDX-License-Identifier: Apache-2.0
"""oneM2M content instances and notifications at the HTTP door."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from dure.city.devices import issue_key, register_device, register_feed
from dure.city.models import Reading, RejectedReading, Series
from dure.gateways.onem2m import FEED_KIND
from dure.services.waste.kinds import KINDS
from tests.conftest import StandingClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(standing_clock: StandingClock) -> str:
    feed = register_feed("mobius", "모비우스", FEED_KIND, actor="tests", service="waste")
    register_device(feed, "bin-0001", "onem2m-bin", series=KINDS["onem2m-bin"].series, actor="tests")
    return issue_key(feed, actor="tests")


def instance(content: Any, at: str = "20261101T233000") -> dict[str, Any]:
    return {"m2m:cin": {"ty": 4, "ct": at, "lt": at, "ri": "9ek106jsc6", "rn": "cin-1", "st": 4, "con": content}}


def notice(content: Any, container: str = "state", **event: Any) -> dict[str, Any]:
    happened = {"net": 3, "rep": instance(content)} | event
    return {"m2m:sgn": {"sur": f"/Mobius/bin-0001/{container}/sub1", "nev": happened}}


def post(key: str, body: Any, path: str = "") -> tuple[int, dict[str, Any], str]:
    answer = Client().post(
        f"/api/v1/onem2m{path}",
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json;ty=4",
        headers={"authorization": f"Bearer {key}", "X-M2M-RI": "r-1"},
    )
    return answer.status_code, json.loads(answer.content), answer.headers.get("X-M2M-RSC", "")


def values() -> dict[str, float | None]:
    names = dict(Series.objects.values_list("pk", "name"))
    return {names[series]: value for series, value in Reading.objects.values_list("series_id", "value")}


def test_object_and_json_in_a_string_are_the_same_and_kept_once(key: str) -> None:
    content = {"fill": 62.5, "lid": False, "battery": "88"}
    status, answer, code = post(key, notice(content))
    assert (status, answer["stored"], answer["rejected"], code) == (200, 3, [], "2000")
    assert values() == {"fill": 62.5, "lid": 0, "battery": 88}
    assert Reading.objects.all()[0].at.isoformat() == "2026-11-01T23:30:00+00:00"
    assert post(key, notice(json.dumps(content)))[1]["duplicates"] == 3
    status, answer, code = post(key, instance(content, "20261101T233000,000"), "/Mobius/bin-0001/state")
    assert (status, answer["duplicates"], code) == (200, 3, "2001")


@pytest.mark.parametrize("content", [62.5, "62.5"])
def test_bare_value_is_of_the_series_that_the_container_is_named_after(key: str, content: Any) -> None:
    assert post(key, notice(content, "fill"))[1]["stored"] == 1
    assert values() == {"fill": 62.5}


def test_confirmation_and_other_events_are_answered(key: str) -> None:
    for body in ({"m2m:sgn": {"vrf": True, "sur": "/Mobius/bin-0001/fill/sub1"}}, notice(1, "fill", net=4)):
        assert post(key, body) == (200, {"stored": 0, "duplicates": 0, "conflicts": [], "rejected": []}, "2000")


def test_wrong_value_is_named_and_takes_nothing_with_it(key: str) -> None:
    status, answer, _ = post(key, notice({"fill": "반쯤", "humi": 40, "lid": 1, "temperature": None}))
    assert (status, answer["stored"]) == (200, 2)
    assert sorted(one["field"] for one in answer["rejected"]) == ["fill", "series"]
    assert RejectedReading.objects.filter(door="onem2m", feed__code="mobius").count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"<m2m:cin/>", "body"),
        (b"[]", "body"),
        ({"m2m:ae": {}}, "m2m:cin"),
        ({"m2m:sgn": {"nev": {"rep": {"m2m:cin": {"con": 1}}}}}, "sur"),
        ({"m2m:sgn": {"sur": "sub1", "nev": {"rep": instance(1)}}}, "path"),
        ({"m2m:sgn": {"sur": "a/b/c", "nev": {"rep": {"m2m:cin": {"ct": "20261101T233000"}}}}}, "con"),
        ({"m2m:sgn": {"sur": "a/b/c/d", "nev": {"rep": {"m2m:cin": {"con": 1, "ct": "2026-11-01"}}}}}, "ct"),
    ],
)
def test_what_is_no_notification_is_told_which_part(key: str, body: Any, field: str) -> None:
    status, answer, _ = post(key, body)
    assert (status, answer["field"]) == (422, field)


def test_key_is_asked_for(key: str) -> None:
    assert post("guess", notice(1, "fill"))[0] == 401
