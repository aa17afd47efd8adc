# SPDX-License-Identifier: Apache-2.0
"""One feed alone: whole intervals, in order, and never before their time."""

from __future__ import annotations

import threading

from dure.simulator.city import City
from dure.simulator.deliveries import Readings
from dure.simulator.doors import Answer, DoorClosed
from dure.simulator.feeder import Feeder
from dure.simulator.life import begin_life
from dure.simulator.memory import State
from dure.simulator.pace import Pace, real_now, start_of
from dure.simulator.persistence import Persistent, Throttle

from .living import LIVE_FROM


class Kept:
    """A door that keeps what came and has the simulator stopped after so many times."""

    at_once = 10_000

    def __init__(self, stop: threading.Event, after: int) -> None:
        self.slots: list[set[int]] = []
        self._stop, self._after = stop, after

    def send(self, readings: Readings) -> Answer:
        self.slots.append(set(readings.slot.tolist()))
        if len(self.slots) == self._after:
            self._stop.set()
        return Answer(len(readings))


def test_an_hour_that_the_start_cuts_in_two_is_sent_when_it_is_over(made_city: City) -> None:
    stop, live_from = threading.Event(), LIVE_FROM + 1
    phones = begin_life(made_city, live_from, 1).phones
    now = start_of(LIVE_FROM + 4) + 1
    history, live = Kept(stop, 100), Kept(stop, 2)
    state = State(made_city.folder)
    feeder = Feeder(
        phones, history, live, state=state, pace=Pace(1, real_now(), now), stop=stop, per_second=1_000_000.0
    )
    feeder.run(live_from - 48, live_from)
    state.close()
    assert set.union(*history.slots) == set(range(LIVE_FROM - 46, LIVE_FROM, 2))
    assert live.slots == [{LIVE_FROM}, {LIVE_FROM + 2}]


def test_a_door_that_says_when_to_come_back_is_believed() -> None:
    waits: list[float] = []

    class Waiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return False

    answers: list[DoorClosed | int] = [DoorClosed("closed"), DoorClosed("closed", 7.0), DoorClosed("closed"), 3]

    def call() -> int:
        answer = answers.pop(0)
        if isinstance(answer, DoorClosed):
            raise answer
        return answer

    assert Persistent("a", Waiting())(call) == 3
    assert waits == [1.0, 7.0, 14.0]


def test_the_throttle_waits_for_what_was_too_much() -> None:
    assert Throttle(1e9).seconds_after(1_000) < 0.001
    slow = Throttle(100.0)
    assert slow.seconds_after(1_000) > 8
    assert slow.seconds_after(1_000) > 17
