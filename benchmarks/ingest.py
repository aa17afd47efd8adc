# SPDX-License-Identifier: Apache-2.0
"""Durable readings a second through each door, beside what the database itself can take, in the same run.

``python -m benchmarks.ingest [--only sqlite|postgresql] [--rounds 5]``

The limit is the same rows in the same table with the same indexes, as fast as the database's own bulk way takes them
from one connection: on PostgreSQL binary COPY made beforehand, on SQLite executemany of tuples made beforehand; 10,000
rows and a commit (fsync) each. The doors are real processes (web, mosquitto, MQTT gateway) on this machine, and what
sends to them runs on it, too: it counts against them. A door's figure is readings that are committed, from the first
byte sent until the last answer (HTTP) or the last row in the database (MQTT). Limit and doors take turns, and the
median of the rounds is shown, so that another program on the machine disturbs both alike.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.gateways.running import START, Running, wait_until
from tests.postgres_cluster import Cluster

METERS = 1_000
BATCH = 10_000
AT_ONCE = 3
"""Requests of a batch each that are under way together."""
SINGLE, SINGLE_THREADS = 600, 12
MQTT = 20_000
MQTT_AT_ONCE = 2_000
"""Messages that the publisher sends before the first is acknowledged by the broker."""
POSTGRES_EPOCH = 946_684_800

_half_hours = count()


def times(half_hours: int) -> list[int]:
    """So many half hours that no round has used, as seconds since 1970."""
    start = int(START.timestamp())
    return [start + next(_half_hours) * 60 for _ in range(half_hours)]


def iso(moment: int) -> str:
    """As a meter's head end writes it."""
    return (START + timedelta(seconds=moment - int(START.timestamp()))).isoformat()


class Bench:
    """One database, one platform, and the ways to fill it. Each way returns (readings, seconds)."""

    def __init__(self, platform: Running) -> None:
        self.platform = platform
        self.series = [row[0] for row in platform.query("SELECT id FROM city_series ORDER BY id")]

    def limit(self) -> tuple[int, float]:
        """What the database takes, 10 batches."""
        batches = [times(BATCH // METERS) for _ in range(10)]
        return 10 * BATCH, (self._copy(batches) if self.platform.database_url else self._executemany(batches))

    def _copy(self, batches: list[list[int]]) -> float:
        import psycopg

        fields = "n:>i2 ls:>i4 s:>i8 la:>i4 a:>i8 lq:>i4 q:>i2 lv:>i4 v:>f8"
        row = np.dtype([(name, kind) for name, kind in (field.split(":") for field in fields.split())])
        made = []
        for batch in batches:
            rows = np.zeros(BATCH, row)
            rows["n"], rows["ls"], rows["la"], rows["lq"], rows["lv"] = 4, 8, 8, 2, 8
            rows["s"] = np.tile(self.series, len(batch))
            rows["a"] = np.repeat((np.array(batch) - POSTGRES_EPOCH) * 1_000_000, METERS)
            rows["v"] = 0.25
            made.append(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")
        with psycopg.connect(self.platform.database_url) as connection, connection.cursor() as cursor:
            started = time.perf_counter()
            for data in made:
                with cursor.copy(
                    "COPY city_reading (series_id, at, quality, value) FROM STDIN (FORMAT BINARY)"
                ) as copy:
                    copy.write(data)
                connection.commit()
            return time.perf_counter() - started

    def _executemany(self, batches: list[list[int]]) -> float:
        made = [
            [(one, iso(moment)[:19].replace("T", " "), 0, 0.25) for moment in batch for one in self.series]
            for batch in batches
        ]
        connection = sqlite3.connect(self.platform.home / "dure.sqlite3", timeout=60)
        connection.execute("PRAGMA synchronous=FULL")
        started = time.perf_counter()
        for rows in made:
            connection.executemany("INSERT INTO city_reading (series_id, at, quality, value) VALUES (?, ?, ?, ?)", rows)
            connection.commit()
        seconds = time.perf_counter() - started
        connection.close()
        return seconds

    def http_batch(self) -> tuple[int, float]:
        """JSON, 10,000 readings a request."""
        bodies = [json.dumps(self._items(times(BATCH // METERS))).encode() for _ in range(10)]
        return 10 * BATCH, self._post(bodies, "application/json", AT_ONCE)

    def http_arrow(self) -> tuple[int, float]:
        """Arrow IPC, 10,000 readings a request."""
        bodies = [self._arrow(times(BATCH // METERS)) for _ in range(10)]
        return 10 * BATCH, self._post(bodies, "application/vnd.apache.arrow.stream", AT_ONCE)

    def http_single(self) -> tuple[int, float]:
        """JSON, one reading a request, 12 requests at a time."""
        bodies = [json.dumps(item).encode() for item in self._items(times(1))[:SINGLE]]
        return SINGLE, self._post(bodies, "application/json", SINGLE_THREADS)

    def mqtt(self) -> tuple[int, float]:
        """One reading a message, QoS 1."""
        items = self._items(times(MQTT // METERS))
        messages = [
            (number, f"dure/v1/ami/{item['device']}/power", json.dumps({"at": item["at"], "value": 0.25}).encode())
            for number, item in enumerate(items)
        ]
        last = self.platform.query("SELECT max(arrival) FROM city_reading")[0][0] or 0
        new = f"SELECT count(*) FROM city_reading WHERE arrival > {last}"  # noqa: S608 - a number
        started = time.perf_counter()
        with self.platform.publisher("bench") as publisher:
            publisher.publish(messages, in_flight=MQTT_AT_ONCE)
        wait_until(lambda: self.platform.query(new)[0][0] >= MQTT, "all messages are stored")
        return MQTT, time.perf_counter() - started

    def _items(self, moments: list[int]) -> list[dict[str, object]]:
        return [
            {"device": f"meter-{number:06d}", "series": "power", "at": iso(moment), "value": 0.25}
            for moment in moments
            for number in range(METERS)
        ]

    def _arrow(self, moments: list[int]) -> bytes:
        table = pa.table(
            {
                "device": pa.array([f"meter-{number:06d}" for number in range(METERS)] * len(moments)),
                "series": pa.array(["power"] * METERS * len(moments)),
                "at": pa.array(np.repeat(np.array(moments) * 1_000_000, METERS), pa.timestamp("us", "UTC")),
                "value": pa.array(np.full(METERS * len(moments), 0.25)),
            }
        )
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue()

    def _post(self, bodies: Sequence[bytes], content_type: str, threads: int) -> float:
        headers = {"Authorization": f"Bearer {self.platform.key}", "Content-Type": content_type}
        shares = [bodies[number::threads] for number in range(threads)]
        failures: list[bytes] = []

        def send(share: Sequence[bytes]) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.platform.port, timeout=120)
            for body in share:
                connection.request("POST", "/api/v1/readings", body, headers)
                response = connection.getresponse()
                answer = response.read()
                if response.status != 200 or b'"duplicates":0' not in answer:
                    failures.append(answer)
            connection.close()

        workers = [threading.Thread(target=send, args=(share,)) for share in shares]
        started = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - started
        if failures:
            raise RuntimeError(f"{len(failures)} requests failed: {failures[0][:200]!r}")
        return seconds


@contextmanager
def platform_over(database: str) -> Iterator[Running]:
    """A whole platform, in a folder that is deleted."""
    with tempfile.TemporaryDirectory(prefix="dure-ingest-") as folder:
        if database == "sqlite":
            with Running(Path(folder)) as running:
                yield running
        else:
            with Cluster() as cluster, Running(Path(folder), cluster.url) as running:
                yield running


def measure(database: str, rounds: int) -> dict[str, float]:
    """Median readings a second of each way."""
    rates: dict[str, list[float]] = {}
    with platform_over(database) as platform:
        platform.create(METERS)
        platform.start_web()
        platform.start_broker()
        platform.start_gateway()
        bench = Bench(platform)
        ways: dict[str, Callable[[], tuple[int, float]]] = {
            "limit": bench.limit,
            "HTTP batch, JSON": bench.http_batch,
            "HTTP batch, Arrow": bench.http_arrow,
            "HTTP single": bench.http_single,
            "MQTT QoS 1": bench.mqtt,
        }
        for number in range(rounds + 1):
            for name, way in ways.items():
                readings, seconds = way()
                if number:  # the first round warms up caches and makes partitions
                    rates.setdefault(name, []).append(readings / seconds)
    return {name: statistics.median(values) for name, values in rates.items()}


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    for database in ("sqlite", "postgresql"):
        if arguments.only in (None, database):
            rates = measure(database, arguments.rounds)
            limit = rates.pop("limit")
            bulk = "COPY + commit" if database == "postgresql" else "executemany + commit"
            print(f"\n{database}: limit ({bulk}) {limit:10,.0f} readings/s")
            for name, rate in rates.items():
                print(f"  {name:20} {rate:10,.0f} readings/s {rate / limit:7.1%} of the limit", flush=True)


if __name__ == "__main__":
    main()
