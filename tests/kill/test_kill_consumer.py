# SPDX-License-Identifier: Apache-2.0
"""A consumer of readings that is killed between reading and its commit repeats nothing and skips nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.city.own_city import LIVES, own_city

pytestmark = pytest.mark.kill
METERS, COUNT = 100, 3_000
CONSUME = f"""
import json, os, random, signal
from datetime import UTC, datetime, timedelta
from django.db import transaction
from dure.city import clock
from dure.city.devices import SeriesSpec, register_device, register_feed
from dure.city.models import Reading, RejectedReading, Series
from dure.city.readings import ReadingBatch, pull, store

def fill():
    feed = register_feed("ami", "AMI", "ami", actor="tests")
    with transaction.atomic():
        for number in range({METERS}):
            power = SeriesSpec("power", "kWh", 30, 0, 50)
            register_device(feed, f"meter-{{number:06d}}", "power_meter", series=[power], actor="tests")
    series = list(Series.objects.values_list("pk", flat=True))
    start, half_hour = datetime(2026, 10, 1, tzinfo=UTC), timedelta(minutes=30)
    store(ReadingBatch.of(
        (series[n % {METERS}], start + n // {METERS} * half_hour, n, 0) for n in range({COUNT})
    ))

def consume(life):
    chance = random.Random(life)
    def dangerous():
        if life < 3 and chance.random() < 0.1:
            os.kill(os.getpid(), signal.SIGKILL)
    while True:
        with pull("consumer", limit=chance.randint(1, 200)) as arrived:
            RejectedReading.objects.bulk_create(
                RejectedReading(door="tests", field="", reason="", payload=str(one.arrival), received_at=clock.now())
                for one in arrived
            )
            dangerous()
        if not arrived:
            return
        dangerous()

fill()
ends = lives(consume)
taken = sorted(int(one) for one in RejectedReading.objects.values_list("payload", flat=True))
print(json.dumps([ends, taken, sorted(Reading.objects.values_list("arrival", flat=True))]))
"""


def test_each_reading_is_taken_once(tmp_path: Path) -> None:
    with own_city(tmp_path / "city") as city:
        ends, taken, stored = json.loads(city.run(LIVES + CONSUME)[0])
    assert ends[-1] == 0
    assert len(ends) > 1, "it was never killed"
    assert taken == stored
    assert len(taken) == COUNT
