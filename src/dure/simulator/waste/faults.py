# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with a bin or its sensor: drawn beforehand, whatever the platform does about it.

Rates are set by us so that a demo of 24 bins meets most kinds within two weeks; a live city's first day is arranged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

import numpy as np

from dure.simulator.chance import poisson, uniform
from dure.simulator.waste.bins import Bins


class FaultKind(StrEnum):
    """What is so while it lasts."""

    SILENT = "silent"
    """No frame is heard."""
    STUCK = "stuck"
    """The distance stays as it was."""
    FALLEN = "fallen"
    """The bin lies on its side until somebody sets it up."""
    LID = "lid"
    """The lid stands open."""
    FIRE = "fire"
    """It smoulders; what is in the bin stays."""


HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True)
class Rate:
    """Of one kind: how often on one bin's day, and how many hours it lasts."""

    a_day: float
    shortest_hours: float
    longest_hours: float


RATES = {
    FaultKind.SILENT: Rate(0.006, 24, 120),
    FaultKind.STUCK: Rate(0.004, 96, 192),
    FaultKind.FALLEN: Rate(0.01, 3, 20),
    FaultKind.LID: Rate(0.015, 1, 14),
    FaultKind.FIRE: Rate(0.002, 1, 3),
}
FIRST_DAY = ((FaultKind.FALLEN, 1.2, 2.5), (FaultKind.SILENT, 2.0, 4.0), (FaultKind.FIRE, 4.0, 8.0))
"""Kinds that the first day surely has, and within which of its hours each begins."""


@dataclass(frozen=True)
class BinFault:
    """From ``begin`` to ``end`` (UTC epoch seconds)."""

    bin: int
    kind: FaultKind
    begin: float
    end: float


class BinFaults:
    """All faults since ``live_from`` (UTC epoch seconds). Threads may share it."""

    def __init__(self, bins: Bins, live_from: float) -> None:
        self._seed, self._live_from = bins.seed, live_from
        tilts = bins.tells("tilts")
        self._prone = {
            FaultKind.SILENT: range(len(bins)),
            FaultKind.STUCK: range(len(bins)),
            FaultKind.FALLEN: [at for at in tilts if bins.on_body[at]],
            FaultKind.LID: [at for at in tilts if not bins.on_body[at]],
            FaultKind.FIRE: bins.tells("warm"),
        }
        """Bins whose sensors tell of it: of a fire that no sensor feels nothing can be judged."""
        self._drawn: list[BinFault] = []
        self._days = 0
        self._lock = Lock()

    def during(self, begin: float, end: float) -> list[BinFault]:
        """Those that touch [begin, end), by their beginning."""
        with self._lock:
            while self._live_from + self._days * DAY < end:
                self._draw(self._days)
                self._days += 1
            return [one for one in self._drawn if one.begin < end and one.end > begin]

    def of(self, one: int, at: float) -> dict[FaultKind, BinFault]:
        """What is wrong with a bin at a moment."""
        return {fault.kind: fault for fault in self.during(at, at + 1) if fault.bin == one}

    def _draw(self, day: int) -> None:
        if day == 0:
            for number, (kind, soonest, latest) in enumerate(FIRST_DAY):
                hour = float(uniform(self._seed, "first bin fault", number, low=soonest, high=latest))
                self._add(kind, -1, number, hour)
        for kind, rate in RATES.items():
            a_day = min(rate.a_day * len(self._prone[kind]), 50)
            count = int(poisson(a_day, uniform(self._seed, f"bin {kind}", np.asarray([day])))[0])
            for number in range(count):
                self._add(kind, day, number, float(uniform(self._seed, f"bin {kind} hour", day, number, high=24.0)))
        self._drawn.sort(key=lambda one: one.begin)

    def _add(self, kind: FaultKind, day: int, number: int, hour: float) -> None:
        """A fault at a bin that is prone to it and where nothing else is wrong, if there is one."""
        rate, prone = RATES[kind], self._prone[kind]
        begin = self._live_from + max(day, 0) * DAY + float(np.floor(hour * HOUR))
        bounds = {"low": rate.shortest_hours, "high": rate.longest_hours}
        end = begin + float(np.floor(HOUR * uniform(self._seed, f"bin {kind} hours", day, number, **bounds)))
        for attempt in range(20 if prone else 0):
            one = prone[int(uniform(self._seed, f"bin {kind} where", day, number, attempt, high=len(prone)))]
            if all(other.bin != one or other.end <= begin or other.begin >= end for other in self._drawn):
                self._drawn.append(BinFault(one, kind, begin, end))
                return
