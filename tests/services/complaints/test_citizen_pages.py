# SPDX-License-Identifier: Apache-2.0
"""What anybody may send without signing in, what they get back, and what nobody gets to see by it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dure.city import clock, rules
from dure.city.models import AuditEntry, CaseStatus
from dure.services.complaints import citizen_limits
from dure.services.complaints.models import Complaint, Door, Picture, Topic
from dure.services.complaints.rules import DeskRules
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.office import Office, make_office
from tests.services.waste.test_photos import picture

pytestmark = [pytest.mark.django_db]
LAMP = "집 앞 가로등이 며칠째 꺼져 있어요. 제 번호는 010-1234-5678 입니다."
HERE = {"lon": "127.1001", "lat": "37.3001"}
OUTSIDE = {"lon": "126.5", "lat": "36.5"}


@pytest.fixture
def desk(city: City, standing_clock: StandingClock) -> Iterator[Office]:
    made = make_office(city)
    forget()
    yield made
    forget()


def forget() -> None:
    for limit in (citizen_limits.said, citizen_limits.proofs, citizen_limits.hints):
        limit.forget()


def send(client: Client, **fields: Any) -> Any:
    """What the form sends, filled in with these."""
    given = {"text": LAMP, "topic": "lamp", "client_id": str(uuid4()), "language": "ko"} | HERE | fields
    return client.post("/complain/", {name: value for name, value in given.items() if value is not None})


def receipt(answer: Any) -> tuple[str, str]:
    """Number and PIN as they stand on the page."""
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'data-number="([^"]+)" data-pin="(\d+)"', answer.content.decode())
    assert found is not None
    return found[1], found[2]


def proved(number: str, pin: str) -> Client:
    """Somebody at another device who has shown the PIN."""
    client = Client()
    assert client.post("/complain/follow/", {"number": number, "pin": pin}).status_code == 302
    return client


def ask(client: Client, **said: Any) -> dict[str, Any]:
    """What the page is told while somebody types."""
    answer = client.post("/complain/hints/", json.dumps(said), content_type="application/json")
    assert answer.status_code == 200
    return dict(answer.json())


def test_form_without_signing_in_gives_number_and_pin_and_again_the_same(desk: Office) -> None:
    client, once = Client(), str(uuid4())
    page = client.get("/complain/")
    assert (page.status_code, page.headers["Dure-Offline"]) == (200, "keep")
    jpeg = "data:image/jpeg;base64," + base64.b64encode(picture()).decode()
    fields = {"client_id": once, "picture": jpeg, "name": "김시험", "phone": "010 9999 8888", "consent": "on"}
    first = receipt(send(client, **fields))
    assert receipt(send(client, **fields)) == first
    kept = Complaint.objects.get()
    assert (kept.number, kept.door, kept.topic, kept.area) == (
        first[0],
        Door.WEB,
        Topic.objects.get(code="lamp"),
        desk.area,
    )
    assert "010-1234-5678" not in kept.masked
    receipt(
        send(client, topic="", photo=SimpleUploadedFile("p.png", picture("PNG"), "image/png"))
    )  # without JavaScript
    jpegs = [base64.b64decode(one.jpeg.open()) for one in Picture.objects.all()]
    assert [(one[:2], b"secret" in one) for one in jpegs] == [(b"\xff\xd8", False)] * 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "한 줄이라도"),
        ({"lon": None, "lat": None}, "어디인지"),
        (OUTSIDE, "우리 시 밖"),
        ({"name": "김시험"}, "연락처를 적으셨다면"),
        ({"phone": "12", "consent": "on"}, "전화번호가 아닙니다"),
        ({"picture": "data:image/jpeg;base64,AAAA"}, "사진이 아닙니다"),
        ({"topic": "no-such"}, "올바르게 선택"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk: Office, fields: dict[str, Any], said: str) -> None:
    answer = send(Client(), **fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert fields.get("text", "며칠째 꺼져") in page
    assert not Complaint.objects.exists()


def test_topic_asks_its_own_questions(desk: Office) -> None:
    topic = Topic.objects.get(code="lamp")
    topic.fields = [
        {"code": "pole", "name": {"ko": "기둥 번호", "en": "Pole"}, "type": "number", "required": True},
        {"code": "how", "name": {"ko": "어떤가요", "en": "How"}, "type": "one", "required": False,
         "values": [{"key": "out", "name": {"ko": "꺼짐", "en": "Out"}}]},
    ]  # fmt: skip
    topic.save()
    refused = send(Client())
    assert (refused.status_code, Complaint.objects.count()) == (422, 0)
    assert re.search(r'data-more="lamp"[^>]*>', refused.content.decode())[0].endswith('"lamp">')  # type: ignore[index]
    receipt(send(Client(), **{"more-lamp-pole": "12", "more-lamp-how": "out"}))
    assert Complaint.objects.get().answers == {"pole": 12, "how": "out"}


def test_while_typing_topics_danger_and_numbers_are_told_and_nobodys_words(desk: Office) -> None:
    client = Client()
    send(client)
    told = ask(client, text="가로등 불이 나갔어요", topic="lamp", lon=127.1002, lat=37.3001)
    assert told["topics"][0] == "lamp"
    assert (told["danger"], told["place"]) == (False, desk.area.full_name)
    (near,) = told["near"]
    assert near["words"].startswith("이미 1명이 알렸습니다")
    assert "며칠째" not in json.dumps(told, ensure_ascii=False)
    assert ask(client, text="사람이 쓰러졌어요 살려주세요")["danger"]
    assert ask(client, text="가로등", topic="lamp", lon=127.11, lat=37.3)["near"] == []
    assert client.post("/complain/hints/", "[]", content_type="application/json").status_code == 422


def test_me_too_is_one_press_and_only_for_what_is_near(desk: Office) -> None:
    receipt(send(Client()))
    case = Complaint.objects.get().case
    near = {"text": "", "join": case.number, "lat": "37.3002"}
    page = send(Client(), **near)
    receipt(page)
    assert "모두 2명" in page.content.decode()
    assert case.complaints.count() == 2
    receipt(send(Client(), text="다른 곳입니다", join=case.number, lon="127.109"))
    assert case.complaints.count() == 2, "somebody far away is of no help here"


def set_limit(desk: Office, name: str, most: int) -> None:
    rules.set_rule(DeskRules, "complaints", name, most, by=desk.lead)


def test_flood_is_refused_in_words_and_only_there(desk: Office) -> None:
    flooding, once = Client(REMOTE_ADDR="2001:db8::1"), str(uuid4())
    set_limit(desk, "page_from_address", 2)
    for number in (once, str(uuid4())):
        receipt(send(flooding, topic="", client_id=number))
    refused = send(Client(REMOTE_ADDR="2001:db8::2"), topic="")
    assert refused.status_code == 429
    assert "며칠째 꺼져" in refused.content.decode()
    receipt(send(flooding, topic="", client_id=once))  # an answer that was lost is asked for again
    receipt(send(Client(REMOTE_ADDR="192.0.2.7"), topic=""))


def test_city_takes_so_many_a_minute(desk: Office, standing_clock: StandingClock) -> None:
    set_limit(desk, "page_in_a_minute", 1)
    receipt(send(Client(), topic=""))
    assert send(Client(REMOTE_ADDR="192.0.2.7"), topic="").status_code == 429
    standing_clock.move(minutes=2)
    receipt(send(Client(REMOTE_ADDR="192.0.2.7"), topic=""))


def test_danger_is_said_first_and_taken_all_the_same(desk: Office) -> None:
    page = send(Client(), text="가스 냄새가 나고 사람이 쓰러졌어요", topic="").content.decode()
    assert page.index("tel:119") < page.index("접수 번호")


def test_number_and_pin_show_where_it_is_without_the_pin_and_without_any_cache(desk: Office) -> None:
    number, pin = receipt(send(Client()))
    assert Client().post("/complain/follow/", {"number": number, "pin": "00000000"}).status_code >= 400
    client = proved(number.lower(), f" {pin} ")
    page = client.get("/complain/follow/")
    words = page.content.decode()
    assert "도로과" in words
    assert "010-1234-5678" in words, "their own words are theirs"
    assert pin not in words
    assert "no-store" in page.headers["Cache-Control"]
    assert "Dure-Offline" not in page.headers
    assert AuditEntry.objects.filter(tag="complaints:complaint:opened", subject=f"complaint:{number}").exists()
    client.post("/complain/follow/leave/")
    assert number not in client.get("/complain/follow/").content.decode()


def test_forged_cookie_opens_nothing_and_nobody_elses_photo_is_shown(desk: Office) -> None:
    jpeg = "data:image/jpeg;base64," + base64.b64encode(picture()).decode()
    number, pin = receipt(send(Client(), picture=jpeg))
    address = f"/complain/follow/photos/{Picture.objects.get().pk}/"
    assert proved(number, pin).get(address).content[:2] == b"\xff\xd8"
    assert proved(*receipt(send(Client(), topic=""))).get(address).status_code == 404
    forger = Client()
    forger.cookies["dure-follow"] = f"{number}:forged:signature"
    assert forger.get(address).status_code == 404


def test_adding_rating_objecting_and_withdrawing(desk: Office) -> None:
    number, pin = receipt(send(Client()))
    client, own = proved(number, pin), Complaint.objects.get()

    def press(verb: str, **fields: Any) -> str:
        given = {"client_id": str(uuid4())} | fields
        return client.post(f"/complain/follow/{verb}/", given, follow=True).content.decode()

    assert "기둥은 12번입니다" in press("add", text="기둥은 12번입니다")
    assert "아직 답하지 않은" in press("rate", rating="5")
    Complaint.objects.update(answered_at=clock.now())
    assert "만족하시나요" in client.get("/complain/follow/").content.decode()
    assert "만족하시나요" not in press("rate", rating="2")
    assert "여전히 어둡습니다" in press("object", text="여전히 어둡습니다")
    assert "거두셨습니다" in press("withdraw")
    own.refresh_from_db()
    assert (own.rating, own.objected_at, own.withdrawn_at) == (None, clock.now(), clock.now())
    assert own.case.status == CaseStatus.CLOSED


def test_english_reader_reads_english(desk: Office) -> None:
    client = Client(headers={"Accept-Language": "en"})
    for address in ("/complain/", "/complain/follow/"):
        page = client.get(address).content.decode()
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
        assert heading is not None
        assert heading[1].isascii()
    number, pin = receipt(send(client, language="en", text="The street lamp is out"))
    assert Complaint.objects.get().language == "en"
    assert "Received" in send(client, language="en").content.decode()
    assert (number, pin) != ("", "")
