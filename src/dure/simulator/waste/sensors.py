# SPDX-License-Identifier: Apache-2.0
"""What the bins' sensors send, and when: about once an hour, some at once when it burns or a bin falls; most is heard.

All but the level is a function of (seed, bin, time), so that what was under way when the city stopped is sent again
just as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dure.simulator.chance import Floats, normal, uniform
from dure.simulator.spans import Integers
from dure.simulator.waste.bins import Bins
from dure.simulator.waste.contents import Contents
from dure.simulator.waste.deposits import hour_of, start_of_hour
from dure.simulator.waste.faults import BinFault, BinFaults, FaultKind
from dure.simulator.waste.payloads import Seen

NOISE_SD = 3.0
"""Percent of the depth."""
JITTER_SECONDS = 60.0
LOST_SHARE, TWICE_SHARE, SPIKE_SHARE = 0.02, 0.005, 0.003
"""Of the frames: heard by nobody, told twice by the network server, and measured off a wall or a bag."""
HIGHEST = 115.0
"""Percent at which waste above the rim touches the lid."""
ALARM_AFTER = 30.0
"""Seconds from a change to the frame that tells of it."""
BATTERY_DAYS = 1500.0
ALARMED = (FaultKind.FALLEN, FaultKind.LID, FaultKind.FIRE)


@dataclass(frozen=True)
class Due:
    """A frame that leaves a bin's sensor ``at`` (UTC epoch seconds), its ``counter`` th."""

    at: float
    bin: int
    counter: int


@dataclass(frozen=True)
class Frame:
    """As the network heard it: when, from which bin, and the gateway's signal in dBm and dB."""

    bin: int
    at: float
    counter: int
    port: int
    payload: bytes
    rssi: int
    snr: float


class Sensors:
    """The frames of all bins from ``live_from`` (UTC epoch seconds) on."""

    def __init__(self, bins: Bins, contents: Contents, faults: BinFaults, live_from: float) -> None:
        self.bins = bins
        self._contents, self._faults, self._live_from = contents, faults, live_from
        self._first_hour = hour_of(live_from)
        every = bins.every
        self._phase = uniform(bins.seed, "frame phase", every, low=JITTER_SECONDS * 3, high=3600 - JITTER_SECONDS * 3)

    def heard(self, hour: int) -> list[Due]:
        """The frames of an hour that reach the network server, in the order in which they leave; one told twice is in
        it twice."""
        told = []
        for due in sorted(self._sent(hour), key=lambda one: one.at):
            if due.at < self._live_from or FaultKind.SILENT in self._faults.of(due.bin, due.at):
                continue
            chance = float(uniform(self.bins.seed, "frame heard", due.bin, int(due.at)))
            if chance >= LOST_SHARE:
                told += [due] * (2 if chance > 1 - TWICE_SHARE else 1)
        return told

    def frame(self, due: Due) -> Frame:
        """What it says: as the bin was when it left."""
        model, key = self.bins.model_of(due.bin), int(due.at)
        payload = model.encode(self._seen(due), due.bin)
        rssi = round(float(normal(self.bins.seed, "rssi", due.bin, key, mean=self._usual_rssi(due.bin), sd=3)))
        snr = round(float(np.clip((rssi + 115) / 4, -15, 12)), 1)
        return Frame(due.bin, due.at, due.counter, model.port, payload, rssi, snr)

    def history(self, begin: int, end: int) -> Iterator[tuple[int, float, int]]:
        """(bin, moment, distance in mm) of the hours [begin, end) before the city began to live, oldest first."""
        for hour in range(begin, end):
            times, every = self._times(hour), self.bins.every
            distances = self._distances(every, times)
            lost = uniform(self.bins.seed, "frame heard", every, times) < LOST_SHARE
            for one in np.argsort(times, kind="stable"):
                if not lost[one]:
                    yield int(one), float(times[one]), int(distances[one])

    # --- when -----------------------------------------------------------------------------------------------------

    def _sent(self, hour: int) -> Iterator[Due]:
        begin, end = start_of_hour(hour), start_of_hour(hour + 1)
        times = self._times(hour)
        for one, at in enumerate(times):
            yield Due(float(at), one, self._counter(one, hour, at, regular=at))
        for fault in self._faults.during(begin - ALARM_AFTER, end):
            for at in self._alarms(fault):
                if begin <= at < end:
                    yield Due(at, fault.bin, self._counter(fault.bin, hour, at, regular=times[fault.bin]))

    def _times(self, hour: int) -> Floats:
        """When each bin's hourly frame leaves, shape [bins]."""
        jitter = normal(self.bins.seed, "frame jitter", self.bins.every, hour, sd=JITTER_SECONDS / 3)
        return np.floor(start_of_hour(hour) + self._phase + np.clip(jitter, -JITTER_SECONDS, JITTER_SECONDS))

    def _alarms(self, fault: BinFault) -> tuple[float, ...]:
        speaks = self.bins.model_of(fault.bin).alarms and fault.kind in ALARMED
        return (fault.begin + ALARM_AFTER, fault.end + ALARM_AFTER) if speaks else ()

    def _counter(self, one: int, hour: int, at: float, *, regular: float) -> int:
        """How many frames it had sent before: one an hour (this one's at ``regular``), and its alarms."""
        faults = self._faults.during(self._live_from, at) if self.bins.model_of(one).alarms else []
        alarms = sum(moment < at for fault in faults if fault.bin == one for moment in self._alarms(fault))
        return int(hour - self._first_hour + alarms + (at > regular))

    # --- what -----------------------------------------------------------------------------------------------------

    def _seen(self, due: Due) -> Seen:
        wrong = self._faults.of(due.bin, due.at)
        lies = FaultKind.FALLEN in wrong or FaultKind.LID in wrong
        spike = float(uniform(self.bins.seed, "spike", due.bin, int(due.at))) < SPIKE_SHARE
        if lies or spike:
            distance = int(uniform(self.bins.seed, "wall", due.bin, int(due.at), low=300, high=4000))
        else:
            stuck = wrong.get(FaultKind.STUCK)
            moment = stuck.begin if stuck else due.at
            distance = int(self._distances(np.asarray([due.bin]), np.asarray([moment]))[0])
        charge = max(0.2, 1 - (due.at - self._live_from) / 86_400 / BATTERY_DAYS)
        return Seen(distance, self._celsius(due, FaultKind.FIRE in wrong), lies, charge)

    def _distances(self, which: Integers, at: Floats) -> Integers:
        """What a sound sensor measures of each bin of ``which`` at its moment, mm."""
        bins = self.bins
        levels = [self._contents.level(int(one), float(moment)) for one, moment in zip(which, at, strict=True)]
        shown = np.minimum(levels, HIGHEST) + normal(bins.seed, "distance noise", which, at, sd=NOISE_SD)
        empty, full = bins.empty_mm[which], bins.full_mm[which]
        blind = np.asarray([bins.model_of(int(one)).blind_mm for one in which])
        return np.maximum(empty - shown / 100 * (empty - full), blind).astype(np.int64)

    def _celsius(self, due: Due, burns: bool) -> float:
        """Set by us: a temperate city's year and day, a metal lid in the sun."""
        seed, key = self.bins.seed, int(due.at)
        day, hour = divmod((due.at + 9 * 3600) / 86_400, 1)
        year = -12 * np.cos(2 * np.pi * (day % 365.25 - 15) / 365.25)
        sun = np.sin(np.pi * (24 * hour - 6) / 14) if 6 < 24 * hour < 20 else -0.3
        degrees = 13 + year + 6 * sun + float(normal(seed, "degrees", due.bin, key, sd=1))
        fire = float(uniform(seed, "fire", due.bin, key, low=70, high=120))
        return round(fire if burns else float(degrees), 1)

    def _usual_rssi(self, one: int) -> float:
        return float(uniform(self.bins.seed, "usual rssi", one, low=-118, high=-85))
