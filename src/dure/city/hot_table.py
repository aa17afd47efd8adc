# SPDX-License-Identifier: Apache-2.0
"""How rows get into the readings' table, per database. Only :mod:`dure.city.readings` calls this.

PostgreSQL: COPY in a savepoint, which is within a few per cent of a bare COPY (benchmarks/ingest.py); when a row is
there already the savepoint is rolled back and the rows go through a temporary table and ON CONFLICT DO NOTHING, at
about half the speed. SQLite: one prepared INSERT for all rows. See docs/adr/0006 for what was measured.
"""

from __future__ import annotations

import json
import logging
from datetime import date, datetime
from functools import partial

import numpy as np
from django.db import IntegrityError, connection, transaction
from numpy.typing import NDArray

log = logging.getLogger(__name__)

LOCK = (0x44757265, 1)
"""Advisory lock "Dure", 1: shared by writers of readings, held alone for a moment by readers."""
_MONTH_LOCK = (0x44757265, 2)
_POSTGRES_EPOCH = 946_684_800_000_000
"""2000-01-01 in µs since 1970: PostgreSQL counts time from there."""
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_ROW = np.dtype(
    [
        ("columns", ">i2"),
        ("series_size", ">i4"), ("series", ">i8"),
        ("at_size", ">i4"), ("at", ">i8"),
        ("quality_size", ">i4"), ("quality", ">i2"),
        ("value_size", ">i4"), ("value", ">f8"),
    ]
)  # fmt: skip
_COLUMNS = "(series_id, at, quality, value)"

Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int16]]
"""(series id, µs since 1970 UTC, value with NaN for none, quality): no (series, at) twice, in order of (at, series)."""

Kept = dict[int, float | None]
"""Positions of rows that did not go in because (series, at) is there already, with the value that is there."""

_months_made: set[np.datetime64] = set()


def insert(rows: Rows) -> Kept:
    """Insert what is not there yet, inside the caller's transaction."""
    if connection.vendor == "postgresql":
        return _insert_postgresql(rows)
    return _insert_sqlite(rows)


def keep_latest(first: int, last: int, seen_at: datetime) -> None:
    """Make the newest readings of those that arrived from ``first`` to ``last`` the latest of their series, where they
    are newer than what is. One statement, so that the record is written to for as short as can be."""
    # PostgreSQL takes a row once in a statement; SQLite takes one after another and keeps the newest.
    postgresql = connection.vendor == "postgresql"
    newest, order = ("SELECT DISTINCT ON (series_id)", " ORDER BY series_id, at DESC") if postgresql else ("SELECT", "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO city_latestreading (series_id, at, value, quality, seen_at) "
            f"{newest} series_id, at, value, quality, %s FROM city_reading WHERE arrival BETWEEN %s AND %s{order} "
            "ON CONFLICT (series_id) DO UPDATE SET "
            "at = excluded.at, value = excluded.value, quality = excluded.quality, seen_at = excluded.seen_at "
            "WHERE excluded.at > city_latestreading.at",
            [connection.ops.adapt_datetimefield_value(seen_at), first, last],
        )


def _insert_postgresql(rows: Rows) -> Kept:
    packed = _packed(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", LOCK)
        try:
            with transaction.atomic():
                _copy(f"COPY city_reading {_COLUMNS} FROM STDIN (FORMAT BINARY)", packed)
            return {}
        except IntegrityError:
            pass  # some are there already: the long way says which
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS incoming (position serial, series_id bigint, at timestamptz, "
            "quality smallint, value double precision) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE incoming RESTART IDENTITY")
        _copy(f"COPY incoming {_COLUMNS} FROM STDIN (FORMAT BINARY)", packed)
        cursor.execute(
            "INSERT INTO city_reading (series_id, at, quality, value) "
            "SELECT series_id, at, quality, value FROM incoming ORDER BY position "
            "ON CONFLICT DO NOTHING RETURNING series_id, at"
        )
        went_in = cursor.fetchall()
        cursor.execute(
            "SELECT position - 1, series_id, at, kept.value FROM incoming "
            "JOIN city_reading AS kept USING (series_id, at)"
        )
        new = set(went_in)
        return {position: value for position, series, at, value in cursor.fetchall() if (series, at) not in new}


def _copy(statement: str, data: bytes) -> None:
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(data)


def _packed(rows: Rows) -> bytes:
    """PostgreSQL's binary COPY format. A value of NaN becomes null: its size is -1 and its eight bytes are left out."""
    series, at, value, quality = rows
    packed = np.empty(len(series), _ROW)
    packed["columns"] = 4
    packed["series_size"], packed["at_size"], packed["quality_size"] = 8, 8, 2
    packed["series"], packed["at"], packed["quality"], packed["value"] = series, at - _POSTGRES_EPOCH, quality, value
    missing = np.isnan(value)
    packed["value_size"] = np.where(missing, -1, 8)
    if not missing.any():
        return _HEADER + packed.tobytes() + _TRAILER
    kept = np.ones((len(series), _ROW.itemsize), bool)
    kept[missing, -8:] = False
    return _HEADER + packed.view(np.uint8).reshape(kept.shape)[kept].tobytes() + _TRAILER


def _insert_sqlite(rows: Rows) -> Kept:
    series, at, value, quality = rows
    times = _sqlite_times(at)
    values = [None if number != number else number for number in value.tolist()]  # noqa: PLR0124 - NaN is not itself
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(arrival) FROM city_reading")
        (last,) = cursor.fetchone()
        cursor.executemany(
            "INSERT INTO city_reading (series_id, at, quality, value) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (series_id, at) DO NOTHING",
            list(zip(series.tolist(), times, quality.tolist(), values, strict=True)),
        )
        if cursor.rowcount == len(times):
            return {}
        cursor.execute(
            "SELECT sent.key, kept.value FROM json_each(%s) AS sent JOIN city_reading AS kept "
            "ON kept.series_id = json_extract(sent.value, '$[0]') AND kept.at = json_extract(sent.value, '$[1]') "
            "WHERE kept.arrival <= %s",
            [json.dumps(list(zip(series.tolist(), times, strict=True))), last or 0],
        )
        return dict(cursor.fetchall())


def _sqlite_times(at: NDArray[np.int64]) -> list[str]:
    """As Django writes them: ``2026-11-21 00:00:00``, with six more digits where there are microseconds."""
    texts = np.datetime_as_string(at.astype("M8[us]"), unit="us").tolist()
    return [text.replace("T", " ").removesuffix(".000000") for text in texts]


def make_months(at: NDArray[np.int64]) -> None:
    """Make the monthly partitions for these times (µs since 1970, UTC) where there are none. SQLite has none to make.

    Two processes may come to a new month together: a lock lets one make it. It is made before the rows' transaction
    takes any lock, so that nobody waits for it longer than the moment it takes.
    """
    if connection.vendor != "postgresql":
        return
    for month in np.unique(at.astype("M8[us]").astype("M8[M]")):
        if month not in _months_made:
            _make_month(month)
            transaction.on_commit(partial(_months_made.add, month))


def _make_month(month: np.datetime64) -> None:
    first: date = month.astype("M8[D]").item()
    next_first: date = (month + 1).astype("M8[D]").item()
    name = f"city_reading_{first:%Y_%m}"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _MONTH_LOCK)
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone() != (None,):
                return
            cursor.execute(
                f"CREATE TABLE {name} PARTITION OF city_reading "
                f"FOR VALUES FROM ('{first} 00:00:00+00') TO ('{next_first} 00:00:00+00')"
            )
    except IntegrityError:
        # The default partition holds rows of this month (a restored dump): they stay there, and so do the new ones.
        log.warning("no partition for %s: rows of that month are in the default one", name)
