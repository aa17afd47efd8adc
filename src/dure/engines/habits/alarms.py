# SPDX-License-Identifier: Apache-2.0
"""Episodes: an alarm opens, may rise, and closes when there is life again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .explain import Evidence
from .homes import Array


@dataclass(frozen=True, slots=True)
class Changes:
    """Homes whose level changed."""

    home: Array
    """int64 [n]"""
    at: Array
    """int64 [n]: UTC epoch seconds when it was known."""
    before: Array
    """uint8 [n]: ``Level`` before; 0 means an episode opens."""
    after: Array
    """uint8 [n]: ``Level`` now; 0 means the episode closes. It never falls without closing."""
    score: Array
    """float32 [n]"""
    evidence: tuple[Evidence | None, ...] = ()
    """Of each change at that moment; None where an episode closes."""

    def __len__(self) -> int:
        return len(self.home)

    @classmethod
    def joined(cls, parts: list[Changes]) -> Changes:
        """All parts in one, in order."""
        if not parts:
            none = np.zeros(0, np.int64)
            return cls(none, none, none.astype(np.uint8), none.astype(np.uint8), none.astype(np.float32))

        def column(name: str) -> Array:
            return np.concatenate([getattr(part, name) for part in parts])

        evidence = tuple(e for part in parts for e in part.evidence)
        return cls(column("home"), column("at"), column("before"), column("after"), column("score"), evidence)

    def by_time(self) -> Changes:
        """The same by the time at which they were known, then by home."""
        order = np.lexsort((self.home, self.at))
        evidence = tuple(self.evidence[k] for k in order.tolist()) if self.evidence else ()
        home, at, before = self.home[order], self.at[order], self.before[order]
        return Changes(home, at, before, self.after[order], self.score[order], evidence)
