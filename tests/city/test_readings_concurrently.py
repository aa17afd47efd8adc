# SPDX-License-Identifier: Apache-2.0
"""Writers and readers of the hot table at the same time: what only several connections can show."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from dure.city import hot_table, readings
from dure.city.devices import SeriesSpec, register_device, register_feed
from dure.city.errors import Unavailable
from dure.city.models import Quality, Reading, Series
from dure.city.readings import ReadingBatch, pull, store
from tests.gateways.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 1, tzinfo=UTC)
postgresql = pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer at a time"
)
sqlite = pytest.mark.skipif("sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="a limit of SQLite")


@pytest.fixture
def series() -> list[Series]:
    feed = register_feed("ami", "AMI", "ami", actor="tests")
    return [
        register_device(feed, f"meter-{number}", "m", series=[SeriesSpec("power", "kWh")], actor="tests").series.get()
        for number in range(8)
    ]


def some(one: Series, steps: range, value: float = 1.0) -> ReadingBatch:
    return ReadingBatch.of((one.pk, START + step * timedelta(minutes=1), value, Quality.GOOD) for step in steps)


@contextmanager
def threads(*work: Callable[[], None]) -> Iterator[list[threading.Thread]]:
    """Run each function in a thread with a connection of its own; what one raises is raised here."""
    failed: list[BaseException] = []

    def run(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    running = [threading.Thread(target=run, args=(function,)) for function in work]
    for thread in running:
        thread.start()
    yield running
    for thread in running:
        thread.join(120)
    if failed:
        raise failed[0]


@postgresql
def test_a_reading_that_commits_late_with_a_lower_arrival_is_not_skipped(series: list[Series]) -> None:
    written, commit = threading.Event(), threading.Event()
    pulled: list[float | None] = []

    store(some(series[2], range(1), value=0.0))  # makes the month

    def slow_writer() -> None:
        with transaction.atomic():
            store(some(series[0], range(1), value=1.0))
            written.set()
            commit.wait(60)

    def reader() -> None:
        with pull("c") as arrived:
            pulled.extend(one.value for one in arrived)

    with threads(slow_writer):
        written.wait(60)
        store(some(series[1], range(1), value=2.0))  # a higher arrival, committed first
        with threads(reader):
            wait_until(lambda: waits_for_lock() > 0, "the reader waits for the writer")
            assert pulled == []
            commit.set()
    assert pulled == [0.0, 1.0, 2.0]


def waits_for_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return int(cursor.fetchone()[0])


def test_many_writers_and_a_reader_lose_nothing_and_repeat_nothing(series: list[Series]) -> None:
    taken: Counter[int] = Counter()
    done = threading.Event()

    def writer(one: Series, seed: int) -> None:
        chance = random.Random(seed)
        steps = list(range(0, 400, 8))
        chance.shuffle(steps)  # late readings among them
        for step in steps:
            store(some(one, range(step, step + chance.randint(1, 8))))

    def reader() -> None:
        while True:
            finished = done.is_set()
            with pull("c", limit=37) as arrived:
                taken.update(one.arrival for one in arrived)
            if finished and not arrived:
                return

    with threads(reader):
        try:
            with threads(*(lambda one=one, seed=seed: writer(one, seed) for seed, one in enumerate(series))):
                pass
        finally:
            done.set()
    assert set(taken) == set(Reading.objects.values_list("arrival", flat=True))
    assert set(taken.values()) == {1}


@postgresql
def test_writers_with_the_same_readings_do_not_wait_in_a_circle(series: list[Series]) -> None:
    def writer(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20):
            order = list(range(200))
            chance.shuffle(order)
            store(ReadingBatch.of((series[n % 8].pk, START + n * timedelta(minutes=1), 1.0, 0) for n in order))

    with threads(*(lambda seed=seed: writer(seed) for seed in range(4))):
        pass
    assert Reading.objects.count() == 200


@postgresql
def test_a_new_months_partition_is_made_once_by_whoever_comes_first(series: list[Series]) -> None:
    month = datetime(2026, 3, 1, tzinfo=UTC)
    hot_table._months_made.clear()

    def writer(one: Series) -> None:
        store(ReadingBatch.of((one.pk, month + step * timedelta(hours=20), 1.0, 0) for step in range(-3, 80)))

    with threads(*(lambda one=one: writer(one) for one in series)):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM city_reading GROUP BY 1")
        kept = dict(cursor.fetchall())
    assert sum(kept.values()) == 8 * 83
    assert set(kept) == {"city_reading_2026_02", "city_reading_2026_03", "city_reading_2026_04", "city_reading_2026_05"}


@postgresql
def test_rows_of_a_month_that_lie_in_the_default_partition_stop_nobody(series: list[Series]) -> None:
    at = datetime(2024, 5, 5, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO city_reading (series_id, at, value, quality) VALUES (%s, %s, 1, 0)", [series[0].pk, at]
        )
    hot_table._months_made.clear()
    result = store(ReadingBatch.of([(series[0].pk, at, 2.0, 0), (series[1].pk, at, 3.0, 0)]))

    assert (result.stored, result.conflicts) == (1, [0])


@sqlite
def test_a_full_sqlite_keeps_nothing_of_a_batch_and_goes_on_when_there_is_room(series: list[Series]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # what earlier tests left free would be room
        cursor.execute("PRAGMA max_page_count")
        (usual,) = cursor.fetchone()
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 8}")
        with pytest.raises(Unavailable, match="disk is full"):
            store(some(series[0], range(5_000)))
        assert Reading.objects.count() == 0
        cursor.execute(f"PRAGMA max_page_count = {usual}")
    assert store(some(series[0], range(5_000))).stored == 5_000


@sqlite
def test_a_locked_sqlite_is_unavailable(series: list[Series]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(Unavailable, match="busy"):
            store(some(series[0], range(1)))
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert store(some(series[0], range(1))).stored == 1


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A 6 MB file system of its own, which only root can make."""
    import os
    import pwd
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="dure-small-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("a file system of its own can only be mounted by root")
    try:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@postgresql
def test_a_full_postgresql_keeps_nothing_of_a_batch_and_goes_on_when_there_is_room(
    series: list[Series], small_disk: Path
) -> None:
    at = START
    store(some(series[0], range(1)))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
        try:
            cursor.execute(f"ALTER TABLE city_reading_{at:%Y_%m} SET TABLESPACE small")
            stored = 1
            with pytest.raises(Unavailable, match="disk is full"):
                for step in range(1, 40_000, 10_000):
                    for one in series:
                        stored += store(some(one, range(step, step + 10_000))).stored
            assert Reading.objects.count() == stored
        finally:
            cursor.execute(f"ALTER TABLE city_reading_{at:%Y_%m} SET TABLESPACE pg_default")
            cursor.execute("DROP TABLESPACE small")
    assert store(some(series[7], range(39_000, 40_000))).stored == 1_000


def test_a_gap_in_arrivals_is_no_end(series: list[Series]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        store(some(series[0], range(5)))
        raise RuntimeError
    store(some(series[1], range(2)))
    with pull("c") as arrived:
        assert len(arrived) == 2
    assert np.all(np.diff([one.arrival for one in arrived]) > 0)
    assert readings.behind("c") == 0
