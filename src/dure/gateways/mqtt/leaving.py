# SPDX-License-Identifier: Apache-2.0
"""Giving up a gateway's number: sessions outlive processes, so one whose process is not coming back would keep a share
of the readings at the broker for ever."""

from __future__ import annotations

import threading
import time
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from dure.city import processes
from dure.city.readings import available
from dure.gateways.mqtt.door import SUBSCRIBED, Broker, Door

QUIET_SECONDS = 3.0
"""After so long without a message the broker holds none for us: it sends what it has at once."""


class LeavingDoor(Door):
    """A session that takes no new share, stores what the broker still holds for it, and is then forgotten there."""

    def __init__(self, broker: Broker, instance: int) -> None:
        super().__init__(broker, instance)
        self._client.on_unsubscribe = self._left

    def leave(self, stop: threading.Event, quiet_seconds: float = QUIET_SECONDS) -> bool:
        """Empty the session and end it; False when ``stop`` was set before, and then nothing is lost or forgotten."""
        self._begin()
        emptied = False
        heard_at = time.monotonic()
        try:
            while not emptied and not stop.is_set():
                self._sign()
                if messages := list(self._gather()):
                    self._serve(messages, stop)
                    heard_at = time.monotonic()
                elif self.fault:
                    heard_at = time.monotonic()
                emptied = time.monotonic() - heard_at > quiet_seconds
        finally:
            properties = Properties(PacketTypes.DISCONNECT)
            if emptied:
                properties.SessionExpiryInterval = 0
            self._client.disconnect(properties=properties)
            self._client.loop_stop()
        with available():
            processes.leave(self.name)
        return emptied

    def _connected(self, client: paho.Client, _: Any, flags: paho.ConnectFlags, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            self._set_fault(f"the broker refused us: {reason}")
            return
        client.unsubscribe(list(SUBSCRIBED))

    def _left(self, *_: Any) -> None:
        self._set_fault("")
