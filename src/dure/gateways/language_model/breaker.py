# SPDX-License-Identifier: Apache-2.0
"""A circuit breaker: who has failed several times in a row is left alone for a while, then tried by one caller."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

from dure.city import clock


class Open(Exception):
    """It has failed too often lately; nobody calls it now."""


class Breaker:
    """Counts failures of one thing. ``failures`` in a row open it for ``pause``. Safe among threads."""

    def __init__(self, failures: int, pause: timedelta) -> None:
        self._most, self._pause = failures, pause
        self._failures = 0
        self._shut_until: datetime | None = None
        self._trying = False
        self._lock = Lock()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Around one call: what it raises is a failure. Raises Open instead of letting it happen where it is open."""
        with self._lock:
            if self._shut_until is not None:
                if self._trying or clock.now() < self._shut_until:
                    raise Open
                self._trying = True
        try:
            yield
        except BaseException:
            self._ended(failed=True)
            raise
        self._ended(failed=False)

    def _ended(self, *, failed: bool) -> None:
        with self._lock:
            self._trying = False
            self._failures = self._failures + 1 if failed else 0
            self._shut_until = clock.now() + self._pause if self._failures >= self._most else None
