# SPDX-License-Identifier: Apache-2.0
"""The bytes that a bin's sensor sends, model by model, from the makers' published payload tables.

Written apart from the platform's decoders, which the simulator may not import; a test compares the two.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

NOTHING_HEARD = 0
"""A Dragino's distance when the probe does not answer."""


@dataclass(frozen=True)
class Seen:
    """What a sensor measured. ``distance_mm``, ``celsius``, ``tilted``, and ``charge`` of its battery, 0 to 1."""

    distance_mm: int
    celsius: float
    tilted: bool
    charge: float


def _dragino(seen: Seen, number: int) -> bytes:
    tenths = round(10 * min(seen.celsius, 125.0))
    return struct.pack(">HHBhB", _millivolts(seen.charge), seen.distance_mm, 0, tenths, 1)


def _em310_udl(seen: Seen, number: int) -> bytes:
    return _percent(seen.charge) + struct.pack("<BBH", 0x03, 0x82, seen.distance_mm) + bytes((0x04, 0x00, seen.tilted))


def _em400_tld(seen: Seen, number: int) -> bytes:
    heat = struct.pack("<BBh", 0x03, 0x67, round(10 * seen.celsius))
    level = struct.pack("<BBH", 0x04, 0x82, seen.distance_mm)
    return _percent(seen.charge) + heat + level + bytes((0x05, 0x00, seen.tilted))


def _dl_mbx(seen: Seen, number: int) -> bytes:
    return struct.pack(">BHHHHH", 2, number % 2**16, 3, seen.distance_mm, 5, _millivolts(seen.charge))


def _percent(charge: float) -> bytes:
    return bytes((0x01, 0x75, round(100 * charge)))


def _millivolts(charge: float) -> int:
    return 3000 + round(600 * charge)


@dataclass(frozen=True)
class Model:
    """A sensor's model as the platform registers it. ``blind_mm``: nearer than this it measures nothing; ``warm``,
    ``tilts``: whether it tells the temperature and its tilt; ``alarms``: whether it speaks at once when they change;
    ``share`` of the city's sensors, set by us."""

    kind: str
    port: int
    encode: Callable[[Seen, int], bytes]
    blind_mm: int
    share: float
    warm: bool = False
    tilts: bool = False
    alarms: bool = False


MODELS = (
    Model("milesight-em400-tld", 85, _em400_tld, 20, 0.3, warm=True, tilts=True, alarms=True),
    Model("milesight-em310-udl", 85, _em310_udl, 30, 0.25, tilts=True, alarms=True),
    Model("dragino-dds45", 2, _dragino, 30, 0.2, warm=True),
    Model("dragino-dds75", 2, _dragino, 280, 0.15, warm=True),
    Model("decentlab-dl-mbx", 1, _dl_mbx, 300, 0.1),
)
