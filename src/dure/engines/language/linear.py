# SPDX-License-Identifier: Apache-2.0
"""A linear support vector machine over how a text is written: the best there is once a class has some thirty labels.

One machine a class against all others, squared hinge loss, solved in the dual by coordinate descent (Hsieh et al.,
*A Dual Coordinate Descent Method for Large-scale Linear SVM*, ICML 2008, algorithm 1 without shrinking).
Features are tf-idf of character 1- to 4-grams, the ends of the text marked, and 1- to 3-grams of all morphemes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dure.engines.machine_code import MachineCode

from .postings import Array, token_hash
from .tokens import all_morphemes, normal

COST = 1.0
LEAST_TEXTS = 2
"""A feature that stands in fewer texts is left out."""

PASSES = 40
TOLERANCE = 0.02
LONGEST = 2000
"""Characters of a text that are looked at: what a complaint is about is said by then."""


def features(text: str, morphemes: Sequence[str]) -> Counter[str]:
    """Each feature of one text and how often it stands there."""
    marked = f"^{normal(text)[:LONGEST].strip()}$"
    grams: Counter[str] = Counter()
    for size in (1, 2, 3, 4):
        grams.update(marked[at : at + size] for at in range(len(marked) - size + 1))
    closed = ["^", *morphemes, "$"]
    for size in (1, 2, 3):
        grams.update("\t" + " ".join(closed[at : at + size]) for at in range(len(closed) - size + 1))
    return grams


def _features(texts: Sequence[str]) -> list[Counter[str]]:
    short = [text[:LONGEST] for text in texts]
    return [features(text, found) for text, found in zip(short, all_morphemes(short), strict=True)]


@dataclass(frozen=True)
class LinearModel:
    """What was learned.

    Attributes
    ----------
    hashes
        uint64, ascending: the known features.
    idf
        float32, of each feature.
    weights
        float32, (features + 1, classes); the last row is the bias.
    """

    hashes: Array
    idf: Array
    weights: Array

    def scores(self, texts: Sequence[str]) -> Array:
        """(texts, classes): the signed distance from each class's border; the largest is the class."""
        rows = [self._score(found) for found in _features(texts)]
        return np.array(rows, np.float64).reshape(len(texts), self.weights.shape[1])

    def _score(self, found: Counter[str]) -> Array:
        if not len(self.hashes):
            return np.array(self.weights[-1], np.float64)
        hashes = np.fromiter(map(token_hash, found), np.uint64, len(found))
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        known = self.hashes[at] == hashes
        counts = np.fromiter(found.values(), np.float64, len(found))[known]
        values = (1 + np.log(counts)) * self.idf[at[known]]
        values /= max(float(np.linalg.norm(values)), 1e-9)
        scores: Array = values @ self.weights[at[known]] + self.weights[-1]
        return scores


def train(texts: Sequence[str], classes: Array, number: int, *, cost: float = COST, seed: int = 1) -> LinearModel:
    """Learn ``number`` classes from texts of which each has one (0 to ``number`` - 1)."""
    ids: dict[str, int] = {}
    columns, counts, starts = [], [], [0]
    for found in _features(texts):
        columns += [ids.setdefault(gram, len(ids)) for gram in found]
        counts += list(found.values())
        starts.append(len(columns))
    column, start = np.array(columns, np.int64), np.array(starts, np.int64)
    having = np.bincount(column, minlength=len(ids))
    kept = having >= min(LEAST_TEXTS, len(texts))
    hashes = np.fromiter(map(token_hash, ids), np.uint64, len(ids))[kept]
    order = np.argsort(hashes)
    place = np.full(len(ids), -1)
    place[np.flatnonzero(kept)[order]] = np.arange(len(order))
    idf = (np.log((1 + len(texts)) / (1 + having[kept][order])) + 1).astype(np.float32)

    inside = kept[column]
    rows = np.repeat(np.arange(len(texts)), np.diff(start))[inside]
    at = place[column[inside]].astype(np.int32)
    values = (1 + np.log(np.array(counts, np.float64)[inside])) * idf[at]
    norms = np.sqrt(np.bincount(rows, values**2, minlength=len(texts)))
    values = (values / np.maximum(norms[rows], 1e-9)).astype(np.float32)
    begins = np.searchsorted(rows, np.arange(len(texts) + 1)).astype(np.int64)
    weights = np.zeros((len(order) + 1, number), np.float32)
    for one in range(number):
        signs = np.where(classes == one, 1.0, -1.0)
        if (signs > 0).any():
            weights[:, one] = _descend((begins, at, values), signs, len(order), cost, seed)
        else:
            weights[-1, one] = -1.0
    return LinearModel(hashes[order], idf, weights)


def _descend(matrix: tuple[Array, Array, Array], signs: Array, size: int, cost: float, seed: int) -> Array:
    weights = np.zeros(size + 1)
    duals = np.zeros(len(signs))
    random = np.random.default_rng(seed)
    for _ in range(PASSES):
        if _one_pass(*matrix, signs, random.permutation(len(signs)), 0.5 / cost, duals, weights) < TOLERANCE:
            break
    return weights


def _pass(  # noqa: PLR0917 - machine code takes no names
    begins: Array, columns: Array, values: Array, signs: Array, order: Array, slack: float, duals: Array, weights: Array
) -> float:
    """Go through all texts once; the largest violation of optimality is returned."""
    bias = len(weights) - 1
    worst = 0.0
    for text in order:
        begin, end = begins[text], begins[text + 1]
        product = weights[bias]
        square = 1.0
        for at in range(begin, end):
            product += weights[columns[at]] * values[at]
            square += values[at] * values[at]
        gradient = signs[text] * product - 1.0 + slack * duals[text]
        projected = min(gradient, 0.0) if duals[text] == 0.0 else gradient
        worst = max(worst, abs(projected))
        if projected != 0.0:
            before = duals[text]
            duals[text] = max(before - gradient / (square + slack), 0.0)
            change = (duals[text] - before) * signs[text]
            for at in range(begin, end):
                weights[columns[at]] += change * values[at]
            weights[bias] += change
    return worst


_one_pass = MachineCode(_pass)
