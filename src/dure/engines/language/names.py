# SPDX-License-Identifier: Apache-2.0
"""Names of people: a surname, one or two syllables that given names are made of, and what stands around them.

Each candidate collects points: its syllables, how Kiwi reads it by itself, words that introduce a name ("저는",
"어머니", "집주인"), what follows it ("씨", " 입니다", "한테"). Two points make a name. What follows must be in the form
that the last syllable asks for (이수정은, not 이수정는), which tells many other words from names. The points were set
on the tuning half of benchmarks/language_names.py, which scores them on the other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .name_words import (
    AFTER,
    BEFORE,
    COMMON_SURNAMES,
    COMPOUND,
    DOUBLE_SURNAMES,
    FIRST,
    INTRODUCED,
    NO_NAME,
    PERHAPS_PLACE,
    PLACE,
    SECOND,
    SURNAMES,
)
from .numbers import Span
from .tokens import kiwi

if TYPE_CHECKING:
    from kiwipiepy import Token

ENOUGH = 2.0
CLEAR = 2.0
"""Points of what stands around a candidate from which on it is not asked how the whole sentence reads it."""

LOOKED_BACK = 24
"""Characters before a candidate in which words that introduce it are looked for."""

SAID = 4.0
"""Points of what is said to be a name: hardly a reading speaks against that."""

FIRST_WORD = 0.5
"""Points of standing at the start of a sentence, as an answer to who is there does."""

WORD = -2.5
"""Points of what is another word."""

_WORD = re.compile(
    r"(?:(?<![가-힣A-Za-z0-9])|(?<=안녕하세요)|(?<=저는)|(?<=제가)|(?<=이름은)|(?<=성함은)|(?<=어머니)|(?<=아버지))[가-힣]{2,}"
)
_BEFORE_POINTS = 1.5
_AFTER_POINTS = {
    "title": 2.0,
    "called": 2.0,
    "is": 1.0,
    "personal": 1.5,
    "holder": 1.5,
    "particle": 0.5,
    "mark": 0.5,
    "nothing": 0.0,
}


class _Candidate(NamedTuple):
    start: int
    end: int
    around: float
    """Points of what stands before and after it."""


def names(text: str) -> Iterator[Span]:
    """Each name of a person in ``text``, without what is said to or about them."""
    said = list(INTRODUCED.finditer(text))
    of_things = {match.start("name") for match in said if match["thing"]}
    candidates = [_Candidate(*match.span("name"), SAID) for match in said] + list(_candidates(text))
    candidates = sorted((one for one in candidates if one.start not in of_things), key=attrgetter("start"))
    if not candidates:
        return
    whole, *alone = kiwi().tokenize([text, *(text[one.start : one.end] for one in candidates)])
    starts = [token.start for token in whole]
    taken = 0
    for one, reading in zip(candidates, alone, strict=True):
        name = text[one.start : one.end]
        read = _read(name, reading)
        if one.around < CLEAR:
            inside = slice(bisect_left(starts, one.start), bisect_left(starts, one.end))
            read = min(read, _read(name, whole[inside]))
        elif read > WORD:
            read = max(read, -1.0)
        points = one.around + _shaped(name) + read
        if one.start >= taken and points >= ENOUGH:
            yield Span(one.start, one.end, "name")
            taken = one.end


def _candidates(text: str) -> Iterator[_Candidate]:
    for match in _WORD.finditer(text):
        for length in _lengths(match.group()):
            start, end = match.start(), match.start() + length
            after = AFTER[_ends_in_consonant(text[end - 1])].match(text, end)
            if after and not NO_NAME.fullmatch(text, start, end):
                yield _Candidate(start, end, _around(text, start, str(after.lastgroup)))


def _lengths(word: str) -> list[int]:
    """How long a name at the start of ``word`` could be, the likeliest first."""
    if word.startswith(DOUBLE_SURNAMES):
        return [length for length in (4, 3) if length <= len(word)]
    return [length for length in (3, 2) if length <= len(word)] if word[0] in SURNAMES else []


def _ends_in_consonant(word: str) -> bool:
    return (ord(word[-1]) - ord("가")) % 28 > 0


def _around(text: str, start: int, after: str) -> float:
    """Points of what stands before and after a candidate."""
    before = text[max(start - LOOKED_BACK, 0) : start]
    points = _AFTER_POINTS[after]
    if after in {"is", "called"} and before.rstrip(" ")[-1:] in {*".?!\n", ""}:
        points += FIRST_WORD
    return points + _BEFORE_POINTS * any(form.search(before) for form in BEFORE)


def _shaped(name: str) -> float:
    """How much it is made like a name."""
    if name.startswith(DOUBLE_SURNAMES):
        return 1.5
    if name[0] not in SURNAMES or len(name) > 3:
        return 0.0
    unusual = name[1] not in FIRST | SECOND or name[2:] not in {"", *SECOND}
    rare = name[0] not in COMMON_SURNAMES
    return 1.5 - unusual - 0.5 * rare if len(name) > 2 else 0.5 - 0.5 * unusual - rare


def _read(name: str, tokens: Sequence[Token]) -> float:
    """How much Kiwi's reading of it speaks for a name, and for another word."""
    if not tokens:
        return WORD
    first, last, size = tokens[0], tokens[-1], len(name)
    if first.len >= size and first.oov:
        return 0.0 if name[-1] in "한된될할" else 1.0
    if first.len >= size and first.tag == "NNP":
        return -1.5 if PLACE.search(name) else -0.5 if PERHAPS_PLACE.search(name) else (size - 2) / 2
    if first.len >= min(size, max(size - 1, 2)) and first.tag != "NNP" and not first.oov:
        if first.len >= size or last.tag[0] in "JV" or last.tag[:3] in {"XSV", "XSA"}:
            return WORD
        return -1.5 if COMPOUND.search(name) else -0.5
    if any(token.tag[0] in "VEJ" or token.tag[:3] in {"XSV", "XSA"} for token in tokens):
        return -1.5
    if first.tag == "MM" and tokens[1:] and tokens[1].tag == "NNG":
        return -1.0
    return -1.5 if last.end - first.start > size and not last.oov else 0.0
