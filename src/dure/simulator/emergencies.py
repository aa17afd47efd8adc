# SPDX-License-Identifier: Apache-2.0
"""Somebody lies helpless: when, where and how it looks from the meter. The truth that the platform must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from threading import Lock

import numpy as np

from .chance import chosen, poisson, uniform
from .pace import SLOTS_PER_DAY


class EmergencyKind(IntEnum):
    """How the home looks from outside: the three kinds that detectors of this field are judged by (ADR 0010)."""

    CLEAN = 0
    """Nothing but the refrigerator and standby."""
    LEFT_ON = 1
    """As clean, and one load of 40 to 200 W stays on."""
    TIMERS = 2
    """As clean, and whatever is on a timer (heating above all) runs on."""


HELPLESS_SLOTS = 3 * SLOTS_PER_DAY
"""After this a neighbour finds the person, whatever the platform did: truth must not depend on what is judged."""

AWAY_AFTER_SLOTS = 14 * SLOTS_PER_DAY
"""Then in hospital; the home is as in a clean emergency, but a case opened now is no longer a find."""


@dataclass(frozen=True)
class Emergency:
    """``begin`` to ``found`` the person lies helpless, ``found`` to ``end`` is in hospital (slots)."""

    home: int
    kind: EmergencyKind
    begin: int
    load_kw: float
    """The load left on; 0 for the other kinds."""

    @property
    def found(self) -> int:
        return self.begin + HELPLESS_SLOTS

    @property
    def end(self) -> int:
        return self.found + AWAY_AFTER_SLOTS


class Emergencies:
    """All emergencies since ``live_start`` (slot), at ``per_day`` a day in the whole city of ``homes``.

    The city's first 24 hours are arranged, not drawn, when ``per_day`` is at least 1: one clean emergency after
    one to two and a half hours, another of any kind after seven to ten. A demo at speed 60 so shows its first
    find within the first half hour. Later days are Poisson. ``at_home(home, slot)`` says whether the home was
    lived in: nobody falls at home while travelling. Threads may share it.
    """

    def __init__(
        self, seed: int, homes: int, per_day: float, live_start: int, at_home: Callable[[int, int], bool]
    ) -> None:
        self._seed, self._homes, self._per_day = seed, homes, per_day
        self._live_start, self._at_home = live_start, at_home
        self._days_drawn = 0
        self._drawn: list[Emergency] = []
        self._lock = Lock()

    def before(self, slot: int) -> list[Emergency]:
        """Emergencies that began before ``slot``, oldest first."""
        with self._lock:
            while self._live_start + self._days_drawn * SLOTS_PER_DAY < slot:
                self._draw_day(self._days_drawn)
                self._days_drawn += 1
        return [emergency for emergency in self._drawn if emergency.begin < slot]

    def during(self, first: int, end: int) -> list[Emergency]:
        """Those whose emergency or hospital stay touches [first, end)."""
        return [emergency for emergency in self.before(end) if emergency.end > first]

    def helpless(self, home: int, slot: int) -> bool:
        """Whether the person of this home lies helpless at this slot."""
        return any(e.home == home and e.begin <= slot < e.found for e in self.during(slot, slot + 1))

    def _draw_day(self, day: int) -> None:
        onsets = self._onsets(day)
        for number, onset in enumerate(onsets):
            begin = self._live_start + day * SLOTS_PER_DAY + onset
            home = self._home_for(day, number, begin)
            if home is None:
                continue
            kind = EmergencyKind(int(chosen(self._seed, "emergency kind", (1, 1, 1), day, number)))
            if day == 0 and number == 0 and self._per_day >= 1:
                kind = EmergencyKind.CLEAN
            load = float(uniform(self._seed, "emergency load", day, number, low=0.04, high=0.2))
            load = load if kind is EmergencyKind.LEFT_ON else 0.0
            self._drawn.append(Emergency(home, kind, begin, load))

    def _onsets(self, day: int) -> list[int]:
        """Slots after the day's beginning, sorted."""
        if day == 0 and self._per_day >= 1:
            first = int(uniform(self._seed, "first emergency", low=2, high=6))
            return [first, int(uniform(self._seed, "second emergency", low=14, high=21))]
        count = int(poisson(self._per_day, uniform(self._seed, "emergencies", np.asarray([day])))[0])
        drawn = uniform(self._seed, "emergency onset", day, np.arange(count), high=SLOTS_PER_DAY)
        return sorted(int(onset) for onset in drawn)

    def _home_for(self, day: int, number: int, begin: int) -> int | None:
        for attempt in range(50):
            home = int(uniform(self._seed, "emergency home", day, number, attempt, high=self._homes))
            free = all(e.home != home or e.end <= begin for e in self._drawn)
            if free and self._at_home(home, begin):
                return home
        return None
