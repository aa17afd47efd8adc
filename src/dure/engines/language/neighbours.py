# SPDX-License-Identifier: Apache-2.0
"""The labelled texts nearest to a question, by the cosine of tf-idf: how citizens have said the same thing before.

They are few beside the guides and are written as questions are, so they are asked by themselves; what a word tells is
learned from the guides, of which there are many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .documents import Document
from .parts import Part
from .postings import Array, token_hash
from .search import Index

NEAREST = 10
SURE = 0.1
"""Cosine of the nearest from which on they count in full: below it they have little more than a word in common."""


@dataclass(frozen=True)
class Neighbour:
    """A labelled text and its cosine (0–1)."""

    document: Document
    cosine: float


class Neighbours:
    """Labelled texts. ``guides``: what a word tells is its idf there; ``texts``: an index of labelled texts."""

    def __init__(self, guides: Index, texts: Index | None = None) -> None:
        self._guides = guides
        self.texts = texts or Index(guides.tokenizer)
        self._lengths: dict[int, tuple[Part, Array]] = {}

    def add(self, documents: Iterable[Document]) -> None:
        """Add labelled texts; one of the same id takes the place of the old one. A topic is no word of theirs."""
        self.texts.add(replace(document, title="", topic="") for document in documents)

    def nearest(self, tokens: Sequence[str], without: str = "") -> list[Neighbour]:
        """The nearest to a question of these content morphemes, nearest first, but the one of the id ``without``."""
        asked = Counter(tokens)
        found = []
        for part in self.texts.parts:
            cosines = self._cosines(part, asked) * (part.alive & (part.shelf.ids != token_hash(without)))
            few = np.argsort(-cosines, kind="stable")[:NEAREST]
            found += [Neighbour(part.shelf.document(int(at)), float(cosines[at])) for at in few if cosines[at] > 0]
        return sorted(found, key=lambda one: -one.cosine)[:NEAREST]

    def _cosines(self, part: Part, asked: Counter[str]) -> Array:
        """Of each document; the nearest of its passages counts."""
        postings = part.postings["text"]
        hashes = np.array([token_hash(token) for token in asked], np.uint64)
        rarity = self._guides.rarity_of(hashes)
        own = (1 + np.log(np.array(list(asked.values()), np.float64))) * rarity
        dots = np.zeros(len(postings.lengths))
        for begin, end, weight in zip(*postings.where(hashes), own * rarity, strict=True):
            dots[postings.units[begin:end]] += weight * (1 + np.log(postings.counts[begin:end]))
        passages = dots / np.maximum(self._lengths_of(part) * np.linalg.norm(own), 1e-9)
        best: Array = np.maximum.reduceat(passages, part.shelf.first_passage[:-1])
        return best

    def _lengths_of(self, part: Part) -> Array:
        """The length of each passage's vector, by what words told when it was first asked for."""
        if id(part) not in self._lengths:
            postings = part.postings["text"]
            rarity = np.repeat(self._guides.rarity_of(postings.hashes), np.diff(postings.starts))
            squares = ((1 + np.log(postings.counts)) * rarity) ** 2
            there = {id(one) for one in self.texts.parts}
            self._lengths = {key: kept for key, kept in self._lengths.items() if key in there}
            self._lengths[id(part)] = (part, np.sqrt(np.bincount(postings.units, squares, len(postings.lengths))))
        return self._lengths[id(part)][1]


def votes(nearest: Sequence[Neighbour], places: Mapping[str, int]) -> tuple[Array, float]:
    """For each category (``places``: its place in the array) the squared cosines of its neighbours; and how much that
    counts, 0–1."""
    found = np.zeros(len(places))
    for one in nearest:
        found[places[one.document.category]] += one.cosine**2
    return found, min(1.0, nearest[0].cosine / SURE) if nearest else 0.0
