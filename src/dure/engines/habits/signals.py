# SPDX-License-Identifier: Apache-2.0
"""What else tells of a person: phone, water, steps, a plug, motion, a door, a pill box. Each kind has its own habit.

A signal is a count per half hour. More than nothing proves life, nothing is evidence where it is unusual, and no
value is nothing. Its evidence is added to that of the meter: the question is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import storage
from .homes import HOURS, NEVER, Array
from .signal_kernel import FULL

_VERSION = 2
HABIT = np.dtype(
    [
        ("proof", np.int32),  # ``Homes.proof`` at which ``gathered`` and ``silent`` began to count
        ("active", np.int32),  # last half hour with activity
        ("heard", np.int32),  # last half hour that was counted
        ("gathered", np.uint16),  # evidence for silence since then, 1/64 nat
        ("silent", np.uint16),  # half hours without activity since then
        ("day", np.uint16),  # local day of the last activity
        ("rate", np.uint8, (HOURS,)),  # faded share of half hours with activity by local hour, /255
        ("days", np.uint8),  # days with activity
    ],
    align=True,
)
_FIRST_VERSION = ("day", "rate", "days")
"""What version 1 kept: of a home read from it the silence that goes on is counted anew, the habit stays."""


@dataclass(slots=True)
class Kind:
    """One kind of signal: the homes that have it, in order, and a row for each."""

    home: Array
    rows: Array

    @classmethod
    def empty(cls) -> Kind:
        """A kind that no home has."""
        return cls(np.zeros(0, np.int64), np.zeros(0, HABIT))

    def places(self, i: Array) -> tuple[Array, Array]:
        """Row of each home ``i``, and whether it has one."""
        at = np.searchsorted(self.home, i)
        inside = np.minimum(at, max(len(self.home) - 1, 0))
        return inside, (self.home[inside] == i if len(self.home) else np.zeros(len(i), bool))

    def take_in(self, i: Array) -> Array:
        """Rows of the homes ``i``; a home that has none gets one."""
        at, known = self.places(i)
        if not known.all():
            new = np.unique(i[~known])
            where = np.searchsorted(self.home, new)
            rows = np.zeros(len(new), HABIT)
            for name in ("proof", "active", "heard"):
                rows[name] = NEVER
            self.home, self.rows = np.insert(self.home, where, new), np.insert(self.rows, where, rows)
            at = np.searchsorted(self.home, i)
        return at


class Signals:
    """The habits of ``n`` homes in every kind of signal that was ever fed (44 bytes for each kind that a home has)."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.kinds: dict[str, Kind] = {}

    def append(self, n: int) -> None:
        """Add ``n`` homes at the end."""
        self.n += n

    def keep(self, mask: Array) -> None:
        """Drop every home whose ``mask`` is False."""
        self.n = int(np.count_nonzero(mask))
        moved = np.cumsum(mask) - 1
        for kind in self.kinds.values():
            kept = mask[kind.home]
            kind.home, kind.rows = moved[kind.home[kept]], kind.rows[kept]

    def part(self, start: int, stop: int) -> Signals:
        """Those of the homes from ``start`` up to ``stop``, as views."""
        homes = range(self.n)[start:stop]
        part = Signals(len(homes))
        for name, kind in self.kinds.items():
            a, b = np.searchsorted(kind.home, (homes.start, homes.start + len(homes))).tolist()
            if b > a:
                part.kinds[name] = Kind(kind.home[a:b] - homes.start, kind.rows[a:b])
        return part

    @classmethod
    def joined(cls, parts: Sequence[Signals]) -> Signals:
        """All homes of ``parts``, one after another."""
        first = np.cumsum([0, *(one.n for one in parts)]).tolist()
        whole = cls(first.pop())
        for name in sorted({name for one in parts for name in one.kinds}):
            given = [(one.kinds[name], start) for one, start in zip(parts, first, strict=True) if name in one.kinds]
            home = np.concatenate([kind.home + start for kind, start in given])
            whole.kinds[name] = Kind(home, np.concatenate([kind.rows for kind, _ in given]))
        return whole

    def of(self, kind: str, i: Array) -> Array:
        """A copy of the rows of these homes, each of which has one from now on."""
        held = self.kinds.setdefault(kind, Kind.empty())
        at = held.take_in(i)  # first: it may move the rows
        return held.rows[at]

    def kinds_of(self, i: int) -> dict[str, Array]:
        """The row of one home (an array of one) in each kind that it has."""
        found = {}
        for name in sorted(self.kinds):
            (at,), (known,) = self.kinds[name].places(np.array([i]))
            if known:
                found[name] = self.kinds[name].rows[at : at + 1]
        return found

    def heard_until(self, i: Array) -> Array:
        """Last half hour of which any signal of each home told (int64; ``NEVER``: none did)."""
        newest = np.full(len(i), NEVER, np.int64)
        for kind in self.kinds.values():
            at, known = kind.places(i)
            if known.any():
                newest = np.maximum(newest, np.where(known, kind.rows["heard"][at], NEVER))
        return newest

    def to_bytes(self) -> bytes:
        """The state, versioned."""
        columns = {f"{kind}.{name}": held.rows[name] for kind, held in self.kinds.items() for name in HABIT.names or ()}
        columns |= {f"{kind}.home": held.home.astype(np.int32) for kind, held in self.kinds.items()}
        return storage.pack("signals", _VERSION, columns, {"n": self.n, "kinds": sorted(self.kinds)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Signals:
        """Inverse of :meth:`to_bytes`, of this version or the one before; raises ``StateError``."""
        columns, meta, version = storage.unpack_any(data, "signals", (1, _VERSION))
        signals = cls(meta["n"])
        for kind in meta["kinds"]:
            here = np.arange(meta["n"]) if version == 1 else columns[f"{kind}.home"].astype(np.int64)
            held = signals.kinds[kind] = Kind.empty()
            held.take_in(here)
            for name in _FIRST_VERSION if version == 1 else HABIT.names or ():
                held.rows[name] = columns[f"{kind}.{name}"]
        return signals


def tells(rows: Array) -> Array:
    """Whether the kind says anything about each home (bool): not what is active in every hour of day and night
    as often as not, like a dripping tap."""
    quietest: Array = rows["rate"].min(axis=1)
    return quietest < FULL // 2


def share_active(rows: Array, hour: Array) -> Array:
    """Learned share of this local hour's half hours with activity (float64)."""
    shares: Array = rows["rate"][np.arange(len(rows)), hour] / FULL
    return shares
