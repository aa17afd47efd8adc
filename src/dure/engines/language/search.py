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
from pathlib import Path

import numpy as np

from . import documents as shelves
from . import folders
from . import postings as lists
from .documents import Document, Shelf, passages
from .folders import About
from .kernels import add_scores, documents_having
from .postings import Array, Builder, Postings, token_hash
from .prior import MOST_GROUPS, Grouping, grouped, prior
from .tokens import Tokenizer, bigrams, phrases_of, words

ABOUT = About("index.json", "language index", 2, "색인", "index")
K1, B = 1.5, 0.75
SYNONYM_WEIGHT = 0.5
COMMON, LARGE = 0.2, 2000
"""A token that stands in more than a fifth of the passages (or titles) is passed over where there are many."""

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


IN_TEXT = ("text", "pairs", "phrases")
FIELDS = (*IN_TEXT, "title", "title_pairs")


@dataclass(frozen=True)
class Hit:
    """A document found.

    Attributes
    ----------
    score
        Comparable within one question only; the best possible is the sum of the weights.
    strength
        0–1, comparable between questions: which share of the weight of the question's morphemes stands in the text.
    begin, end
        The best passage in ``document.text``.
    """

    document: Document
    score: float
    strength: float
    begin: int
    end: int


@dataclass
class Part:
    """Documents that were tokenized together. Only ``alive`` ever changes."""

    shelf: Shelf
    postings: dict[str, Postings]
    alive: Array
    owners: Array = field(init=False)
    _lengths: dict[str, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.owners = self.shelf.owners()

    def __len__(self) -> int:
        return len(self.shelf)

    def document_lengths(self, name: str) -> Array:
        """Tokens of each document in all its passages."""
        if name not in self._lengths:
            starts = self.shelf.first_passage[:-1]
            self._lengths[name] = np.add.reduceat(self.postings[name].lengths, starts)
        return self._lengths[name]


def _part(documents: Sequence[Document], tokenizer: Tokenizer) -> Part:
    """Each passage is read with its document's topic and title before it: without them it rarely says what it is of."""
    tokenizer.contents([document.text for document in documents])  # all new words at once
    builders = {name: Builder() for name in FIELDS}
    spans = [passages(document.text) for document in documents]
    titles = [f"{document.topic} {document.title}" for document in documents]
    for document, one, title in zip(documents, spans, titles, strict=True):
        pieces = [document.text[begin:end] for begin, end in one]
        of_title, *tokens = tokenizer.contents([title, *pieces])
        pairs = bigrams(title)
        builders["title"].add(of_title)
        builders["title_pairs"].add(pairs)
        for piece, found in zip(pieces, tokens, strict=True):
            builders["text"].add(of_title + found)
            builders["pairs"].add(pairs + bigrams(piece))
            builders["phrases"].add(phrases_of(of_title) + phrases_of(found))
    return Part(
        Shelf.of(documents, spans),
        {name: builder.postings() for name, builder in builders.items()},
        np.ones(len(documents), bool),
    )


def _merged(parts: Sequence[Part]) -> Part:
    kept = [part.alive for part in parts]
    kept_passages = [part.alive[part.owners] for part in parts]
    return Part(
        shelves.merge([part.shelf for part in parts], kept),
        {
            name: lists.merge([p.postings[name] for p in parts], kept_passages if name in IN_TEXT else kept)
            for name in FIELDS
        },
        np.ones(sum(int(keep.sum()) for keep in kept), bool),
    )


@dataclass
class _Derived:
    """What is worked out once for as long as an index has these parts."""

    parts: list[Part]
    norms: dict[str, tuple[list[Array], list[Array]]] = field(default_factory=dict)
    grouping: Grouping | None = None


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
        self.parts.append(_part(list(documents.values()), self.tokenizer))
        while len(self.parts) > 1 and 2 * len(self.parts[-1]) >= len(self.parts[-2]):
            self.parts[-2:] = [_merged(self.parts[-2:])]

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
        eligible = [_in_force(part, on) for part in self.parts]
        passages_too = [keep[part.owners] for keep, part in zip(eligible, self.parts, strict=True)]
        total = [np.zeros(len(part)) for part in self.parts]
        best_passage = [np.zeros(len(part.owners)) for part in self.parts]
        strength = total
        weigh = weights or self.weights
        query = self._query(text)
        for name, tokens in query.items():
            weight = getattr(weigh, name)
            if not weight:
                continue
            whole, inside, highest = self._score(name, *tokens)
            if name == "text":
                strength = [scores / max(highest, 1e-9) for scores in whole]
            _add(total, whole, eligible, weight)
            if name in IN_TEXT:
                _add(best_passage, inside, passages_too, weigh.passage * weight)
        total = [
            keep * (scores + np.maximum.reduceat(pieces, part.shelf.first_passage[:-1]))
            for part, keep, scores, pieces in zip(self.parts, eligible, total, best_passage, strict=True)
        ]
        if weigh.category:
            total = self._with_prior(total, query, weigh.category)
        return self._hits(total, strength, best_passage, top)

    def _with_prior(self, total: list[Array], query: Mapping[str, tuple[Array, Array]], weight: float) -> list[Array]:
        """``total`` with what each found document's category gives it."""
        grouping = self._grouping()
        if not 1 < grouping.number <= MOST_GROUPS:
            return total
        found = []
        for name in ("text", "phrases"):
            postings = [part.postings[name] for part in self.parts]
            units = sum(len(one.lengths) for one in postings)
            found.append((postings, _rare([one.where(query[name][0]) for one in postings], units)))
        likelier = weight * prior(grouping, found)
        return [
            np.where(scores > 0, scores + likelier[groups], scores)
            for scores, groups in zip(total, grouping.of_document, strict=True)
        ]

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

    def _score(self, name: str, hashes: Array, weights: Array) -> tuple[list[Array], list[Array], float]:
        """BM25 of each part's documents and passages, and what a text with every token could have at most."""
        found = [part.postings[name] for part in self.parts]
        owners = [part.owners if name in IN_TEXT else _themselves(part) for part in self.parts]
        places = _rare([one.where(hashes) for one in found], sum(len(one.lengths) for one in found))
        rows = list(zip(found, owners, places, strict=True))
        having = sum(documents_having(*place, one.units, own) for one, own, place in rows)
        number = sum(map(len, self.parts))
        idf = weights * np.log1p((number - having + 0.5) / (having + 0.5))
        unit_norms, document_norms = self._norms(name)
        whole = [np.zeros(len(part)) for part in self.parts]
        inside = [np.zeros(len(one.lengths)) for one in found]
        for (one, own, place), *arrays in zip(rows, unit_norms, document_norms, inside, whole, strict=True):
            add_scores(*place, idf, one.units, one.counts, own, *arrays)
        return whole, inside, float(idf.sum())

    def _hits(self, total: list[Array], strength: list[Array], pieces: list[Array], top: int) -> list[Hit]:
        every = np.concatenate(total)
        first = np.cumsum([0, *map(len, total)])
        best = np.argsort(-every, kind="stable")[:top] if len(every) <= top else _largest(every, top)
        hits = []
        for at in best:
            if every[at] <= 0:
                break
            number = int(np.searchsorted(first, at, side="right")) - 1
            part, place = self.parts[number], int(at - first[number])
            inside = slice(*part.shelf.first_passage[place : place + 2])
            span = part.shelf.spans[inside][int(pieces[number][inside].argmax())]
            hits.append(
                Hit(
                    part.shelf.document(place),
                    float(every[at]),
                    float(min(strength[number][place], 1.0)),
                    *map(int, span),
                )
            )
        return hits

    def save(self, folder: Path) -> None:
        """Write everything to ``folder``, in place of an index that was there, all or nothing."""
        fresh = folders.begun(folder)
        for number, part in enumerate(self.parts):
            inside = fresh / f"part-{number}"
            inside.mkdir()
            part.shelf.save(inside)
            for name, one in part.postings.items():
                one.save(inside, f"of-{name}")
            np.save(inside / "alive.npy", part.alive)
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
        for number in range(about["parts"]):
            inside = folder / f"part-{number}"
            index.parts.append(
                Part(
                    Shelf.load(inside),
                    {name: Postings.load(inside, f"of-{name}") for name in FIELDS},
                    np.load(inside / "alive.npy", allow_pickle=False),
                )
            )
        return index


def _in_force(part: Part, on: date | None) -> Array:
    if on is None:
        return part.alive
    day = on.toordinal()
    within: Array = part.alive & (part.shelf.valid[:, 0] <= day) & (day <= part.shelf.valid[:, 1])
    return within


def _rare(places: list[tuple[Array, Array]], units: int) -> list[tuple[Array, Array]]:
    """The places without the tokens that every other text has: they tell little, and are most of the reading."""
    if units < LARGE:
        return places
    rare = sum(end - begin for begin, end in places) <= COMMON * units
    return [(begin, np.where(rare, end, begin)) for begin, end in places]


def _themselves(part: Part) -> Array:
    """Each document as its own unit, as in the fields of the title."""
    return np.arange(len(part), dtype=np.uint32)


def _norms(lengths: Sequence[Array]) -> list[Array]:
    """k1·(1 - b + b·length/average) of each unit; the average is over all parts."""
    average = sum(float(one.sum()) for one in lengths) / max(sum(map(len, lengths)), 1)
    return [K1 * (1 - B + B * length / max(average, 1e-9)) for length in lengths]


def _add(total: list[Array], scores: list[Array], eligible: list[Array], weight: float) -> None:
    """Add ``scores``, which are used up, so that the best that is eligible gains ``weight``."""
    best = max(float(one.max(initial=0.0, where=keep)) for one, keep in zip(scores, eligible, strict=True))
    if best > 0:
        for summed, one in zip(total, scores, strict=True):
            np.multiply(one, weight / best, out=one)
            np.add(summed, one, out=summed)


def _largest(scores: Array, top: int) -> Array:
    least = np.partition(scores, -top)[-top]
    among = np.flatnonzero(scores >= least)
    best: Array = among[np.argsort(-scores[among], kind="stable")][:top]
    return best
