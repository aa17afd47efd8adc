# SPDX-License-Identifier: Apache-2.0
"""The driver's page and what its forms send, through their addresses."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dure.city import teams
from dure.city.models import Errand, Role
from dure.services.waste.models import Photo, Press
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.waste.made_rounds import Given, with_lunch
from tests.services.waste.test_pages import client_of
from tests.services.waste.test_photos import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(city: City, standing_clock: StandingClock) -> Given:
    teams.set_team("청소팀", [city.users[Role.DISPATCHER]], service="waste", actor="tests")
    held = Given(city)
    standing_clock.move(minutes=30)
    return held


def press(client: Client, given: Given, number: int, verb: str, **said: Any) -> Any:
    form = {"client_id": str(uuid4()), "at": given.at(1).isoformat()} | said
    headers = {"dure-user": str(given.driver.pk)}
    return client.post(f"/waste/drive/stops/{given.errands[number].pk}/{verb}/", form, headers=headers)


def test_page_says_where_to_go_why_and_what_follows(given: Given) -> None:
    with_lunch(given, given.turn.truck)
    client = client_of(given.driver)
    page = client.get("/waste/drive/")
    assert page.headers["Dure-Offline"] == "keep"
    packed = client.get("/waste/drive/", headers={"accept-encoding": "gzip"})
    assert len(packed.content) < len(page.content) / 3
    words = page.content.decode()
    assert words.index("아람역 1번 출구") < words.index("비웠음") < words.index("하역장") < words.index("점심")
    assert "15:00까지 가득 찰 확률 82 %" in words
    before = client.get("/waste/drive/version/").json()
    assert before["version"] in words
    assert press(client, given, 0, "collected", found="over").status_code == 204
    assert press(client, given, 1, "could-not", reason="parked").status_code == 204
    assert client.get("/waste/drive/version/").json() != before
    assert [(one.deed, one.found, one.reason) for one in Press.objects.order_by("pk")] == [
        ("collected", 120, ""), ("could_not", None, "parked"),
    ]  # fmt: skip
    assert client.get("/waste/drive/").context["sheet"].made == 2
    plain = client.post(f"/waste/drive/stops/{given.unload.pk}/unloaded/", {"client_id": str(uuid4()), "kg": "310"})
    assert plain.headers["Location"] == "/waste/drive/", "a form that no script sends"
    assert Errand.objects.get(pk=given.unload.pk).pickup.kg == 310


def test_phone_with_a_wrong_clock_is_believed_as_far_as_it_can_be(given: Given) -> None:
    client = client_of(given.driver)
    for number, at in enumerate(["2031-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "noon"]):
        assert press(client, given, number, "collected", at=at).status_code == 204
    times = [one.at for one in Press.objects.order_by("pk")]
    assert times == [given.at(2), given.round.given_out_at, given.at(2)]


def test_wrong_words_are_refused_and_strangers_find_nothing(given: Given, city: City) -> None:
    client = client_of(given.driver)
    assert press(client, given, 0, "could-not", reason="tired").status_code == 422
    assert press(client, given, 0, "collected", client_id="one").status_code == 422
    assert press(client, given, 0, "photo", picture="!").status_code == 422
    assert press(client, given, 0, "sold").status_code == 404
    stranger = client_of(given.other)
    said = {"client_id": str(uuid4())}
    assert stranger.post(f"/waste/drive/turns/{given.turn.pk}/back/", said).status_code == 404
    assert client.post(f"/waste/drive/turns/{given.turn.pk}/start/", said).status_code == 302
    assert not Press.objects.exists()
    nobody = client_of(city.users[Role.DISPATCHER])
    assert nobody.get("/waste/drive/").status_code == 403


def test_photo_comes_as_the_phone_made_it_and_the_dispatcher_opens_it(given: Given, city: City) -> None:
    address = f"data:image/jpeg;base64,{base64.b64encode(picture()).decode()}"
    assert press(client_of(given.driver), given, 0, "photo", picture=address).status_code == 204
    answer = client_of(city.users[Role.DISPATCHER]).get(f"/waste/photos/{Photo.objects.get().pk}/")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert client_of(given.other).get(f"/waste/photos/{Photo.objects.get().pk}/").status_code == 404
