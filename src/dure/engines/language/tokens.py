# SPDX-License-Identifier: Apache-2.0
"""Korean text → tokens: what a text is about (content morphemes), how it is said (all morphemes), and bigrams.

Content morphemes are looked up word by word (어절), not sentence by sentence. A word then has the same morphemes in
a question and in a manual, whatever stands around it, and each different word is analysed once: 14.4 million
characters of guides have 232,000 different words, which take Kiwi 21 s and not 240 s. On the tuning half of the
questions this finds as well as the analysis of whole sentences does (MRR@10 0.471 and 0.461, content alone).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token

VERBS = frozenset({"VV", "VA", "VX"})
CONTENT_TAGS = VERBS | {"NNG", "NNP", "XR", "SL", "SN"}
"""Sejong tags of the morphemes that carry what a text is about.

Auxiliaries (VX) are among them because a verb alone in its word is often taken for one (버리는). Pronouns, numerals
and units are not: without them MRR@10 on the tuning half is 0.488, with them 0.471.
"""

WORDS_REMEMBERED = 400_000
"""Analyses kept by a tokenizer before it starts anew (about 60 MB)."""

_WORD = re.compile(r"[0-9A-Za-z가-힣]+")
_MARK = re.compile(r"⟦[A-Z]+_\d+⟧")
"""What a masked text has in the place of personal data: no word of it, and ⟦ADDRESS_1⟧ is not about addresses."""
_LONGEST_WORD = 60  # what is longer is no word: its start is analysed
_loading = Lock()


@cache
def _load() -> Kiwi:
    from kiwipiepy import Kiwi  # noqa: PLC0415 - seconds that only they shall wait who need it

    return Kiwi()


def kiwi() -> Kiwi:
    """The one analyser of this process, loaded when it is first asked for (2 to 4 s, 500 MB)."""
    with _loading:
        return _load()


def normal(text: str) -> str:
    """``text`` with its syllables composed (NFC), as every function here expects to compare it."""
    return unicodedata.normalize("NFC", text)


def words(text: str) -> list[str]:
    """The runs of Korean syllables, Latin letters and digits in ``text``, Latin in lower case; marks are none."""
    said = _MARK.sub(" ", normal(text))
    return [word[:_LONGEST_WORD] for word in _WORD.findall(said.lower())]


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring characters within each word; a word of one character stands for itself."""
    pairs: list[str] = []
    for word in words(text):
        pairs += [word[at : at + 2] for at in range(len(word) - 1)] or [word]
    return pairs


def phrases_of(tokens: Sequence[str]) -> list[str]:
    """Each two neighbours among ``tokens`` as one."""
    return [f"{first} {second}" for first, second in pairwise(tokens)]


def pairs_of(tokens: Sequence[str]) -> list[str]:
    """``tokens`` and their phrases."""
    return [*tokens, *phrases_of(tokens)]


class Tokenizer:
    """Content morphemes, with a city's own words kept whole beside their parts.

    Parameters
    ----------
    own_words
        Names of places, roads, departments and services ("동탄대로", "종량제봉투"). Where a word of a text starts
        with one of them, that is a token too: "동탄대로에서" is 동탄, 대로 and 동탄대로, so that a text about the
        road is found by its whole name first and by a part of it still.
    """

    def __init__(self, own_words: Iterable[str] = ()) -> None:
        self.own_words = frozenset(word for name in own_words for word in words(name) if len(word) > 1)
        self._longest = max(map(len, self.own_words), default=0)
        self._known: dict[str, tuple[str, ...]] = {}

    def content(self, text: str) -> list[str]:
        """The content morphemes of ``text`` in its order; verbs and adjectives end in 다."""
        return self.contents([text])[0]

    def contents(self, texts: Sequence[str]) -> list[list[str]]:
        """``content`` of each text; what no text before had is analysed together, on every core there is."""
        found = [words(text) for text in texts]
        known = self._learn({word for one in found for word in one})
        return [[token for word in one for token in known[word]] for one in found]

    def _learn(self, needed: set[str]) -> dict[str, tuple[str, ...]]:
        """What is known, with all of ``needed`` in it, whatever other threads forget meanwhile."""
        known = self._known
        if len(known) + len(needed) > WORDS_REMEMBERED:
            known = {word: known[word] for word in needed if word in known}
        new = sorted(word for word in needed if word not in known)
        for word, analysis in zip(new, kiwi().tokenize(new) if new else (), strict=True):
            known[word] = (*_content(analysis), *self._own(word))
        self._known = known
        return known

    def _own(self, word: str) -> tuple[str, ...]:
        for length in range(min(len(word), self._longest), 1, -1):
            if word[:length] in self.own_words:
                return (word[:length],)
        return ()


def _content(analysis: Iterable[Token]) -> list[str]:
    found = []
    for token in analysis:
        tag = token.tag.partition("-")[0]
        if tag in CONTENT_TAGS:
            found.append(f"{token.form}다" if tag in VERBS else token.form)
    return found


def all_morphemes(texts: Sequence[str]) -> list[list[str]]:
    """Every morpheme of each text with its tag ("나/NP", "는/JX"): how a thing is said, endings and particles too."""
    return [
        [f"{token.form}/{token.tag}" for token in analysis]
        for analysis in kiwi().tokenize([normal(text) for text in texts])
    ]
