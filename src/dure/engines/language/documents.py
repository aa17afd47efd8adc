# SPDX-License-Identifier: Apache-2.0
"""The texts of an index: what they say, from when to when it holds, and their passages. Kept in arrays on disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from .postings import Array, mapped, token_hash

PASSAGE_CHARACTERS = 700
"""A passage ends with the first line that reaches this length: some 200 content morphemes."""

_FOREVER = date.max.toordinal()
_PIECE = re.compile(r"[^\n]+?(?:[.?!](?=\s)|\n|$)|[^\n]+|\n")


@dataclass(frozen=True)
class Document:
    """A section of a manual, an FAQ, an ordinance, a past answer or a past complaint.

    ``valid_from`` and ``valid_to`` are the first and the last day on which it may be quoted as current.
    """

    id: str
    text: str
    title: str = ""
    category: str = ""
    topic: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def passages(text: str) -> list[tuple[int, int]]:
    """Where each passage of ``text`` begins and ends: whole lines, and whole sentences where a line is too long."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for piece in _PIECE.finditer(text):
        at_end_of_line = piece.end() == len(text) or text[piece.end() - 1] == "\n"
        length = piece.end() - begin
        if length >= 2 * PASSAGE_CHARACTERS or (at_end_of_line and length >= PASSAGE_CHARACTERS):
            spans.append((begin, piece.end()))
            begin = piece.end()
    if begin < len(text) or not spans:
        spans.append((begin, len(text)))
    return spans


@dataclass(frozen=True)
class Strings:
    """Many texts as one UTF-8 array and the places where each begins."""

    blob: Array
    starts: Array

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        encoded = [text.encode() for text in texts]
        starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: int) -> str:
        return self.blob[self.starts[at] : self.starts[at + 1]].tobytes().decode()

    def save(self, folder: Path, name: str) -> None:
        np.save(folder / f"{name}.blob.npy", self.blob)
        np.save(folder / f"{name}.starts.npy", self.starts)

    @classmethod
    def load(cls, folder: Path, name: str) -> Strings:
        return cls(mapped(folder / f"{name}.blob.npy"), mapped(folder / f"{name}.starts.npy"))


TEXTS = ("id", "text", "title", "category", "topic")
ARRAYS = ("ids", "categories", "valid", "first_passage", "spans")


@dataclass(frozen=True)
class Shelf:
    """The documents of one part of an index, and which passages are whose."""

    texts: dict[str, Strings]
    ids: Array
    """uint64: the hash of each document's id, to find it by."""
    categories: Array
    """uint64: the hash of each document's category."""
    valid: Array
    """int32, (documents, 2): ordinals of the first and last day."""
    first_passage: Array
    """int64, documents + 1."""
    spans: Array
    """uint32, (passages, 2): where each begins and ends in its document's text."""

    @classmethod
    def of(cls, documents: Sequence[Document], spans: Sequence[Sequence[tuple[int, int]]]) -> Shelf:
        valid = [
            (d.valid_from.toordinal() if d.valid_from else 0, d.valid_to.toordinal() if d.valid_to else _FOREVER)
            for d in documents
        ]
        return cls(
            {name: Strings.of(getattr(document, name) for document in documents) for name in TEXTS},
            np.array([token_hash(document.id) for document in documents], np.uint64),
            np.array([token_hash(document.category) for document in documents], np.uint64),
            np.array(valid, np.int32).reshape(-1, 2),
            np.cumsum([0, *map(len, spans)], dtype=np.int64),
            np.array([span for one in spans for span in one], np.uint32).reshape(-1, 2),
        )

    def __len__(self) -> int:
        return len(self.valid)

    def owners(self) -> Array:
        """The document of each passage."""
        return np.repeat(np.arange(len(self), dtype=np.uint32), np.diff(self.first_passage))

    def document(self, at: int) -> Document:
        """The document as it was added."""
        begin, end = map(int, self.valid[at])
        return Document(
            **{name: strings[at] for name, strings in self.texts.items()},
            valid_from=date.fromordinal(begin) if begin else None,
            valid_to=date.fromordinal(end) if end != _FOREVER else None,
        )

    def save(self, folder: Path) -> None:
        for name, strings in self.texts.items():
            strings.save(folder, name)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> Shelf:
        return cls(
            {name: Strings.load(folder, name) for name in TEXTS},
            *(mapped(folder / f"{name}.npy") for name in ARRAYS),
        )


def merge(shelves: Sequence[Shelf], kept: Sequence[Array]) -> Shelf:
    """Several shelves as one, only of the documents where ``kept`` is true."""
    places = [np.flatnonzero(keep) for keep in kept]
    counts = [np.diff(shelf.first_passage)[at] for shelf, at in zip(shelves, places, strict=True)]
    return Shelf(
        {
            name: Strings.of(
                shelf.texts[name][i] for shelf, at in zip(shelves, places, strict=True) for i in at.tolist()
            )
            for name in TEXTS
        },
        np.concatenate([shelf.ids[at] for shelf, at in zip(shelves, places, strict=True)]),
        np.concatenate([shelf.categories[at] for shelf, at in zip(shelves, places, strict=True)]),
        np.concatenate([shelf.valid[at] for shelf, at in zip(shelves, places, strict=True)]),
        np.cumsum(np.concatenate([[0], *counts]), dtype=np.int64),
        np.concatenate([shelf.spans[keep[shelf.owners()]] for shelf, keep in zip(shelves, kept, strict=True)]),
    )
