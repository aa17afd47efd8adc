# SPDX-License-Identifier: Apache-2.0
"""Decentlab DL-MBX: ultrasonic distance, big-endian words after a header that says which groups follow.

Version (1 byte, 2), device number (2), flags (2); bit 0: distance (mm) and how many of its samples were valid; bit 1:
battery (mV). Source: the maker's published payload description.
"""

from __future__ import annotations

from collections.abc import Iterator

from dure.gateways.lorawan.decoders.measured import Measured, Undecodable, unknown_port, wrong_length

PORT, VERSION, HEADER = 1, 2, 5


def decode(port: int, payload: bytes) -> Iterator[Measured]:
    """Series ``distance`` (mm; None when no sample was valid), ``battery`` (V). Raises Undecodable."""
    if port != PORT:
        raise unknown_port(port)
    if len(payload) < HEADER:
        raise wrong_length(payload, f"{HEADER}+")
    if payload[0] != VERSION:
        raise Undecodable(f"protocol version {payload[0]} is not known", f"모르는 규약 판입니다: {payload[0]}")
    flags = int.from_bytes(payload[3:5])
    words = [int.from_bytes(payload[place : place + 2]) for place in range(HEADER, len(payload), 2)]
    wanted = 2 * (flags & 1) + (flags >> 1 & 1)
    if flags >> 2 or len(payload) != HEADER + 2 * wanted:
        raise wrong_length(payload, f"{HEADER + 2 * wanted}")
    if flags & 1:
        distance, valid = words[0], words[1]
        yield Measured("distance", float(distance) if valid else None)
    if flags & 2:
        yield Measured("battery", words[-1] / 1000)
