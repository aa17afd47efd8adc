# SPDX-License-Identifier: Apache-2.0
"""A platform of real processes on this machine: web, MQTT gateway, broker, over an embedded or a PostgreSQL database.
Used by the tests that stop processes and by benchmarks/ingest.py."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from tests.empty_city import copy_empty
from tests.gateways.wire import Publisher
from tests.postgres_cluster import free_port

START = datetime(2026, 10, 1, tzinfo=UTC)
"""City time at which readings begin; the platform's clock is set some weeks later, and runs."""
SECONDS = 180
"""How long any condition is waited for: far longer than it takes, on a machine with other things to do."""
SETUP = """
import sys, django
django.setup()
from dure.city.devices import SeriesSpec, issue_key, register_device, register_feed
from django.db import transaction
feed = register_feed("ami", "AMI", "ami", actor="tests")
with transaction.atomic():
    for number in range(int(sys.argv[1])):
        power = SeriesSpec("power", "kWh", 30, 0, 50)
        register_device(feed, f"meter-{number:06d}", "power_meter", series=[power], actor="tests")
print(issue_key(feed, actor="tests"))
"""


def wait_until(condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait for a condition, looking at it often. Raises TimeoutError naming ``what``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


@dataclass
class Running:
    """The processes, by name, in ``home``; ``database_url`` is "" for SQLite."""

    home: Path
    database_url: str = ""
    clock: str = ""
    port: int = field(default_factory=free_port)
    broker_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        city_start = (START + timedelta(days=30)).timestamp()
        self.clock = f"1@{datetime.now(UTC).timestamp():.0f}={city_start:.0f}"  # noqa: TID251 - sets the city's pace
        self.home.mkdir(parents=True, exist_ok=True)
        return self

    def create(self, meters: int) -> None:
        """Make the database, with a feed ``ami`` of so many meters, and keep the feed's key in ``home``."""
        if self.database_url:
            self._run("-m", "dure.cli", "migrate")
        else:
            copy_empty(self.home / "dure.sqlite3")
        (self.home / "ami.key").write_text(self._run("-c", SETUP, str(meters)))

    @property
    def key(self) -> str:
        return (self.home / "ami.key").read_text().strip()

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)

    def start_web(self) -> None:
        """Start the web process and wait until it answers."""
        self.start("web", [sys.executable, "-m", "dure.cli", "web", "--port", str(self.port)])
        wait_until(self._web_answers, "web")

    def _web_answers(self) -> bool:
        try:
            return self.post(b"", "text/plain")[0] == 415
        except OSError:
            self._check_lives("web")
            return False

    def start_broker(self) -> None:
        """Start mosquitto on the files of ``dure gateway broker-files`` and wait until it takes our key."""
        folder, port = str(self.home / "broker"), str(self.broker_port)
        self._run("-m", "dure.cli", "gateway", "broker-files", folder, "--port", port, "--address", "127.0.0.1")
        self.restart_broker()

    def restart_broker(self) -> None:
        """Start mosquitto on the files that are there."""
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "mosquitto"
        self.start("broker", [program, "-c", str(self.home / "broker" / "mosquitto.conf")])
        wait_until(self._broker_answers, "broker")

    def _broker_answers(self) -> bool:
        try:
            self.publisher("probe").__exit__()
        except OSError:
            self._check_lives("broker")
            return False
        return True

    def start_gateway(self, *options: str) -> None:
        """Start the MQTT gateway and wait until it is subscribed: then what is published cannot pass it by."""
        self.restart_gateway(*options)
        self.wait_for_gateway()

    def wait_for_gateway(self) -> None:
        """Wait until the gateway has answered a message that comes after all that the broker holds for it."""
        told: list[str] = []
        with self.publisher("subscribed", lambda topic, _: told.append(topic)) as probe:
            probe.subscribe("dure/v1/ami/nobody/rejected")
            while not told:
                self._check_lives("gateway")
                probe.publish([(0, "dure/v1/ami/nobody/power", b"no JSON")])
                with suppress(TimeoutError):
                    probe.listen(lambda: bool(told), 0.5)

    def restart_gateway(self, *options: str) -> None:
        """Start the MQTT gateway; its session at the broker is there already."""
        url = f"mqtt://127.0.0.1:{self.broker_port}"
        command = [sys.executable, "-m", "dure.cli", "gateway", "mqtt", "--url", url]
        self.start("gateway", [*command, "--broker", str(self.home / "broker"), *options])

    def start_mail(self, url: str, password: str) -> None:
        """Start the mail gateway on a mailbox."""
        command = [sys.executable, "-m", "dure.cli", "gateway", "email", "--url", url, "--every", "1"]
        self.start("mail", command, {"DURE_IMAP_PASSWORD": password})

    def publisher(self, client_id: str, heard: Callable[[str, bytes], None] | None = None) -> Publisher:
        """A connection to the broker as the feed."""
        return Publisher(self.broker_port, "ami", self.key, client_id=client_id, heard=heard)

    def post(self, body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            headers = {"Authorization": f"Bearer {self.key}", "Content-Type": content_type}
            connection.request("POST", "/api/v1/readings", body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except http.client.HTTPException as error:
            raise ConnectionResetError(str(error)) from error
        finally:
            connection.close()

    def kill(self, name: str) -> None:
        """SIGKILL one process, by its id, and wait until it is gone."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows from the database, read directly and not through the platform."""
        if not self.database_url:
            with sqlite3.connect(self.home / "dure.sqlite3") as connection:
                rows = connection.execute(sql).fetchall()
            connection.close()
            return rows
        import psycopg

        with psycopg.connect(self.database_url) as connected:
            return connected.execute(sql.encode()).fetchall()

    def stored(self) -> int:
        """How many readings are in the database."""
        return int(self.query("SELECT count(*) FROM city_reading")[0][0])

    def log(self, name: str) -> str:
        """What a process wrote."""
        return (self.home / f"{name}.log").read_text(errors="replace")

    def _environment(self) -> dict[str, str]:
        ours = {"DURE_HOME": str(self.home), "DURE_CLOCK": self.clock, "DJANGO_SETTINGS_MODULE": "dure.web.settings"}
        others = {name: value for name, value in os.environ.items() if not name.startswith(("DURE_", "DATABASE_URL"))}
        return others | ours | ({"DATABASE_URL": self.database_url} if self.database_url else {})

    def script(self, text: str, *arguments: str) -> int:
        """Run some Python on the platform's database; its exit status, negative for a signal."""
        done = subprocess.run([sys.executable, "-c", text, *arguments], env=self._environment(), check=False)
        return done.returncode

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[:4]}: {done.stderr[-2000:]}")
        return done.stdout

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        given = {**self._environment(), **(environment or {})}
        with (self.home / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(command, env=given, stdout=output, stderr=output)

    def _check_lives(self, name: str) -> None:
        if self.processes[name].poll() is not None:
            raise RuntimeError(f"{name} ended:\n{self.log(name)[-2000:]}")
