# SPDX-License-Identifier: Apache-2.0
"""The inner loops of search as machine code: 2 ns a posting where numpy, with an array a step, takes 20."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.engines.machine_code import MachineCode

Array = NDArray[Any]


def _documents_having(begin: Array, end: Array, units: Array, owners: Array) -> Array:
    """In how many documents each token stands; its postings are ``units[begin:end]``, ascending."""
    having = np.zeros(len(begin), np.int64)
    for term in range(len(begin)):
        last = np.int64(-1)
        for at in range(begin[term], end[term]):
            document = np.int64(owners[units[at]])
            if document != last:
                having[term] += 1
                last = document
    return having


def _add_scores(  # noqa: PLR0917 - machine code takes no names
    begin: Array,
    end: Array,
    idf: Array,
    units: Array,
    counts: Array,
    owners: Array,
    unit_norms: Array,
    document_norms: Array,
    by_unit: Array,
    by_document: Array,
) -> None:
    """Add each token's idf·count/(count + norm) to ``by_unit``, and the same of whole documents to ``by_document``."""
    for term in range(len(begin)):
        weight = idf[term]
        document = np.int64(-1)
        together = 0.0
        for at in range(begin[term], end[term]):
            unit = units[at]
            count = float(counts[at])
            by_unit[unit] += weight * count / (count + unit_norms[unit])
            if np.int64(owners[unit]) != document:
                if document >= 0:
                    by_document[document] += weight * together / (together + document_norms[document])
                document = np.int64(owners[unit])
                together = 0.0
            together += count
        if document >= 0:
            by_document[document] += weight * together / (together + document_norms[document])


def _count_by_group(  # noqa: PLR0917 - machine code takes no names
    begin: Array, end: Array, units: Array, counts: Array, groups: Array, by_group: Array
) -> None:
    """Add how often each token stands in the units of each group to ``by_group``, (tokens, groups)."""
    for term in range(len(begin)):
        for at in range(begin[term], end[term]):
            by_group[term, groups[units[at]]] += counts[at]


documents_having = MachineCode(_documents_having)
add_scores = MachineCode(_add_scores)
count_by_group = MachineCode(_count_by_group)
