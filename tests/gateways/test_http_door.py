# SPDX-License-Identifier: Apache-2.0
"""The readings' door as the web process serves it, beside Django; what becomes of readings is in test_http."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from tests.gateways.running import Running

pytestmark = [pytest.mark.broker, pytest.mark.once]
READING = {"device": "meter-000001", "series": "power", "at": "2026-10-01T00:00:00Z", "value": 0.25}
JSON = "application/json"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("door") / "city") as running:
        running.create(20)
        running.start_web()
        yield running


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: Any


def ask(platform: Running, body: Any, method: str = "POST", **headers: str) -> Answer:
    """One request. ``headers`` replace those of a right one; an empty one is left out."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = {"Authorization": f"Bearer {platform.key}", "Content-Type": JSON} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=60)
    try:
        connection.request(method, "/api/v1/readings", data, {name: value for name, value in asked.items() if value})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, json.load(response))
    finally:
        connection.close()


def test_an_answer_says_what_became_of_the_readings(platform: Running) -> None:
    sent = [READING, READING | {"at": "2026-10-01T00:30:00Z", "value": 99.0}]
    answer = ask(platform, sent, Content_Type="application/json; charset=utf-8")
    assert answer.status == 200
    assert answer.content["stored"] == 1
    assert [(one["index"], one["field"]) for one in answer.content["rejected"]] == [(1, "value")]
    assert answer.headers["content-type"] == JSON
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ask(platform, sent).content["duplicates"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "field"),
    [
        (READING, {"Authorization": ""}, 401, "Authorization"),
        (READING, {"Authorization": "Bearer "}, 401, "Authorization"),
        (READING, {"Authorization": "Basic abc"}, 401, "Authorization"),
        (READING, {"Authorization": "Bearer guess"}, 401, "Authorization"),
        (b"{", {"Authorization": "Bearer guess"}, 401, "Authorization"),
        (READING, {"Content_Type": "text/plain"}, 415, "Content-Type"),
        (READING, {"Content_Type": ""}, 415, "Content-Type"),
        (b"{", {}, 422, "body"),
        (b"", {}, 422, "body"),
        (b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), {}, 413, "body"),
    ],
)
def test_what_is_refused_whole(platform: Running, body: Any, headers: dict[str, str], status: int, field: str) -> None:
    answer = ask(platform, body, **headers)
    assert (answer.status, answer.content["field"]) == (status, field)
    assert set(answer.content) == {"field", "message", "message_ko"}
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_other_methods_are_refused_by_the_pages(platform: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=60)
    connection.request("GET", "/api/v1/readings")
    assert connection.getresponse().status == 405
    connection.close()


def test_nothing_that_lies_ahead_is_judged_while_our_clock_is_wrong(platform: Running) -> None:
    before = platform.stored()
    _move_watermark(platform, "2031-01-01 00:00:00")
    answer = ask(platform, READING | {"at": "2030-12-31T00:00:00Z"})
    _move_watermark(platform, None)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "clock" in answer.content["message"]
    assert platform.stored() == before
    assert ask(platform, READING | {"at": "2026-10-02T00:00:00Z"}).content["stored"] == 1


def _move_watermark(platform: Running, moved_at: str | None) -> None:
    with sqlite3.connect(platform.home / "dure.sqlite3", timeout=30) as connection:
        connection.execute(
            "INSERT INTO city_watermark (consumer, arrival, moved_at) VALUES ('latest', 0, ?) "
            "ON CONFLICT (consumer) DO UPDATE SET moved_at = excluded.moved_at",
            [moved_at],
        )
    connection.close()


def test_many_at_once_are_each_answered_after_their_commit(platform: Running) -> None:
    start = threading.Barrier(12)
    wrong: list[object] = []

    def send(meter: int) -> None:
        start.wait(60)
        for hour in range(20):
            reading = READING | {"device": f"meter-{meter:06d}", "at": f"2026-10-03T{hour:02d}:00:00Z"}
            answer = ask(platform, reading)
            kept = platform.query(
                "SELECT count(*) FROM city_reading r JOIN city_series s ON s.id = r.series_id JOIN city_device d "  # noqa: S608 - no outside input
                f"ON d.id = s.device_id WHERE d.code = 'meter-{meter:06d}' AND r.at = '2026-10-03 {hour:02d}:00:00'"
            )
            if (answer.status, answer.content["stored"], kept) != (200, 1, [(1,)]):
                wrong.append((answer, kept))

    threads = [threading.Thread(target=send, args=(meter,)) for meter in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
