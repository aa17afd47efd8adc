# SPDX-License-Identifier: Apache-2.0
"""What is remembered of every home: one row per home (584 bytes)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import storage

Array = NDArray[Any]

SLOT_SECONDS = 1800
SLOTS_PER_DAY = 48
HOURS = 24
BINS = 8
MEMORY_DAYS = 28
"""Half-life-free memory of the habit: counts fade by 1/28 a day, hours of use are kept for 28 days exactly."""

DAY_WEIGHT = 4
"""Units that one half hour adds to its hour's histogram. 2 half hours x 4 x 28 days = 224 fits in one byte."""

NEVER = np.iinfo(np.int32).min // 2
"""Slot number of something that has not happened."""

NATS = 64
"""Fixed point of evidence: 64 units are one nat, so that any order of batches gives the same sums."""

STATE_VERSION = 4

SLOW_DAYS = 14
"""Days of slow change: these against what was usual before them."""
UNKNOWN_DAY = 255
"""A day with too few readings, or one on which nobody was there."""

# name -> (dtype, row shape, value of a new home)
FIELDS: dict[str, tuple[Any, tuple[int, ...], float]] = {
    # the habit
    "histogram": (np.uint8, (HOURS, BINS), 0),  # faded counts of unrest by local hour
    "overall": (np.uint16, (BINS,), 0),  # histogram summed over hours
    "quiet": (np.uint16, (BINS,), 0),  # faded counts of unrest in each day's quietest four hours
    "hours_active": (np.uint32, (HOURS,), 0),  # bit k: used power in this hour k remembered days ago
    "usual": (np.uint8, (HOURS,), 0),  # faded mean of the kWh code by local hour, 0 unknown
    "noise": (np.float32, (), 0),  # faded mean square of the daily peak of evidence, nats squared
    "absences": (np.float32, (), 0),  # faded count of long silences that ended by themselves
    "learned_days": (np.uint16, (), 0),
    "zero_rate": (np.float32, (), 0),  # faded share of readings that were exactly zero
    "longest_run": (np.uint8, (), 0),  # how often one non-zero reading was repeated at most
    # the last two days
    "codes": (np.uint8, (2 * SLOTS_PER_DAY,), 0),  # kWh codes by slot modulo 96, 0 no value
    "cells": (np.uint8, (SLOTS_PER_DAY,), 0),  # unrest bin + 1 (0 none) and flags, by slot modulo 48
    "previous": (np.float32, (2,), np.nan),  # the last two readings, kWh
    "life": (np.uint8, (), 0),  # active half hours among cells
    "window": (np.uint32, (), 0),  # unrest bin + 1 of the last eight slots, four bits each
    "window_wh": (np.int32, (), 0),  # their sum, Wh
    "quietest": (np.uint32, (), 0),  # window of today's quietest four hours
    "quietest_wh": (np.int32, (), np.iinfo(np.int32).max),
    "run": (np.uint8, (), 0),  # how often the last non-zero reading has been repeated
    # the present silence
    "slot": (np.int32, (), NEVER),  # last slot judged: UTC epoch // 1800
    "day": (np.uint16, (), 0),  # its local day, days since 1970
    "proof": (np.int32, (), NEVER),  # last slot with proven activity, or in which life outweighed all evidence
    "silence": (np.uint16, (), 0),  # half hours with readings since then
    "evidence": (np.int16, (), 0),  # gathered evidence, 1/64 nat
    "life_evidence": (np.int16, (), 0),  # what speaks for life since the silence began, 1/64 nat
    "closed_slot": (np.int32, (), NEVER),  # slot in which the last alarm closed
    "day_peak": (np.int16, (), -1),  # its highest today, -1 no reading today
    "peak_bin": (np.uint8, (), 0),  # highest score bin of this episode that the budget has counted
    "level": (np.uint8, (), 0),
    "flags": (np.uint8, (), 0),
    # slow change
    "active_days": (np.uint8, (SLOW_DAYS,), UNKNOWN_DAY),  # active half hours of each day, by local day modulo 14
    "nights": (np.uint16, (), 0),  # bit k: awake in the night k days ago
    "usual_active": (np.uint16, (), 0),  # faded mean of active half hours a day, of days older than these, 1/256
    "active_spread": (np.uint16, (), 0),  # faded mean distance from it, 1/256
    "usual_nights": (np.uint8, (), 0),  # faded share of nights awake, of days older than these, /255
    "middle_recent": (np.uint16, (), 0),  # faded mean of the middle of the day's activity, half hours, 1/256: a week
    "middle_usual": (np.uint16, (), 0),  # the same over two months, 0 none
    "middle_spread": (np.uint16, (), 0),  # faded mean distance of a day from it, 1/256
    "usual_days": (np.uint8, (), 0),  # days that the usual is known from (255 at most)
}

_WITHOUT_SLOW_CHANGE = 3
"""The version before slow change: of a home read from it that alone is learned anew."""

ROW = np.dtype(
    [(name, *FIELDS[name][:2]) for name in sorted(FIELDS, key=lambda name: -np.dtype(FIELDS[name][0]).itemsize)],
    align=True,
)
"""All of one home in one place, the widest fields first so that nothing is lost between them."""

JUDGE_ONLY = np.uint8(1)
"""Judged like all others, does not steer the budget."""
STUCK = np.uint8(2)
"""The meter repeats one non-zero value."""
NO_CURRENT = np.uint8(4)
"""Exactly zero in a home that always draws something."""
LONG_SILENCE = np.uint8(8)
"""The present silence has reached ``HabitRules.absence_score``."""


class Homes:
    """State of ``n`` homes: ``rows`` is a structured array of them, a field's name gives its column (a view)."""

    def __init__(self, rows: Array) -> None:
        self.rows = rows

    def __getattr__(self, name: str) -> Array:
        if name not in FIELDS:
            raise AttributeError(name)
        column: Array = self.rows[name]
        return column

    @classmethod
    def new(cls, n: int, noise_prior: float = 4.0) -> Homes:
        """``n`` homes of which nothing is known; ``noise_prior`` as in ``HabitRules`` (nats)."""
        rows = np.zeros(n, ROW)
        for name, (_, _, start) in FIELDS.items():
            if start:
                rows[name] = start
        rows["noise"] = noise_prior**2
        return cls(rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        """Bytes of the whole state."""
        return self.rows.nbytes

    def append(self, n: int, noise_prior: float = 4.0) -> None:
        """Add ``n`` unknown homes at the end."""
        self.rows = np.concatenate([self.rows, Homes.new(n, noise_prior).rows])

    def keep(self, mask: Array) -> None:
        """Drop every home whose ``mask`` is False; the others move up."""
        self.rows = self.rows[mask]

    def part(self, start: int, stop: int) -> Homes:
        """The homes from ``start`` up to ``stop``, as views."""
        return Homes(self.rows[start:stop])

    @classmethod
    def joined(cls, parts: Sequence[Homes]) -> Homes:
        """All homes of ``parts`` (at least one), one after another."""
        return cls(np.concatenate([one.rows for one in parts]))

    def to_bytes(self) -> bytes:
        """The state, versioned."""
        return storage.pack("homes", STATE_VERSION, {name: self.rows[name] for name in FIELDS})

    @classmethod
    def from_bytes(cls, data: bytes) -> Homes:
        """Inverse of :meth:`to_bytes`, of this version or the one before; raises ``StateError``."""
        columns, _, _ = storage.unpack_any(data, "homes", (_WITHOUT_SLOW_CHANGE, STATE_VERSION))
        homes = cls.new(len(columns["slot"]))
        for name, column in columns.items():
            homes.rows[name] = column
        return homes
