# SPDX-License-Identifier: Apache-2.0
"""A consumer of readings that is killed between reading and its commit repeats nothing and skips nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateways.running import Running
from tests.kill.stream import METERS
from tests.postgres_cluster import Cluster

pytestmark = [pytest.mark.kill, pytest.mark.once]
COUNT = 3_000
FILL = f"""
import django; django.setup()
from datetime import UTC, datetime, timedelta
from dure.city.models import Series
from dure.city.readings import ReadingBatch, store
series = list(Series.objects.values_list("pk", flat=True))
start = datetime(2026, 10, 1, tzinfo=UTC)
half_hour = timedelta(minutes=30)
store(ReadingBatch.of((series[n % {METERS}], start + n // {METERS} * half_hour, n, 0) for n in range({COUNT})))
"""
CONSUME = """
import os, random, signal, sys, django; django.setup()
from dure.city import clock
from dure.city.models import RejectedReading
from dure.city.readings import pull
chance, lives = random.Random(int(sys.argv[1])), int(sys.argv[2])
while True:
    with pull("consumer", limit=chance.randint(1, 200)) as arrived:
        RejectedReading.objects.bulk_create(
            RejectedReading(door="tests", field="", reason="", payload=str(one.arrival), received_at=clock.now())
            for one in arrived
        )
        if lives and chance.random() < 0.1:
            os.kill(os.getpid(), signal.SIGKILL)
    if not arrived:
        break
    if lives and chance.random() < 0.1:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def consume_with_kills(platform: Running) -> int:
    """Run the consumer, and again each time it was killed; how often that was. Its last life is not cut short."""
    kills = 0
    while platform.script(CONSUME, str(kills), str(int(kills < 3))) == -9:
        kills += 1
    return kills


def assert_each_was_taken_once(platform: Running) -> None:
    taken = sorted(int(payload) for (payload,) in platform.query("SELECT payload FROM city_rejectedreading"))
    assert taken == sorted(arrival for (arrival,) in platform.query("SELECT arrival FROM city_reading"))
    assert len(taken) == COUNT


def test_over_sqlite(tmp_path: Path) -> None:
    with Running(tmp_path / "city") as platform:
        platform.create(METERS)
        assert platform.script(FILL) == 0
        assert consume_with_kills(platform) > 0
        assert_each_was_taken_once(platform)


def test_over_postgresql(tmp_path: Path, postgres_cluster: Cluster) -> None:
    with Running(tmp_path / "city", postgres_cluster.url) as platform:
        platform.create(METERS)
        assert platform.script(FILL) == 0
        assert consume_with_kills(platform) > 0
        assert_each_was_taken_once(platform)
