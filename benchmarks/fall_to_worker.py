# SPDX-License-Identifier: Apache-2.0
"""How long a fall takes from the device's door to the worker's open page.

``python -m benchmarks.fall_to_worker [--times 30] [--load 0]``

Real processes: ``dure web``, ``dure worker``, mosquitto and ``dure gateway mqtt``, over SQLite, with city time running
as real time. Each fall is of another person, sent at a moment that nothing is in step with, by ``POST
/api/v1/readings`` or by an MQTT publish. Measured from just before sending to (1) the first step of the escalation plan
(a worker on duty is asked) in the record, looked for every few milliseconds from outside the platform, and (2) the
case's number on the event stream of that worker's open page. ``--load`` sends so many power readings a second besides.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from tests.gateways.running import Running, wait_until
from tests.gateways.wire import Publisher

from dure.city.clock import Pace, real_now

METERS = 1_000
PATIENCE = 60.0
CAST = """
import json, sys, django
django.setup()
from datetime import timedelta
from django.test import Client
from dure.city import clock, devices, duty, people
from dure.city.models import ConsentPurpose, Role
from dure.services.monitoring.actions.devices import give
from tests.factories import make_city, make_feed, make_home
city, now = make_city(), clock.now()
worker = city.users[Role.CARE_WORKER]
duty.add_shift(city.team, worker, starts_at=now, ends_at=now + timedelta(days=2), actor="benchmark")
feed = make_feed("wear", "wearables", service="monitoring")
worn = {}
for number in range(int(sys.argv[1])):
    person = make_home(city.dongs[0], consents=(ConsentPurpose.HEALTH_WATCH,)).person
    give(person, feed=feed, code=f"band-{number:04d}", kind="wearable", actor="benchmark")
    worn[f"band-{number:04d}"] = str(person.ref)
client = Client()
client.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
key = devices.issue_key(feed, actor="benchmark")
print(json.dumps({"key": key, "session": client.cookies["sessionid"].value, "worn": worn}))
"""
ASKED = """
SELECT c.number FROM city_escalationattempt a JOIN city_escalation e ON e.id = a.escalation_id
JOIN city_case c ON c.id = e.case_id WHERE c.about = 'person:{ref}' AND a.user_id IS NOT NULL
"""


class WorkersPage:
    """The event stream of the worker's open page: when each case's number was heard first."""

    def __init__(self, port: int, session: str) -> None:
        self.heard: dict[str, float] = {}
        self.open = threading.Event()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connection.request("GET", "/live/", headers={"Cookie": f"sessionid={session}"})
        self._answer = self._connection.getresponse()
        if self._answer.status != 200:
            raise RuntimeError(f"/live/ answered {self._answer.status}")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._answer:
            self.open.set()
            if line.startswith(b"data: "):
                for number in json.loads(line[6:]):
                    self.heard.setdefault(number, time.perf_counter())


class Falls:
    """The platform with its people, and one fall at a time."""

    def __init__(self, platform: Running, cast: dict[str, Any]) -> None:
        self.platform, self.key = platform, str(cast["key"])
        self.worn = iter(cast["worn"].items())
        self.page = WorkersPage(platform.port, str(cast["session"]))
        self.page.open.wait(PATIENCE)
        self.pace = Pace.parse(platform.clock)

    def fall(self, send: Callable[[str, str], None]) -> tuple[float, float]:
        """Seconds until a worker is asked in the record, and until their page hears of it."""
        device, ref = next(self.worn)
        at = datetime.fromtimestamp(self.pace.city_start + real_now().timestamp() - self.pace.real_start, UTC)
        began = time.perf_counter()
        send(device, at.isoformat())
        number = self._asked(ref)
        asked = time.perf_counter() - began
        wait_until(lambda: number in self.page.heard, "the page hears of it", PATIENCE)
        return asked, self.page.heard[number] - began

    def _asked(self, ref: str) -> str:
        found: list[tuple[Any, ...]] = []

        def look() -> bool:
            found[:] = self.platform.query(ASKED.format(ref=ref))
            return bool(found)

        wait_until(look, "a worker is asked", PATIENCE)
        return str(found[0][0])

    def by_http(self, device: str, at: str) -> None:
        body = json.dumps({"device": device, "series": "fall", "at": at, "value": 1})
        connection = http.client.HTTPConnection("127.0.0.1", self.platform.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/readings", body, headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.read()!r}")
        connection.close()

    def by_mqtt(self, publisher: Publisher) -> Callable[[str, str], None]:
        def send(device: str, at: str) -> None:
            payload = json.dumps({"at": at, "value": 1}).encode()
            publisher.publish([(0, f"dure/v1/wear/{device}/fall", payload)])

        return send


def load(platform: Running, rate: int, stop: threading.Event) -> None:
    """Send ``rate`` power readings a second, in one request each second, until told to stop."""
    pace, step = Pace.parse(platform.clock), 0
    start = datetime.fromtimestamp(pace.city_start, UTC) - timedelta(days=20)
    while not stop.wait(1.0):
        rows = []
        for _ in range(rate):
            at = start + timedelta(minutes=30 * (step // METERS))
            rows.append({"device": f"meter-{step % METERS:06d}", "series": "power", "at": at.isoformat(), "value": 0.1})
            step += 1
        platform.post(json.dumps(rows).encode())


def told(name: str, seconds: list[tuple[float, float]]) -> None:
    """One line a door."""
    for what, part in (("worker asked, in the record", 0), ("on the worker's open page", 1)):
        values = np.array([one[part] for one in seconds])
        median, most, worst = np.median(values), np.quantile(values, 0.9), values.max()
        print(f"{name:6}{what:32}{len(values):>4}{median:>10.2f}{most:>10.2f}{worst:>10.2f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=30, help="falls by each door")
    parser.add_argument("--load", type=int, default=0, help="power readings a second besides")
    arguments = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="dure-fall-") as folder, Running(Path(folder)) as platform:
        platform.create(METERS)
        cast = json.loads(platform._run("-c", CAST, str(2 * arguments.times)))
        platform.start_web()
        platform.start("worker", [sys.executable, "-m", "dure.cli", "worker"])
        platform.start_broker()
        platform.start_gateway()
        falls, stop = Falls(platform, cast), threading.Event()
        sender = threading.Thread(target=load, args=(platform, arguments.load, stop), daemon=True)
        if arguments.load:
            sender.start()
        seconds: dict[str, list[tuple[float, float]]] = {"HTTP": [], "MQTT": []}
        with Publisher(platform.broker_port, "wear", falls.key, client_id="fall") as publisher:
            for _ in range(arguments.times):
                for door, send in (("HTTP", falls.by_http), ("MQTT", falls.by_mqtt(publisher))):
                    time.sleep(chance.uniform(0.5, 2.5))
                    seconds[door].append(falls.fall(send))
        stop.set()
        print(f"{'door':6}{'until':32}{'n':>4}{'median':>10}{'90 %':>10}{'most':>10}   s")
        for door, found in seconds.items():
            told(door, found)


if __name__ == "__main__":
    main()
