# SPDX-License-Identifier: Apache-2.0
"""SIGKILL in the middle of a stream: no acknowledged reading is lost, none is there twice (DESIGN §6)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateways.running import Running
from tests.kill.stream import METERS, HttpStream, MqttStream, assert_each_is_stored_once, kill_when
from tests.postgres_cluster import Cluster

pytestmark = [pytest.mark.kill, pytest.mark.once]
COUNT = 30_000
ONE = b'{"device": "meter-000001", "series": "power", "at": "2026-10-01T00:00:00Z", "value": 0.1}'
needs_broker = pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None, reason="no mosquitto is installed"
)


@pytest.fixture(scope="module")
def new_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a platform over SQLite in which nothing was read yet."""
    home = tmp_path_factory.mktemp("new") / "city"
    with Running(home) as running:
        running.create(METERS)
    return home


@pytest.fixture
def platform(tmp_path: Path, new_city: Path) -> Iterator[Running]:
    with Running(shutil.copytree(new_city, tmp_path / "city")) as running:
        yield running


def test_web_which_owns_sqlite_is_killed(platform: Running) -> None:
    platform.start_web()
    stream = HttpStream(platform, 0, COUNT)
    stream.start()

    def kill() -> None:
        platform.kill("web")
        platform.start_web()

    kill_when(stream, [10_000, 20_000], kill)
    stream.finish()

    assert_each_is_stored_once(platform, COUNT)


@needs_broker
def test_the_gateway_is_killed(platform: Running) -> None:
    platform.start_broker()
    platform.start_gateway()
    stream = MqttStream(platform, 0, COUNT, receipts=False)
    stream.start()

    def kill() -> None:
        platform.kill("gateway")
        platform.restart_gateway()

    kill_when(stream, [10_000, 20_000], kill)
    stream.finish()

    assert_each_is_stored_once(platform, COUNT)


@needs_broker
def test_the_broker_is_killed(platform: Running) -> None:
    platform.start_broker()
    platform.start_gateway()
    stream = MqttStream(platform, 0, COUNT, receipts=True)
    stream.start()

    def kill() -> None:
        platform.kill("broker")
        platform.restart_broker()

    kill_when(stream, [8_000, 16_000, 24_000], kill)
    stream.finish()

    assert stream.lost_connections >= 3
    assert_each_is_stored_once(platform, COUNT)


@needs_broker
def test_the_postmaster_is_killed_under_both_doors(tmp_path: Path, postgres_cluster: Cluster) -> None:
    with Running(tmp_path / "city", postgres_cluster.url) as platform:
        platform.create(METERS)
        platform.start_web()
        platform.start_broker()
        platform.start_gateway()
        by_http = HttpStream(platform, 0, COUNT // 2)
        by_mqtt = MqttStream(platform, COUNT // 2, COUNT, receipts=True)
        by_http.start()
        by_mqtt.start()

        def kill() -> None:
            postgres_cluster.kill()
            status, answer = platform.post(ONE)
            assert (status, answer["field"]) == (503, None)
            postgres_cluster.start()

        kill_when(by_http, [4_000, 8_000], kill)
        kill_when(by_mqtt, [12_000], kill)
        by_http.finish()
        by_mqtt.finish()

        assert_each_is_stored_once(platform, COUNT)
