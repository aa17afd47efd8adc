# SPDX-License-Identifier: Apache-2.0
"""Open311 GeoReport v2 as an app meets it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from dure.city import cases, devices
from dure.city.models import Role
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Door, Outcome, Topic
from tests.conftest import StandingClock
from tests.factories import City
from tests.gateways.complaint_desk import make_desk
from tests.gateways.open311 import schemas

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
LAMP = {
    "service_code": "lamp",
    "lat": "37.3001",
    "long": "127.1002",
    "description": "공원 앞 가로등이 꺼졌어요. 제 번호는 010-1234-5678입니다",
    "attribute[type]": "off",
    "first_name": "순자",
    "last_name": "김",
    "email": "soonja@example.org",
    "phone": "010-1234-5678",
}


class App:
    """An app with a key of its own."""

    def __init__(self) -> None:
        feed = devices.register_feed("app-1", "동네 앱", "open311", actor="tests")
        self.key = devices.issue_key(feed, actor="tests")
        self.client = Client()

    def get(self, path: str, language: str = "ko", **query: str) -> HttpResponse:
        address = f"/open311/{path}?{urlencode(query)}"
        return self.client.get(address, headers={"Accept-Language": language})  # type: ignore[return-value]

    def read(self, path: str, **query: str) -> Any:
        return self.get(path, **query).json()  # type: ignore[attr-defined]

    def post(self, form: dict[str, Any], path: str = "v2/requests.json", **headers: str) -> HttpResponse:
        body = urlencode({"api_key": self.key} | form, doseq=True)
        return self.client.post(f"/open311/{path}", body, content_type=FORM, headers=headers)  # type: ignore[return-value]

    def create(self, **changes: Any) -> str:
        answered = self.post(LAMP | changes)
        assert answered.status_code == 200, answered.content
        made = answered.json()  # type: ignore[attr-defined]
        schemas.check(schemas.CREATED, made)
        return str(made[0]["service_request_id"])


@pytest.fixture
def app(city: City, standing_clock: StandingClock) -> App:
    make_desk(city)
    return App()


def read_xml(answered: HttpResponse) -> Any:
    """What an answer of ours says in XML."""
    return as_json(ElementTree.fromstring(answered.content))  # noqa: S314 - our own


def as_json(element: ElementTree.Element) -> Any:
    """An XML document read by the specification's own convention, every value as a text."""
    if len(element) == 0:
        return [] if element.tag in {"services", "service_requests", "attributes"} else element.text
    names = {child.tag for child in element}
    if element.tag in {f"{name}s" for name in names} | {"service_requests"}:
        return [as_json(child) for child in element]
    return {child.tag: as_json(child) for child in element}


def as_text(value: Any) -> Any:
    """A JSON document with every value as XML writes it."""
    match value:
        case dict():
            return {name: as_text(one) for name, one in value.items()}
        case list():
            return [as_text(one) for one in value]
        case bool():
            return str(value).lower()
        case None:
            return None
    return str(value)


def test_every_document_is_as_the_published_schemas_say_and_the_same_in_xml(app: App) -> None:
    number = app.create()
    documents = {
        "discovery": schemas.DISCOVERY,
        "v2/services": schemas.SERVICES,
        "v2/services/lamp": schemas.DEFINITION,
        "v2/requests": schemas.REQUESTS,
        f"v2/requests/{number}": schemas.REQUESTS,
        "v2/services/none": schemas.ERRORS,
        "v2/tokens/none": schemas.ERRORS,
    }
    for path, schema in documents.items():
        content = app.read(f"{path}.json")
        schemas.check(schema, content)
        xml = app.get(f"{path}.xml")
        assert xml.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert xml.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
        assert read_xml(xml) == as_text(content), path


def test_what_is_offered_is_public_and_in_the_callers_language(app: App) -> None:
    assert [one["service_code"] for one in app.read("v2/services.json")] == ["lamp", "question"]
    lamp = app.get("v2/services.json", language="en").json()[0]  # type: ignore[attr-defined]
    assert (lamp["service_name"], lamp["group"], lamp["metadata"]) == ("Street lamp", "Roads", True)
    (asked,) = app.read("v2/services/lamp.json")["attributes"]
    assert (asked["datatype"], asked["required"]) == ("singlevaluelist", True)
    assert [one["key"] for one in asked["values"]] == ["off", "blinks"]


def test_a_report_is_a_complaint_and_nothing_of_its_reporter_goes_out(app: App, city: City) -> None:
    number = app.create(media_url="https://photos.example.org/1.jpg", address_string="두레로 1")
    complaint = Complaint.objects.get(number=number)
    assert (complaint.door, complaint.topic.code if complaint.topic else "") == (Door.OPEN311, "lamp")
    assert complaint.area == city.dongs[0]
    assert complaint.answers["type"] == "off"
    assert "media_url" in complaint.answers
    answered = app.get(f"v2/requests/{number}.json")
    assert not [one for one in ("1234", "순자", "soonja", "두레로", "photos") if one in answered.content.decode()]
    (shown,) = answered.json()  # type: ignore[attr-defined]
    assert shown["description"].startswith("공원 앞 가로등이 꺼졌어요. 제 번호는 …")
    assert shown["address"] == "아람동, 한울구, 두레시, 가온도"
    assert (shown["lat"], shown["long"]) == (37.3001, 127.1002)


def test_what_is_of_another_door_or_no_longer_public_is_shown_by_its_topic_alone(app: App) -> None:
    number = app.create()
    others = {
        place: receive(
            Received(Door.PHONE, "집 앞 등이 꺼졌어요", uuid4(), topic=topic, lon=place, lat=37.31), actor="tests"
        )[0]
        for place, topic in ((127.11, "lamp"), (127.12, "question"))
    }
    shown = {one["service_request_id"]: one for one in app.read("v2/requests.json")}
    assert set(shown) == {number, others[127.11].number}
    assert shown[others[127.11].number]["description"] == "가로등"
    Complaint.objects.filter(number=number).update(topic=Topic.objects.get(code="poverty"))
    (hidden,) = app.read(f"v2/requests/{number}.json")
    assert (hidden["description"], hidden["lat"], hidden["address"]) == ("생활이 어려움", None, None)


def test_everything_that_is_wrong_with_a_report_is_said_at_once(app: App) -> None:
    wrong = {"lat": "337", "phone": "12", "attribute[type]": "explodes", "attribute[colour]": "red", "email": "soonja"}
    answered = app.post(LAMP | wrong)
    errors = answered.json()  # type: ignore[attr-defined]
    schemas.check(schemas.ERRORS, errors)
    assert answered.status_code == 400
    assert {one["description"].split(":")[0] for one in errors} == {
        "lat", "phone", "attribute[type]", "attribute[colour]", "email",
    }  # fmt: skip
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"api_key": "guess"}, 403, "api_key"),
        ({"api_key": ""}, 403, "api_key"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "poverty"}, 404, "service_code"),
        ({"jurisdiction_id": "elsewhere.example.org"}, 404, "jurisdiction_id"),
        ({"attribute[type]": ""}, 400, "attribute[type]"),
        ({"lat": "", "long": ""}, 400, "lat"),
        ({"long": ""}, 400, "lat"),
        ({"description": "가" * 4001}, 400, "description"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media": "no picture"}, 400, "media"),
    ],
)
def test_a_fault_has_the_specifications_status_and_names_its_parameter(
    app: App, settings: LazySettings, changes: dict[str, str], status: int, field: str
) -> None:
    settings.DURE_OPEN311_JURISDICTION = "dure.example.org"
    answered = app.post(LAMP | changes)
    assert answered.status_code == status
    (error,) = answered.json()  # type: ignore[attr-defined]
    assert error["code"] == status
    assert error["description"].startswith(f"{field}: ")


def test_a_report_that_is_sent_again_is_the_same_one(app: App) -> None:
    first = app.post(LAMP, **{"Idempotency-Key": "report-7"}).json()[0]  # type: ignore[attr-defined]
    again = app.post(LAMP | {"description": "덧붙임"}, **{"Idempotency-Key": "report-7"}).json()[0]  # type: ignore[attr-defined]
    assert first == again
    without = [app.post(LAMP).json()[0] for _ in range(2)]  # type: ignore[attr-defined]
    assert without[0]["service_request_id"] == without[1]["service_request_id"]
    assert without[1]["service_notice"] is None  # it may be somebody else's
    assert Complaint.objects.count() == 2
    assert Complaint.objects.values("case").distinct().count() == 1  # one lamp


def test_a_report_without_words_or_coordinates_has_those_of_its_topic_and_address(app: App) -> None:
    bare = {"service_code": "lamp", "address_string": "아람공원 앞", "attribute[type]": "off"}
    answered = app.post(bare, path="v2/requests.xml?extensions=true", **{"Accept-Language": "en"})
    made = read_xml(answered)[0]
    complaint = Complaint.objects.get(number=made["service_request_id"])
    assert (complaint.masked, complaint.language, complaint.lat) == ("가로등", "en", None)
    assert "PIN" in made["service_notice"]


def test_a_token_finds_the_request_again(app: App) -> None:
    made = app.post(LAMP | {"extensions": "true"}).json()[0]  # type: ignore[attr-defined]
    token = made["extended_attributes"]["token"]
    assert app.read(f"v2/tokens/{token}.json") == [{"service_request_id": made["service_request_id"], "token": token}]
    assert app.get(f"v2/tokens/{uuid4()}.json").status_code == 404


def test_requests_are_found_by_code_time_state_and_place(app: App, city: City, standing_clock: StandingClock) -> None:
    old = app.create(description="오래된 것", lat="37.305")
    standing_clock.move(days=91)
    near = app.create()
    done = app.create(lat="37.309", description="고친 것")
    plain = app.create(service_code="question", description="언제 고치나요?", **{"attribute[type]": []})
    agent = city.users[Role.CALL_AGENT]
    cases.close(Complaint.objects.get(number=done).case, actor=agent, outcome=Outcome.DONE)

    def found(**query: str) -> set[str]:
        return {one["service_request_id"] for one in app.read("v2/requests.json", **query)}

    now = standing_clock.now
    assert found() == {near, done, plain}
    assert found(service_code="question,none") == {plain}
    assert found(status="closed") == {done}
    assert found(status="open,closed") == {near, done, plain}
    assert found(detailed_status="PROCESSED") == {done}
    assert found(service_request_id=f"{old},{near},nonsense", status="closed") == {old, near}
    assert found(end_date=(now - timedelta(days=90)).isoformat()) == {old}
    assert found(start_date=(now - timedelta(days=91)).isoformat()) == {old}
    assert found(updated_after=(now + timedelta(seconds=1)).isoformat()) == set()
    assert found(lat="37.3", long="127.1", radius="50") == {near}
    assert found(page_size="2", page="2") | found(page_size="2") == {near, done, plain}
    assert app.read("v2/requests.json", just_count="true", lat="37.3", long="127.1", radius="5000") == [{"count": 2}]
    (closed,) = app.read(f"v2/requests/{done}.json", extensions="true")
    assert (closed["status"], closed["status_notes"]) == ("closed", "처리함")
    assert closed["extended_attributes"] == {"detailed_status": "PROCESSED"}


@pytest.mark.parametrize(
    "query",
    ["start_date=2026-01-01", "start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", "status=burnt",
     "lat=37.3&long=127.1", "radius=1e9&lat=1&long=1", "page_size=0", "lat=nan&long=1&radius=5"],
)  # fmt: skip
def test_a_question_that_cannot_be_meant_is_refused(app: App, query: str) -> None:
    answered = app.client.get(f"/open311/v2/requests.json?{query}")
    assert answered.status_code == 400
    schemas.check(schemas.ERRORS, answered.json())


def test_text_that_xml_cannot_write_is_written_without_it(app: App) -> None:
    number = app.create(description="가로등\x00 <b>&amp; 꺼짐\ufffe 😀")
    shown = read_xml(app.get(f"v2/requests/{number}.xml"))[0]
    assert shown["description"] == "가로등 <b>&amp; 꺼짐 😀"


def test_a_flood_is_held_back_and_a_body_of_another_kind_refused(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.gateways.open311.views.PER_MINUTE", 1)
    app.create()
    answered = app.post(LAMP | {"description": "또"})
    assert (answered.status_code, answered.headers["Retry-After"]) == (429, "60")
    app.create()  # the same again is no new one
    answered = app.client.post("/open311/v2/requests.json", "{}", content_type="application/json")  # type: ignore[assignment]
    assert answered.status_code == 400
    assert app.client.delete("/open311/v2/requests.json").status_code == 405
    assert app.client.get(f"/open311/v2/requests.{quote('yaml')}").status_code == 404
