# SPDX-License-Identifier: Apache-2.0
"""The process between the broker and the record. It acknowledges a message after the commit that holds its readings,
and never otherwise: while the database is down or full it keeps the session alive, acknowledges nothing and tries
again, and the broker keeps what comes meanwhile."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from django.db import connections
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from dure.city import clock, processes
from dure.city.errors import DureError, Unavailable
from dure.city.readings import available
from dure.gateways.intake import Intake, Submission, Taken
from dure.gateways.lorawan.downlinks import Downlinks
from dure.gateways.lorawan.topics import SHARED as LORAWAN
from dure.gateways.lorawan.topics import is_uplink
from dure.gateways.mqtt.messages import SHARED, Group, Message, is_reading
from dure.gateways.mqtt.uplinks import UplinkGroup

log = logging.getLogger(__name__)

IN_FLIGHT = 5_000
"""Messages that the broker may send before the first is acknowledged (MQTT 5 Receive Maximum)."""
GROUP_MESSAGES, GROUP_BYTES = 2_000, 4 * 1024 * 1024
"""At most this goes into one transaction (the last message may go beyond)."""
GATHER_SECONDS = 0.01
"""How long the first message of a group waits for company, so that a commit is worth its fsync."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 15.0
"""Seconds between tries while nothing can be stored: doubling, from the first to the longest."""
SIGN_EVERY = timedelta(seconds=5)
SUBSCRIBED = (SHARED, *LORAWAN)
FOR_EVER = 0xFFFF_FFFF


@dataclass(frozen=True)
class Broker:
    """Where the broker is and who we are there. ``ca``: its certificate authority's file, None for no TLS."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    ca: str | None = None


class Door:
    """One gateway process's session with the broker, by the number ``instance``: sessions outlive processes, so the
    same numbers must come back after a restart. ``fault``: what is wrong now, "" for nothing."""

    def __init__(self, broker: Broker, instance: int = 0) -> None:
        self.name = f"gateway-mqtt-{instance}"
        self._gives_orders = instance == 0  # one of the processes is enough
        self._broker = broker
        self._intake = Intake("mqtt")
        self._arrived: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._session = 0
        self._acknowledging = threading.Lock()
        self.fault = "not connected to the broker yet"
        self._signed_at = clock.real_now() - SIGN_EVERY
        self._client = self._make_client()
        self._downlinks = Downlinks(lambda topic, payload: self._client.publish(topic, payload, qos=1))

    @property
    def totals(self) -> dict[str, int]:
        """Readings since this process started, by what became of them."""
        return self._intake.totals

    def _make_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"dure-{self.name}", protocol=paho.MQTTv5, manual_ack=True
        )
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.ca:
            client.tls_set(self._broker.ca)
        client.reconnect_delay_set(1, 15)
        client.on_connect = self._connected
        client.on_connect_fail = self._not_reached
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._came
        return client

    # What paho's network thread calls.

    def _connected(self, client: paho.Client, _: Any, flags: paho.ConnectFlags, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            self._set_fault(f"the broker refused us: {reason}")
            return
        if not flags.session_present:
            log.warning("%s: the broker knows no earlier session; what it may have held for us is gone", self.name)
        client.subscribe([(topic, paho.SubscribeOptions(qos=1)) for topic in SUBSCRIBED])

    def _not_reached(self, *_: Any) -> None:
        self._set_fault(f"no broker at {self._broker.host}:{self._broker.port}")

    def _subscribed(self, _: Any, __: Any, ___: int, reasons: list[ReasonCode], ____: Any) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        self._set_fault(f"the broker refused our subscription: {refused[0]}" if refused else "")

    def _disconnected(self, _: Any, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
        with self._acknowledging:
            self._session += 1
        if reason.is_failure:
            self._set_fault(f"disconnected from the broker: {reason}")

    def _came(self, _: Any, __: Any, message: paho.MQTTMessage) -> None:
        if is_reading(message.topic) or is_uplink(message.topic):
            self._arrived.put(Message(message.topic, bytes(message.payload), message.mid, self._session))
        elif message.qos:
            self._client.ack(message.mid, message.qos)

    def _set_fault(self, fault: str) -> None:
        if fault and fault != self.fault:
            log.warning("%s: %s", self.name, fault)
        self.fault = fault

    # What the main thread does.

    def run(self, stop: threading.Event) -> None:
        """Serve until ``stop`` is set. What is then not stored is not acknowledged, and comes again."""
        self._begin()
        try:
            while not stop.is_set():
                self._sign()
                if messages := list(self._gather()):
                    self._serve(messages, stop)
        finally:
            self._client.disconnect()
            self._client.loop_stop()
        with available():
            processes.leave(self.name)

    def _begin(self) -> None:
        """Take our session up again at the broker, or begin it."""
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = FOR_EVER
        properties.ReceiveMaximum = IN_FLIGHT
        self._client.connect_async(
            self._broker.host, self._broker.port, keepalive=30, clean_start=False, properties=properties
        )
        self._client.loop_start()

    def _gather(self) -> Iterator[Message]:
        """The messages of one group: what is there, and what comes within a moment."""
        wait, size, count = 0.5, 0, 0
        gathered_by = 0.0
        while size < GROUP_BYTES and count < GROUP_MESSAGES:
            try:
                message = self._arrived.get(timeout=wait)
            except queue.Empty:
                return
            yield message
            if not count:
                gathered_by = time.monotonic() + GATHER_SECONDS
            size += len(message.payload)
            count += 1
            wait = max(gathered_by - time.monotonic(), 0.0001)

    def _serve(self, messages: list[Message], stop: threading.Event) -> None:
        group = Group([message for message in messages if is_reading(message.topic)])
        uplinks = UplinkGroup([message for message in messages if is_uplink(message.topic)])
        taken = self._store(group, uplinks, stop)
        if taken is None:
            return
        for reply in group.replies(taken):
            self._client.publish(reply.topic, reply.payload, qos=0)
        with self._acknowledging:
            for message in messages:
                # A message of an earlier session comes again; its number may be another message's by now.
                if message.session == self._session:
                    self._client.ack(message.mid, 1)

    def _store(self, group: Group, uplinks: UplinkGroup, stop: threading.Event) -> Taken | None:
        """What became of the readings of ``group``, once those and the uplinks' are stored; None when stopped."""
        wait = FIRST_WAIT
        while not stop.is_set():
            try:
                taken = self._take([group.submission(), *uplinks.submissions()])
                self._downlinks.learn(uplinks.down_topics())
            except Unavailable as error:
                self._set_fault(error.en)
                connections.close_all()
                stop.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)
                self._sign()
                continue
            self._set_fault("")
            return taken
        return None

    def _take(self, submissions: list[Submission]) -> Taken:
        """Store all of them; what became of the first. Raises what any of them is refused with as a whole."""
        taken: list[Taken] = []
        for outcome in self._intake.take_group(submissions):
            if isinstance(outcome, DureError):
                raise outcome
            taken.append(outcome)
        return taken[0]

    def _sign(self) -> None:
        now = clock.real_now()
        if abs(now - self._signed_at) < SIGN_EVERY:
            return
        self._signed_at = now
        detail = {"readings": self._intake.totals, "waiting": self._arrived.qsize(), "fault": self.fault}
        try:
            with available():
                processes.alive(self.name, detail)
            if self._gives_orders:
                self._downlinks.turn()
        except Unavailable as error:
            log.warning("%s: no sign of life written: %s", self.name, error)
            connections.close_all()
