# SPDX-License-Identifier: Apache-2.0
"""Korean as it is said aloud: particles that follow the sound, and figures read the way people read them.

A synthesiser reads "8시 30분" as "팔시 삼십분" and "2알" as "이 알"; nobody speaks so. Hours and things are counted
with native numerals (한, 두, 세 …), minutes, doses by weight and everything above ninety-nine with Sino-Korean ones
(국립국어원, 한국어 어문 규범 해설). Telephone numbers are read digit by digit.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Literal

Language = Literal["ko", "en"]

_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_SINO = ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
_DIGITS = ("공", *_SINO[1:])

NATIVE_COUNTERS = ("시간", "시", "알", "정", "개", "번", "잔", "컵", "포", "봉지", "명", "가지", "군데", "살")
"""Units that take native numerals; the longer stand before their beginnings."""
UNITS = {
    "mg": "밀리그램",
    "ml": "밀리리터",
    "kg": "킬로그램",
    "cm": "센티미터",
    "km": "킬로미터",
    "g": "그램",
    "%": "퍼센트",
}
"""Abbreviations as they are said."""
SINO_COUNTERS = ("년", "월", "일", "분", "초", "도", "호", "층", "원", "동", *UNITS.values())


def native(number: int) -> str:
    """A number from 1 to 99 as it stands before a counter: 20 is 스무, 21 is 스물한. Raises ValueError outside."""
    if not 1 <= number <= 99:
        raise ValueError("number must be 1 to 99")
    return "스무" if number == 20 else _TENS[number // 10] + _ONES[number % 10]


def sino(number: int) -> str:
    """A whole number from 0 below 10**16 in Sino-Korean: 350 is 삼백오십. Raises ValueError outside."""
    if not 0 <= number < 10**16:
        raise ValueError("number must be 0 or more and below 10**16")
    if number == 0:
        return _SINO[0]
    parts = []
    for power, big in enumerate(("", "만", "억", "조")):
        group = number // 10 ** (4 * power) % 10_000
        if group:
            parts.append(("" if group == 1 and big == "만" else _below_10_000(group)) + big)
    return "".join(reversed(parts))


def _below_10_000(number: int) -> str:
    said = ""
    for power, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit = number // power % 10
        if digit:
            said += ("" if digit == 1 and name else _SINO[digit]) + name
    return said


def digits(text: str) -> str:
    """A telephone number or the like, digit by digit, in its groups: 010-1234 is 공일공, 일이삼사."""
    return ", ".join("".join(_DIGITS[int(c)] for c in group) for group in re.findall(r"\d+", text))


_PHONE = re.compile(r"\b0\d{1,2}-\d{3,4}-\d{4}\b|\b1\d{3}-\d{4}\b")
_EMERGENCY = re.compile(r"(?<!\d)(112|119|120|129)(?!\d)(?!\s*(?:" + "|".join(SINO_COUNTERS) + "))")
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")
_UNIT = re.compile(r"(\d+(?:\.\d+)?)\s*(" + "|".join(UNITS) + r")(?![A-Za-z])")
_KEY = re.compile(r"(\d)번(?=을|으로|은| ?키| ?버튼|, | 누)")
_BELOW_ZERO = re.compile(r"(?<![\d가-힣])-(?=\d+(?:\.\d+)?\s*도)")
_COUNTED = re.compile(
    r"(?<![\d.])(\d{1,3}(?:,\d{3})+|\d+)\s*(" + "|".join((*NATIVE_COUNTERS, *SINO_COUNTERS)) + r")(?<!정(?=도))"
)
_DECIMAL = re.compile(r"(\d+)\.(\d+)\s*")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")


def readable(text: str) -> str:
    """``text`` with every figure written as a Korean speaker says it; other text stays as it is.

    >>> readable("08:30에 혈압약 2알, 5mg")
    '오전 여덟 시 삼십 분에 혈압약 두 알, 오 밀리그램'
    """
    text = _PHONE.sub(lambda m: digits(m[0]), text)
    text = _EMERGENCY.sub(lambda m: digits(m[0]), text)
    text = _TIME.sub(_say_time, text)
    text = _UNIT.sub(lambda m: f"{m[1]} {UNITS[m[2]]}", text)
    text = _BELOW_ZERO.sub("영하 ", text)
    text = _DECIMAL.sub(lambda m: f"{_say_number(m[1])} 점 {''.join(_SINO[int(c)] for c in m[2])} ", text)
    text = _KEY.sub(lambda m: f"{sino(int(m[1]))} 번", text)
    text = _COUNTED.sub(_say_counted, text)
    return _NUMBER.sub(lambda m: _say_number(m[0]), text)


def _say_number(text: str) -> str:
    """Sino-Korean; digit by digit where it is a code (a leading zero) or beyond counting."""
    plain = text.replace(",", "")
    is_code = len(plain) > 16 or (len(plain) > 1 and plain.startswith("0"))
    return digits(plain) if is_code else sino(int(plain))


def _say_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    half = "오전" if hour < 12 else "오후"
    if minute == 0 and hour % 12 == 0:
        return "정오" if hour else "자정"
    return f"{half} {native(hour % 12 or 12)} 시" + (f" {sino(minute)} 분" if minute else "")


def _say_counted(match: re.Match[str]) -> str:
    number, counter = int(match[1].replace(",", "")), match[2]
    if counter == "월" and number in (6, 10):
        return "유월" if number == 6 else "시월"
    said = native(number) if counter in NATIVE_COUNTERS and 1 <= number <= 99 else _say_number(match[1])
    return f"{said} {counter}"


def ends_in_consonant(word: str) -> bool | None:
    """Whether the word's last sound is a consonant; None where it ends in nothing we can pronounce."""
    last = _last_syllable(word)
    return None if last is None else bool((ord(last) - 0xAC00) % 28)


def _last_syllable(word: str) -> str | None:
    said = readable(word).rstrip(" \"')]』」.!?…")
    return said[-1] if said and "가" <= said[-1] <= "힣" else None


PARTICLES = {
    particle: pair
    for pair in (
        ("을", "를"),
        ("이", "가"),
        ("은", "는"),
        ("과", "와"),
        ("으로", "로"),
        ("이에요", "예요"),
        ("아", "야"),
    )
    for particle in pair
}


def with_particle(word: str, particle: str) -> str:
    """``word`` and the form of ``particle`` that follows its last sound; both forms where that is unknown.

    >>> with_particle("혈압약", "를"), with_particle("주스", "을"), with_particle("Tylenol", "을")
    ('혈압약을', '주스를', 'Tylenol을(를)')

    Raises ValueError for a particle that has no two forms.
    """
    if particle not in PARTICLES:
        raise ValueError(f"particle must be one of {', '.join(PARTICLES)}")
    after_consonant, after_vowel = PARTICLES[particle]
    last = _last_syllable(word)
    if last is None:
        return f"{word}{after_consonant}({after_vowel})"
    final = (ord(last) - 0xAC00) % 28
    if after_consonant == "으로" and final == 8:  # ㄹ: 서울로
        final = 0
    return word + (after_consonant if final else after_vowel)


_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


def filled(text: str, values: dict[str, str]) -> str:
    """``text`` with ``{name}`` and, with the particle that fits, ``{name:을}`` taken from ``values``.

    Raises KeyError with the name of a value that is missing.
    """
    return _SLOT.sub(partial(_fill, values), text)


def _fill(values: dict[str, str], match: re.Match[str]) -> str:
    value = values[match[1]]
    return with_particle(value, match[2]) if match[2] else value


def slots(text: str) -> set[str]:
    """Names of the values that ``filled`` needs for this text."""
    return {match[1] for match in _SLOT.finditer(text)}
