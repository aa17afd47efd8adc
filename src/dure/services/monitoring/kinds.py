# SPDX-License-Identifier: Apache-2.0
"""Kinds of devices and what each reports: the series, their units, and the range in which a value can be true.

Physical ranges are wide on purpose: they part what a body can do from what only a broken device can. Heart: 20 to 250
/min; breathing: 2 to 80 /min; SpO₂: 50 to 100 %, below which no pulse oximeter is specified (ISO 80601-2-61 asks for
70 to 100 %); body: 25 to 45 °C, the reach of survived hypothermia and fever; skin: 10 to 45 °C.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dure.city.devices import SeriesSpec
from dure.city.models import ConsentPurpose

EVENT = "event"
"""Unit of what is reported when it happens: 1 it did, 0 it did not."""

HEART_RATE = SeriesSpec("heart_rate", "/min", 1, 20, 250)
BREATHING = SeriesSpec("breathing", "/min", 1, 2, 80)
SPO2 = SeriesSpec("spo2", "%", 5, 50, 100)
BODY_TEMPERATURE = SeriesSpec("body_temperature", "°C", 60, 25, 45)
SKIN_TEMPERATURE = SeriesSpec("skin_temperature", "°C", 5, 10, 45)
STEPS = SeriesSpec("steps", "count", 5, 0, 2_000)
SCREEN = SeriesSpec("screen", "min", 30, 0, 30)
PLUG = SeriesSpec("plug", "W", 5, 0, 5_000)
FALL = SeriesSpec("fall", EVENT, 1, 0, 1)
SOS = SeriesSpec("sos", EVENT, 1, 0, 1)
BATTERY = SeriesSpec("battery", "%", 60, 0, 100)

URGENT = ("fall", "sos")
"""Series of which one good reading above 0 is enough."""
STEPS_PER_MINUTE = 10
"""From here on somebody walks; a heart and a breath are then not at rest and are not judged."""


@dataclass(frozen=True)
class Kind:
    """A kind of device: its name in both languages (for words that are kept), and what it reports."""

    label: str | Promise
    words: dict[str, str]
    series: tuple[SeriesSpec, ...]


KINDS: dict[str, Kind] = {
    "wearable": Kind(
        _("손목 기기"),
        {"ko": "손목 기기", "en": "wrist device"},
        (HEART_RATE, BREATHING, SPO2, SKIN_TEMPERATURE, STEPS, FALL, SOS, BATTERY),
    ),
    "radar": Kind(_("레이더 감지기"), {"ko": "레이더 감지기", "en": "radar sensor"}, (HEART_RATE, BREATHING, FALL)),
    "smartphone": Kind(_("휴대전화 앱"), {"ko": "휴대전화", "en": "phone"}, (STEPS, SCREEN, FALL, SOS, BATTERY)),
    "sos_button": Kind(_("도움 단추"), {"ko": "도움 단추", "en": "help button"}, (SOS, BATTERY)),
    "thermometer": Kind(_("체온계"), {"ko": "체온계", "en": "thermometer"}, (BODY_TEMPERATURE, BATTERY)),
    "oximeter": Kind(
        _("산소포화도 측정기"), {"ko": "산소포화도 측정기", "en": "oximeter"}, (SPO2, HEART_RATE, BATTERY)
    ),
    "smart_plug": Kind(_("스마트 플러그"), {"ko": "스마트 플러그", "en": "smart plug"}, (PLUG,)),
}

NEEDS_TOO: dict[str, tuple[ConsentPurpose, ...]] = {"screen": (ConsentPurpose.PHONE_WATCH,)}
"""Series that are shown only where the person agreed to this, too."""


def words_of(kind: str) -> dict[str, str]:
    """What a device is called, for words that are kept in both languages."""
    known = KINDS.get(kind)
    return known.words if known else {"ko": "기기", "en": "device"}
