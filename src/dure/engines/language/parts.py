# SPDX-License-Identifier: Apache-2.0
"""The parts of an index: documents that were tokenized together, and in which of them each token stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import documents as shelves
from . import postings as lists
from .documents import Document, Shelf, passages
from .kernels import documents_having
from .postings import Array, Builder, Postings, mapped
from .tokens import Tokenizer, bigrams, phrases_of

IN_TEXT = ("text", "pairs", "phrases")
FIELDS = (*IN_TEXT, "title", "title_pairs")


@dataclass
class Part:
    """Documents that were tokenized together. Only ``alive`` ever changes."""

    shelf: Shelf
    postings: dict[str, Postings]
    alive: Array
    having: dict[str, Array] = field(default_factory=dict)
    """uint32, for each field in the text: in how many documents each token stands; at -1 none, for unknown ones."""
    owners: Array = field(init=False)
    _lengths: dict[str, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.owners = self.shelf.owners()
        if not self.having:
            found = ((name, self.postings[name]) for name in IN_TEXT)
            self.having = {name: documents_having(one.starts, one.units, self.owners) for name, one in found}

    def __len__(self) -> int:
        return len(self.shelf)

    def document_lengths(self, name: str) -> Array:
        """Tokens of each document in all its passages."""
        if name not in self._lengths:
            starts = self.shelf.first_passage[:-1]
            self._lengths[name] = np.add.reduceat(self.postings[name].lengths, starts)
        return self._lengths[name]

    def save(self, folder: Path) -> None:
        """Write everything into ``folder``, which is there."""
        self.shelf.save(folder)
        for name, one in self.postings.items():
            one.save(folder, f"of-{name}")
        for name, having in self.having.items():
            np.save(folder / f"of-{name}.having.npy", having)
        np.save(folder / "alive.npy", self.alive)

    @classmethod
    def load(cls, folder: Path) -> Part:
        """As it lies on disk; the arrays are read as far as a search needs them."""
        return cls(
            Shelf.load(folder),
            {name: Postings.load(folder, f"of-{name}") for name in FIELDS},
            np.load(folder / "alive.npy", allow_pickle=False),
            {name: mapped(folder / f"of-{name}.having.npy") for name in IN_TEXT},
        )


def part_of(documents: Sequence[Document], tokenizer: Tokenizer) -> Part:
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


def merged(parts: Sequence[Part]) -> Part:
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
