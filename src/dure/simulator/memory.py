# SPDX-License-Identifier: Apache-2.0
"""What the simulator keeps on disk: how far each feed was sent (state.sqlite), and the truth (truth.sqlite).

Everything else is made again from the seed. The two are apart so that the truth can be handed to a judge alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock


class _Database:
    """One SQLite file shared by threads."""

    def __init__(self, path: Path, schema: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(schema)
        self._lock = Lock()

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._lock, self._connection:
            self._connection.executemany(statement, rows)

    def read(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class State(_Database):
    """How far the city has lived. Losing a step is harmless: it is sent again and the doors know it."""

    def __init__(self, folder: Path) -> None:
        schema = """
            CREATE TABLE IF NOT EXISTS life (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS sent (feed TEXT PRIMARY KEY, next_slot INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS emptied (bin INTEGER, at REAL, PRIMARY KEY (bin, at));
        """
        super().__init__(folder / "state.sqlite", schema)

    def once(self, name: str, value: int) -> int:
        """The value kept under ``name``; ``value`` becomes it the first time."""
        self.write("INSERT OR IGNORE INTO life VALUES (?, ?)", [(name, value)])
        return int(self.read("SELECT value FROM life WHERE name = ?", (name,))[0][0])

    def next_slot(self, feed: str, first: int) -> int:
        """The first slot that the feed's door has not acknowledged; ``first`` when nothing was sent."""
        rows = self.read("SELECT next_slot FROM sent WHERE feed = ?", (feed,))
        return int(rows[0][0]) if rows else first

    def sent(self, feed: str, next_slot: int) -> None:
        self.write("INSERT OR REPLACE INTO sent VALUES (?, ?)", [(feed, next_slot)])

    def emptied(self) -> list[tuple[int, float]]:
        """Bin and time (UTC epoch seconds) of what the trucks emptied, oldest first."""
        return [(int(one), float(at)) for one, at in self.read("SELECT bin, at FROM emptied ORDER BY at, bin")]

    def keep_emptied(self, one: int, at: float) -> None:
        self.write("INSERT OR IGNORE INTO emptied VALUES (?, ?)", [(one, at)])


@dataclass(frozen=True)
class Event:
    """Something that was so. ``kind``: emergency, hospital, trip, outage, late, stuck, feeder_outage, fall; of bins
    bin_emptied, bin_complaint, bin_silent, bin_stuck, bin_fallen, bin_lid, bin_fire; truck_broken.

    ``subject``: the power meter's code; an area's for a feeder outage, the device's on the wrist for a fall; the bin's
    or the truck's. Times aware, UTC; ``detail`` in the kind's own words."""

    kind: str
    subject: str
    begins_at: datetime
    ends_at: datetime
    detail: str = ""


@dataclass(frozen=True)
class Said:
    """What is true of a complaint: ``number`` as the platform gave it ("": it refused), the ``thing`` it is about ("":
    none that others could tell of), what it is rightly called (none: more than one would be right), whether somebody is
    in danger, which topic the citizen chose ("": none), and what in its text points to a person (kind, value)."""

    ref: str
    number: str
    at: datetime
    door: str
    thing: str
    topics: Sequence[str]
    departments: Sequence[str]
    danger: bool
    chose: str
    personal: Sequence[Sequence[str]]


class Truth(_Database):
    """What really happened. Nothing of it is ever sent."""

    def __init__(self, folder: Path) -> None:
        schema = """
            CREATE TABLE IF NOT EXISTS event (
                kind TEXT, subject TEXT, begins_at TEXT, ends_at TEXT NOT NULL, detail TEXT NOT NULL,
                PRIMARY KEY (kind, subject, begins_at)
            );
            CREATE TABLE IF NOT EXISTS call (
                id TEXT PRIMARY KEY, subject TEXT NOT NULL, at TEXT NOT NULL, did TEXT NOT NULL
            );
            CREATE TABLE IF NOT EXISTS span (name TEXT PRIMARY KEY, at TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS bin_hour (
                bin TEXT, hour TEXT, fell_in REAL NOT NULL, level REAL NOT NULL, PRIMARY KEY (bin, hour)
            );
            CREATE TABLE IF NOT EXISTS said (ref TEXT PRIMARY KEY, at TEXT NOT NULL, truth TEXT NOT NULL);
        """
        super().__init__(folder / "truth.sqlite", schema)

    def keep(self, events: Iterable[Event]) -> None:
        """Writing an event a second time changes nothing."""
        rows = [(e.kind, e.subject, e.begins_at.isoformat(), e.ends_at.isoformat(), e.detail) for e in events]
        self.write("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?)", rows)

    def events(self) -> list[Event]:
        """All events by their beginning."""
        rows = self.read("SELECT kind, subject, begins_at, ends_at, detail FROM event ORDER BY begins_at, subject")
        parse = datetime.fromisoformat
        return [Event(kind, subject, parse(begin), parse(end), detail) for kind, subject, begin, end, detail in rows]

    def keep_call(self, call: str, subject: str, at: datetime, did: str) -> None:
        self.write("INSERT OR REPLACE INTO call VALUES (?, ?, ?, ?)", [(call, subject, at.isoformat(), did)])

    def calls(self) -> dict[str, int]:
        """How often residents did what when the telephone rang."""
        rows = self.read("SELECT did, count(*) FROM call GROUP BY did ORDER BY did")
        return {did: int(count) for did, count in rows}

    def keep_bin_hours(self, rows: Iterable[tuple[str, datetime, float, float]]) -> None:
        """Of each bin and hour: what fell in, and how full it was at the end, percent; the last word counts."""
        written = [(code, hour.isoformat(), round(fell, 2), round(level, 1)) for code, hour, fell, level in rows]
        self.write("INSERT OR REPLACE INTO bin_hour VALUES (?, ?, ?, ?)", written)

    def bin_hours(self, since: datetime, until: datetime, overflowing: float) -> dict[str, tuple[int, int]]:
        """By bin, the hours within [since, until), and how many of them ended at ``overflowing`` percent or more."""
        query = (
            "SELECT bin, count(*), sum(level >= ?) FROM bin_hour WHERE hour >= ? AND hour < ? GROUP BY bin ORDER BY bin"
        )
        rows = self.read(query, (overflowing, *(at.astimezone(UTC).isoformat() for at in (since, until))))
        return {code: (int(hours), int(over)) for code, hours, over in rows}

    def keep_said(self, one: Said) -> None:
        """Writing a complaint a second time changes nothing but its number."""
        truth = json.dumps(asdict(one) | {"at": one.at.isoformat()}, ensure_ascii=False)
        self.write("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", [(one.ref, one.at.isoformat(), truth)])

    def said(self, since: datetime, until: datetime) -> list[Said]:
        """The complaints made within [since, until), by their times."""
        bounds = tuple(at.astimezone(UTC).isoformat() for at in (since, until))
        rows = self.read("SELECT truth FROM said WHERE at >= ? AND at < ? ORDER BY at, ref", bounds)
        return [_said(row) for row in rows]

    def said_lately(self, most: int = 2_000) -> list[Said]:
        """The newest complaints that the platform took."""
        rows = self.read("SELECT truth FROM said ORDER BY at DESC LIMIT ?", (most,))
        return [one for one in map(_said, rows) if one.number]

    def lived(self, name: str, at: datetime) -> None:
        """Note when live life ``began`` or until when it is ``known`` (``bins known``,
        ``complaints known``)."""
        self.write("INSERT OR REPLACE INTO span VALUES (?, ?)", [(name, at.astimezone(UTC).isoformat())])

    def when(self, name: str) -> datetime | None:
        rows = self.read("SELECT at FROM span WHERE name = ?", (name,))
        return datetime.fromisoformat(rows[0][0]) if rows else None


def _said(row: tuple[str, ...]) -> Said:
    held = json.loads(row[0])
    return Said(**(held | {"at": datetime.fromisoformat(held["at"])}))
