# SPDX-License-Identifier: Apache-2.0
"""Kinds of fill sensors: what each reports, in which unit, and the range in which a value can be true.

Distances: the makers' ranges are 0.03 to 7.5 m; anything beyond 10 m is a broken probe. Temperature: a sensor that
burns still reports, so the range goes far beyond what its maker allows it. What a network tells of a frame (rssi, snr
and the frame counter) is kept with it: a bin under a parked lorry is told from a dead battery by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from dure.city.devices import SeriesSpec

DISTANCE = SeriesSpec("distance", "mm", 60, 0, 10_000)
TEMPERATURE = SeriesSpec("temperature", "°C", 60, -55, 150)
TILT = SeriesSpec("tilt", "event", 60, 0, 1)
LID = SeriesSpec("lid", "event", 60, 0, 1)
FILL = SeriesSpec("fill", "%", 60, 0, 100)
VOLTAGE = SeriesSpec("battery", "V", 60, 0, 20)
CHARGE = SeriesSpec("battery", "%", 60, 0, 100)
SIGNAL = (
    SeriesSpec("rssi", "dBm", 60, -200, 50),
    SeriesSpec("snr", "dB", 60, -60, 60),
    SeriesSpec("f_cnt", "count", 60, 0, 2**32),
)
LORAWAN = "lorawan"
ONEM2M = "onem2m"


@dataclass(frozen=True)
class Kind:
    """``feed_kind``: of the feeds that carry such a sensor. ``blind_mm``: nearer than this it cannot measure."""

    name: str
    feed_kind: str
    series: tuple[SeriesSpec, ...]
    blind_mm: int = 0


KINDS: dict[str, Kind] = {
    "dragino-dds45": Kind("Dragino DDS45-LB", LORAWAN, (DISTANCE, TEMPERATURE, VOLTAGE, *SIGNAL), 30),
    "dragino-dds75": Kind("Dragino DDS75-LB", LORAWAN, (DISTANCE, TEMPERATURE, VOLTAGE, *SIGNAL), 280),
    "milesight-em310-udl": Kind("Milesight EM310-UDL", LORAWAN, (DISTANCE, TILT, CHARGE, *SIGNAL), 30),
    "milesight-em400-tld": Kind("Milesight EM400-TLD", LORAWAN, (DISTANCE, TILT, TEMPERATURE, CHARGE, *SIGNAL), 20),
    "decentlab-dl-mbx": Kind("Decentlab DL-MBX", LORAWAN, (DISTANCE, VOLTAGE, *SIGNAL), 300),
    "onem2m-bin": Kind("oneM2M", ONEM2M, (FILL, DISTANCE, LID, TILT, TEMPERATURE, CHARGE)),
}

TRUCK_KIND = "truck"
TRUCK = Kind("Truck", "fleet", (SeriesSpec("lon", "°", 1, -180, 180), SeriesSpec("lat", "°", 1, -90, 90)))
"""A truck's on-board unit: where it is. No kind of sensor, so no bin can have it."""
