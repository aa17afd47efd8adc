# SPDX-License-Identifier: Apache-2.0
"""What the language engine is compared with: each peer as its own documentation says to use it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

Ranker = Callable[[str, int], list[int]]
"""The places of the best texts for a question, best first."""


def _bm25s_over(texts: Sequence[str], split: Callable[[str], list[str]]) -> Ranker:
    tokens = [split(text) for text in texts]
    known = {token for one in tokens for token in one}
    model = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    model.index(tokens, show_progress=False)

    def rank(question: str, top: int) -> list[int]:
        asked = [token for token in dict.fromkeys(split(question)) if token in known]
        if not asked:
            return []
        found, _ = model.retrieve([asked], k=top, show_progress=False)
        return [int(at) for at in found[0]]

    return rank


def whitespace_bm25(texts: Sequence[str]) -> Ranker:
    """BM25 over words between spaces."""
    return _bm25s_over(texts, str.split)


def bm25s_default(texts: Sequence[str]) -> Ranker:
    """bm25s with the words of its own tokenizer: runs of two or more letters or digits, in lower case."""
    return _bm25s_over(texts, lambda text: re.findall(r"(?u)\b\w\w+\b", text.lower()))


def fts5_trigram(texts: Sequence[str]) -> Ranker:
    """SQLite's full-text search with the trigram tokenizer; any trigram of the question may match."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(body, tokenize='trigram')")
    database.executemany("INSERT INTO texts (rowid, body) VALUES (?, ?)", enumerate(texts))

    def rank(question: str, top: int) -> list[int]:
        words = re.findall(r"\w{3,}", question.lower())
        grams = dict.fromkeys(word[at : at + 3] for word in words for at in range(len(word) - 2))
        match = " OR ".join(f'"{gram}"' for gram in grams)
        if not match:
            return []
        rows = database.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?", (match, top))
        return [row for (row,) in rows]

    return rank


def character_svm(
    texts: Sequence[str], labels: Sequence[str] | NDArray[Any], asked: Sequence[str], grams: tuple[int, int]
) -> NDArray[Any]:
    """Labels of ``asked`` by scikit-learn's LinearSVC over tf-idf of character n-grams; three columns, best first."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectors = TfidfVectorizer(analyzer="char", ngram_range=grams, sublinear_tf=True, min_df=2, dtype=np.float32)
    machine = LinearSVC(C=0.5).fit(vectors.fit_transform(texts), labels)
    order = np.argsort(-machine.decision_function(vectors.transform(asked)), axis=1)[:, :3]
    best: NDArray[Any] = machine.classes_[order]
    return best
