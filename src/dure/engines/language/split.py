# SPDX-License-Identifier: Apache-2.0
"""A complaint of several matters → its parts, where two of them are clearly for different departments.

Borders are sentences, enumerations (1. 2., 첫째), words that begin another matter (그리고) and clauses that end in
고 or 는데. Each is classified; one that says too little goes with the piece before it. A complaint
stays whole unless two departments are each sure of their own part: a wrong split costs more than a hand-over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .classify import Label
from .tokens import kiwi, normal

if TYPE_CHECKING:
    from kiwipiepy import Token

SURE = 0.5
"""Least probability of a piece's first candidate,"""
SURE_OF_NEXT = 0.9
"""of one that is only the next sentence, with no word that says another matter begins (it mostly goes on with the same
one: "어두워요. 아이들이 무서워합니다."), and"""
AHEAD = 0.25
"""least lead over its second, before it can be a part of its own."""

SHORTEST = 5
"""Syllables: a piece that says less is no matter of its own."""

_ENUMERATED = re.compile(
    r"(?:(?<=^)|(?<=[\s.,]))(?:\(?\d{1,2}[.)](?!\d)|[①-⑳]|[가나다라마][.)]|(?:첫|둘|셋|넷|다섯)(?:째|번째)|[-•*](?=\s))(?=\s?\S)",
    re.M,
)
_ANOTHER = re.compile(
    r"(?<!\S)(?:그리고요?|또한?|아울러|더불어|추가로|그\s?외에|그\s?밖에|이\s?외에|한편|다음으로|마지막으로|하나\s?더|and\s+also|also|besides|"
    r"in\s+addition|secondly|another\s+thing)(?=[\s,])",
    re.I,
)
_END = re.compile(r"(?<!\d)[.?!。]+(?=\s|$)|\n+")
_JOINING = {"고", "는데", "은데", "며", "으며", "지만", "고요"}
_POLITE = re.compile(
    r"(?:안녕|수고|고생|감사|고맙|부탁|죄송|바쁘|실례|반갑)[가-힣]*(?:\s?(?:많|드|합|하)[가-힣]*)?|다름이?\s?아니라"
    r"|hello|thank(?:s|\syou)|please",
    re.I,
)
_SYLLABLE = re.compile(r"[가-힣A-Za-z0-9]")

Classify = Callable[[str], Sequence[Label]]
"""A text's candidates, best first, with calibrated probabilities."""


@dataclass(frozen=True)
class Part:
    """``text[start:end]`` of the text in NFC and the department it is for; ``label`` empty where nobody is sure."""

    start: int
    end: int
    label: str
    p: float


def split(text: str, classify: Classify) -> list[Part]:
    """The parts of ``text``, in its order and without a gap; one part where it is not clearly of several matters."""
    text = normal(text)
    whole = _judged(text, 0, len(text), classify)
    pieces = pieces_of(text)
    if len(pieces) < 2:
        return [whole]
    parts = _joined(text, [_judged(text, start, end, classify) for start, end in pieces], classify)
    return parts if len({part.label for part in parts}) > 1 else [whole]


def pieces_of(text: str) -> list[tuple[int, int]]:
    """Where a new matter might begin, as places that cover ``text``; pieces that say too little are put together."""
    borders = {match.start() for form in (_ENUMERATED, _ANOTHER) for match in form.finditer(text)}
    borders |= {match.end() for match in _END.finditer(text)} | set(_clauses(text))
    pieces: list[tuple[int, int]] = []
    for start, end in pairwise(sorted({0, *borders, len(text)})):
        if pieces and (_says(text[start:end]) < SHORTEST or _says(text[slice(*pieces[-1])]) < SHORTEST):
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


def _says(text: str) -> int:
    return len(_SYLLABLE.findall(text))


def _clauses(text: str) -> Iterator[int]:
    """After each verb that ends in 고, 는데 … and does not go on with an auxiliary (보고 있다, 받고 싶다)."""
    for token, after in pairwise(kiwi().tokenize(text)):
        if token.tag == "EC" and token.form in _JOINING and not _goes_on(after):
            yield after.end if after.tag == "JX" and after.start == token.end else token.end


def _goes_on(after: Token) -> bool:
    return after.tag in {"VX", "EP", "EF"}


def _judged(text: str, start: int, end: int, classify: Classify) -> Part:
    labels = classify(text[start:end].strip())
    if not labels or _says(_POLITE.sub("", text[start:end])) < SHORTEST:
        return Part(start, end, "", 0.0)
    lead = labels[0].p - (labels[1].p if len(labels) > 1 else 0.0)
    sure = labels[0].p >= (SURE_OF_NEXT if _only_next(text, start) else SURE) and lead >= AHEAD
    return Part(start, end, labels[0].label if sure else "", labels[0].p)


def _only_next(text: str, start: int) -> bool:
    begins = text[start:].lstrip()
    said = _ENUMERATED.match(begins) or _ANOTHER.match(begins)
    return text[:start].rstrip().endswith((".", "?", "!", "。")) and not said


def _joined(text: str, pieces: Sequence[Part], classify: Classify) -> list[Part]:
    """Neighbours of one department as one; who is not sure goes with the one before, at the start with the next.

    What came together is judged again as a whole, until nothing more comes together.
    """
    parts: list[Part] = []
    for piece in pieces:
        if parts and (not piece.label or not parts[-1].label or piece.label == parts[-1].label):
            label, p = max(((one.label, one.p) for one in (parts[-1], piece) if one.label), default=("", 0.0), key=_p)
            parts[-1] = Part(parts[-1].start, piece.end, label, p)
        else:
            parts.append(piece)
    again = [_judged(text, part.start, part.end, classify) for part in parts]
    settled = len(again) < 2 or (
        all(part.label for part in again) and all(one.label != other.label for one, other in pairwise(again))
    )
    return again if settled or len(parts) == len(pieces) else _joined(text, again, classify)


def _p(said: tuple[str, float]) -> float:
    return said[1]
