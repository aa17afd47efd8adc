# SPDX-License-Identifier: Apache-2.0
"""Care's doors for machines, through the real HTTP API: keys and their kinds, errors that name the field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dure.city import cases, escalation
from dure.city.audit import Tag
from dure.city.devices import issue_key, revoke_key
from dure.city.models import AuditEntry, Case, CaseStatus, ConsentPurpose, Feed, Level
from dure.city.people import withdraw_consent
from dure.city.vigil import watch_silence
from dure.services.care.actions.alarms import alarm
from dure.services.care.models import Away, Call, Enrolment, Outcome
from tests.conftest import StandingClock
from tests.factories import City, make_feed
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db
REASON = {"ko": "08시면 28일 중 25일은 전기를 쓰셨습니다.", "en": "On 25 of 28 days power was used at 8."}
PHONE_DEVICE = {
    "feed": "telecom",
    "code": "phone-000001",
    "kind": "phone",
    "series": [{"name": "activity", "unit": "count", "interval_minutes": 60}],
}
METER = {
    "feed": "ami",
    "code": "meter-000001",
    "kind": "power_meter",
    "series": [{"name": "power", "unit": "kWh", "interval_minutes": 30}],
}


@dataclass
class Doors:
    """Keys by feed, and a way to ask with one of them."""

    enrolment: Enrolment
    keys: dict[str, str]

    def ask(self, method: str, address: str, body: object = None, *, key: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        send = Client().get if method == "GET" else Client().post
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        response = send(f"/api/v1{address}", headers=headers, **content)  # type: ignore[arg-type]
        return response.status_code, response.json()


@pytest.fixture
def doors(city: City, standing_clock: StandingClock) -> Doors:
    make_feed("telecom", "telecom", service="care")
    enrolment = enrolled(city, devices=[METER, PHONE_DEVICE])
    feeds = {code: make_feed(code, code) for code in ("ami", "telecom", "telephony", "statistics")}
    return Doors(enrolment, {code: issue_key(feed, actor="tests") for code, feed in feeds.items()})


@pytest.fixture
def call(doors: Doors, standing_clock: StandingClock) -> Call:
    """The automatic call of a case of the home."""
    alarm(
        doors.enrolment,
        level=Level.ATTENTION,
        score=3.0,
        reason=REASON,
        evidence={},
        engine_version="test",
        at=standing_clock.now,
    )
    escalation.run_due()
    return Call.objects.get()


def test_telephone_hears_which_numbers_to_ring_and_every_number_read_is_on_the_chain(doors: Doors, call: Call) -> None:
    status, answer = doors.ask("GET", "/calls?state=ringing", key=doors.keys["telephony"])
    assert status == 200
    (one,) = answer["calls"]
    assert one["id"] == str(call.ref)
    assert one["phone"].replace("-", "") == "01000000001"
    assert one["ringing_since"] < one["rings_until"]
    assert set(one["text"]) == {"ko", "en"}
    read = AuditEntry.objects.get(tag=Tag.Person.LISTED)
    assert (read.actor, read.subject) == ("feed:telephony", f"person:{doors.enrolment.person.ref}")


def test_no_call_rings_when_its_time_is_over(doors: Doors, call: Call, standing_clock: StandingClock) -> None:
    standing_clock.move(minutes=2)
    assert doors.ask("GET", "/calls", key=doors.keys["telephony"]) == (200, {"calls": []})


def test_one_pressed_closes_the_case(doors: Doors, call: Call) -> None:
    answer = doors.ask("POST", f"/calls/{call.ref}/answer", {"key": "1"}, key=doors.keys["telephony"])
    status, said = answer
    assert (status, said["id"], said["state"], said["over"]) == (200, str(call.ref), "answered", True)
    assert said["says"].startswith("다행입니다")
    case = Case.objects.get()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, Outcome.CONFIRMED_BY_CALL)


def test_same_answer_again_is_fine_and_another_is_too_late(doors: Doors, call: Call) -> None:
    address, key = f"/calls/{call.ref}/answer", doors.keys["telephony"]
    assert doors.ask("POST", address, {"key": "1"}, key=key)[0] == 200
    assert doors.ask("POST", address, {"key": "1"}, key=key)[0] == 200
    status, refused = doors.ask("POST", address, {"key": "2"}, key=key)
    assert status == 409
    assert refused["message_ko"] == "이미 끝난 전화입니다"


def test_unknown_call_is_not_found(doors: Doors) -> None:
    assert doors.ask("POST", f"/calls/{uuid4()}/answer", {"key": "1"}, key=doors.keys["telephony"])[0] == 404


def test_telephone_hears_what_to_say_next_until_the_call_is_over(doors: Doors, call: Call) -> None:
    address, key = f"/calls/{call.ref}/answer", doors.keys["telephony"]
    status, said = doors.ask("POST", address, {"said": "안 아파요", "turn": 0}, key=key)
    assert (status, said["over"], said["state"], said["turn"], said["keys"]) == (200, False, "talking", 1, ["1", "2"])
    assert "괜찮으신 거지요" in said["says"]
    assert doors.ask("POST", address, {"said": "안 아파요", "turn": 0}, key=key)[1] == said
    status, said = doors.ask("POST", address, {"said": "아이고 가슴이 답답해요", "turn": 1}, key=key)
    assert (status, said["over"], Case.objects.get().level) == (200, True, Level.ALERT)


def test_key_that_means_nothing_is_asked_again(doors: Doors, call: Call) -> None:
    status, said = doors.ask("POST", f"/calls/{call.ref}/answer", {"key": "7"}, key=doors.keys["telephony"])
    assert (status, said["over"], said["turn"]) == (200, False, 1)


def test_line_that_is_cut_ends_the_call(doors: Doors, call: Call) -> None:
    address, key = f"/calls/{call.ref}/answer", doors.keys["telephony"]
    status, said = doors.ask("POST", address, {"hung_up": True}, key=key)
    assert (status, said["over"], said["state"]) == (200, True, "unanswered")
    assert Case.objects.get().status == CaseStatus.OPEN


@pytest.mark.parametrize("body", [{"key": "x"}, {"key": 1}, {}])
def test_wrong_key_pressed_names_its_field(doors: Doors, call: Call, body: dict[str, object]) -> None:
    status, refused = doors.ask("POST", f"/calls/{call.ref}/answer", body, key=doors.keys["telephony"])
    assert (status, refused["field"]) == (422, "key")
    assert Case.objects.get().status == CaseStatus.OPEN


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/calls"),
        ("POST", "/calls/8c7a0f6e-1111-4222-8333-944455556666/answer"),
        ("POST", "/care/away"),
        ("GET", "/care/cases?since=2026-11-01T00:00:00Z"),
    ],
)
def test_every_door_wants_a_key(doors: Doors, method: str, address: str) -> None:
    body = None if method == "GET" else {"key": "1"}
    assert doors.ask(method, address, body)[0] == 401
    assert doors.ask(method, address, body, key="dure_not-a-key")[0] == 401
    revoke_key(doors.keys["telephony"], actor="tests")
    assert doors.ask(method, address, body, key=doors.keys["telephony"])[0] == 401


@pytest.mark.parametrize(
    ("address", "feed"),
    [("/calls", "ami"), ("/calls", "statistics"), ("/care/cases?since=2026-11-01T00:00:00Z", "ami")],
)
def test_key_of_another_kind_of_feed_is_refused(doors: Doors, call: Call, address: str, feed: str) -> None:
    assert doors.ask("GET", address, key=doors.keys[feed])[0] == 403


def stay(doors: Doors, clock: StandingClock, **changed: object) -> dict[str, object]:
    return {
        "device": "phone-000001",
        "from": clock.now.isoformat(),
        "until": (clock.now + timedelta(days=2)).isoformat(),
    } | changed


def test_away_is_kept_and_the_same_again_changes_nothing(doors: Doors, standing_clock: StandingClock) -> None:
    body = stay(doors, standing_clock)
    for _ in range(2):
        status, answer = doors.ask("POST", "/care/away", body, key=doors.keys["telecom"])
        assert status == 200, answer
        assert set(answer) == {"device", "from", "until"}
    away = Away.objects.get()
    assert (away.household, away.said_by) == (doors.enrolment.household, "elder")
    assert AuditEntry.objects.filter(tag="care:away:declared", actor="feed:telecom").count() == 1


def test_phone_itself_may_say_that_it_is_away(doors: Doors, standing_clock: StandingClock) -> None:
    assert doors.enrolment.phone is not None
    key = issue_key(doors.enrolment.phone.device, actor="tests")
    assert doors.ask("POST", "/care/away", stay(doors, standing_clock), key=key)[0] == 200


def test_key_of_another_feed_may_not_speak_for_the_home(doors: Doors, standing_clock: StandingClock) -> None:
    status, refused = doors.ask("POST", "/care/away", stay(doors, standing_clock), key=doors.keys["ami"])
    assert (status, refused["field"]) == (403, "device")


def test_unknown_device_is_named(doors: Doors, standing_clock: StandingClock) -> None:
    body = stay(doors, standing_clock, device="phone-999999")
    status, refused = doors.ask("POST", "/care/away", body, key=doors.keys["telecom"])
    assert (status, refused["field"]) == (404, "device")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"until": "2026-11-01T00:00:00Z"}, "until"),
        ({"until": "2027-11-01T00:00:00Z"}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"from": None}, "from"),
        ({"device": 7}, "device"),
    ],
)
def test_wrong_stay_names_its_field(
    doors: Doors, standing_clock: StandingClock, changed: dict[str, object], field: str
) -> None:
    body = stay(doors, standing_clock, **changed)
    status, refused = doors.ask("POST", "/care/away", body, key=doors.keys["telecom"])
    assert (status, refused["field"]) == (422, field), refused
    assert not Away.objects.exists()


def test_stay_that_overlaps_another_is_a_conflict(doors: Doors, standing_clock: StandingClock) -> None:
    doors.ask("POST", "/care/away", stay(doors, standing_clock), key=doors.keys["telecom"])
    later = stay(doors, standing_clock, until=(standing_clock.now + timedelta(days=5)).isoformat())
    assert doors.ask("POST", "/care/away", later, key=doors.keys["telecom"])[0] == 409
    assert Away.objects.count() == 1


def test_statistics_say_what_became_of_a_case_without_naming_anybody(
    doors: Doors, call: Call, standing_clock: StandingClock
) -> None:
    worker, case = doors.enrolment.worker, Case.objects.get()
    assert worker is not None
    standing_clock.move(minutes=5)
    cases.acknowledge(case, worker)
    cases.close(case, actor=worker, outcome=Outcome.WELL_BY_PHONE, text="감기라고 하심")
    address = "/care/cases?since=2026-11-02T00:00:00Z"
    status, answer = doors.ask("GET", address, key=doors.keys["statistics"])
    assert status == 200
    (line,) = answer["cases"]
    assert line["device"] == "meter-000001"
    assert (line["level"], line["outcome"]) == (Level.ATTENTION, "well_by_phone")
    assert line["opened_at"] < line["acknowledged_at"] == line["closed_at"]
    assert set(line) == {
        "number", "kind", "level", "device", "about", "opened_at", "acknowledged_at", "closed_at", "outcome",
    }  # fmt: skip
    later = doors.ask("GET", "/care/cases?since=2026-11-02T00:00:01Z", key=doors.keys["statistics"])
    assert later == (200, {"cases": []})


def test_statistics_name_the_device_that_fell_silent(doors: Doors, standing_clock: StandingClock) -> None:
    standing_clock.move(hours=40)
    Feed.objects.update(service="care", last_seen_at=standing_clock.now)
    watch_silence()
    _, answer = doors.ask("GET", "/care/cases?since=2026-11-02T00:00:00Z", key=doors.keys["statistics"])
    silent = {line["about"]: line["device"] for line in answer["cases"] if line["kind"] == "silent"}
    assert silent == {"devices:ami:4199151000": "meter-000001", "devices:telecom:4199151000": "phone-000001"}


def test_statistics_need_a_time(doors: Doors) -> None:
    for query in ("", "?since=lately", "?since=2026-11-02T00:00:00", "?since=9999-12-31T23:59:59-23:59"):
        status, refused = doors.ask("GET", f"/care/cases{query}", key=doors.keys["statistics"])
        assert (status, refused["field"]) == (422, "since")


def test_number_of_somebody_who_withdrew_the_consent_is_not_given_out(doors: Doors, call: Call) -> None:
    """The call was already ringing when the consent went."""
    withdraw_consent(doors.enrolment.person, ConsentPurpose.AI_CALL, actor="tests")
    status, answer = doors.ask("GET", "/calls", key=doors.keys["telephony"])
    assert (status, answer) == (200, {"calls": []})
