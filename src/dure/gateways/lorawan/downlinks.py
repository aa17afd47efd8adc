# SPDX-License-Identifier: Apache-2.0
"""How often a sensor shall report, in the bytes that its model takes and the envelope that its server takes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import NamedTuple, Protocol

from django.apps import apps

from dure.city.readings import available


class Downlink(NamedTuple):
    """Bytes for a device, and the port they go to."""

    port: int
    payload: bytes


class Unsayable(Exception):
    """A model's layout for this is not known, or the value does not fit into it."""


def _dragino(minutes: int) -> Downlink:
    """Command 01, then seconds in 24 bits, big-endian (the maker's manual: ``01 00 00 1E`` is 30 s)."""
    return Downlink(1, b"\x01" + (minutes * 60).to_bytes(3))


def _milesight(minutes: int) -> Downlink:
    """``ff 03``, then seconds in 16 bits, little-endian, 60 to 64,800 (the maker's encoder)."""
    if not 60 <= minutes * 60 <= 64_800:
        raise Unsayable(f"{minutes} minutes are more than this model takes")
    return Downlink(85, b"\xff\x03" + (minutes * 60).to_bytes(2, "little"))


INTERVALS: Mapping[str, Callable[[int], Downlink]] = {
    "dragino-dds45": _dragino,
    "dragino-dds75": _dragino,
    "milesight-em310-udl": _milesight,
    "milesight-em400-tld": _milesight,
}
"""By the device's kind. Decentlab's command carries a checksum of its own and is not known to us."""


def interval(kind: str, minutes: int) -> Downlink:
    """The bytes by which a device of ``kind`` reports every ``minutes``. Raises Unsayable."""
    if kind not in INTERVALS:
        raise Unsayable(f"how to set the interval of a {kind!r} is not known")
    return INTERVALS[kind](minutes)


def envelope(topic: str, dev_eui: str, downlink: Downlink) -> bytes:
    """What the server that listens on ``topic`` takes: ChirpStack v4's ``command/down``, The Things Stack v3's
    ``down/push``."""
    data = base64.b64encode(downlink.payload).decode()
    if topic.startswith("application/"):
        content: dict[str, object] = {"devEui": dev_eui, "confirmed": False, "fPort": downlink.port, "data": data}
    else:
        content = {"downlinks": [{"f_port": downlink.port, "frm_payload": data, "priority": "NORMAL"}]}
    return json.dumps(content).encode()


class Published(Protocol):
    """A publish under way, as paho gives it."""

    def is_published(self) -> bool: ...


class Downlinks:
    """What one gateway process knows of the ways down, and the orders it has given to the broker but not seen taken.
    An order is sent again after a restart: setting an interval twice changes nothing."""

    def __init__(self, publish: Callable[[str, bytes], Published]) -> None:
        self._publish = publish
        self._paths: dict[str, str] = {}
        self._under_way: dict[int, Published] = {}

    def learn(self, paths: Mapping[str, str]) -> None:
        """Keep by device code where its server takes messages. Raises Unavailable."""
        news = {code: topic for code, topic in paths.items() if self._paths.get(code) != topic}
        if news and (sensors := _verbs()):
            with available():
                sensors.learn_paths(news)
            self._paths |= news

    def turn(self) -> None:
        """Publish what waits, and note what the broker has taken. Raises Unavailable."""
        sensors = _verbs()
        if sensors is None:
            return
        with available():
            for order in sensors.waiting_orders():
                under_way = self._under_way.get(order.number)
                if under_way is not None and under_way.is_published():
                    sensors.order_published(order.number)
                    del self._under_way[order.number]
                elif under_way is None:
                    try:
                        downlink = interval(order.kind, order.minutes)
                    except Unsayable as why:
                        sensors.order_refused(order.number, str(why))
                    else:
                        sent = self._publish(order.topic, envelope(order.topic, order.code, downlink))
                        self._under_way[order.number] = sent


def _verbs() -> ModuleType | None:
    """The service that owns the sensors, where the city has it."""
    if not apps.is_installed("dure.services.waste"):
        return None
    from dure.services.waste.actions import sensors  # noqa: PLC0415 - its models need the app

    return sensors
