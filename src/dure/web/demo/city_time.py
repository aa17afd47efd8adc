# SPDX-License-Identifier: Apache-2.0
"""Where the demo's city time stood: it goes on from there at the next start, at the same speed or another."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from dure.city.clock import SEOUL, Pace, real_now

SAVED_EVERY = 2.0
"""Real seconds between two savings."""
WAKES_AT = time(6, 0)
"""A new city begins its first day at this time in Seoul."""
LATEST_ON_RECORD = """
    SELECT max(moment)
    FROM (SELECT max(moved_at) AS moment FROM city_watermark UNION SELECT max(at) FROM city_auditentry)
"""


class CityTime:
    """The file that keeps it. City time never goes back: what is saved lies ahead by as much as may pass until the
    next saving, and where even that was not saved (a power cut, a supervisor that was held up and then killed), the
    record in ``database`` says how late it was."""

    def __init__(self, path: Path, database: Path, speed: float) -> None:
        self._path = path
        known = [moment for moment in (self._saved(), _on_record(database)) if moment is not None]
        self.pace = Pace(speed, real_now().timestamp(), max(known, default=_first_morning()))

    def save(self, *, stopping: bool = False) -> None:
        """Write down where city time stands."""
        ahead = 0.0 if stopping else SAVED_EVERY * self.pace.speed
        draft = self._path.with_suffix(".draft")
        with draft.open("w") as file:
            file.write(json.dumps({"city": self._now() + ahead}))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)

    def _now(self) -> float:
        return self.pace.city_start + (real_now().timestamp() - self.pace.real_start) * self.pace.speed

    def _saved(self) -> float | None:
        try:
            return float(json.loads(self._path.read_text())["city"])
        except (FileNotFoundError, ValueError):
            return None


def _on_record(database: Path) -> float | None:
    """The latest city time that the record speaks of; None where there is no record yet. Django is not set up yet."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            (latest,) = connection.execute(LATEST_ON_RECORD).fetchone()
    except sqlite3.DatabaseError:
        return None  # half made, or of a version that is yet to be migrated
    return datetime.fromisoformat(latest).replace(tzinfo=UTC).timestamp() if latest else None


def _first_morning() -> float:
    today = real_now().astimezone(SEOUL)
    morning = datetime.combine(today, WAKES_AT, SEOUL)
    return (morning if morning <= today else morning - timedelta(days=1)).timestamp()
