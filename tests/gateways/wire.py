# SPDX-License-Identifier: Apache-2.0
"""A load of QoS 1 publishes over a plain socket (MQTT 3.1.1), so that what is measured and killed is the platform and
not a client library: packets are made beforehand, and what the broker acknowledged is known packet by packet."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Self

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def _packet(first: int, body: bytes) -> bytes:
    length, size = b"", len(body)
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + length + body


class Publisher:
    """One connection to a broker. ``acknowledged``: numbers of publishes that the broker has acknowledged;
    ``heard(topic, payload)`` is called for what comes on topics subscribed to."""

    def __init__(
        self,
        port: int,
        user: str,
        password: str,
        *,
        client_id: str = "load",
        heard: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self.acknowledged: list[int] = []
        self._heard = heard
        self._rest = b""
        self._numbers: dict[int, int] = {}
        self._mid = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            who = _text(client_id) + _text(user) + _text(password)
            self._socket.sendall(_packet(0x10, _text("MQTT") + bytes([4, 0xC2, 0, 60]) + who))
            self._wait_for(CONNACK)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def subscribe(self, *topics: str) -> None:
        """Subscribe with QoS 0 and wait for the broker to say so."""
        body = struct.pack(">H", 1) + b"".join(_text(topic) + b"\0" for topic in topics)
        self._socket.sendall(_packet(0x82, body))
        self._wait_for(SUBACK)

    def publish(self, messages: Sequence[tuple[int, str, bytes]], *, in_flight: int = 500) -> None:
        """Publish (number, topic, payload) with at most ``in_flight`` unacknowledged, until the broker has all.

        Raises OSError when the connection is lost; ``acknowledged`` then says what got through.
        """
        waiting = list(reversed(messages))
        while waiting or self._numbers:
            packets = []
            while waiting and len(self._numbers) < in_flight:
                number, topic, payload = waiting.pop()
                self._mid = self._mid % 65_535 + 1
                self._numbers[self._mid] = number
                packets.append(_packet(0x32, _text(topic) + struct.pack(">H", self._mid) + payload))
            if packets:
                self._socket.sendall(b"".join(packets))
            self._read(10)

    def listen(self, done: Callable[[], bool], seconds: float) -> None:
        """Hear until ``done``; raises TimeoutError when that takes longer than ``seconds``."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError
            self._read(0.2)

    def _wait_for(self, kind: int) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for found, body in self._packets(10):
                if found == kind:
                    if kind == CONNACK and body[1]:
                        raise ConnectionRefusedError(f"the broker answered {body[1]}")
                    return
        raise TimeoutError(f"no packet of kind {kind}")

    def _read(self, seconds: float) -> None:
        for kind, body in self._packets(seconds):
            if kind == PUBACK:
                self.acknowledged.append(self._numbers.pop(struct.unpack(">H", body[:2])[0]))
            elif kind == PUBLISH and self._heard:
                size = struct.unpack(">H", body[:2])[0]
                self._heard(body[2 : 2 + size].decode(), body[2 + size :])

    def _packets(self, seconds: float) -> Iterable[tuple[int, bytes]]:
        readable, _, _ = select.select([self._socket], [], [], seconds)
        if not readable:
            return []
        received = self._socket.recv(1 << 16)
        if not received:
            raise ConnectionResetError("the broker closed the connection")
        self._rest += received
        packets: list[tuple[int, bytes]] = []
        at = 0
        while (split := self._split(at)) is not None:
            kind, body, at = split
            packets.append((kind, body))
        self._rest = self._rest[at:]
        return packets

    def _split(self, at: int) -> tuple[int, bytes, int] | None:
        data = self._rest
        size, shift, place = 0, 0, at + 1
        while True:
            if place >= len(data):
                return None
            size |= (data[place] & 0x7F) << shift
            shift += 7
            place += 1
            if not data[place - 1] & 0x80:
                break
        if len(data) < place + size:
            return None
        return data[at] >> 4, data[place : place + size], place + size
