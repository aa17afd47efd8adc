# SPDX-License-Identifier: Apache-2.0
"""Somebody lies helpless: when, where and how it looks from the meter. The truth that the platform must find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    FALL = 3
    """As clean, of somebody with a device on the wrist, which may tell at once."""


SILENT_KINDS = (EmergencyKind.CLEAN, EmergencyKind.LEFT_ON, EmergencyKind.TIMERS)
"""Those that only a home's silence tells."""

FALLS_PER_DAY = 1.0
"""Demo default, among all who wear a device. In real life three in ten of those over 65 fall in a year: of ten people,
one in four months."""

LONG_LIE_SLOTS = 4
"""A neighbour finds who fell after two hours, whatever the platform did; a lie of an hour and more is a long one."""

TREATED_SLOTS = SLOTS_PER_DAY
"""Then a day away; the device stays at home in a drawer."""

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
        return self.begin + (LONG_LIE_SLOTS if self.kind is EmergencyKind.FALL else HELPLESS_SLOTS)

    @property
    def end(self) -> int:
        return self.found + (TREATED_SLOTS if self.kind is EmergencyKind.FALL else AWAY_AFTER_SLOTS)


class Emergencies:
    """All emergencies since ``live_start`` (slot), at ``per_day`` a day in the whole city of ``homes``.

    The city's first 24 hours are arranged, not drawn, when ``per_day`` is at least 1: one clean emergency after
    one to two and a half hours, another of any kind after seven to ten. A demo at speed 60 so shows its first
    find within the first half hour. Later days are Poisson. ``at_home(home, slot)`` says whether the home was
    lived in: nobody falls at home while travelling. Threads may share it.

    Falls are drawn besides, ``falls_per_day`` among ``wearers`` (homes), the first after one and a half to four hours.
    """

    def __init__(
        self,
        seed: int,
        homes: int,
        per_day: float,
        live_start: int,
        at_home: Callable[[int, int], bool],
        *,
        wearers: Sequence[int] = (),
        falls_per_day: float = 0.0,
    ) -> None:
        self._seed, self._homes, self._per_day = seed, homes, per_day
        self._live_start, self._at_home = live_start, at_home
        self._wearers, self._falls_per_day = list(wearers), falls_per_day if len(wearers) else 0.0
        self._days_drawn = 0
        self._drawn: list[Emergency] = []
        self._lock = Lock()

    def before(self, slot: int) -> list[Emergency]:
        """Emergencies that began before ``slot``, oldest first."""
        with self._lock:
            while self._live_start + self._days_drawn * SLOTS_PER_DAY < slot:
                self._draw_day(self._days_drawn)
                self._draw_falls(self._days_drawn)
                self._drawn.sort(key=lambda one: one.begin)
                self._days_drawn += 1
        return [emergency for emergency in self._drawn if emergency.begin < slot]

    def during(self, first: int, end: int) -> list[Emergency]:
        """Those whose emergency or hospital stay touches [first, end)."""
        return [emergency for emergency in self.before(end) if emergency.end > first]

    def helpless(self, home: int, slot: int) -> bool:
        """Whether the person of this home lies helpless at this slot."""
        return any(e.home == home and e.begin <= slot < e.found for e in self.during(slot, slot + 1))

    def _draw_day(self, day: int) -> None:
        for number, onset in enumerate(self._onsets(day)):
            begin = self._live_start + day * SLOTS_PER_DAY + onset
            home = self._home_for("emergency home", range(self._homes), day, number, begin)
            if home is None:
                continue
            kind = EmergencyKind(int(chosen(self._seed, "emergency kind", (1, 1, 1), day, number)))
            if day == 0 and number == 0 and self._per_day >= 1:
                kind = EmergencyKind.CLEAN
            load = float(uniform(self._seed, "emergency load", day, number, low=0.04, high=0.2))
            load = load if kind is EmergencyKind.LEFT_ON else 0.0
            self._drawn.append(Emergency(home, kind, begin, load))

    def _draw_falls(self, day: int) -> None:
        for number, onset in enumerate(self._fall_onsets(day)):
            begin = self._live_start + day * SLOTS_PER_DAY + onset
            home = self._home_for("fall home", self._wearers, day, number, begin)
            if home is not None:
                self._drawn.append(Emergency(home, EmergencyKind.FALL, begin, 0.0))

    def _fall_onsets(self, day: int) -> list[int]:
        if day == 0 and self._falls_per_day >= 1:
            return [int(uniform(self._seed, "first fall", low=3, high=8))]
        return self._poisson_onsets(day, self._falls_per_day, "falls", "fall onset")

    def _onsets(self, day: int) -> list[int]:
        """Slots after the day's beginning, sorted."""
        if day == 0 and self._per_day >= 1:
            first = int(uniform(self._seed, "first emergency", low=2, high=6))
            return [first, int(uniform(self._seed, "second emergency", low=14, high=21))]
        return self._poisson_onsets(day, self._per_day, "emergencies", "emergency onset")

    def _poisson_onsets(self, day: int, per_day: float, how_many: str, when: str) -> list[int]:
        count = int(poisson(per_day, uniform(self._seed, how_many, np.asarray([day])))[0])
        drawn = uniform(self._seed, when, day, np.arange(count), high=SLOTS_PER_DAY)
        return sorted(int(onset) for onset in drawn)

    def _home_for(self, topic: str, homes: Sequence[int], day: int, number: int, begin: int) -> int | None:
        for attempt in range(50):
            home = int(homes[int(uniform(self._seed, topic, day, number, attempt, high=len(homes)))])
            free = all(e.home != home or e.end <= begin for e in self._drawn)
            if free and self._at_home(home, begin):
                return home
        return None
