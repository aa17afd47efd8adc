# SPDX-License-Identifier: Apache-2.0
"""The platform's doors as a meter's head end or a telecom sees them: HTTP and MQTT, nothing else."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
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

ANSWERS_WITHIN = 30.0
"""Real seconds; what takes longer counts as a closed door."""
CONNECTED_WITHIN = 5.0
"""Real seconds in which the broker must be reached before its door counts as closed."""
STORED_WITHIN = 15.0
"""Real seconds until a reading whose receipt has not come is sent again."""

STORED = ""
_SAID = ("at", "value", "quality")
_Place = tuple[str, str]
"""A reading of a feed: its device and time."""


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
    """Takes at most ``at_once`` readings; when it returns, they are on the platform's disk. Raises DoorClosed."""

    at_once: int

    def send(self, readings: Readings) -> Answer: ...


class HttpDoor:
    """``/api/v1`` with one key. ``bulk`` sends readings as an Arrow stream instead of JSON."""

    at_once = BATCH

    def __init__(self, url: str, key: str, bulk: bool = False, transport: httpx.BaseTransport | None = None) -> None:
        self._bulk = bulk
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=ANSWERS_WITHIN,
            transport=transport,
        )

    def send(self, readings: Readings) -> Answer:
        if self._bulk:
            return self._take(_arrow(readings), "vnd.apache.arrow.stream", len(readings))
        return self.tell(readings.objects())

    def tell(self, readings: Sequence[Mapping[str, object]]) -> Answer:
        """Send readings written as the door takes them: device, series, at, value."""
        return self._take(json.dumps(list(readings)).encode(), "json", len(readings))

    def _take(self, content: bytes, kind: str, count: int) -> Answer:
        response = self._ask("POST", "/readings", content=content, headers={"Content-Type": f"application/{kind}"})
        if response.status_code not in (200, 422):
            raise DoorClosed(_said(response))
        answer = _body(response)
        if "stored" not in answer:
            return Answer(rejected=count, reason=_said(response))
        rejected = answer["rejected"]
        reason = f"{rejected[0]['field']}: {rejected[0]['message']}" if rejected else ""
        return Answer(answer["stored"], answer["duplicates"], len(rejected), reason)

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The answer of a 200; anything else raises DoorClosed."""
        response = self._ask("GET", path, params=params)
        if response.status_code != 200:
            raise DoorClosed(_said(response))
        return _body(response)

    def get_for(self, path: str, params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """The status and what was answered. Raises DoorClosed as :meth:`post`."""
        response = self._ask("GET", path, params=params)
        return response.status_code, _body(response)

    def post(self, path: str, body: Mapping[str, Any]) -> int:
        """The status. Raises DoorClosed only where trying again could help."""
        return self._ask("POST", path, json=dict(body)).status_code

    def post_for(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and what was answered. Raises DoorClosed as :meth:`post`."""
        response = self._ask("POST", path, json=dict(body))
        return response.status_code, _body(response)

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


class BrokerSession:
    """A session with the broker at ``address`` (host:port), kept open by paho's own thread. ``ca``: certificate file of
    the broker's authority, or "" for one on this machine without TLS.

    Everything that both threads look at is read and changed under ``_changed``. A subclass says what to do once the
    session is open and when a message was acknowledged.
    """

    def __init__(self, user: str, key: str, ca: str) -> None:
        self._changed = threading.Condition()
        self._open, self._reason = False, "not connected yet"
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(user, key)
        if ca:
            self._client.tls_set(ca_certs=ca)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_publish = self._acknowledged

    def _begin(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._client.connect_async(host, int(port), keepalive=30)
        self._client.loop_start()

    def _require_open(self) -> None:
        """Within ``_changed``: wait a moment for the session. Raises DoorClosed."""
        if not self._changed.wait_for(lambda: self._open, CONNECTED_WITHIN):
            raise DoorClosed(f"MQTT: {self._reason}")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    # What paho's network thread calls.

    def _connected(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        if not reason.is_failure:
            self._opened()
        self._set_open(not reason.is_failure, reason)

    def _disconnected(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        self._set_open(False, reason)

    def _set_open(self, is_open: bool, reason: ReasonCode) -> None:
        with self._changed:
            self._open, self._reason = is_open, str(reason)
            self._changed.notify_all()

    def _opened(self) -> None:
        """Before the session counts as open."""

    def _acknowledged(
        self, client: mqtt.Client, userdata: object, message: int, reason: ReasonCode, properties: object
    ) -> None:
        raise NotImplementedError


class MqttDoor(BrokerSession):
    """A feed's session with the broker: QoS 1, ``dure/v1/{feed}/{device}/{series}``. ``ca``: certificate file of
    the broker's authority, or "" for a broker on this machine without TLS.

    Every reading asks for a receipt, because the broker acknowledges before anything is on disk (docs/adr/0007).
    The receipt is the reading's time: with the device it says which reading it is, whichever attempt it answers.
    """

    at_once = MQTT_AT_ONCE

    def __init__(self, address: str, feed: str, key: str, ca: str = "", stored_within: float = STORED_WITHIN) -> None:
        super().__init__(feed, key, ca)
        self._feed, self._stored_within = feed, stored_within
        self._answers: dict[_Place, str] = {}
        self._refused_by_broker: dict[int, str] = {}
        self._client.max_queued_messages_set(0)
        self._client.on_message = self._told
        self._begin(address)

    def send(self, readings: Readings) -> Answer:
        """Returns when each reading is stored or refused. Raises DoorClosed while the broker is away, and when
        receipts stay away; called again with the same readings, it sends those that were not answered."""
        with self._changed:
            self._require_open()
            self._refused_by_broker.clear()
        sent = {(one["device"], one["at"]): one for one in readings.objects()}
        # Not under our lock: paho has locks of its own, and calls us while it holds them.
        published = self._publish([sent[place] for place in sent if place not in self._answers])
        with self._changed:
            self._changed.wait_for(lambda: not self._open or self._all_answered(sent, published), self._stored_within)
            if not self._all_answered(sent, published):
                waited = f"no receipt within {self._stored_within:.0f} s; does the gateway run?"
                raise DoorClosed(f"MQTT: {waited if self._open else self._reason}")
            reasons = [self._answers[place] for place in sent if self._answers[place] != STORED]
            self._answers.clear()
        return Answer(len(sent) - len(reasons), 0, len(reasons), reasons[0] if reasons else "")

    def _publish(self, readings: list[dict[str, Any]]) -> dict[int, list[_Place]]:
        """One message a device. What each one holds, by its number."""
        by_device: dict[str, list[dict[str, Any]]] = {}
        for one in readings:
            by_device.setdefault(one["device"], []).append(one)
        published = {}
        for device, listed in by_device.items():
            body = [{name: one[name] for name in _SAID if name in one} | {"receipt": one["at"]} for one in listed]
            topic = f"dure/v1/{self._feed}/{device}/{listed[0]['series']}"
            message = self._client.publish(topic, json.dumps(body[0] if len(body) == 1 else body), qos=1)
            published[message.mid] = [(device, one["at"]) for one in listed]
        return published

    def _all_answered(self, sent: Iterable[_Place], published: dict[int, list[_Place]]) -> bool:
        for number in self._refused_by_broker.keys() & published.keys():
            self._answers |= dict.fromkeys(published[number], self._refused_by_broker[number])
        return all(place in self._answers for place in sent)

    # What paho's network thread calls.

    def _opened(self) -> None:
        self._client.subscribe([(f"dure/v1/{self._feed}/+/{answers}", 1) for answers in ("rejected", "stored/+")])

    def _acknowledged(
        self, client: mqtt.Client, userdata: object, message: int, reason: ReasonCode, properties: object
    ) -> None:
        if reason.is_failure:
            with self._changed:
                self._refused_by_broker[message] = f"broker: {reason}"
                self._changed.notify_all()

    def _told(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        device, said = message.topic.split("/")[3], json.loads(message.payload)
        with self._changed:
            for at in said.get("receipts", ()):
                self._answers[device, at] = STORED
            for one in said.get("rejected", ()):
                if "receipt" in one:
                    self._answers[device, one["receipt"]] = f"{one['field']}: {one['message']}"
            self._changed.notify_all()
