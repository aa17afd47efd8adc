# SPDX-License-Identifier: Apache-2.0
"""One feed's life: its history in large batches, then each interval when city time has passed it."""

from __future__ import annotations

import threading
from typing import Protocol

from .deliveries import Readings
from .doors import BATCH, Answer, Door
from .memory import State
from .pace import SLOTS_PER_DAY, Pace, moment, slot_of, start_of
from .persistence import Persistent, Stopped, Throttle, say


class Deliveries(Protocol):
    """What a feed sends: ``step`` is the half hours of its interval."""

    feed: str
    step: int

    def due(self, slot: int) -> Readings: ...
    def between(self, begin: int, end: int) -> Readings: ...


class Feeder:
    """Sends one feed through its doors in order, and remembers how far. Stopped and started again it goes on where
    the door had acknowledged; what was under way is sent twice, which the doors know as the same thing."""

    def __init__(
        self,
        deliveries: Deliveries,
        history: Door,
        live: Door,
        *,
        state: State,
        pace: Pace,
        stop: threading.Event,
        per_second: float,
    ) -> None:
        self._deliveries, self._history, self._live = deliveries, history, live
        self._state, self._pace = state, pace
        self._persistent, self._throttle = Persistent(deliveries.feed, stop), Throttle(per_second)

    def run(self, history_from: int, live_from: int) -> None:
        """Until told to stop. Both slots; the history is [history_from, live_from), whole intervals only."""
        live_from -= live_from % self._deliveries.step
        try:
            self._send_history(history_from, live_from)
            self._live_on(live_from)
        except Stopped:
            say("stopped", feed=self._deliveries.feed)

    def _send_history(self, begin: int, end: int) -> None:
        feed = self._deliveries.feed
        slot = self._state.next_slot(feed, begin)
        while slot < end:
            until = min(slot + self._slots_at_once(slot), end)
            answer = self._send(self._deliveries.between(slot, until), self._history)
            self._state.sent(feed, until)
            slot = until
            say("history", feed=feed, done=slot - begin, total=end - begin, until=moment(slot), **_counted(answer))

    def _slots_at_once(self, slot: int) -> int:
        """As many steps as fill about one batch, at most a day."""
        step = self._deliveries.step
        readings = max(len(self._deliveries.between(slot, slot + step)), 1)
        return max(step, min(BATCH // readings * step, SLOTS_PER_DAY))

    def _live_on(self, live_from: int) -> None:
        feed, step = self._deliveries.feed, self._deliveries.step
        slot = self._state.next_slot(feed, live_from)
        while True:
            self._persistent.sleep(self._pace.real_seconds_until(start_of(slot + step)))
            answer = self._send(self._deliveries.due(slot), self._live)
            slot += step
            self._state.sent(feed, slot)
            behind = (slot_of(self._pace.now()) - slot) * 0.5
            say("live", feed=feed, until=moment(slot), behind_hours=max(behind, 0.0), **_counted(answer))

    def _send(self, readings: Readings, door: Door) -> Answer:
        total = Answer()
        for part in readings.parts(door.at_once):
            total += self._persistent(door.send, part)
            self._persistent.sleep(self._throttle.seconds_after(len(part)))
        return total


def _counted(answer: Answer) -> dict[str, object]:
    counted: dict[str, object] = {"stored": answer.stored, "duplicates": answer.duplicates}
    return counted | ({"rejected": answer.rejected, "reason": answer.reason} if answer.rejected else {})
