# SPDX-License-Identifier: Apache-2.0
"""Why, in words that a daughter understands: Korean and English."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .judge import Judgement
from .ranges import Range, Source
from .signs import UNITS, Vital

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

NAMES: dict[Vital, dict[Language, str]] = {
    Vital.HEART_RATE: {"ko": "심박수", "en": "Heart rate"},
    Vital.BREATHING: {"ko": "호흡수", "en": "Breathing rate"},
    Vital.SPO2: {"ko": "산소포화도", "en": "Oxygen saturation"},
    Vital.BODY_TEMPERATURE: {"ko": "체온", "en": "Body temperature"},
    Vital.SKIN_TEMPERATURE: {"ko": "피부 온도", "en": "Skin temperature"},
}
_KO_UNITS = {"/min": "회/분", "%": "%", "°C": "°C"}
_URGENT: dict[str, dict[Language, tuple[str, str]]] = {
    "fall": {
        "ko": ("넘어지심을 알렸습니다", "넘어짐"),
        "en": ("reported a fall", "a fall"),
    },
    "sos": {
        "ko": ("도움을 부르는 단추가 눌렸다고 알렸습니다", "도움 요청"),
        "en": ("reported that the button for help was pressed", "a call for help"),
    },
}


def reason(judgement: Judgement, usual: Range, lang: Language = "ko") -> str:
    """Why a sign is spoken of, with its figures and the range it has left."""
    name, minutes = NAMES[judgement.vital][lang], max(1, round((judgement.until - judgement.since) / 60))
    value, counted = figure(judgement.vital, judgement.value, lang), (judgement.outside, judgement.of)
    if lang == "ko":
        way = "높습니다" if judgement.way == "high" else "낮습니다"
        particle = "이" if _ends_in_consonant(name) else "가"
        return (
            f"{name}{particle} {value} 안팎으로 {usual_words(judgement.vital, usual, lang)}보다 {way}. "
            f"지난 {minutes}분 동안 {counted[1]}번 가운데 {counted[0]}번 그랬습니다."
        )
    way = "above" if judgement.way == "high" else "below"
    return (
        f"{name} has been about {value}, {way} {usual_words(judgement.vital, usual, lang)}: "
        f"{counted[0]} of {counted[1]} times in the last {minutes} minutes."
    )


def what_would_change_it(judgement: Judgement, usual: Range, lang: Language = "ko") -> str:
    """With what it would not have been told."""
    edge = figure(judgement.vital, usual.high if judgement.way == "high" else usual.low, lang)
    if lang == "ko":
        side = "이하였어도" if judgement.way == "high" else "이상이었어도"
        return f"그 가운데 {judgement.needed}번만 더 {edge} {side} 알리지 않았을 것입니다."
    side = "or lower" if judgement.way == "high" else "or higher"
    return f"Had it been {edge} {side} {_times(judgement.needed)} more, this would not have been reported."


def over(vital: Vital, lang: Language = "ko") -> str:
    """Why it is over."""
    name = NAMES[vital][lang]
    if lang == "ko":
        return f"{name}{'이' if _ends_in_consonant(name) else '가'} 다시 평소 범위입니다."
    return f"{name} is back within its usual range."


def urgent_reason(kind: str, at: datetime, device: str, lang: Language = "ko") -> str:
    """A fall or a call for help. ``at``: local time; ``device``: what the device is called in ``lang``."""
    said = _URGENT[kind][lang][0]
    return f"{at:%H:%M}에 {device}에서 {said}." if lang == "ko" else f"At {at:%H:%M} the {device} {said}."


def urgent_change(kind: str, lang: Language = "ko") -> str:
    """With what a fall or a call for help would not have been told."""
    what = _URGENT[kind][lang][1]
    if lang == "ko":
        return f"기기가 {what}을 알리지 않았거나 스스로 ‘의심스러운 값’이라고 했다면 알리지 않았을 것입니다."
    return f"Had the device not reported {what}, or marked it as doubtful itself, this would not have been reported."


def usual_words(vital: Vital, usual: Range, lang: Language = "ko") -> str:
    """A range in words: from where to where, and who says so."""
    edges = f"{usual.low:g}–{usual.high:g}{_unit(vital, lang)}"
    if lang == "ko":
        return {
            Source.PUBLISHED: f"어른의 일반 범위({edges})",
            Source.LEARNED: f"이분의 평소 범위({edges}, 지난 {usual.days}일에서 익힘)",
            Source.CLINICIAN: f"의료진({usual.by})이 정한 범위({edges})"
            if usual.by
            else f"의료진이 정한 범위({edges})",
        }[usual.source]
    return {
        Source.PUBLISHED: f"the usual range of adults ({edges})",
        Source.LEARNED: f"the person's own usual range ({edges}, learned from {usual.days} days)",
        Source.CLINICIAN: f"the range set by {usual.by or 'a clinician'} ({edges})",
    }[usual.source]


def figure(vital: Vital, value: float, lang: Language = "ko") -> str:
    """A value with its unit, in the decimals in which people speak of it."""
    shown = f"{value:.1f}" if UNITS[vital] == "°C" else f"{value:.0f}"
    return f"{shown}{_unit(vital, lang)}"


def _unit(vital: Vital, lang: Language) -> str:
    if lang == "ko":
        return _KO_UNITS[UNITS[vital]]
    return " /min" if UNITS[vital] == "/min" else UNITS[vital].replace("°C", " °C")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _ends_in_consonant(word: str) -> bool:
    """Whether the last Hangul syllable is closed, which decides the particle after it."""
    return (ord(word[-1]) - 0xAC00) % 28 > 0
