# SPDX-License-Identifier: Apache-2.0
"""What SIGKILL of mosquitto loses of what it acknowledged, and what each way of saving costs.

``python -m benchmarks.broker_loss``

For each persistence setting: messages a second through broker and gateway into SQLite; then, twice each, a
steady 300 messages a second for some seconds with the gateway there, the same with the gateway away, and a burst with
the gateway there, each ended by killing the broker. Lost are messages that had their PUBACK and are not in the
database after broker and gateway have started again and stored all that was left. No receipts are asked for: with
them nothing is lost (tests/kill).
"""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from tests.gateways.running import Running, wait_until
from tests.kill.stream import at, meter, value

METERS = 100
SETTINGS = {
    "autosave_interval 5": {"autosave_on_changes": "false", "autosave_interval": "5"},
    "autosave_interval 1": {"autosave_on_changes": "false", "autosave_interval": "1"},
    "after 100 changes": {"autosave_on_changes": "true", "autosave_interval": "100"},
    "after every change": {"autosave_on_changes": "true", "autosave_interval": "1"},
}
RATE, SECONDS = 300, 6
BURST = 4_000
TIMES = 2


class Loss:
    """One broker with one way of saving."""

    def __init__(self, platform: Running) -> None:
        self.platform = platform
        self._numbers = count()

    def rate(self, messages: int = 2_000) -> float:
        """Messages a second until they are in the database."""
        sent = [next(self._numbers) for _ in range(messages)]
        before, started = self.platform.stored(), time.perf_counter()
        self._publish(sent)
        wait_until(lambda: self.platform.stored() >= before + messages, "all are stored")
        return messages / (time.perf_counter() - started)

    def steady(self, *, gateway: bool) -> int:
        """Lost of an even flow."""
        if not gateway:
            self.platform.kill("gateway")
        acknowledged: list[int] = []
        for _ in range(SECONDS * 10):
            tick = time.monotonic() + 0.1
            acknowledged += self._publish([next(self._numbers) for _ in range(RATE // 10)])
            time.sleep(max(0.0, tick - time.monotonic()))
        self.platform.kill("broker")
        return self._lost(acknowledged)

    def burst(self) -> int:
        """Lost of as much as the broker takes."""
        acknowledged = self._publish([next(self._numbers) for _ in range(BURST)])
        self.platform.kill("broker")
        return self._lost(acknowledged)

    def _publish(self, numbers: list[int]) -> list[int]:
        messages = [
            (n, f"dure/v1/ami/{meter(n)}/power", json.dumps({"at": at(n), "value": value(n)}).encode()) for n in numbers
        ]
        with self.platform.publisher("loss") as publisher:
            publisher.publish(messages)
            return publisher.acknowledged

    def _lost(self, acknowledged: list[int]) -> int:
        self.platform.restart_broker()
        if "gateway" not in self.platform.processes:
            self.platform.restart_gateway()
        self.platform.wait_for_gateway()
        with suppress(TimeoutError):
            wait_until(lambda: self._missing(acknowledged) == 0, "nothing is missing", 3)
        return self._missing(acknowledged)

    def _missing(self, acknowledged: list[int]) -> int:
        stored = {
            (code, int(moment))
            for code, moment in self.platform.query(
                "SELECT d.code, CAST(strftime('%s', r.at) AS INTEGER) FROM city_reading r "
                "JOIN city_series s ON s.id = r.series_id JOIN city_device d ON d.id = s.device_id"
            )
        }
        return sum((meter(n), _epoch(n)) not in stored for n in acknowledged)


def _epoch(number: int) -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(at(number)).timestamp())


def _save_like(settings: Path, changes: dict[str, str]) -> None:
    lines = []
    for line in settings.read_text().splitlines():
        name = line.split(" ")[0]
        lines.append(f"{name} {changes[name]}" if name in changes else line)
    settings.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Print a table."""
    print(f"{'':22}{'messages/s':>12}{'gateway there':>20}{'gateway away':>20}{'burst':>24}   lost at each kill")
    for name, changes in SETTINGS.items():
        with tempfile.TemporaryDirectory(prefix="dure-loss-") as folder, Running(Path(folder)) as platform:
            platform.create(METERS)
            platform.start_broker()
            platform.kill("broker")
            _save_like(platform.home / "broker" / "mosquitto.conf", changes)
            platform.restart_broker()
            platform.start_gateway()
            loss = Loss(platform)
            rate = loss.rate()
            there = [loss.steady(gateway=True) for _ in range(TIMES)]
            away = [loss.steady(gateway=False) for _ in range(TIMES)]
            bursts = [loss.burst() for _ in range(TIMES)]
        print(f"{name:22}{rate:12,.0f}{there!s:>20}{away!s:>20}{bursts!s:>24}", flush=True)
    print(f"of {RATE * SECONDS:,} and {BURST:,} messages")


if __name__ == "__main__":
    main()
