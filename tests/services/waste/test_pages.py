# SPDX-License-Identifier: Apache-2.0
"""The QR code's page, the dispatcher's page and the API, through their addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dure.city import cases, clock, devices
from dure.city.models import Case, Membership, Role
from dure.services.waste import queries
from dure.services.waste.actions.bins import enrol
from dure.services.waste.models import BinStatus, Outcome, Report
from tests.conftest import StandingClock
from tests.factories import City, make_feed, make_user
from tests.services.waste.street import Street, spec, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(city: City, standing_clock: StandingClock) -> Street:
    return Street(city, 3)


def tell(street: Street, kind: str = "overflowing", text: str = "", **more: Any) -> Any:
    form = {"kind": kind, "text": text, "client_id": str(uuid4())} | more
    return Client().post(f"/bin/{street.bin().word}/", form)


def test_anybody_may_report_a_bin_and_it_becomes_one_case(street: Street) -> None:
    page = Client().get(f"/bin/{street.bin().word.upper()}/")
    assert page.status_code == 200
    assert "아람역 1번 출구" in page.content.decode()
    number = str(uuid4())
    for _ in range(2):
        answer = tell(street, text="봉투가 쌓여 있어요", client_id=number)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/bin/{street.bin().word}/?sent=1")
    tell(street, text="아직 그대로예요")
    assert Report.objects.count() == 2, "sent twice is once"
    case = Case.objects.get(service="waste")
    assert (case.kind, case.about, case.area) == ("reported_overflowing", "bin:bin-0001", street.bin().area)
    assert [str(event.text.open()) for event in case.events.filter(kind="note")] == [
        "봉투가 쌓여 있어요",
        "아직 그대로예요",
    ]
    assert "고맙습니다" in Client().get(answer.headers["Location"]).content.decode()


def test_report_joins_what_the_sensor_has_seen(street: Street, standing_clock: StandingClock) -> None:
    street.fills(clock.now(), 98, 99)
    work()
    standing_clock.stand_at(clock.now() + timedelta(hours=12))
    work()
    tell(street)
    assert Case.objects.get(service="waste").kind == "full"


def test_too_many_reports_are_turned_away_in_the_readers_language(street: Street, city: City) -> None:
    assert [tell(street).status_code for _ in range(6)] == [302] * 6
    assert tell(street).status_code == 429
    answer = Client(headers={"accept-language": "en"}).post(
        f"/bin/{street.bin().word}/", {"kind": "broken", "client_id": str(uuid4())}
    )
    assert answer.status_code == 429
    assert "try again later" in answer.content.decode()
    cases.close(Case.objects.get(service="waste"), actor=city.users[Role.DISPATCHER], outcome=Outcome.EMPTIED)
    assert Report.objects.count() == 6


def test_wrong_report_is_told_and_an_unknown_word_is_no_bin(street: Street) -> None:
    assert tell(street, kind="").status_code == 422
    assert tell(street, kind="stolen").status_code == 422
    assert tell(street, text="x" * 401).status_code == 422
    assert tell(street, client_id="one").status_code == 422
    assert Client().get("/bin/nosuchbin/").status_code == 404
    assert not Report.objects.exists()


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_dispatcher_sees_the_bins_of_their_areas_the_fullest_first(city: City, street: Street) -> None:
    enrol(spec(4, lon=127.12), actor="tests")
    street.fills(clock.now(), 30)
    street.fills(clock.now(), 92, number=2)
    street.say(clock.now(), 3, distance=700, temperature=80)
    work()
    client = client_of(city.users[Role.DISPATCHER])
    codes = [one.bin.code for one in client.get("/waste/").context["page"]]
    assert codes == ["bin-0003", "bin-0002", "bin-0001", "bin-0004"]
    assert client.get("/waste/").context["figures"] == {"all": 4, "full": 1, "wrong": 1, "unknown": 1}
    case = Case.objects.get(service="waste")
    assert f'href="/cases/{case.number}/"' in client.get("/waste/").content.decode()
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "60 °C를 넘었습니다" in page
    assert str(Outcome.FIRE_OUT.label) in page
    shades = {one["properties"]["code"]: one["properties"]["shade"] for one in
              client.get("/waste/bins.geojson").json()["features"]}  # fmt: skip
    assert shades == {"bin-0001": "low", "bin-0002": "full", "bin-0003": "low", "bin-0004": "none"}
    assert len(client.get("/waste/areas.geojson").json()["features"]) == 2
    local = make_user("local", Role.DISPATCHER, area=city.dongs[1])
    assert Membership.objects.filter(user=local).count() == 1
    assert [one.bin.code for one in client_of(local).get("/waste/").context["page"]] == ["bin-0004"]


def test_containers_speak_ngsi_ld(city: City, street: Street) -> None:
    key = devices.issue_key(make_feed("stat", "statistics"), actor="tests")
    street.fills(clock.now(), 60, 72, 80, 6, 5)
    street.say(clock.now() + timedelta(minutes=5), tilt=1, temperature=12)
    work()
    headers = {"authorization": f"Bearer {key}"}
    found = Client().get("/api/v1/waste/containers", {"area": "4199151000"}, headers=headers).json()
    assert [one["id"] for one in found] == [f"urn:ngsi-ld:WasteContainer:bin-000{number}" for number in (1, 2, 3)]
    assert found[0] == {
        "id": "urn:ngsi-ld:WasteContainer:bin-0001",
        "type": "WasteContainer",
        "location": {"type": "Point", "coordinates": [127.1, 37.3]},
        "name": "아람역 1번 출구",
        "areaServed": "가온도 두레시 한울구 아람동",
        "fillingLevel": 0.055,
        "temperature": 12,
        "status": "lidOpen",
        "storedWasteKind": "other",
        "storedWasteOrigin": "municipal",
        "dateLastEmptying": "2026-11-01T23:00:00Z",
        "dateServiceStarted": "2026-11-02T00:00:00Z",
        "refDevice": ["urn:ngsi-ld:Device:0000000000000001"],
        "TimeInstant": "2026-11-02T00:00:00Z",
    }
    assert "fillingLevel" not in found[1]
    page = Client().get("/api/v1/waste/containers", {"limit": 1, "offset": 2}, headers=headers).json()
    assert [one["status"] for one in page] == ["unknown"]
    assert Client().get("/api/v1/waste/containers", {"area": "두레"}, headers=headers).status_code == 422
    other = {"authorization": f"Bearer {street.key}"}
    assert Client().get("/api/v1/waste/containers", headers=other).status_code == 403


def test_history_is_the_readings_by_todays_calibration(street: Street) -> None:
    street.fills(clock.now(), 10, 25.5)
    since = clock.now() - timedelta(hours=2)
    assert [level for _, level in queries.levels(street.bin(), since, clock.now() + timedelta(hours=1))] == [10, 25.5]
    assert street.bin().state.status == BinStatus.UNKNOWN, "nothing has been judged yet"
