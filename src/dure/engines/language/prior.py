# SPDX-License-Identifier: Apache-2.0
"""Which category a question is of, by the words of an index itself: a section of the likelier one comes first.

Complement naive Bayes (``bayes``) over the postings that a search looks up anyway, so there is nothing more to learn or
to keep: passages and their categories are all that it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .bayes import SMOOTHING
from .kernels import count_by_group
from .postings import Array, Postings

MOST_GROUPS = 500
"""Of more categories than that none is preferred: their counts would take longer than the search."""


@dataclass(frozen=True)
class Grouping:
    """The categories of all parts of an index.

    Attributes
    ----------
    of_document, of_passage
        For each part the group of each document and of each passage.
    totals
        Tokens of each group.
    """

    of_document: list[Array]
    of_passage: list[Array]
    totals: Array

    @property
    def number(self) -> int:
        """How many categories there are."""
        return len(self.totals)


def grouped(categories: Sequence[Array], owners: Sequence[Array], postings: Sequence[Sequence[Postings]]) -> Grouping:
    """For each part its documents' categories (hashes), its passages' documents, and its postings of passages."""
    known, group = np.unique(np.concatenate(categories), return_inverse=True)
    of_document = [one.astype(np.int32) for one in np.split(group, np.cumsum([len(each) for each in categories])[:-1])]
    of_passage = [groups[own] for groups, own in zip(of_document, owners, strict=True)]
    totals = np.zeros(len(known))
    for groups, fields in zip(of_passage, postings, strict=True):
        for one in fields:
            totals += np.bincount(groups, one.lengths, len(known))
    return Grouping(of_document, of_passage, totals)


def prior(grouping: Grouping, found: Sequence[tuple[Sequence[Postings], Sequence[tuple[Array, Array]]]]) -> Array:
    """How likely each group is: 0 for the least, one for each standard deviation above it.

    ``found``: for each field its postings, part by part, and where those of the question's tokens begin and end.
    """
    score = np.zeros(grouping.number)
    size = grouping.totals.sum()
    for postings, places in found:
        counts = np.zeros((len(places[0][0]), grouping.number))
        for one, place, groups in zip(postings, places, grouping.of_passage, strict=True):
            count_by_group(*place, one.units, one.counts, groups, counts)
        counts = counts[counts.sum(axis=1) > 0]
        elsewhere = counts.sum(axis=1, keepdims=True) - counts + SMOOTHING
        score -= np.log(elsewhere / (size - grouping.totals + SMOOTHING * size)).sum(axis=0)
    spread = float(score.std())
    likelier: Array = (score - score.min()) / spread if spread > 0 else np.zeros(grouping.number)
    return likelier
