# SPDX-License-Identifier: Apache-2.0
"""The platform's doors as a meter's head end or a telecom sees them: HTTP and MQTT, nothing else."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import numpy as np
import paho.mqtt.client as mqtt
import polars as pl
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from .deliveries import QUALITY, Readings
from .pace import start_of

BATCH = 10_000
"""Most readings that the HTTP door takes at once."""

MQTT_AT_ONCE = 1_000
MQTT_PER_SECOND = 2_000.0
"""The broker acknowledges before the gateway has stored: it must not be handed more than a gateway takes."""

ANSWERS_WITHIN = 30.0
"""Real seconds; what takes longer counts as a closed door."""


class DoorClosed(Exception):
    """The door did not take it: try again, after ``retry_after`` real seconds where it said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """What became of a batch. ``reason``: of the first that was rejected."""

    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    reason: str = ""

    def __add__(self, other: Answer) -> Answer:
        return Answer(
            self.stored + other.stored,
            self.duplicates + other.duplicates,
            self.rejected + other.rejected,
            self.reason or other.reason,
        )


class Door(Protocol):
    """Takes at most ``at_once`` readings; when it returns, they are acknowledged. Raises DoorClosed.
    ``per_second``: most readings it should be given in a real second, on average."""

    at_once: int
    per_second: float

    def send(self, readings: Readings) -> Answer: ...


class HttpDoor:
    """``/api/v1`` with one key. ``bulk`` sends readings as an Arrow stream instead of JSON."""

    at_once, per_second = BATCH, float("inf")

    def __init__(self, url: str, key: str, bulk: bool = False) -> None:
        self._bulk = bulk
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=ANSWERS_WITHIN)

    def send(self, readings: Readings) -> Answer:
        content, kind = (_arrow(readings), "vnd.apache.arrow.stream") if self._bulk else (_json(readings), "json")
        response = self._ask("POST", "/readings", content=content, headers={"Content-Type": f"application/{kind}"})
        if response.status_code not in (200, 422):
            raise DoorClosed(_said(response))
        answer = _body(response)
        if "stored" not in answer:
            return Answer(rejected=len(readings), reason=_said(response))
        rejected = answer["rejected"]
        reason = f"{rejected[0]['field']}: {rejected[0]['message']}" if rejected else ""
        return Answer(answer["stored"], answer["duplicates"], len(rejected), reason)

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The answer of a 200; anything else raises DoorClosed."""
        response = self._ask("GET", path, params=params)
        if response.status_code != 200:
            raise DoorClosed(_said(response))
        return _body(response)

    def post(self, path: str, body: Mapping[str, Any]) -> int:
        """The status. Raises DoorClosed only where trying again could help."""
        return self._ask("POST", path, json=dict(body)).status_code

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **request)
        except httpx.TransportError as error:
            raise DoorClosed(f"{type(error).__name__}: {error}") from error
        if response.status_code >= 500 or response.status_code in (401, 403, 429):
            raise DoorClosed(_said(response), _retry_after(response))
        return response


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = response.json()
    except ValueError as error:
        raise DoorClosed(f"{_said(response)}: not JSON") from error
    return body


def _said(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:200]}"


def _retry_after(response: httpx.Response) -> float | None:
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else None


def _json(readings: Readings) -> bytes:
    return json.dumps(readings.objects()).encode()


def _arrow(readings: Readings) -> bytes:
    at = (np.array([start_of(int(slot)) for slot in readings.slot]) * 1_000_000).astype(np.int64)
    value = pl.Series(readings.value).fill_nan(None)
    frame = pl.DataFrame(
        {
            "device": [readings.device(index) for index in range(len(readings))],
            "series": [readings.series] * len(readings),
            "at": pl.Series(at).cast(pl.Datetime("us", "UTC")),
            "value": value,
            "quality": [QUALITY[int(quality)] for quality in readings.quality],
        }
    )
    stream = io.BytesIO()
    # The oldest level writes plain text columns, which every Arrow reader knows.
    frame.write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
    return stream.getvalue()


class MqttDoor:
    """A feed's session with the broker: QoS 1, ``dure/v1/{feed}/{device}/{series}``. ``ca``: certificate file of
    the broker's authority, or "" for a broker on this machine without TLS."""

    at_once, per_second = MQTT_AT_ONCE, MQTT_PER_SECOND

    def __init__(self, address: str, feed: str, key: str, ca: str = "") -> None:
        host, _, port = address.rpartition(":")
        self._feed, self._open, self._reason = feed, threading.Event(), "not connected yet"
        self._refused_by_broker, self._refused_later, self._last_refusal = 0, 0, ""
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(feed, key)
        if ca:
            self._client.tls_set(ca_certs=ca)
        self._client.max_queued_messages_set(0)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_publish = self._published
        self._client.on_message = self._refused
        self._client.connect_async(host, int(port), keepalive=30)
        self._client.loop_start()

    def send(self, readings: Readings) -> Answer:
        """Returns when the broker has acknowledged every reading. Counted as rejected are those that the broker
        refused, and what the gateway has refused since the last time: it tells so later, on a topic of its own."""
        if not self._open.wait(5):
            raise DoorClosed(f"MQTT: {self._reason}")
        self._refused_by_broker = 0
        by_device: dict[str, list[dict[str, Any]]] = {}
        for reading in readings.objects():
            by_device.setdefault(reading.pop("device"), []).append(reading)
        waiting = []
        for device, listed in by_device.items():
            series = listed[0]["series"]
            payload = [{name: value for name, value in one.items() if name != "series"} for one in listed]
            body = json.dumps(payload[0] if len(payload) == 1 else payload)
            waiting.append(self._client.publish(f"dure/v1/{self._feed}/{device}/{series}", body, qos=1))
        for message in waiting:
            _wait_for(message)
        refused, self._refused_later = self._refused_by_broker + self._refused_later, 0
        return Answer(len(readings) - self._refused_by_broker, 0, refused, self._last_refusal if refused else "")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        if reason.is_failure:
            self._reason = str(reason)
            return
        client.subscribe(f"dure/v1/{self._feed}/+/rejected", qos=1)
        self._open.set()

    def _disconnected(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        self._reason = str(reason)
        self._open.clear()

    def _published(
        self, client: mqtt.Client, userdata: object, message: int, reason: ReasonCode, properties: object
    ) -> None:
        if reason.is_failure:
            self._refused_by_broker += 1
            self._last_refusal = f"broker: {reason}"

    def _refused(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        self._refused_later += 1
        self._last_refusal = message.payload[:200].decode(errors="replace")


def _wait_for(message: mqtt.MQTTMessageInfo) -> None:
    try:
        message.wait_for_publish(ANSWERS_WITHIN)
    except (RuntimeError, ValueError) as error:
        raise DoorClosed(f"MQTT: {error}") from error
    if not message.is_published():
        raise DoorClosed(f"MQTT: no acknowledgement within {ANSWERS_WITHIN:.0f} s")
