# SPDX-License-Identifier: Apache-2.0
"""The bins themselves and the sensors in their lids. A policy is shown only what ``Sensors.read`` returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dure.engines.filling.rates import FULL
from dure.engines.filling.shape import Floats

NOISE, LOST = 3.0, 0.02
"""Standard deviation of a reading in points, and the share of readings that never arrive."""

FAULT_PER_HOUR = 0.1 / 168
"""With faults on, one bin in ten has one each week."""

FAULT_HOURS = (12, 96)
"""How long a fault lasts, from … to."""

SPIKES = 0.1
"""Of the readings of a sensor that spikes: anything from 0 to 100."""


class Fault(IntEnum):
    """Of a sensor."""

    NONE = 0
    SILENT = 1
    STUCK = 2
    SPIKES = 3


@dataclass(frozen=True)
class Emptying:
    """``share``: how much of the hour was over. ``fill``: the level found, points; above 100 beside the bin."""

    bin: int
    share: float
    fill: float


class World:
    """The level of every bin, (bins,), points; what lies beside a full bin counts on above 100 and is taken along."""

    def __init__(self, bins: int) -> None:
        self.level: Floats = np.zeros(bins)

    def pass_hour(self, amounts: Floats, visits: dict[int, float]) -> tuple[list[Emptying], NDArray[np.bool_]]:
        """One hour, in which ``amounts`` fall in evenly. ``visits``: bin → the share of it that is over by then.

        Returns the emptyings, and which bins end the hour at 100 or more: an overflow-hour each.
        """
        emptyings = [Emptying(at, share, self.level[at] + share * amounts[at]) for at, share in visits.items()]
        self.level = self.level + amounts
        for one in emptyings:
            self.level[one.bin] = (1 - one.share) * amounts[one.bin]
        return emptyings, self.level >= FULL


class Sensors:
    """Readings of whole points, noisy, capped at 0 and 100, some lost.

    Every hour draws the same number of chances whatever the levels are: what happens later changes nothing before.
    """

    def __init__(self, bins: int, seed: int, *, faults: bool = False) -> None:
        self._chance = np.random.default_rng((seed, 0))
        self._of_faults = np.random.default_rng((seed, 1)) if faults else None
        self._fault = np.full(bins, Fault.NONE)
        self._left = np.zeros(bins)
        self._held: Floats = np.zeros(bins)

    def read(self, level: Floats) -> Floats:
        """(bins,): what arrives at the gateway at the full hour; nan where nothing does."""
        noise, lost = self._chance.standard_normal(len(level)), self._chance.random(len(level))
        readings = np.clip(np.rint(level + NOISE * noise), 0, FULL)
        if self._of_faults is not None:
            readings = self._faulty(readings, self._of_faults)
        return np.where(lost < LOST, np.nan, readings)

    def _faulty(self, readings: Floats, chance: np.random.Generator) -> Floats:
        begins, kind, lasts, spike, value = chance.random((5, len(readings)))
        self._left = np.maximum(self._left - 1, 0)
        new = (begins < FAULT_PER_HOUR) & (self._left == 0)
        still = np.where(self._left > 0, self._fault, Fault.NONE)
        self._fault = np.where(new, 1 + np.floor(kind * 3).astype(int), still)
        shortest, longest = FAULT_HOURS
        self._left = np.where(new, np.rint(shortest + lasts * (longest - shortest)), self._left)
        self._held = np.where(new, readings, self._held)
        readings = np.where(self._fault == Fault.SILENT, np.nan, readings)
        readings = np.where(self._fault == Fault.STUCK, self._held, readings)
        spikes = (self._fault == Fault.SPIKES) & (spike < SPIKES)
        return np.where(spikes, np.rint(value * FULL), readings)
