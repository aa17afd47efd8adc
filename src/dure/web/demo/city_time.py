# SPDX-License-Identifier: Apache-2.0
"""Where the demo's city time stood: it goes on from there at the next start."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from pathlib import Path

from dure.city.clock import SEOUL, Pace, real_now

SAVED_EVERY = 2.0
"""Real seconds between two savings."""
WAKES_AT = time(6, 0)
"""A new city begins its first day at this time in Seoul."""


class CityTime:
    """The file that keeps it. City time never goes back, also after a power cut: what is saved lies ahead by as much
    as may pass until the next saving."""

    def __init__(self, path: Path, speed: float) -> None:
        self._path = path
        real = real_now().timestamp()
        self.pace = Pace(speed, real, self._saved() or _first_morning())

    def save(self, *, stopping: bool = False) -> None:
        """Write down where city time stands."""
        ahead = 0.0 if stopping else SAVED_EVERY * self.pace.speed
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({"city": self._now() + ahead}))
        draft.replace(self._path)

    def _now(self) -> float:
        return self.pace.city_start + (real_now().timestamp() - self.pace.real_start) * self.pace.speed

    def _saved(self) -> float | None:
        try:
            return float(json.loads(self._path.read_text())["city"])
        except FileNotFoundError:
            return None


def _first_morning() -> float:
    today = real_now().astimezone(SEOUL)
    morning = datetime.combine(today, WAKES_AT, SEOUL)
    return (morning if morning <= today else morning - timedelta(days=1)).timestamp()
