# SPDX-License-Identifier: Apache-2.0
"""The bins' LoRaWAN network server as the platform sees it: ChirpStack v4's uplink events, over MQTT or HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from dure.simulator.chance import hashed
from dure.simulator.doors import BrokerSession, DoorClosed, HttpDoor
from dure.simulator.persistence import say
from dure.simulator.waste.bins import FEED, bin_code, dev_eui
from dure.simulator.waste.sensors import Frame

APPLICATION = "5f0c1d6e-0000-4000-8000-00000000b145"
GATEWAYS = ("d2ee00000000ff01", "d2ee00000000ff02")
ACKNOWLEDGED_WITHIN = 15.0
"""Real seconds."""


def uplink(frame: Frame) -> dict[str, Any]:
    """The event as ChirpStack v4 tells it in JSON. A strong one is heard by two gateways."""
    eui, code = dev_eui(frame.bin), bin_code(frame.bin)
    heard = [(GATEWAYS[0], frame.rssi, frame.snr), (GATEWAYS[1], frame.rssi - 9, frame.snr - 3)]
    return {
        "deduplicationId": str(UUID(int=int(hashed(frame.bin, "frame", frame.counter)), version=4)),
        "time": datetime.fromtimestamp(frame.at, UTC).isoformat(),
        "deviceInfo": {
            "tenantName": "dure",
            "applicationId": APPLICATION,
            "applicationName": "bins",
            "deviceName": code,
            "devEui": eui,
        },
        "devAddr": f"00{frame.bin:06x}",
        "adr": True,
        "dr": 5,
        "fCnt": frame.counter,
        "fPort": frame.port,
        "confirmed": False,
        "data": base64.b64encode(frame.payload).decode(),
        "rxInfo": [
            {"gatewayId": gateway, "rssi": rssi, "snr": round(snr, 1), "crcStatus": "CRC_OK"}
            for gateway, rssi, snr in heard[: 2 if frame.rssi > -100 else 1]
        ],
        "txInfo": {
            "frequency": 922_100_000,
            "modulation": {"lora": {"bandwidth": 125_000, "spreadingFactor": 7, "codeRate": "CR_4_5"}},
        },
    }


class Network(Protocol):
    """Takes frames; when it returns, the other side has them. Raises DoorClosed."""

    def send(self, frames: Sequence[Frame]) -> None: ...


class HttpNetwork:
    """ChirpStack's HTTP integration: one post an event."""

    def __init__(self, door: HttpDoor) -> None:
        self._door = door

    def send(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            status, answer = self._door.post_for("/lorawan/chirpstack?event=up", uplink(frame))
            if status != 200 or answer.get("rejected"):
                say("uplink refused", bin=bin_code(frame.bin), status=status, answer=str(answer)[:300])


class MqttNetwork(BrokerSession):
    """ChirpStack's MQTT integration, QoS 1."""

    def __init__(self, address: str, key: str, ca: str = "") -> None:
        super().__init__(FEED, key, ca)
        self._waiting: set[int] = set()
        self._early: set[int] = set()
        """Acknowledged before it was known to be waited for."""
        self._begin(address)

    def send(self, frames: Sequence[Frame]) -> None:
        """Returns when the broker has acknowledged each frame."""
        with self._changed:
            self._require_open()
            self._waiting.clear()
            self._early.clear()
        # Not under our lock: paho has locks of its own, and calls us while it holds them.
        sent = {self._publish(frame) for frame in frames}
        with self._changed:
            self._waiting |= sent - self._early
            done = self._changed.wait_for(lambda: not self._waiting or not self._open, ACKNOWLEDGED_WITHIN)
            if self._waiting:
                raise DoorClosed(f"MQTT: {self._reason if done else 'the broker does not acknowledge'}")

    def _publish(self, frame: Frame) -> int:
        topic = f"application/{APPLICATION}/device/{dev_eui(frame.bin)}/event/up"
        return self._client.publish(topic, json.dumps(uplink(frame)), qos=1).mid

    # What paho's network thread calls.

    def _acknowledged(
        self, client: mqtt.Client, userdata: object, message: int, reason: ReasonCode, properties: object
    ) -> None:
        if reason.is_failure:
            say("uplink refused", reason=str(reason))
        with self._changed:
            self._early.add(message)
            self._waiting.discard(message)
            self._changed.notify_all()
