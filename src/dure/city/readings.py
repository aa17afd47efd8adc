# SPDX-License-Identifier: Apache-2.0
"""The hot table: written in groups by :func:`store`, read in arrival order by :func:`pull`.

Arrival order is what makes a restart repeat nothing and skip nothing: see docs/adr/0006. On PostgreSQL every writer
holds a shared advisory lock from before its first ``nextval`` until its commit, and a reader takes that lock alone for
the moment in which it asks how far the arrivals go: nothing below that number can appear later. On SQLite writers are
one after another, so there is nothing to wait for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Max, Q
from numpy.typing import NDArray
from prometheus_client import Counter

from dure.city import clock, hot_table
from dure.city.errors import Unavailable
from dure.city.models import Device, Feed, Reading, RejectedReading, Series, Watermark

log = logging.getLogger(__name__)

READINGS = Counter("dure_readings", "Readings that came to a door, by what became of them", ["door", "result"])
"""``result``: stored, duplicate (nothing changed), conflict (another value was there first), rejected."""
LATEST = "latest"
CLOCKS_APART = timedelta(minutes=10)
"""How far a device's clock may run before ours, and ours may be put back unnoticed."""
_LIVE = timedelta(hours=2)
"""Readings that arrive this close to the time they speak of prove our clock right."""
_FULL = ("디스크가 가득 찼습니다", "the disk is full")
_BUSY = ("데이터베이스가 바쁩니다", "the database is busy")
_WHY = {"SQLITE_FULL": _FULL, "53100": _FULL}
_WHY |= dict.fromkeys(("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "57014", "40P01"), _BUSY)
"""By SQLite error name and SQLSTATE (disk_full; lock_not_available, query_canceled, deadlock_detected)."""
_SEEN_STEP = timedelta(minutes=1)
"""A device's last sign of life is not written more often than this: it is read in minutes."""


@dataclass(frozen=True)
class ReadingBatch:
    """Readings of known series as parallel columns of one length.

    ``series``: ids. ``at``: µs since 1970, UTC, the start of the interval spoken of. ``value``: NaN where there is
    none. ``quality``: a Quality's number.
    """

    series: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.int16]

    @classmethod
    def of(cls, readings: Iterable[tuple[int, datetime, float | None, int]]) -> ReadingBatch:
        """From rows of (series id, aware time, value or None, quality)."""
        rows = list(readings)
        return cls(
            np.array([row[0] for row in rows], np.int64),
            np.array([round(row[1].timestamp() * 1e6) for row in rows], np.int64),
            np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64),
            np.array([row[3] for row in rows], np.int16),
        )

    def __len__(self) -> int:
        return len(self.series)


@dataclass(frozen=True)
class StoreResult:
    """What became of a batch of ``size`` readings. ``duplicates``: position in the batch → the value that was there
    first and stays (None for no value). ``conflicts``: those of them that were sent with another value."""

    size: int
    duplicates: dict[int, float | None] = field(default_factory=dict)
    conflicts: list[int] = field(default_factory=list)

    @property
    def stored(self) -> int:
        return self.size - len(self.duplicates)


class Arrived(NamedTuple):
    """A reading as a consumer gets it."""

    arrival: int
    series_id: int
    at: datetime
    value: float | None
    quality: int


def store(batch: ReadingBatch) -> StoreResult:
    """Write readings in one transaction; what is there already stays as it is. On disk when this returns, unless the
    caller has a transaction of its own around it.

    Raises Unavailable when the database is down, busy for too long or out of space: then nothing was written.
    """
    if not len(batch):
        return StoreResult(0)
    order, repeats, first_of = _in_order(batch)
    with available():
        hot_table.make_months(batch.at)
        with transaction.atomic():
            kept = hot_table.insert((batch.series[order], batch.at[order], batch.value[order], batch.quality[order]))
    duplicates = {int(order[position]): value for position, value in kept.items()}
    for repeat, first in zip(repeats.tolist(), first_of.tolist(), strict=True):
        duplicates[repeat] = duplicates.get(first, _value(batch, first))
    conflicts = sorted(position for position, value in duplicates.items() if value != _value(batch, position))
    return StoreResult(len(batch), duplicates, conflicts)


def _value(batch: ReadingBatch, position: int) -> float | None:
    value = float(batch.value[position])
    return None if np.isnan(value) else value


def _in_order(batch: ReadingBatch) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Positions to write, in order of (at, series); positions that repeat one of those; and which one they repeat.

    The order is the same for every writer, so that two with the same readings cannot wait for each other in a circle.
    """
    order = np.lexsort((batch.series, batch.at))  # stable: of equal keys, the first sent comes first
    series, at = batch.series[order], batch.at[order]
    new = np.ones(len(order), bool)
    new[1:] = (series[1:] != series[:-1]) | (at[1:] != at[:-1])
    if new.all():
        return order, order[:0], order[:0]
    first = order[new][np.cumsum(new) - 1]
    return order[new], order[~new], first[~new]


@contextmanager
def available() -> Iterator[None]:
    """Within it, a database that is down, locked or full raises Unavailable: nothing was kept, send again."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        log.warning("the record is not available: %s", str(error).strip())
        cause = error.__cause__
        code = str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", ""))
        ko, en = _WHY.get(code, ("데이터베이스에 닿지 않습니다", "the database cannot be reached"))
        raise Unavailable(f"지금은 저장할 수 없습니다: {ko}", f"nothing can be stored now: {en}") from error


def keep_rejected(rejected: Iterable[RejectedReading]) -> None:
    """Keep what a door refused, so that the fault at the other end is seen. ``received_at`` is set here."""
    now = clock.now()
    rows = list(rejected)
    for row in rows:
        row.received_at = now
    with available():
        RejectedReading.objects.bulk_create(rows)


@contextmanager
def pull(consumer: str, limit: int = 10_000) -> Iterator[list[Arrived]]:
    """Up to ``limit`` readings that ``consumer`` has not had, in arrival order.

    What the block writes and how far the consumer has read are one transaction: if the block raises, or the process
    dies, neither happened. One consumer name is served one at a time; others wait.
    """
    with transaction.atomic():
        mark, _ = Watermark.objects.select_for_update().get_or_create(consumer=consumer)
        found = Reading.objects.filter(arrival__gt=mark.arrival, arrival__lte=_settled_arrival()).order_by("arrival")
        columns = found.values_list("arrival", "series_id", "at", "value", "quality")
        readings = [Arrived(*row) for row in columns[:limit]]
        yield readings
        if readings:
            mark.arrival = readings[-1].arrival
        mark.moved_at = _moved(mark.moved_at, readings)
        mark.save(update_fields=["arrival", "moved_at"])


def _moved(before: datetime | None, readings: list[Arrived]) -> datetime:
    """The latest time that our clock is known to have shown: it goes back only where live readings say that the clock
    had been ahead, so that one which falls back (a server that starts without its battery) stays known as wrong."""
    now = clock.now()
    if before is None or now >= before or any(abs(reading.at - now) < _LIVE for reading in readings):
        return now
    return before


def clock_fell_back_from() -> datetime | None:
    """A time that our clock has shown already, where it is more than CLOCKS_APART before that; else None."""
    moved = Watermark.objects.filter(pk=LATEST).values_list("moved_at", flat=True).first()
    return moved if moved is not None and clock.now() < moved - CLOCKS_APART else None


def _settled_arrival() -> int:
    """The highest arrival below which no reading can still appear."""
    if connection.vendor != "postgresql":
        return Reading.objects.aggregate(last=Max("arrival"))["last"] or 0
    with connection.cursor() as cursor:
        # The lock is taken inside a savepoint that is rolled back, which gives it back at once.
        cursor.execute("SAVEPOINT settled")
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", hot_table.LOCK)
            cursor.execute("SELECT max(arrival) FROM city_reading")
            (last,) = cursor.fetchone()
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT settled")
    return last or 0


def behind(consumer: str) -> int:
    """How many arrivals ``consumer`` has not read yet (gaps counted, so an upper bound)."""
    mark = Watermark.objects.filter(consumer=consumer).first()
    return (Reading.objects.aggregate(last=Max("arrival"))["last"] or 0) - (mark.arrival if mark else 0)


def advance_latest(limit: int = 20_000) -> int:
    """Bring the newest value of each series, and the last sign of life of devices and feeds, up to date.

    Returns how many readings it took; call it again until that is 0. A late reading proves life but is not the newest.
    """
    with pull(LATEST, limit) as readings:
        if not readings:
            return 0
        group = readings[0].arrival, readings[-1].arrival
        hot_table.keep_latest(*group, clock.now())
        _keep_seen(*group)
        return len(readings)


def _keep_seen(first: int, last: int) -> None:
    now = clock.now()
    stale = Q(last_seen_at=None) | Q(last_seen_at__lt=now - _SEEN_STEP) | Q(silent_since__isnull=False)
    spoke = Reading.objects.filter(arrival__gte=first, arrival__lte=last).values("series_id")
    devices = Series.objects.filter(pk__in=spoke).values("device_id")
    Device.objects.filter(stale, pk__in=devices).update(last_seen_at=now, silent_since=None)
    Feed.objects.filter(stale, devices__pk__in=devices).update(last_seen_at=now, silent_since=None)
