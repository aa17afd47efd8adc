# SPDX-License-Identifier: Apache-2.0
"""Dragino DDS45-LB and DDS75-LB (and LDDS45, LDDS75 before them): ultrasonic distance, big-endian.

Port 2: battery (mV, 14 bits), distance (mm), interrupt flag, DS18B20 temperature (0.1 °C), sensor flag; old firmware
ends after the interrupt flag. Port 3: records from memory with their own time. Port 5: the device's status. Source:
the maker's user manuals. A public decoder for the LDDS75 takes the battery for the distance: the two are kept apart
here by tests.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from dure.gateways.lorawan.decoders.measured import Measured, Undecodable, unknown_port, wrong_length

BATTERY_BITS = 0x3FFF
PROBE = (-55.0, 125.0)
"""°C that a DS18B20 can measure; a probe that is not there reads as something else."""
_NOW = struct.Struct(">HHBhB")
_OLD = struct.Struct(">HHB")
_RECORD = struct.Struct(">HHhBI")


def decode(port: int, payload: bytes) -> Iterator[Measured]:
    """Series ``distance`` (mm), ``battery`` (V), ``temperature`` (°C). Raises Undecodable."""
    if port == 2:
        yield from _measurement(payload)
    elif port == 3:
        yield from _memory(payload)
    elif port == 5:
        if len(payload) != 7:
            raise wrong_length(payload, "7")
        yield Measured("battery", int.from_bytes(payload[5:7]) / 1000)
    else:
        raise unknown_port(port)


def _measurement(payload: bytes) -> Iterator[Measured]:
    if len(payload) == _OLD.size:
        battery, distance, _interrupt = _OLD.unpack(payload)
        sensor, tenths = True, None
    elif len(payload) == _NOW.size:
        battery, distance, _interrupt, tenths, sensor = _NOW.unpack(payload)
    else:
        raise wrong_length(payload, f"{_NOW.size}")
    yield Measured("battery", (battery & BATTERY_BITS) / 1000)
    yield Measured("distance", _distance(distance) if sensor else None)
    if tenths is not None and PROBE[0] <= tenths / 10 <= PROBE[1]:
        yield Measured("temperature", tenths / 10)


def _memory(payload: bytes) -> Iterator[Measured]:
    if not payload or len(payload) % _RECORD.size:
        raise wrong_length(payload, f"{_RECORD.size} × n")
    for battery, distance, tenths, _flags, seconds in _RECORD.iter_unpack(payload):
        if not seconds:
            raise Undecodable("a record in memory has no time", "기기 안의 기록에 시각이 없습니다")
        at = datetime.fromtimestamp(seconds, UTC)
        yield Measured("battery", (battery & BATTERY_BITS) / 1000, at)
        yield Measured("distance", _distance(distance), at)
        if PROBE[0] <= tenths / 10 <= PROBE[1]:
            yield Measured("temperature", tenths / 10, at)


def _distance(millimetres: int) -> float | None:
    """0 says that the probe does not answer."""
    return float(millimetres) if millimetres else None
