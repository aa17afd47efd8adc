# SPDX-License-Identifier: Apache-2.0
"""The vital signs that are judged, and their units."""

from __future__ import annotations

from enum import StrEnum


class Vital(StrEnum):
    """A sign by the name of its series."""

    HEART_RATE = "heart_rate"
    BREATHING = "breathing"
    SPO2 = "spo2"
    BODY_TEMPERATURE = "body_temperature"
    SKIN_TEMPERATURE = "skin_temperature"


UNITS: dict[Vital, str] = {
    Vital.HEART_RATE: "/min",
    Vital.BREATHING: "/min",
    Vital.SPO2: "%",
    Vital.BODY_TEMPERATURE: "°C",
    Vital.SKIN_TEMPERATURE: "°C",
}
