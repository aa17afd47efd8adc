# SPDX-License-Identifier: Apache-2.0
"""The network servers' envelopes at the HTTP door, from a webhook to the record."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from dure.city.devices import issue_key, register_device, register_feed
from dure.city.models import Reading, RejectedReading, Series
from dure.gateways.lorawan import FEED_KIND
from dure.services.waste.kinds import KINDS
from tests.conftest import StandingClock

pytestmark = pytest.mark.django_db
EUI = "0101010101010101"
AT = "2026-11-01T23:30:00Z"
FRAME = "01755C 03824408 040001"


@pytest.fixture
def key(standing_clock: StandingClock) -> str:
    feed = register_feed("chirpstack", "로라 서버", FEED_KIND, actor="tests", service="waste")
    kind = "milesight-em310-udl"
    register_device(feed, EUI, kind, series=KINDS[kind].series, actor="tests")
    register_device(feed, "a84041000181c061", "dragino-dds75", series=KINDS["dragino-dds75"].series, actor="tests")
    return issue_key(feed, actor="tests")


def b64(frame: str) -> str:
    return base64.b64encode(bytes.fromhex(frame)).decode()


def chirpstack(frame: str = FRAME, **changes: Any) -> dict[str, Any]:
    return {
        "deduplicationId": "3ac7e3c4-0000-4000-8000-000000000000",
        "time": AT,
        "deviceInfo": {"tenantId": "t", "applicationId": "7f", "deviceName": "bin-0001", "devEui": EUI},
        "fCnt": 4,
        "fPort": 85,
        "data": b64(frame),
        "object": {"distance": 3612},
        "rxInfo": [{"gatewayId": "a", "rssi": -112, "snr": -3.5}, {"gatewayId": "b", "rssi": -97, "snr": 7.2}],
    } | changes


def the_things_stack(frame: str = FRAME, **changes: Any) -> dict[str, Any]:
    """Zero and empty fields are left out, as the server does."""
    message = {
        "f_port": 85,
        "frm_payload": b64(frame),
        "decoded_payload": {"distance": 3612},
        "rx_metadata": [{"gateway_ids": {"gateway_id": "b"}, "rssi": -97, "snr": 7.2}],
        "received_at": "2026-11-01T23:30:00.000000000Z",
    } | changes
    ids = {"device_id": "bin-1", "application_ids": {"application_id": "bins"}, "dev_eui": EUI.upper()}
    return {"end_device_ids": ids, "received_at": "2026-11-01T23:30:00.2Z", "uplink_message": message}


def post(key: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Client().post(
        f"/api/v1/lorawan/{path}", sent, content_type="application/json", headers={"authorization": f"Bearer {key}"}
    )
    return answer.status_code, json.loads(answer.content)


def values() -> dict[str, float | None]:
    rows = Reading.objects.values_list("series_id", "value")
    names = dict(Series.objects.values_list("pk", "name"))
    return {names[series]: value for series, value in rows}


def test_both_servers_say_the_same_of_one_frame_and_it_is_kept_once(key: str) -> None:
    status, answer = post(key, "chirpstack?event=up", chirpstack())
    assert (status, answer["stored"], answer["rejected"]) == (200, 6, [])
    heard = {"rssi": -97, "snr": 7.2, "f_cnt": 4}
    assert values() == {"battery": 92, "distance": 2116, "tilt": 1} | heard, "decoded by us, not by the server's codec"
    assert post(key, "chirpstack?event=up", chirpstack())[1]["duplicates"] == 6
    status, answer = post(key, "tts", the_things_stack(f_cnt=4))
    assert (status, answer["duplicates"], answer["conflicts"]) == (200, 6, [])


def test_the_things_stack_leaves_out_zeros(key: str) -> None:
    frame = the_things_stack()
    del frame["uplink_message"]["received_at"]
    assert post(key, "tts", frame)[1]["stored"] == 6
    assert values()["f_cnt"] == 0
    assert post(key, "tts", {"end_device_ids": frame["end_device_ids"], "join_accept": {}})[1]["stored"] == 0


def test_other_events_and_empty_frames_are_no_fault(key: str) -> None:
    assert post(key, "chirpstack?event=join", chirpstack())[1] == {
        "stored": 0, "duplicates": 0, "conflicts": [], "rejected": [],
    }  # fmt: skip
    assert post(key, "chirpstack", chirpstack("", fPort=0))[1]["stored"] == 3, "how it was heard is kept"
    assert not RejectedReading.objects.exists()


def test_what_is_wrong_is_named_and_kept_and_takes_nothing_with_it(key: str) -> None:
    wrong = [
        (chirpstack("01755C 9982 03824408"), "data", 4),
        (chirpstack(data="%%"), "data", 0),
        (chirpstack(deviceInfo={"devEui": "ffffffffffffffff"}), "device", 0),
        (chirpstack(deviceInfo={"devEui": "bin-1"}), "devEui", 0),
        (chirpstack(deviceInfo={}), "devEui", 0),
        (chirpstack(time="gestern"), "time", 0),
        (
            chirpstack("0E1C 0B05 00 0105 01", fPort=2, deviceInfo={"devEui": "a84041000181c061"}, fCnt=2**40),
            "value",
            5,
        ),
    ]
    for body, field, stored in wrong:
        status, answer = post(key, "chirpstack?event=up", body)
        assert (status, answer["stored"], [one["field"] for one in answer["rejected"]]) == (200, stored, [field]), body
    kept = RejectedReading.objects.order_by("pk")
    assert [row.field for row in kept] == [field for _, field, _ in wrong]
    assert {(row.door, row.feed and row.feed.code) for row in kept} == {("lorawan", "chirpstack")}
    assert json.loads(kept[0].payload)["data"] == "01755c998203824408"


def test_who_has_no_key_and_what_is_no_json_is_refused(key: str) -> None:
    assert post("guess", "chirpstack", chirpstack())[0] == 401
    assert [post(key, "tts", body)[0] for body in (b"\x0a\x01\x02", b"[]", b'"x"')] == [422] * 3
    other = register_feed("other", "다른 서버", FEED_KIND, actor="tests")
    status, answer = post(issue_key(other, actor="tests"), "chirpstack", chirpstack())
    assert (status, answer["stored"], {one["field"] for one in answer["rejected"]}) == (200, 0, {"device"})
