# SPDX-License-Identifier: Apache-2.0
"""Search: BM25 over three kinds of tokens, in the text as a whole, in its passages and in its title.

The score of a document is ½ of its content morphemes + ½ of its character bigrams + 0.3 of its phrases (two content
morphemes side by side) + 0.3 and 0.2 of the first two in its title and topic + ½ of its best passage, each divided by
the best of all documents for this question; and a little for the category that the question is likelier of (``prior``).
BM25 as Lucene has it: idf = ln(1 + (N - n + ½)/(n + ½)), tf·idf/(tf + k1·(1 - b + b·length/average)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import folders
from .documents import Document, Shelf
from .folders import About
from .kernels import add_scores, add_title_scores, add_together
from .parts import FIELDS, IN_TEXT, Part, merged, part_of
from .postings import Array, token_hash
from .prior import MOST_GROUPS, Grouping, grouped, prior
from .tokens import Tokenizer, bigrams, phrases_of, words

ABOUT = About("index.json", "language index", 3, "색인", "index")
K1, B = 1.5, 0.75
SYNONYM_WEIGHT = 0.5
COMMON, LARGE = 0.1, 2000
"""A token that stands in more than a tenth of the passages (or titles) is passed over where there are many, and"""

TELLING = 0.05
"""one in more than a twentieth is not asked which category it stands for."""

DOCUMENTS_AT_ONCE = 20_000
"""Documents tokenized together and made one part."""


@dataclass(frozen=True)
class Weights:
    """What each kind of match counts; chosen on the tuning half (benchmarks/language.py)."""

    text: float = 0.5
    pairs: float = 0.5
    phrases: float = 0.3
    title: float = 0.3
    title_pairs: float = 0.2
    passage: float = 0.5
    category: float = 0.15
    """For each standard deviation that the document's category is likelier than the least likely one."""


@dataclass(frozen=True)
class Hit:
    """A document found; its texts are read from disk when ``document`` is first asked for.

    Attributes
    ----------
    shelf, place
        Where it stands.
    score
        Comparable within one question only; the best possible is the sum of the weights.
    strength
        0–1, comparable between questions: which share of the weight of the question's morphemes stands in the text.
    begin, end
        The best passage in ``document.text``.
    """

    shelf: Shelf = field(repr=False, compare=False)
    place: int
    score: float
    strength: float
    begin: int
    end: int

    @property
    def category(self) -> str:
        """Of the document."""
        return self.shelf.texts["category"][self.place]

    @cached_property
    def document(self) -> Document:
        """The document as it was added."""
        return self.shelf.document(self.place)


@dataclass
class _Derived:
    """What is worked out once for as long as an index has these parts."""

    parts: list[Part]
    norms: dict[str, tuple[list[Array], list[Array]]] = field(default_factory=dict)
    grouping: Grouping | None = None


class _Asked(NamedTuple):
    """A question in one field: for each part where its tokens' postings begin and end, and what each counts."""

    places: list[tuple[Array, Array]]
    idf: Array

    @property
    def highest(self) -> float:
        """What a text with every token could have at most."""
        return float(self.idf.sum())


class _Scores(NamedTuple):
    """For each part (fields, documents) and (fields in the text, passages), and (fields, 2): the best of each that
    may be found."""

    whole: list[Array]
    inside: list[Array]
    best: Array


class Index:
    """Documents that can be found, added to and taken from at any time, in memory or on disk.

    Parameters
    ----------
    tokenizer
        How texts and questions become tokens.
    synonyms
        Groups of words or phrases that mean the same here (("쓰레기봉투", "종량제봉투"),): a question with one of
        them finds the others at half weight. They act on questions alone, so an edit needs no new index.
    """

    def __init__(
        self,
        tokenizer: Tokenizer | None = None,
        synonyms: Iterable[Sequence[str]] = (),
        weights: Weights | None = None,
    ) -> None:
        self.tokenizer = tokenizer or Tokenizer()
        self.synonyms = [tuple(group) for group in synonyms]
        self.weights = weights or Weights()
        self.parts: list[Part] = []
        self._derived = _Derived([])

    def __len__(self) -> int:
        return sum(int(part.alive.sum()) for part in self.parts)

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents; one with an id that is there already takes its place, and the last of several stays."""
        waiting: dict[str, Document] = {}
        for document in documents:
            waiting[document.id] = document
            if len(waiting) == DOCUMENTS_AT_ONCE:
                self._append(waiting)
                waiting = {}
        self._append(waiting)

    def _append(self, documents: Mapping[str, Document]) -> None:
        if not documents:
            return
        self.remove(documents)
        self.parts.append(part_of(list(documents.values()), self.tokenizer))
        while len(self.parts) > 1 and 2 * len(self.parts[-1]) >= len(self.parts[-2]):
            self.parts[-2:] = [merged(self.parts[-2:])]

    def remove(self, ids: Iterable[str]) -> None:
        """Take out the documents with these ids; ids that are not there are passed over."""
        gone = np.array([token_hash(one) for one in ids], np.uint64)
        for part in self.parts:
            if (hit := np.isin(part.shelf.ids, gone)).any():
                part.alive = part.alive & ~hit

    def rarity(self, tokens: Sequence[str]) -> list[float]:
        """The idf of each content morpheme among all passages: what it tells of a text that has it."""
        hashes = np.array([token_hash(token) for token in tokens], np.uint64)
        return [float(one) for one in self.rarity_of(hashes)]

    def rarity_of(self, hashes: Array) -> Array:
        """``rarity`` of the content morphemes with these hashes."""
        having, units = np.zeros(len(hashes)), 0
        for part in self.parts:
            begin, end = part.postings["text"].where(hashes)
            having += end - begin
            units += len(part.owners)
        idf: Array = np.log1p((units - having + 0.5) / (having + 0.5))
        return idf

    def search(self, text: str, top: int = 10, on: date | None = None, *, weights: Weights | None = None) -> list[Hit]:
        """The ``top`` documents nearest to ``text``, best first; of those in force ``on`` that day, where given.

        What shares no token with the question is no hit. Equal scores stand in the order of adding. ``weights``: other
        ones than the index has.
        """
        if not self.parts:
            return []
        weigh = weights or self.weights
        query = self._query(text)
        asked = {name: self._asked(name, *query[name]) for name in FIELDS if getattr(weigh, name)}
        eligible = [_in_force(part, on) for part in self.parts]
        scores = self._scores(asked, eligible)
        total, pieces = self._together(scores, asked, eligible, weigh)
        if weigh.category:
            self._prefer(total, asked, weigh.category)
        highest = asked["text"].highest if "text" in asked else 1.0
        return self._hits(total, [row[0] / max(highest, 1e-9) for row in scores.whole], pieces, top)

    def _asked(self, name: str, hashes: Array, weights: Array) -> _Asked:
        """Where the question's tokens stand in one field; those that a tenth of many texts have are passed over: they
        tell little, and are most of the reading."""
        found = [part.postings[name].find(hashes) for part in self.parts]
        places = [(begin, end) for _, begin, end in found]
        having = sum(end - begin for begin, end in places)
        if name in IN_TEXT:
            rows = zip(self.parts, found, strict=True)
            having = sum(part.having[name][at] for part, (at, _, _) in rows)
        places = _in_few(places, COMMON, sum(len(part.postings[name].lengths) for part in self.parts))
        number = sum(map(len, self.parts))
        idf = (weights * np.log1p((number - having + 0.5) / (having + 0.5))).astype(np.float32)
        return _Asked(places, idf)

    def _scores(self, asked: Mapping[str, _Asked], eligible: list[Array]) -> _Scores:
        """BM25 of each document, and of each passage in the fields of the text."""
        in_text = sum(name in IN_TEXT for name in asked)
        scores = _Scores(
            [np.zeros((len(asked), len(part)), np.float32) for part in self.parts],
            [np.zeros((in_text, len(part.owners)), np.float32) for part in self.parts],
            np.zeros((len(asked), 2)),
        )
        for row, (name, one) in enumerate(asked.items()):
            unit_norms, document_norms = self._norms(name)
            for at, (part, place) in enumerate(zip(self.parts, one.places, strict=True)):
                found, keep, whole = part.postings[name], eligible[at], scores.whole[at][row]
                read = (*place, one.idf, found.units, found.counts, keep)
                if name in IN_TEXT:
                    norms = unit_norms[at], document_norms[at]
                    best = add_scores(*read, part.owners, *norms, scores.inside[at][row], whole)
                else:
                    best = add_title_scores(*read, unit_norms[at], whole), 0.0
                np.maximum(scores.best[row], best, out=scores.best[row])
        return scores

    def _together(
        self, scores: _Scores, asked: Mapping[str, _Asked], eligible: list[Array], weigh: Weights
    ) -> tuple[list[Array], list[Array]]:
        """For each part the score of each document and of each passage."""
        of_field = np.array([getattr(weigh, name) for name in asked])
        of_whole, of_inside = (of_field[:, None] / np.maximum(scores.best, 1e-9)).T.astype(np.float32)
        totals, pieces = [], []
        for part, keep, whole, inside in zip(self.parts, eligible, scores.whole, scores.inside, strict=True):
            total, of_passages = np.zeros(len(part), np.float32), np.zeros(len(part.owners), np.float32)
            first = part.shelf.first_passage
            add_together(first, keep, whole, of_whole, inside, weigh.passage * of_inside, total, of_passages)
            totals.append(total)
            pieces.append(of_passages)
        return totals, pieces

    def _prefer(self, total: list[Array], asked: Mapping[str, _Asked], weight: float) -> None:
        """Add to each found document what its category gives it."""
        grouping = self._grouping()
        if not 1 < grouping.number <= MOST_GROUPS:
            return
        units = sum(len(part.owners) for part in self.parts)
        found = [
            ([part.postings[name] for part in self.parts], _in_few(asked[name].places, TELLING, units))
            for name in ("text", "phrases")
            if name in asked
        ]
        likelier = (weight * prior(grouping, found)).astype(np.float32)
        for scores, groups in zip(total, grouping.of_document, strict=True):
            np.add(scores, (scores > 0) * likelier[groups], out=scores)

    def _known(self) -> _Derived:
        if list(map(id, self._derived.parts)) != list(map(id, self.parts)):
            self._derived = _Derived(list(self.parts))
        return self._derived

    def _grouping(self) -> Grouping:
        known = self._known()
        if known.grouping is None:
            postings = [[part.postings[name] for name in ("text", "phrases")] for part in self.parts]
            categories = [part.shelf.categories for part in self.parts]
            known.grouping = grouped(categories, [part.owners for part in self.parts], postings)
        return known.grouping

    def _norms(self, name: str) -> tuple[list[Array], list[Array]]:
        """Of the units of a field, and of whole documents."""
        known = self._known()
        if name not in known.norms:
            of_units = _norms([part.postings[name].lengths for part in self.parts])
            lengths = [part.document_lengths(name) for part in self.parts] if name in IN_TEXT else None
            known.norms[name] = (of_units, _norms(lengths) if lengths is not None else of_units)
        return known.norms[name]

    def _query(self, text: str) -> dict[str, tuple[Array, Array]]:
        """For each field the hashes of the question's tokens and what each counts."""
        tokens = self.tokenizer.content(text)
        content = dict.fromkeys(tokens, 1.0)
        pairs = dict.fromkeys(bigrams(text), 1.0)
        closed = "".join(words(text))
        for group in self.synonyms:
            if any("".join(words(name)) in closed for name in group):
                for name in group:
                    for token in self.tokenizer.content(name):
                        content.setdefault(token, SYNONYM_WEIGHT)
                    for token in bigrams(name):
                        pairs.setdefault(token, SYNONYM_WEIGHT)
        phrases = dict.fromkeys(phrases_of(tokens), 1.0)
        asked = [
            (np.array([token_hash(t) for t in one], np.uint64), np.array(list(one.values())))
            for one in (content, pairs, phrases, content, pairs)
        ]
        return dict(zip(FIELDS, asked, strict=True))

    def _hits(self, total: list[Array], strength: list[Array], pieces: list[Array], top: int) -> list[Hit]:
        every = np.concatenate(total)
        first = np.cumsum([0, *map(len, total)])
        hits = []
        for at in np.argsort(-every, kind="stable")[:top] if len(every) <= top else _largest(every, top):
            if every[at] <= 0:
                break
            number = int(np.searchsorted(first, at, side="right")) - 1
            shelf, place = self.parts[number].shelf, int(at - first[number])
            share = float(min(strength[number][place], 1.0))
            inside = slice(*shelf.first_passage[place : place + 2])
            span = shelf.spans[inside][int(pieces[number][inside].argmax())]
            hits.append(Hit(shelf, place, float(every[at]), share, *map(int, span)))
        return hits

    def save(self, folder: Path) -> None:
        """Write everything to ``folder``, in place of an index that was there, all or nothing."""
        fresh = folders.begun(folder)
        for number, part in enumerate(self.parts):
            inside = fresh / f"part-{number}"
            inside.mkdir()
            part.save(inside)
        about = {
            "parts": len(self.parts),
            "own_words": sorted(self.tokenizer.own_words),
            "synonyms": self.synonyms,
        }
        folders.ended(folder, fresh, ABOUT, about)

    @classmethod
    def open(cls, folder: Path) -> Index:
        """An index as it lies on disk; the arrays are read as far as a search needs them.

        Raises
        ------
        LanguageFileError
            There is no index in ``folder``, or one of another version.
        """
        about = folders.about(folder, ABOUT)
        index = cls(Tokenizer(about["own_words"]), about["synonyms"])
        index.parts = [Part.load(folder / f"part-{number}") for number in range(about["parts"])]
        return index


def _in_force(part: Part, on: date | None) -> Array:
    if on is None:
        return part.alive
    day = on.toordinal()
    within: Array = part.alive & (part.shelf.valid[:, 0] <= day) & (day <= part.shelf.valid[:, 1])
    return within


def _in_few(places: list[tuple[Array, Array]], share: float, units: int) -> list[tuple[Array, Array]]:
    """``places`` without the postings of tokens that stand in more than ``share`` of many units."""
    if units < LARGE:
        return places
    few = sum(end - begin for begin, end in places) <= share * units
    return [(begin, np.where(few, end, begin)) for begin, end in places]


def _norms(lengths: Sequence[Array]) -> list[Array]:
    """k1·(1 - b + b·length/average) of each unit; the average is over all parts."""
    average = sum(float(one.sum()) for one in lengths) / max(sum(map(len, lengths)), 1)
    return [(K1 * (1 - B + B * length / max(average, 1e-9))).astype(np.float32) for length in lengths]


def _largest(scores: Array, top: int) -> Array:
    least = np.partition(scores, -top)[-top]
    among = np.flatnonzero(scores >= least)
    best: Array = among[np.argsort(-scores[among], kind="stable")][:top]
    return best
