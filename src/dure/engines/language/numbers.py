# SPDX-License-Identifier: Apache-2.0
"""Numbers that point to a person, found by their form, and by their check digit where they have one.

What has the form is masked even where the check digit is wrong: resident numbers given out since October 2020 have
none, and a citizen may have mistyped. Digits may be full-width, spaced, or spoken ("공일공에 일이삼사에 …").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Something personal in a text: ``text[start:end]``. ``checked``: its check digit is right (None: has none)."""

    start: int
    end: int
    kind: str
    checked: bool | None = None


_SAME = {ord("０") + digit: str(digit) for digit in range(10)} | {ord(dash): "-" for dash in "‐‑‒–—―−－ー"}
_SAME |= {ord("＠"): "@", ord("．"): ".", ord("\u00a0"): " ", ord("\u3000"): " ", ord("（"): "(", ord("）"): ")"}

_GAP = r"[\s.\-]{0,3}"
_PLATE = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호국합육공해"
_BANK = (
    r"국민|신한|우리|하나|농협|기업|축협|수협|신협|새마을(?:금고)?|카카오(?:뱅크)?|토스(?:뱅크)?|케이뱅크|우체국|"
    r"제일|씨티|산업|대구|부산|광주|전북|경남|제주|계좌|통장|은행|입금|송금|환불"
)
_FORMS = (
    ("mail", r"[A-Za-z0-9._%+\-]+\s?@\s?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"),
    ("rrn", rf"(?<!\d)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}[0-9](?:\d{{6}}|[*●xX○]{{6}})(?!\d)"),
    ("licence", r"(?<!\d)\d{2}-\d{2}-\d{6}-\d{2}(?!\d)"),
    ("passport", r"(?<![A-Za-z0-9])[MSRODGmsrodg](?:\d{8}|\d{3}[A-Za-z]\d{4})(?![A-Za-z0-9])"),
    (
        "card",
        r"(?<!\d)[2-9]\d{3}(?P<gap>[\s.\-]{0,3})\d{4}(?:(?P=gap)\d{4}){2}(?!\d)|(?<!\d)3[47]\d{2}[\s.\-]?\d{6}[\s.\-]?\d{5}(?!\d)",
    ),
    ("phone", rf"(?<!\d)\+?\s?82[\s.\-()0]{{0,4}}1\s?[016789](?:{_GAP}\d){{7,8}}(?!\d)"),
    ("phone", rf"(?<!\d)\+?82[\s.\-()]{{0,3}}0?(?:2|[3-6]\d|70){_GAP}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"),
    ("phone", rf"(?<![\d\-])\(?0{_GAP}1{_GAP}[016789]\)?(?:{_GAP}\d){{7,8}}(?!\d)"),
    ("phone", rf"(?<![\d\-])\(?0(?:2|[3-6]\d|70|80|50\d)\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"),
    ("phone", r"(?<![\d\-])1[568]\d{2}[\s.\-]?\d{4}(?![\d\-])"),
    ("business", r"(?<![\d\-])\d{3}-\d{2}-\d{5}(?![\d\-])"),
    ("account", r"(?<![\d\-])\d{2,6}(?:-\d{1,8}){1,3}(?![\d\-])"),
    ("account", rf"(?:{_BANK})[가-힣\s:()]{{0,12}}?(?P<it>\d(?:[\s\-]?\d){{9,15}})(?!\d)"),
    ("phone", r"(?<![\d\-])\d{3,4}-\d{4}(?![\d\-])"),
    (
        "plate",
        rf"(?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)\s?)?(?<!\d)\d{{2,3}}\s?[{_PLATE}]\s?\d{{4}}(?!\d)",
    ),
)
_COMPILED = tuple((kind, re.compile(form)) for kind, form in _FORMS)

_DIGIT = r"(?:[0-9공영일이삼사오육륙칠팔구]|하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉)"
_SPOKEN = re.compile(rf"(?<![가-힣0-9]){_DIGIT}(?:[\s,.\-]{{0,3}}(?:(?:에|다시|의|국에)[\s,]{{0,2}})?{_DIGIT}){{7,15}}")
_ONE_DIGIT = re.compile(_DIGIT)
_MODERN_YEAR = re.compile(r"(?:19|20)\d{2}-(?:19|20)\d{2}")


def plain(text: str) -> str:
    """``text``, as long as before, with full-width digits and every kind of dash as the plain ones."""
    return text.translate(_SAME)


def numbers(text: str) -> Iterator[Span]:
    """Every number of a person in ``text``; where two overlap, the first of the list of forms is given first."""
    same = plain(text)
    for kind, form in _COMPILED:
        for match in form.finditer(same):
            start, end = match.span("it" if "it" in form.groupindex else 0)
            if span := _judge(kind, same[start:end], start, end):
                yield span
    for match in _SPOKEN.finditer(same):
        digits = _ONE_DIGIT.findall(match.group())
        if sum(not digit.isascii() for digit in digits) >= 4:
            kind = "rrn" if len(digits) == 13 else "phone" if match.group()[0] in "공영0일" else "account"
            yield Span(*match.span(), kind)


def _judge(kind: str, found: str, start: int, end: int) -> Span | None:
    digits = re.sub(r"\D", "", found)
    if kind == "rrn":
        return Span(start, end, "frn" if digits[6] in "5678" else "rrn", resident_check(digits))
    if kind == "card":
        return Span(start, end, kind, luhn_check(digits))
    if kind == "business":
        return Span(start, end, kind, business_check(digits))
    if kind == "account" and not 10 <= len(digits) <= 16:
        return None
    if kind == "phone" and _MODERN_YEAR.fullmatch(found):
        return None
    return Span(start, end, kind)


def resident_check(digits: str) -> bool:
    """Whether the 13th digit of a resident number is the check digit of the first twelve (before October 2020).

    (11 - Σ digit·weight mod 11) mod 10 with the weights 2…9, 2…5; for foreigners 2 more.
    """
    if len(digits) != 13:
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False)
    )
    foreign = 2 if digits[6] in "5678" else 0
    return (11 - total % 11 + foreign) % 10 == int(digits[12])


def luhn_check(digits: str) -> bool:
    """Whether the digits pass Luhn's test (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def business_check(digits: str) -> bool:
    """Whether the tenth digit of a business number is its check digit (weights 1 3 7 1 3 7 1 3 5)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False))
    total += int(digits[8]) * 5 // 10
    return (10 - total % 10) % 10 == int(digits[9])
