# SPDX-License-Identifier: Apache-2.0
"""Have the inner loops compiled before anybody waits for them; the machine code is kept beside the source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from . import linear
from .bayes import Counts
from .documents import Document
from .search import Index


def ready() -> None:
    """Search an index in memory and one on disk, count, learn two texts: each loop is compiled for what it is given."""
    index = Index()
    index.add([Document("1", "가로등 고장", "가로등", "도로"), Document("2", "쓰레기 수거", "쓰레기", "청소")])
    index.search("가로등 수거")
    with TemporaryDirectory() as folder:
        index.save(Path(folder) / "index")
        Index.open(Path(folder) / "index").search("가로등 수거")
    counts = Counts()
    counts.add({0: {"가로등": 1.0}})
    counts.evidence(Counter(["가로등"]), np.array([0]))
    linear.train(["가로등 고장", "쓰레기 수거"], np.array([0, 1]), 2)
