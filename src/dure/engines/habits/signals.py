# SPDX-License-Identifier: Apache-2.0
"""What else tells of a person: phone, water, steps, a plug, motion, a door, a pill box. Each kind has its own habit.

A signal is a count per half hour. More than nothing proves life, nothing is evidence where it is unusual, and no
value is nothing. Its evidence is added to that of the meter: the question is one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import storage
from .homes import HOURS, MEMORY_DAYS, NATS, Array, Homes
from .kernel import MOST_EVIDENCE
from .rules import HabitRules

_VERSION = 1
HABIT = np.dtype([("day", np.uint16), ("rate", np.uint8, (HOURS,)), ("days", np.uint8)], align=True)
"""Local day last counted; faded share of half hours with activity by local hour, /255; days with activity."""

_FULL = 255
_MOST = 250
"""Highest share that is learned: silence is never impossible."""
_YOUNG_DAYS = 14
"""Days over which a young habit is averaged."""


class Signals:
    """The habits of ``n`` homes in every kind of signal that was ever fed (28 bytes a home and kind)."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.kinds: dict[str, Array] = {}

    def append(self, n: int) -> None:
        """Add ``n`` homes at the end."""
        self.n += n
        self.kinds = {kind: np.concatenate([rows, np.zeros(n, HABIT)]) for kind, rows in self.kinds.items()}

    def keep(self, mask: Array) -> None:
        """Drop every home whose ``mask`` is False."""
        self.n = int(np.count_nonzero(mask))
        self.kinds = {kind: rows[mask] for kind, rows in self.kinds.items()}

    def part(self, start: int, stop: int) -> Signals:
        """Those of the homes from ``start`` up to ``stop``, as views."""
        part = Signals(len(range(self.n)[start:stop]))
        part.kinds = {kind: rows[start:stop] for kind, rows in self.kinds.items()}
        return part

    @classmethod
    def joined(cls, parts: Sequence[Signals]) -> Signals:
        """All homes of ``parts``, one after another."""
        whole = cls(sum(one.n for one in parts))
        for kind in sorted({kind for one in parts for kind in one.kinds}):
            whole.kinds[kind] = np.concatenate([one.kinds.get(kind, np.zeros(one.n, HABIT)) for one in parts])
        return whole

    def tells(self, kind: str, i: Array) -> Array:
        """Whether the kind says anything about each home (bool): not what is active in every hour of day and night
        as often as not, like a dripping tap."""
        quietest: Array = self._of(kind)["rate"][i].min(axis=1)
        return quietest < _FULL // 2

    def gained(self, kind: str, i: Array, hour: Array, rules: HabitRules) -> Array:
        """Evidence (1/64 nat, int32) of silence in this local hour: log 1 / (1 - p), p the learned share of the
        hour's half hours with activity; none before the habit is known."""
        habits = self._of(kind)
        silence = 1 - habits["rate"][i, hour].astype(np.float64) / _FULL
        units = np.minimum(-np.log(silence), rules.evidence_cap) * NATS
        known = (habits["days"][i] >= rules.signal_days) & self.tells(kind, i)
        return np.where(known, units, 0).astype(np.int32)

    def learn(self, kind: str, i: Array, when: tuple[Array, Array], used: Array, *, usual: Array) -> None:
        """Learn one half hour per home: ``when`` is the local half hour of the day and the local day; silence is
        learned only where ``usual``."""
        habits, (local_slot, day) = self._of(kind), when
        hour, days = local_slot >> 1, habits["days"][i]
        rate = habits["rate"][i, hour]
        step = (used * float(_FULL) - rate) / np.where(days < MEMORY_DAYS, _YOUNG_DAYS, 2 * MEMORY_DAYS)
        rounded = np.where(used, np.ceil(step), np.floor(step + 0.5))
        habits["rate"][i, hour] = np.clip(rate + np.where(used | usual, rounded, 0), 0, _MOST)
        new_day = used & (habits["day"][i] != day)
        habits["days"][i] = np.minimum(days + new_day.astype(np.int64), 255)
        habits["day"][i] = np.where(new_day, day, habits["day"][i])

    def _of(self, kind: str) -> Array:
        return self.kinds.setdefault(kind, np.zeros(self.n, HABIT))

    def to_bytes(self) -> bytes:
        """The state, versioned."""
        columns = {f"{kind}.{name}": rows[name] for kind, rows in self.kinds.items() for name in HABIT.names or ()}
        return storage.pack("signals", _VERSION, columns, {"n": self.n, "kinds": sorted(self.kinds)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Signals:
        """Inverse of :meth:`to_bytes`; raises ``StateError``."""
        columns, meta = storage.unpack(data, "signals", _VERSION)
        signals = cls(meta["n"])
        for kind in meta["kinds"]:
            rows = signals._of(kind)
            for name in HABIT.names or ():
                rows[name] = columns[f"{kind}.{name}"]
        return signals


def add_evidence(homes: Homes, i: Array, units: Array) -> None:
    """Add 1/64 nats for silence to these homes (none twice)."""
    gathered = np.minimum(homes.evidence[i] + units, MOST_EVIDENCE)
    homes.evidence[i] = gathered
    homes.day_peak[i] = np.where(units > 0, np.maximum(homes.day_peak[i], gathered), homes.day_peak[i])
