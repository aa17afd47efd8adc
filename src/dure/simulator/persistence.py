# SPDX-License-Identifier: Apache-2.0
"""Trying again: back off from a closed door without troubling the others, and say so once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from .doors import DoorClosed

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
LONGEST_WAIT = 30.0
"""Real seconds between two tries at a closed door."""

_printing = threading.Lock()


def say(event: str, **detail: object) -> None:
    """One JSON line on standard output, for people and for the process that supervises."""
    with _printing:
        print(json.dumps({"event": event, **detail}, ensure_ascii=False, default=str), flush=True)


class Stopped(Exception):
    """The simulator was told to stop while it waited."""


class Persistent:
    """Calls a door until it opens. One for each thread; ``name`` is what it says of itself."""

    def __init__(self, name: str, stop: threading.Event) -> None:
        self._name, self._stop = name, stop
        self._closed_for = ""

    def __call__(
        self, call: Callable[Parameters, Result], *args: Parameters.args, **named: Parameters.kwargs
    ) -> Result:
        """The result of the call. Raises Stopped when told to stop while the door is closed."""
        wait = 0.5
        while True:
            try:
                result = call(*args, **named)
            except DoorClosed as closed:
                wait = min(closed.retry_after or wait * 2, LONGEST_WAIT)
                self._closed(str(closed), wait)
                self.sleep(wait)
            else:
                self._opened()
                return result

    def sleep(self, seconds: float) -> None:
        """Raises Stopped when told to stop meanwhile."""
        if self._stop.wait(seconds):
            raise Stopped

    def _closed(self, reason: str, wait: float) -> None:
        if reason != self._closed_for:
            say("door", name=self._name, state="closed", reason=reason, tries_again_in_seconds=round(wait, 1))
        self._closed_for = reason

    def _opened(self) -> None:
        if self._closed_for:
            say("door", name=self._name, state="open")
        self._closed_for = ""


class Throttle:
    """At most ``per_second`` readings in a real second, on average."""

    def __init__(self, per_second: float) -> None:
        self._per_second, self._free_at = per_second, 0.0

    def seconds_after(self, readings: int) -> float:
        """How long to wait after having sent so many."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now - 1.0) + readings / self._per_second
        return max(0.0, self._free_at - now)
