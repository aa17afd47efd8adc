# SPDX-License-Identifier: Apache-2.0
"""Phrases found in what citizens really type (쓰러졋어요, 냄세, 않 쉬어요): both are folded the same way.

Folding puts together what is heard alike and often mistyped (ㅐ and ㅔ; ㅙ, ㅚ and ㅞ; the finals ㅆ and ㅅ, ㄶ and ㄴ,
ㅄ and ㅂ, ㄲ and ㄱ), one character for one, so that a place in the folded text is the same place in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

_BASE, _VOWELS, _FINALS = ord("가"), 21, 28
_ALIKE_VOWELS = {1: 5, 3: 7, 10: 11, 15: 11}
_ALIKE_FINALS = {20: 19, 6: 4, 18: 17, 2: 1}
_SENTENCE = re.compile(r"[^.?!\n。]+[.?!\n。]*")
_BETWEEN = re.compile(r"\s{2,}|\n")
_MARKS = re.compile(r"\[[^\]]*\]|\(\?<|[ <>]")  # a class of characters and a look behind stay as they are
_MEANING = {" ": r"[\s.,~!ㅠㅜ]{0,3}", "<": r"(?<![가-힣a-z0-9])", ">": r"(?![가-힣a-z0-9])"}


@dataclass(frozen=True)
class Found:
    """``text[start:end]``, as it stands there."""

    start: int
    end: int
    words: str


@lru_cache(maxsize=12_000)
def _folded(character: str) -> str:
    at = ord(character) - _BASE
    if not 0 <= at < 11_172:
        lower = character.lower()
        return lower if len(lower) == 1 else character
    lead, rest = divmod(at, _VOWELS * _FINALS)
    vowel, final = divmod(rest, _FINALS)
    vowel, final = _ALIKE_VOWELS.get(vowel, vowel), _ALIKE_FINALS.get(final, final)
    return chr(_BASE + (lead * _VOWELS + vowel) * _FINALS + final)


def folded(text: str) -> str:
    """``text``, as long as before, in lower case, with what is often mistyped made alike."""
    return "".join(map(_folded, text))


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, by its punctuation and lines alone."""
    for match in _SENTENCE.finditer(text):
        yield match.span()


class Phrases:
    """Any of some phrases, which are separated by two spaces or lines, in folded text.

    A phrase is a regular expression in which a space also stands for none or for ".. ", ``<`` for the start of a word
    and ``>`` for its end. They are compiled when first looked for: most processes of a city never are.
    """

    def __init__(self, phrases: str) -> None:
        self._phrases = phrases

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{_written(phrase)})" for phrase in _BETWEEN.split(self._phrases.strip())))

    def are_in(self, same: str) -> bool:
        """Whether one of them is."""
        return self._pattern.search(same) is not None

    def blanked(self, same: str) -> str:
        """``same``, as long as before, with nothing where one of them stood."""
        return self._pattern.sub(lambda match: "\0" * len(match.group()), same)

    def find(self, text: str, same: str) -> list[Found]:
        """Each of them in ``same``, which is the folded ``text``."""
        return [Found(m.start(), m.end(), text[m.start() : m.end()].strip()) for m in self._pattern.finditer(same)]


def _written(phrase: str) -> str:
    return folded(_MARKS.sub(lambda match: _MEANING.get(match.group(), match.group()), phrase))
