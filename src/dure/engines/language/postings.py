# SPDX-License-Identifier: Apache-2.0
"""Which token stands in which unit of text how often: built in memory, kept in plain arrays that may be on disk.

A token is known by the first 64 bits of its BLAKE2b hash, so that no table of strings has to be in memory: among ten
million different tokens the chance that any two collide is 3 in a million.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kernels import find

Array = NDArray[Any]


@lru_cache(maxsize=200_000)
def token_hash(token: str) -> int:
    """64 bits that stand for ``token`` in every index and model."""
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest())


@dataclass(frozen=True)
class Postings:
    """Token → units, ordered by hash and then by unit.

    Attributes
    ----------
    hashes
        uint64, ascending, one for each token.
    starts
        int64, where each token's postings begin; one more than ``hashes``.
    units, counts
        uint32 and uint16 (float32 where weighed): the unit and how often the token stands in it.
    lengths
        uint32, tokens of each unit.
    """

    hashes: Array
    starts: Array
    units: Array
    counts: Array
    lengths: Array

    def __post_init__(self) -> None:
        for one in fields(self):
            getattr(self, one.name).flags.writeable = False

    def find(self, hashes: Array) -> tuple[Array, Array, Array]:
        """The place of each of these tokens in ``hashes`` (-1 of unknown ones), and where their postings begin and end
        (unknown ones have none)."""
        places, begin, end = (np.empty(len(hashes), np.int64) for _ in range(3))
        find(self.hashes, self.starts, hashes, places, begin, end)
        return places, begin, end

    def where(self, hashes: Array) -> tuple[Array, Array]:
        """Where the postings of the tokens with these hashes begin and end (unknown ones have none)."""
        return self.find(hashes)[1:]

    def save(self, folder: Path, name: str) -> None:
        """One ``.npy`` for each array in ``folder``."""
        for field in fields(self):
            np.save(folder / f"{name}.{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path, name: str) -> Postings:
        """The arrays as they lie on disk: only what a search touches is read."""
        return cls(**{f.name: mapped(folder / f"{name}.{f.name}.npy") for f in fields(cls)})


def mapped(path: Path) -> Array:
    """An array that stays on disk; no pickled object is ever read."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))  # a plain view: slices cost a third


class Builder:
    """Collects units one after the other and makes their postings."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._terms, self._units, self._lengths = array("I"), array("I"), array("I")
        self._counts = array("f")

    def add(self, tokens: Iterable[str]) -> None:
        """The next unit."""
        self.add_counts(Counter(tokens))

    def add_counts(self, counts: Mapping[str, float]) -> None:
        """The next unit, already counted (and perhaps weighed)."""
        unit = len(self._lengths)
        ids = self._ids
        for token, count in counts.items():
            self._terms.append(ids.setdefault(token, len(ids)))
            self._units.append(unit)
            self._counts.append(count)
        self._lengths.append(int(sum(counts.values())))

    def postings(self, *, weighed: bool = False) -> Postings:
        """What was added. Counts above 65,535 are kept as that unless ``weighed``."""
        hashes = np.fromiter(map(token_hash, self._ids), np.uint64, len(self._ids))
        counts = np.frombuffer(self._counts, np.float32)
        return assemble(
            hashes[np.frombuffer(self._terms, np.uint32)],
            np.frombuffer(self._units, np.uint32),
            counts if weighed else np.minimum(counts, 65535).astype(np.uint16),
            np.array(self._lengths, np.uint32),
        )


def assemble(hashes: Array, units: Array, counts: Array, lengths: Array) -> Postings:
    """Postings from one row a posting, in any order of hashes and ascending units within each."""
    order = np.argsort(hashes, kind="stable")
    distinct, starts = np.unique(hashes[order], return_index=True)
    return Postings(distinct, np.append(starts, len(hashes)), units[order], counts[order], lengths)


def merge(parts: Sequence[Postings], kept: Sequence[Array]) -> Postings:
    """The postings of several parts as one, only of the units where ``kept`` (a bool for each unit) is true."""
    hashes, units, counts, lengths = [], [], [], []
    before = 0
    for part, keep in zip(parts, kept, strict=True):
        stays = keep[part.units]
        renumbered = np.cumsum(keep) - 1 + before
        hashes.append(np.repeat(part.hashes, np.diff(part.starts))[stays])
        units.append(renumbered[part.units[stays]].astype(np.uint32))
        counts.append(part.counts[stays])
        lengths.append(part.lengths[keep])
        before += int(keep.sum())
    return assemble(*(np.concatenate(rows) for rows in (hashes, units, counts, lengths)))
