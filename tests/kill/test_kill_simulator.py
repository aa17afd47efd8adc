# SPDX-License-Identifier: Apache-2.0
"""The made city's own sending by MQTT: what it took note of as sent is on the platform's disk, whatever is killed."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dure.simulator.city import City, CityPlan, make_city
from dure.simulator.life import begin_life
from dure.simulator.memory import State
from dure.simulator.pace import slot_of
from tests.gateways.running import START, Running, wait_until

pytestmark = [
    pytest.mark.kill,
    pytest.mark.once,
    pytest.mark.skipif(
        shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None, reason="no mosquitto is installed"
    ),
]
HOMES = 700
SLOTS = 44
"""Half hours that the city lives: with 700 homes a little more than 30,000 readings."""
LIVE_FROM = slot_of(START.timestamp())


@pytest.fixture
def city(tmp_path: Path) -> City:
    made = make_city(tmp_path / "made", CityPlan(seed=7, homes=HOMES, start=START.isoformat()))
    with closing(State(made.folder)) as state:
        state.once("live_from", LIVE_FROM)
    return made


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "platform") as running:
        running.create(HOMES + 1)
        (running.home / "keys.json").write_text(json.dumps({"ami": running.key}))
        running.start_broker()
        running.start_gateway()
        yield running


def start_simulator(platform: Running, city: City) -> None:
    """City time is weeks ahead, so that the city hurries to catch up, and as fast as it can."""
    command = [sys.executable, "-m", "dure.cli", "simulate", "run", str(city.folder), "--backfill-days", "0"]
    command += ["--keys", str(platform.home / "keys.json"), "--url", f"http://127.0.0.1:{platform.port}"]
    platform.start("simulator", [*command, "--mqtt", f"127.0.0.1:{platform.broker_port}"])


def lived(city: City) -> int:
    """How many half hours the simulator has taken note of as sent."""
    with closing(sqlite3.connect(f"file:{city.folder / 'state.sqlite'}?mode=ro", uri=True)) as state:
        row = state.execute("SELECT next_slot FROM sent").fetchone()
    return int(row[0]) - LIVE_FROM if row else 0


def test_what_the_simulator_believes_sent_is_stored(city: City, platform: Running) -> None:
    start_simulator(platform, city)
    for mark, killed in ((6, "broker"), (14, "simulator"), (22, "gateway"), (30, "broker"), (36, "simulator")):
        wait_until(lambda mark=mark: lived(city) >= mark, f"{mark} half hours are lived")  # type: ignore[misc]
        platform.kill(killed)
        if killed == "simulator":
            start_simulator(platform, city)
        elif killed == "broker":
            platform.restart_broker()
        else:
            platform.restart_gateway()
    wait_until(lambda: lived(city) >= SLOTS, f"{SLOTS} half hours are lived")
    platform.kill("simulator")
    sent = lived(city)

    power = begin_life(city, LIVE_FROM, 0).power
    expected = {
        (one["device"], one["at"]): one["value"]
        for slot in range(LIVE_FROM, LIVE_FROM + sent)
        for one in power.due(slot).objects()
    }
    rows = platform.query(
        "SELECT d.code, strftime('%Y-%m-%dT%H:%M:%SZ', r.at), r.value FROM city_reading r "
        "JOIN city_series s ON s.id = r.series_id JOIN city_device d ON d.id = s.device_id"
    )
    stored = {(code, at): value for code, at, value in rows}
    assert len(stored) == len(rows)
    assert len(expected) >= 30_000
    assert {place: value for place, value in expected.items() if stored.get(place, "lost") != value} == {}
