# SPDX-License-Identifier: Apache-2.0
"""Telephone numbers: one spelling of each, so that equal numbers are found equal."""

from __future__ import annotations

import re
import unicodedata

from dure.city.errors import Invalid

_SEPARATORS = re.compile(r"[\s()./\-‐-―−]+")
_DOMESTIC = re.compile(
    r"010\d{8}|01[16789]\d{7,8}"  # mobile
    r"|02\d{7,8}|0(?:3[1-3]|4[1-4]|5[1-5]|6[1-4])\d{7,8}"  # Seoul and the provinces
    r"|070\d{8}|050\d{8,9}|080\d{7,8}"  # internet, personal and toll-free numbers
    r"|1[568]\d{6}",  # a company's one number for the whole country
    re.ASCII,
)
_FOREIGN = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)
"""ITU-T E.164: at most 15 digits with the country code."""


def normalise(text: str, *, field: str = "phone") -> str:
    """``text`` as the digits dialled in Korea ("01012345678"), or "+" and E.164 for another country.

    Takes hyphens, dots, spaces, brackets and +82 with or without the trunk 0. Raises Invalid naming ``field``.
    """
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if number.startswith("+82"):
        number = number[3:]
        number = number if number.startswith(("0", "1")) and not _is_mobile_without_0(number) else f"0{number}"
    if _DOMESTIC.fullmatch(number) or (number.startswith("+") and _FOREIGN.fullmatch(number)):
        return number
    raise Invalid("전화번호가 아닙니다. 예: 010-1234-5678", "not a telephone number; e.g. 010-1234-5678", field=field)


def _is_mobile_without_0(number: str) -> bool:
    return len(number) in (9, 10) and number.startswith("1")


def spaced(number: str) -> str:
    """A normalised Korean number with its hyphens ("010-1234-5678"); any other as it is."""
    found = re.fullmatch(r"(02|050\d|0\d\d|)(\d{3,4})(\d{4})", number)
    return "-".join(part for part in found.groups() if part) if found else number
