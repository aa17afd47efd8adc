# SPDX-License-Identifier: Apache-2.0
"""Milesight EM310-UDL (ultrasonic) and EM400-TLD (time of flight): port 85, items of channel, type and a value of known
length, little-endian. An alarm's item repeats the value that raised it, with a status byte.

Source: the maker's published payload tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dure.gateways.lorawan.decoders.measured import Measured, Undecodable, unknown_port

PORT = 85
NOTHING = 0xFFFD
"""A distance from here on says that nothing could be measured."""


@dataclass(frozen=True)
class _Item:
    """``size`` bytes of which the first ``of`` are the value of ``series``; "" for what is no reading."""

    size: int
    series: str = ""
    of: int = 0
    signed: bool = False
    scale: float = 1.0


_BATTERY = _Item(1, "battery", 1)
_ABOUT_DEVICE = {
    (0xFF, kind): _Item(size)
    for kind, size in {
        0x01: 1, 0x09: 2, 0x0A: 2, 0x0B: 1, 0x0F: 1, 0x16: 8, 0xFE: 1, 0xFF: 2,  # versions, serial number, restarts
        0x02: 2, 0x03: 2, 0x10: 1, 0x28: 1, 0x4A: 1,  # what it was told, repeated
    }.items()
}  # fmt: skip
_TOLD = {(0xFE, kind): item for (_, kind), item in _ABOUT_DEVICE.items() if kind in {0x02, 0x03, 0x10, 0x28, 0x4A}}
_COMMON = {(0x01, 0x75): _BATTERY, **_ABOUT_DEVICE, **_TOLD}
_EM310_UDL = _COMMON | {
    (0x03, 0x82): _Item(2, "distance", 2),
    (0x04, 0x00): _Item(1, "tilt", 1),
}
_EM400_TLD = _COMMON | {
    (0x03, 0x67): _Item(2, "temperature", 2, signed=True, scale=0.1),
    (0x04, 0x82): _Item(2, "distance", 2),
    (0x05, 0x00): _Item(1, "tilt", 1),
    (0x06, 0x88): _Item(9),  # where it is and whether it moves
    (0x83, 0x67): _Item(3, "temperature", 2, signed=True, scale=0.1),
    (0x84, 0x82): _Item(3, "distance", 2),
    (0x88, 0x00): _Item(1),  # taken off its mount
}


def decode_em310_udl(port: int, payload: bytes) -> Iterator[Measured]:
    """Series ``distance`` (mm), ``battery`` (%), ``tilt`` (0 or 1). Raises Undecodable."""
    return _decode(port, payload, _EM310_UDL)


def decode_em400_tld(port: int, payload: bytes) -> Iterator[Measured]:
    """Series ``distance`` (mm), ``battery`` (%), ``temperature`` (°C), ``tilt`` (0 or 1). Raises Undecodable."""
    return _decode(port, payload, _EM400_TLD)


def _decode(port: int, payload: bytes, items: Mapping[tuple[int, int], _Item]) -> Iterator[Measured]:
    if port != PORT:
        raise unknown_port(port)
    place = 0
    while place < len(payload):
        head = payload[place : place + 2]
        item = items.get((head[0], head[-1])) if len(head) == 2 else None
        if item is None:
            raise Undecodable(f"unknown item {head.hex()} at byte {place}", f"모르는 항목입니다: {head.hex()}")
        value = payload[place + 2 : place + 2 + item.size]
        if len(value) < item.size:
            raise Undecodable(f"item {head.hex()} is cut off", f"항목이 잘렸습니다: {head.hex()}")
        if item.series:
            yield Measured(item.series, _value(item, value))
        place += 2 + item.size


def _value(item: _Item, value: bytes) -> float | None:
    number = int.from_bytes(value[: item.of], "little", signed=item.signed)
    if item.series == "distance" and number >= NOTHING:
        return None
    return round(number * item.scale, 1)
