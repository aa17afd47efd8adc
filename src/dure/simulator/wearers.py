# SPDX-License-Identifier: Apache-2.0
"""Devices on people's bodies at the platform's door, each with a key of its own: a fall at once, values each step."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from .doors import Answer, HttpDoor
from .memory import State
from .pace import KOREA, Pace
from .persistence import Persistent, Stopped, say
from .wearing import STEP_SECONDS, STEPS_A_SLOT, Worn, step_start

FEED = "wear"
MOST_STEPS_AT_ONCE = 12
"""Steps that a device which fell behind tells at once: an hour."""


class Wearers:
    """Sends what the devices tell, and remembers up to which step. What was under way when it was stopped is sent
    again, which the door knows as the same thing. A device without a door is silent."""

    def __init__(
        self, worn: Worn, doors: Mapping[str, HttpDoor], *, state: State, pace: Pace, stop: threading.Event
    ) -> None:
        self._worn, self._doors, self._state, self._pace = worn, doors, state, pace
        self._persistent = Persistent(FEED, stop)

    def run(self, live_from: int) -> None:
        """Until told to stop, from the slot ``live_from`` on."""
        step = self._state.next_slot(FEED, live_from * STEPS_A_SLOT)
        try:
            while True:
                self._tell_falls(step)
                self._persistent.sleep(self._pace.real_seconds_until(step_start(step + 1)))
                step = self._tell_values(step)
                self._state.sent(FEED, step)
        except Stopped:
            say("stopped", feed=FEED)

    def _tell_falls(self, step: int) -> None:
        for at, device in self._worn.falls_felt(step):
            self._persistent.sleep(self._pace.real_seconds_until(at))
            moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            answer = self._send(device, [{"device": device, "series": "fall", "at": moment, "value": 1}])
            say("fall", device=device, at=moment, stored=answer.stored)

    def _tell_values(self, step: int) -> int:
        """Of the step that has ended, and of those after it that have ended, too, as far as no fall comes between.
        Returns the next one."""
        told = defaultdict[str, list[dict[str, object]]](list)
        first, now = step, int((self._pace.now() + KOREA.total_seconds()) // STEP_SECONDS)
        while step == first or (step < min(now, first + MOST_STEPS_AT_ONCE) and not self._worn.falls_felt(step)):
            for said in self._worn.said(step):
                told[said.device] += said.readings
            step += 1
        total = Answer()
        for device, readings in told.items():
            total += self._send(device, readings)
        rejected = {"rejected": total.rejected, "reason": total.reason} if total.rejected else {}
        say("live", feed=FEED, until=datetime.fromtimestamp(step_start(step), UTC), stored=total.stored, **rejected)
        return step

    def _send(self, device: str, readings: list[dict[str, object]]) -> Answer:
        door = self._doors.get(device)
        return self._persistent(door.tell, readings) if door else Answer()
