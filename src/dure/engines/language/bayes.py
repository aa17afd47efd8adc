# SPDX-License-Identifier: Apache-2.0
"""Complement naive Bayes (Rennie et al., *Tackling the Poor Assumptions of Naive Bayes Text Classifiers*, ICML 2003)
over counts alone, so that a correction is one more row and a question looks up no more than its own words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .kernels import count_by_group
from .postings import Array, Builder, Postings, assemble, token_hash

SMOOTHING = 0.3
SMALL_PARTS = 30
"""So many corrections stand beside the first counts before they are put among them."""


@dataclass(frozen=True)
class Evidence:
    """What a text's tokens say.

    Attributes
    ----------
    tokens
        Those of its tokens that were seen in training.
    leaf, category
        (tokens, leaves) and (tokens, categories): what each token adds to the score of each.
    """

    tokens: list[str]
    leaf: Array
    category: Array


class Counts:
    """How often each token stood in the texts of each leaf (a topic within a category)."""

    def __init__(self, parts: Sequence[Postings] = ()) -> None:
        self.parts = list(parts)
        self._totals = np.zeros(0)
        for part in self.parts:
            self._count(part)

    def _count(self, part: Postings) -> None:
        added = np.bincount(part.units, part.counts)
        grown = np.zeros(max(len(added), len(self._totals)))
        grown[: len(self._totals)] += self._totals
        grown[: len(added)] += added
        self._totals = grown

    def add(self, by_leaf: Mapping[int, Mapping[str, float]]) -> None:
        """More tokens of leaves, known ones or new ones."""
        builder = Builder()
        for leaf in range(max(by_leaf) + 1):
            builder.add_counts(by_leaf.get(leaf, {}))
        self.parts.append(builder.postings(weighed=True))
        self._count(self.parts[-1])
        if len(self.parts) > SMALL_PARTS:
            self.parts = [self.together()]

    def together(self) -> Postings:
        """All counts as one."""
        rows = [
            (np.repeat(part.hashes, np.diff(part.starts)), part.units, part.counts, part.lengths) for part in self.parts
        ]
        return assemble(*(np.concatenate(column) for column in zip(*rows, strict=True)))

    def evidence(
        self, tokens: Counter[str], category_of: Array, without: tuple[int, Counter[str], float] | None = None
    ) -> Evidence:
        """What ``tokens`` say of each leaf and of each category.

        Parameters
        ----------
        tokens
            Of the text, with how often each stands there.
        category_of
            The category of each leaf.
        without
            A counted text to leave out, as if it were new: its leaf, its tokens, its weight.
        """
        names = list(tokens)
        hashes = np.fromiter(map(token_hash, names), np.uint64, len(names))
        leaves = len(category_of)
        counts = np.zeros((len(names), leaves))
        every = np.arange(leaves, dtype=np.int32)
        for part in self.parts:
            count_by_group(*part.where(hashes), part.units, part.counts, every, counts)
        totals = np.zeros(leaves)
        totals[: len(self._totals)] = self._totals
        if without:
            leaf, left_out, weight = without
            counts[:, leaf] -= [weight * left_out[name] for name in names]
            totals[leaf] -= weight * left_out.total()
        known = counts.sum(axis=1) > 0.5
        counts = counts[known]
        by_category = counts @ np.eye(int(category_of.max()) + 1)[category_of]
        category_totals = np.bincount(category_of, totals)
        times = np.fromiter(tokens.values(), np.float64, len(names))[known, None]
        return Evidence(
            [name for name, kept in zip(names, known, strict=True) if kept],
            times * self._complement(counts, totals),
            times * self._complement(by_category, category_totals),
        )

    def _complement(self, counts: Array, totals: Array) -> Array:
        vocabulary = sum(len(part.hashes) for part in self.parts)
        elsewhere = counts.sum(axis=1, keepdims=True) - counts + SMOOTHING
        weights: Array = -np.log(elsewhere / (totals.sum() - totals + SMOOTHING * vocabulary))
        return weights
