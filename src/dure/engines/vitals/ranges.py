# SPDX-License-Identifier: Apache-2.0
"""What is usual: published for adults, learned from the person's own weeks, or set by a clinician."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .news2 import PUBLISHED
from .signs import Vital


class Source(StrEnum):
    """Where a range is from."""

    PUBLISHED = "published"
    LEARNED = "learned"
    CLINICIAN = "clinician"


@dataclass(frozen=True)
class Range:
    """Values from ``low`` to ``high`` are usual. ``days`` were learned from; ``by`` set it."""

    low: float
    high: float
    source: Source
    days: int = 0
    by: str = ""


def published(vital: Vital) -> Range | None:
    """The range that every adult starts with; None for a sign that has none."""
    edges = PUBLISHED.get(vital)
    return Range(*edges, Source.PUBLISHED) if edges else None
