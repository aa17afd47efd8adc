# SPDX-License-Identifier: Apache-2.0
"""The bins of a city that lives: what their sensors say is sent, and what was true is kept, hour by hour."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from dure.simulator.doors import BATCH, Answer
from dure.simulator.memory import Event, State, Truth
from dure.simulator.pace import SLOT_SECONDS, Pace, start_of
from dure.simulator.persistence import Persistent, Stopped, say
from dure.simulator.waste.bins import FEED, Bins, bin_code, dev_eui
from dure.simulator.waste.contents import Contents
from dure.simulator.waste.deposits import HOUR_SECONDS, hour_of, start_of_hour
from dure.simulator.waste.faults import BinFaults
from dure.simulator.waste.network import Network
from dure.simulator.waste.sensors import Sensors

HISTORY_DAYS = 21
AT_ONCE = 200
"""Frames in one go, where the network was away."""
FULL = 100.0
TRUTH_AGAIN_HOURS = 2
"""An hour's truth is written down again so long after it: what a truck did while its door was closed comes late."""


@dataclass(frozen=True)
class WasteLife:
    """The bins, what is in them, what is wrong with them and what they send. ``live_from``: UTC epoch seconds."""

    bins: Bins
    contents: Contents
    faults: BinFaults
    sensors: Sensors
    live_from: float
    first_hour: int
    """Of the history."""


@dataclass(frozen=True)
class Means:
    """What every part of a living city is given: where it keeps how far it is and what was true, its time, its end."""

    state: State
    truth: Truth
    pace: Pace
    stop: threading.Event


def begin_waste(bins: Bins, live_slot: int, backfill_days: int, *, trucks: bool, state: State) -> WasteLife:
    """The bins of a city whose live time begins at ``live_slot``. Without ``trucks`` that drive for the platform, the
    contractor goes on emptying by the calendar."""
    live_from = start_of(live_slot - live_slot % (HOUR_SECONDS // SLOT_SECONDS))
    first_day = hour_of(live_from) // 24 - min(backfill_days, HISTORY_DAYS)
    until = live_from if trucks else float("inf")
    contents = Contents(bins, first_day, until, state.emptied())
    faults = BinFaults(bins, live_from)
    sensors = Sensors(bins, contents, faults, live_from)
    return WasteLife(bins, contents, faults, sensors, live_from, 24 * first_day)


class Readings(Protocol):
    """A door that takes readings; when it returns, they are on the platform's disk. Raises DoorClosed."""

    def tell(self, readings: Sequence[Mapping[str, object]]) -> Answer: ...


class Uplinks:
    """Sends the sensors' history through the readings' door, as a city brings its old records along, and what they say
    from then on through their network; keeps each hour's truth when it is over."""

    def __init__(self, life: WasteLife, means: Means, history: Readings, network: Network) -> None:
        self._life, self._history, self._network = life, history, network
        self._state, self._truth, self._pace = means.state, means.truth, means.pace
        self._persistent = Persistent(FEED, means.stop)

    def run(self) -> None:
        """Until told to stop."""
        try:
            self._send_history()
            self._live_on()
        except Stopped:
            say("stopped", feed=FEED)

    def _send_history(self) -> None:
        begin, end = self._life.first_hour, hour_of(self._life.live_from)
        hour = self._state.next_slot(FEED, begin)
        while hour < end:
            until = min(hour + max(1, BATCH // len(self._life.bins)), end)
            readings = (_reading(one, at, mm) for one, at, mm in self._life.sensors.history(hour, until))
            while part := list(islice(readings, BATCH)):
                self._persistent(self._history.tell, part)
            self._state.sent(FEED, until)
            hour = until
            say("old readings", feed=FEED, until=moment(start_of_hour(hour)))

    def _live_on(self) -> None:
        hour = self._state.next_slot(FEED, hour_of(self._life.live_from))
        while True:
            frames = self._send(hour)
            self._persistent.sleep(self._pace.real_seconds_until(start_of_hour(hour + 1)))
            for over in range(max(hour - TRUTH_AGAIN_HOURS, hour_of(self._life.live_from)), hour + 1):
                keep_truth(self._life, self._truth, over)
            hour += 1
            self._state.sent(FEED, hour)
            say("live", feed=FEED, until=moment(start_of_hour(hour)), frames=frames)

    def _send(self, hour: int) -> int:
        """Each frame of the hour at its time; those that are late together."""
        due = self._life.sensors.heard(hour)
        sent = 0
        while sent < len(due):
            self._persistent.sleep(self._pace.real_seconds_until(due[sent].at))
            now = self._pace.now()
            ready = [one for one in due[sent : sent + AT_ONCE] if one.at <= now] or [due[sent]]
            self._persistent(self._network.send, [self._life.sensors.frame(one) for one in ready])
            sent += len(ready)
        return sent


def keep_truth(life: WasteLife, truth: Truth, hour: int) -> None:
    """Write down an hour that is over: what fell in and how full each bin was at its end, what was emptied, what is
    wrong."""
    begin, end = start_of_hour(hour), start_of_hour(hour + 1)
    fell, levels = life.contents.fell_in(hour), life.contents.levels(end)
    truth.keep_bin_hours(
        (bin_code(one), moment(begin), float(fell[one]), float(levels[one])) for one in range(len(life.bins))
    )
    truth.keep(_events(life, begin, end))
    truth.lived("bins known", moment(end))


def _events(life: WasteLife, begin: float, end: float) -> Iterator[Event]:
    for done in life.contents.emptied(begin, end):
        at = moment(done.at)
        yield Event("bin_emptied", bin_code(done.bin), at, at, f"{done.held:.0f}")
    for fault in life.faults.during(begin, end):
        yield Event(f"bin_{fault.kind}", bin_code(fault.bin), moment(fault.begin), moment(fault.end))


def moment(at: float) -> datetime:
    """Aware, UTC."""
    return datetime.fromtimestamp(at, UTC)


def _reading(one: int, at: float, distance_mm: int) -> dict[str, Any]:
    said_at = moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"device": dev_eui(one), "series": "distance", "at": said_at, "value": distance_mm}
