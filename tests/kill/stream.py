# SPDX-License-Identifier: Apache-2.0
"""Streams of numbered readings through the doors, that know which of them were acknowledged and go on after a kill."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from tests.gateways.running import START, Running, wait_until

METERS = 100
A_REQUEST = 100
HALF_HOUR = timedelta(minutes=30)


def meter(number: int) -> str:
    return f"meter-{number % METERS:06d}"


def at(number: int) -> str:
    return (START + number // METERS * HALF_HOUR).isoformat()


def value(number: int) -> float:
    return number % 499 / 10


class HttpStream:
    """Readings ``first`` to ``last`` in requests of 100, from several threads. What is not acknowledged is sent again
    until it is; what is acknowledged is never sent again."""

    def __init__(self, platform: Running, first: int, last: int, threads: int = 3) -> None:
        self.acknowledged = 0
        self._platform = platform
        self._lock = threading.Lock()
        self._todo = [range(start, start + A_REQUEST) for start in range(first, last, A_REQUEST)][::-1]
        self._threads = [threading.Thread(target=self._send_all) for _ in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        for thread in self._threads:
            thread.join()

    def _send_all(self) -> None:
        while True:
            with self._lock:
                if not self._todo:
                    return
                numbers = self._todo.pop()
            body = json.dumps(
                [{"device": meter(n), "series": "power", "at": at(n), "value": value(n)} for n in numbers]
            ).encode()
            wait_until(lambda body=body: self._accepted(body), "a request is accepted")  # type: ignore[misc]
            with self._lock:
                self.acknowledged += len(numbers)

    def _accepted(self, body: bytes) -> bool:
        try:
            status, answer = self._platform.post(body)
        except OSError:
            return False
        if status == 503:
            return False
        assert status == 200, answer
        assert answer["stored"] + answer["duplicates"] == A_REQUEST
        assert not answer["conflicts"]
        return True


class MqttStream:
    """Readings ``first`` to ``last``, one a message, QoS 1, in a thread of its own. With ``receipts``, a reading is
    acknowledged when its receipt comes back after the commit; without, when the broker says so. What is not
    acknowledged is sent again; what is acknowledged is never sent again."""

    def __init__(self, platform: Running, first: int, last: int, *, receipts: bool) -> None:
        self._platform = platform
        self._receipts = receipts
        self._todo = set(range(first, last))
        self._total = last - first
        self.broker_said: set[int] = set()
        self.lost_connections = 0
        self._thread = threading.Thread(target=self._send_all)

    @property
    def acknowledged(self) -> int:
        return self._total - len(self._todo)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._thread.join()

    def _send_all(self) -> None:
        while self._todo:
            try:
                self._send_some()
            except OSError:
                self.lost_connections += 1
                wait_until(self._reachable, "the broker is back")

    def _reachable(self) -> bool:
        try:
            self._platform.publisher("probe").__exit__()
        except OSError:
            return False
        return True

    def _send_some(self) -> None:
        with self._platform.publisher("stream", self._heard) as publisher:
            if self._receipts:
                publisher.subscribe("dure/v1/ami/+/stored/+")
            for numbers in self._portions():
                try:
                    publisher.publish([self._message(number) for number in numbers], in_flight=200)
                finally:
                    self.broker_said.update(publisher.acknowledged)
                    if not self._receipts:
                        self._todo -= self.broker_said
                if self._receipts:
                    # A receipt that does not come means only that the reading is sent again.
                    with suppress(TimeoutError):
                        publisher.listen(lambda sent=set(numbers): not sent & self._todo, 5)  # type: ignore[misc]

    def _portions(self) -> list[list[int]]:
        numbers = sorted(self._todo)
        return [numbers[start : start + 1_000] for start in range(0, len(numbers), 1_000)]

    def _message(self, number: int) -> tuple[int, str, bytes]:
        content = {"at": at(number), "value": value(number)} | ({"receipt": str(number)} if self._receipts else {})
        return number, f"dure/v1/ami/{meter(number)}/power", json.dumps(content).encode()

    def _heard(self, topic: str, payload: bytes) -> None:
        self._todo.difference_update(int(receipt) for receipt in json.loads(payload)["receipts"])


def kill_when(stream: HttpStream | MqttStream, marks: list[int], kill: Callable[[], None]) -> None:
    """Call ``kill`` each time the stream's acknowledged readings pass a mark: in the middle of its work."""
    for mark in marks:
        wait_until(lambda mark=mark: stream.acknowledged >= mark, f"{mark} readings are acknowledged")  # type: ignore[misc]
        kill()


def assert_each_is_stored_once(platform: Running, last: int) -> None:
    """Every reading from 0 to ``last`` is in the database once, with its value, and nothing else is."""
    epoch = "extract(epoch FROM r.at)::bigint" if platform.database_url else "CAST(strftime('%s', r.at) AS INTEGER)"

    def rows() -> list[tuple[str, int, float]]:
        return platform.query(
            f"SELECT d.code, {epoch}, r.value FROM city_reading r "  # noqa: S608 - no outside input
            "JOIN city_series s ON s.id = r.series_id JOIN city_device d ON d.id = s.device_id"
        )

    wait_until(lambda: platform.stored() >= last, "what the broker holds is stored")
    stored = rows()
    half_hour = int(HALF_HOUR.total_seconds())
    expected = {
        (meter(number), int(START.timestamp()) + number // METERS * half_hour): value(number) for number in range(last)
    }
    assert len(stored) == last
    assert {(code, moment): number for code, moment, number in stored} == expected
