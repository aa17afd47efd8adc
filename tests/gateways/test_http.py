# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gzip
import io
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from dure.city.devices import SeriesSpec, issue_key, register_device, register_feed, retire_device, revoke_key
from dure.city.errors import Invalid
from dure.city.models import Device, Feed, Reading, RejectedReading, Series
from dure.gateways.http.arrow_body import from_arrow
from dure.gateways.http.limits import TooMuch
from tests.conftest import StandingClock

pytestmark = pytest.mark.django_db
AT = "2026-11-01T23:30:00Z"
ARROW = "application/vnd.apache.arrow.stream"


@dataclass
class Door:
    """A feed with one device, and a way to post to the door with a key."""

    feed: Feed
    device: Device
    key: str

    def post(self, body: Any, key: str | None = None, content_type: str = "application/json") -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"Authorization": f"Bearer {key or self.key}"}
        response = Client().post("/api/v1/readings", data, content_type=content_type, headers=headers)
        return response.status_code, response.json()


@pytest.fixture
def door(standing_clock: StandingClock) -> Door:
    feed = register_feed("ami", "AMI", "ami", actor="tests")
    device = add_device(feed, "meter-1")
    return Door(feed, device, issue_key(feed, actor="tests"))


def add_device(feed: Feed, code: str) -> Device:
    return register_device(feed, code, "power_meter", series=[SeriesSpec("power", "kWh", 30, 0, 50)], actor="tests")


def reading(**changes: Any) -> dict[str, Any]:
    return {"device": "meter-1", "series": "power", "at": AT, "value": 0.25} | changes


def stored(count: int, duplicates: int = 0) -> dict[str, Any]:
    return {"stored": count, "duplicates": duplicates, "conflicts": [], "rejected": []}


def test_one_reading_is_stored(door: Door) -> None:
    assert door.post(reading()) == (200, stored(1))
    assert Reading.objects.get().value == 0.25


def test_ten_thousand_are_stored_and_the_same_again_changes_nothing(door: Door) -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC)
    many = [reading(at=(start + timedelta(minutes=30 * step)).isoformat()) for step in range(10_000)]

    assert door.post(many) == (200, stored(10_000))
    assert door.post(many) == (200, stored(0, duplicates=10_000))
    assert Reading.objects.count() == 10_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"device": "meter-9"}, "device"),
        ({"series": "gas"}, "series"),
        ({"at": "2026-11-02T00:11:00Z"}, "at"),  # the city's clock stands at 00:00
        ({"at": "2025-09-01T00:00:00Z"}, "at"),
        ({"at": "2026-11-01T23:30:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": None}, "at"),
        ({"value": 50.1}, "value"),
        ({"value": -0.1}, "value"),
        ({"value": float("nan")}, "value"),
        ({"value": float("inf")}, "value"),
        ({"value": "0.1"}, "value"),
        ({"value": True}, "value"),
        ({"quality": "excellent"}, "quality"),
        ({"quality": "no_value"}, "quality"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_reading_is_named_by_field_and_nothing_around_it_is_lost(
    door: Door, changes: dict[str, Any], field: str
) -> None:
    status, answer = door.post(
        [reading(), reading(**{"at": "2026-11-01T23:00:00Z"} | changes), reading(at="2026-11-01T22:00:00+00:00")]
    )

    assert (status, answer["stored"]) == (200, 2)
    (refused,) = answer["rejected"]
    assert (refused["index"], refused["field"]) == (1, field)
    assert refused["message"]
    assert refused["message_ko"]
    kept = RejectedReading.objects.get()
    assert (kept.feed, kept.door, kept.field, kept.reason) == (door.feed, "http", field, refused["message_ko"])


@pytest.mark.parametrize("missing", ["device", "series", "at", "value"])
def test_a_missing_field_is_named(door: Door, missing: str) -> None:
    sent = reading()
    del sent[missing]
    status, answer = door.post(sent)

    assert status == 422
    assert [(one["field"], one["message"]) for one in answer["rejected"]] == [(missing, "is missing")]


def test_ten_minutes_ahead_of_our_clock_is_accepted(door: Door) -> None:
    assert door.post(reading(at="2026-11-02T00:10:00Z")) == (200, stored(1))


def test_six_hours_late_is_accepted_and_time_zones_are_understood(door: Door) -> None:
    assert door.post([reading(at="2026-11-02T03:00:00+09:00")]) == (200, stored(1))
    assert Reading.objects.get().at == datetime(2026, 11, 1, 18, tzinfo=UTC)


def test_no_value_is_a_reading_too(door: Door) -> None:
    assert door.post(reading(value=None)) == (200, stored(1))
    assert Reading.objects.get().get_quality_display() == "값 없음"


def test_another_value_for_the_same_time_is_answered_as_a_conflict(door: Door) -> None:
    door.post(reading())
    status, answer = door.post([reading(value=0.5), reading()])

    assert (status, answer["stored"], answer["duplicates"], answer["rejected"]) == (200, 0, 2, [])
    assert [(one["index"], one["field"]) for one in answer["conflicts"]] == [(0, "value")]
    assert "0.25" in answer["conflicts"][0]["message"]
    assert RejectedReading.objects.get().payload.find("0.5") > 0


def test_a_retired_device_is_refused_from_then_on_but_may_still_deliver_what_it_measured(
    door: Door, standing_clock: StandingClock
) -> None:
    retire_device(door.device, standing_clock.now - timedelta(hours=2), actor="tests")
    status, answer = door.post([reading(at="2026-11-01T21:59:00Z"), reading(at="2026-11-01T22:00:00Z")])

    assert (status, answer["stored"]) == (200, 1)
    assert [(one["index"], one["field"]) for one in answer["rejected"]] == [(1, "device")]


def test_a_devices_key_speaks_for_no_other_device(door: Door) -> None:
    add_device(door.feed, "meter-2")
    key = issue_key(door.device, actor="tests")

    assert door.post(reading(), key=key) == (200, stored(1))
    status, answer = door.post(reading(device="meter-2"), key=key)
    assert (status, answer["field"]) == (403, "device")
    status, answer = door.post([reading(), reading(device="meter-2")], key=key)
    assert (status, answer["duplicates"], answer["rejected"][0]["index"]) == (200, 1, 1)


def test_a_feeds_key_speaks_for_no_other_feed(door: Door) -> None:
    other = issue_key(register_feed("telecom", "통신", "telecom", actor="tests"), actor="tests")

    assert door.post(reading(), key=other)[0] == 403


def test_without_a_valid_key_nothing_is_taken(door: Door) -> None:
    revoked = issue_key(door.device, actor="tests")
    assert door.post(reading(), key=revoked)[0] == 200
    revoke_key(revoked, actor="tests")

    for key in ("nonsense", revoked):
        status, answer = door.post(reading(), key=key)
        assert (status, answer["field"]) == (401, "Authorization")
    response = Client().post("/api/v1/readings", b"{}", content_type="application/json")
    assert (response.status_code, response.json()["field"]) == (401, "Authorization")
    assert Reading.objects.count() == 1


def test_what_a_process_remembers_of_devices_is_never_old(door: Door) -> None:
    door.post(reading())
    Series.objects.update(max_value=0.1)  # by any way at all, not only by our functions
    status, answer = door.post(reading(at="2026-11-01T20:00:00Z"))

    assert (status, answer["rejected"][0]["field"]) == (422, "value")


@pytest.mark.parametrize("body", [b"{", b"[1", b"[" * 5000, b"\xff\xfe", b"[]"])
def test_a_body_that_is_no_json_is_refused_as_a_whole(door: Door, body: bytes) -> None:
    status, answer = door.post(body)

    assert (status, answer["field"]) == (422, "body")


@pytest.mark.parametrize("body", [1, "x", None, [[]], [None]])
def test_what_is_no_reading_is_refused(door: Door, body: Any) -> None:
    status, answer = door.post(body)

    assert (status, answer["rejected"][0]["field"]) == (422, "body")


def test_too_many_readings_and_too_many_bytes_are_413(door: Door) -> None:
    assert door.post([reading()] * 10_001)[0] == 413
    assert door.post(b" " * (16 * 1024 * 1024 + 1))[0] == 413


def test_another_format_is_415(door: Door) -> None:
    status, answer = door.post(b"device,at", content_type="text/csv")

    assert (status, answer["field"]) == (415, "Content-Type")


def test_a_compressed_body_is_415(door: Door) -> None:
    headers = {"Authorization": f"Bearer {door.key}", "Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps(reading()).encode())
    response = Client().post("/api/v1/readings", body, content_type="application/json", headers=headers)

    assert (response.status_code, response.json()["field"]) == (415, "Content-Encoding")


def test_a_number_of_thousands_of_digits_loses_none_of_its_neighbours(door: Door) -> None:
    body = json.dumps([reading(), reading(at="2026-11-01T22:30:00Z", value=0)]).replace("0}", "1" * 5000 + "}")
    status, answer = door.post(body.encode())

    assert (status, answer["stored"]) == (200, 1)
    assert [(one["index"], one["field"]) for one in answer["rejected"]] == [(1, "value")]


def arrow(columns: dict[str, pa.Array], compression: str | None = None) -> bytes:
    table = pa.table(columns)
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def arrow_columns(count: int = 3) -> dict[str, pa.Array]:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    times = [start + timedelta(minutes=30 * step) for step in range(count)]
    return {
        "device": pa.array(["meter-1"] * count),
        "series": pa.array(["power"] * count).dictionary_encode(),
        "at": pa.array(times, pa.timestamp("us", "UTC")),
        "value": pa.array([0.1, None] * (count // 2) + [0.1] * (count % 2), pa.float64()),
    }


def test_arrow_is_stored_as_json_is(door: Door) -> None:
    assert door.post(arrow(arrow_columns()), content_type=ARROW) == (200, stored(3))
    assert list(Reading.objects.order_by("at").values_list("value", "quality")) == [(0.1, 0), (None, 3), (0.1, 0)]


@pytest.mark.parametrize(
    "changes",
    [
        {"device": pa.array(["meter-1"] * 3, pa.string_view())},
        {"device": pa.array(["meter-1"] * 3, pa.large_string())},
        {"at": arrow_columns()["at"].cast(pa.timestamp("ns", "Asia/Seoul"))},
        {"at": arrow_columns()["at"].cast(pa.timestamp("s", "UTC"))},
        {"value": pa.array([1, 2, 3], pa.int32())},
        {"note": pa.array([["more", "than"], None, ["asked"]])},
    ],
)
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_arrow_as_other_programs_write_it_is_understood(
    door: Door, changes: dict[str, Any], compression: str | None
) -> None:
    assert door.post(arrow(arrow_columns() | changes, compression), content_type=ARROW) == (200, stored(3))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul"])
@pytest.mark.parametrize(("unit", "at"), [("s", 2**62), ("s", -(2**62)), ("us", 2**62), ("ns", 2**62 + 1)])
def test_arrow_with_a_time_beyond_all_calendars_is_refused_by_item(door: Door, unit: str, at: int, zone: str) -> None:
    times = pa.array([1_793_000_000 * {"s": 1, "us": 10**6, "ns": 10**9}[unit], at, None], pa.timestamp(unit, zone))
    status, answer = door.post(arrow(arrow_columns() | {"at": times}), content_type=ARROW)

    assert (status, answer["stored"]) == (200, 1)
    assert [(one["index"], one["field"]) for one in answer["rejected"]] == [(1, "at"), (2, "at")]
    assert RejectedReading.objects.count() == 2


def expanding(kind: str) -> bytes:
    """A body of some ten kilobytes that is hundreds of megabytes once it is written out."""
    one = pa.array(["a" * 100_000])
    if kind == "compressed":
        return arrow(arrow_columns() | {"device": pa.array(["a" * 100_000_000] * 3)}, "zstd")
    if kind == "dictionary":
        device = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), one)
    else:
        _, view, letters = one.cast(pa.string_view()).buffers()
        device = pa.Array.from_buffers(pa.string_view(), 3000, [None, pa.py_buffer(bytes(view) * 3000), letters])
    return arrow(arrow_columns(3000) | {"device": device})


@pytest.mark.parametrize("kind", ["compressed", "dictionary", "view"])
def test_arrow_that_would_grow_beyond_a_requests_size_is_413_before_it_is_unpacked(door: Door, kind: str) -> None:
    body = expanding(kind)
    default = pa.default_memory_pool()
    counting = pa.proxy_memory_pool(default)
    pa.set_memory_pool(counting)
    try:
        status, answer = door.post(body, content_type=ARROW)
    finally:
        pa.set_memory_pool(default)

    assert (status, answer["field"]) == (413, "body")
    assert counting.max_memory() < 32 * 2**20


def test_a_strangers_arrow_is_not_even_read(door: Door) -> None:
    assert door.post(b"no arrow", key="unknown", content_type=ARROW)[0] == 401


@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
def test_arrow_with_damaged_bytes_is_read_or_refused_in_words(changes: list[tuple[int, int]]) -> None:
    body = bytearray(arrow(arrow_columns()))
    for place, byte in changes:
        body[place % len(body)] = byte

    with suppress(Invalid, TooMuch):
        columns, text = from_arrow(bytes(body))
        assert [text(position) for position in range(len(columns))]


def test_arrow_names_what_is_wrong_by_item(door: Door) -> None:
    columns = arrow_columns(5)
    columns["value"] = pa.array([0.1, float("nan"), 99.0, 0.1, 0.1])
    columns["quality"] = pa.array(["good", "good", None, "superb", "estimated"])
    columns["device"] = pa.array(["meter-1", "meter-1", "meter-1", "meter-1", None])
    status, answer = door.post(arrow(columns), content_type=ARROW)

    assert (status, answer["stored"]) == (200, 1)
    named = [(one["index"], one["field"]) for one in answer["rejected"]]
    assert named == [(1, "value"), (2, "value"), (3, "quality"), (4, "device")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at": pa.array([datetime(2026, 11, 1)] * 3, pa.timestamp("us"))}, "at"),  # noqa: DTZ001 - naive on purpose
        ({"value": pa.array(["a", "b", "c"])}, "value"),
        ({"device": None}, "device"),
    ],
)
def test_arrow_columns_of_another_type_are_named(door: Door, changes: dict[str, Any], field: str) -> None:
    columns = {name: column for name, column in (arrow_columns() | changes).items() if column is not None}
    status, answer = door.post(arrow(columns), content_type=ARROW)

    assert (status, answer["field"]) == (422, field)


def test_what_is_no_arrow_is_refused(door: Door) -> None:
    good = arrow(arrow_columns())
    for body in (b"x" * 100, good[: len(good) // 2]):
        status, answer = door.post(body, content_type=ARROW)
        assert (status, answer["field"]) == (422, "body")
    assert door.post(arrow(arrow_columns(10_001)), content_type=ARROW)[0] == 413


def test_when_our_own_clock_has_fallen_back_senders_are_told_to_keep_their_readings(
    door: Door, standing_clock: StandingClock
) -> None:
    from dure.city.readings import advance_latest

    door.post(reading())
    advance_latest()
    standing_clock.move(days=-300)
    status, answer = door.post(reading(at="2026-11-01T23:00:00Z"))

    assert status == 503
    assert "clock" in answer["message"]
    assert RejectedReading.objects.count() == 0

    advance_latest()  # the worker, which has the same clock, does not make it right
    assert door.post(reading(at="2026-11-01T23:00:00Z"))[0] == 503
    ready = Client().get("/readyz").json()["checks"]
    assert not ready["clock"]["ok"]


def test_a_clock_that_had_run_ahead_is_forgotten_when_live_readings_come(
    door: Door, standing_clock: StandingClock
) -> None:
    from dure.city.readings import advance_latest

    standing_clock.move(days=300)
    advance_latest()
    standing_clock.move(days=-300)
    live, ahead = standing_clock.now - timedelta(minutes=30), standing_clock.now + timedelta(minutes=30)
    assert door.post(reading(at=ahead.isoformat()))[0] == 503, "is it ours that is wrong, or the device's?"
    assert door.post(reading(at=live.isoformat()))[0] == 200
    advance_latest()

    assert door.post(reading(at=ahead.isoformat()))[0] == 422
    assert Client().get("/readyz").json()["checks"]["clock"]["ok"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a full PostgreSQL: test_readings_concurrently")
def test_a_full_disk_is_told_and_nothing_of_the_request_is_kept(door: Door) -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC)
    many = [reading(at=(start + timedelta(minutes=30 * step)).isoformat()) for step in range(5_000)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # what earlier tests left free would be room
        cursor.execute("PRAGMA max_page_count")
        (usual,) = cursor.fetchone()
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 8}")
        status, answer = door.post(many)
        cursor.execute(f"PRAGMA max_page_count = {usual}")
    assert status == 503
    assert "the disk is full" in answer["message"]
    assert "디스크가 가득 찼습니다" in answer["message_ko"]
    assert Reading.objects.count() == 0
    assert door.post(many) == (200, stored(5_000))


def test_the_document_and_its_page_come_from_this_server_alone(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert "/api/v1/readings" in document["paths"]
    page = client.get("/api/v1/docs").content.decode()
    assert 'id="post-api-v1-readings"' in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page) == []
