# SPDX-License-Identifier: Apache-2.0
"""Live meter readings through a real broker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from dure.simulator.city import City
from dure.simulator.deliveries import Readings
from dure.simulator.doors import Answer, DoorClosed, MqttDoor
from dure.simulator.life import begin_life
from dure.simulator.pace import real_now
from dure.simulator.waste.bins import dev_eui
from dure.simulator.waste.network import MqttNetwork
from dure.simulator.waste.sensors import Frame

from .conftest import Platform
from .living import BACKFILL_DAYS, LIVE_FROM, begin, living, options, text, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.once]

RULES = """
user ami
topic deny dure/v1/ami/meter-000003/#
topic write dure/v1/ami/#
topic read dure/v1/ami/+/rejected
topic read dure/v1/ami/+/stored/+
user reader
topic readwrite dure/v1/#
topic read application/#
user chirpstack
topic write application/+/device/+/event/up
"""


class Broker:
    """A mosquitto of the test's own, and a reader that keeps what it heard and gives receipts, as a gateway does;
    of the readings in ``withheld`` it gives none the first time, and those of ``refused`` it refuses."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            pytest.skip("no mosquitto on this machine")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        (folder / "rules").write_text(RULES)
        (folder / "rules").chmod(0o600)
        rules = f"listener {self.port} 127.0.0.1\nallow_anonymous true\nacl_file {folder / 'rules'}\nuser root\n"
        (folder / "mosquitto.conf").write_text(rules)
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        self.heard: dict[tuple[str, str], float | None] = {}
        self.asked: list[str] = []
        self.withheld: set[str] = set()
        self.refused: set[str] = set()
        self._reader = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._reader.username_pw_set("reader")
        wanted = [("dure/v1/+/+/power", 1), ("application/#", 1)]
        self.uplinks: list[dict[str, Any]] = []
        self._reader.on_connect = lambda client, *_: client.subscribe(wanted)
        self._reader.on_subscribe = lambda *_: setattr(self, "subscribed", True)
        self._reader.on_message = self._hear
        self.subscribed = False

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        wait_until(self._answers)

    def listen(self) -> None:
        self._reader.connect("127.0.0.1", self.port)
        self._reader.loop_start()
        wait_until(lambda: self.subscribed)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        self._reader.disconnect()
        self._reader.loop_stop()
        if self._process.poll() is None:
            self.kill()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _hear(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        said = json.loads(message.payload)
        if message.topic.startswith("application/"):
            self.uplinks.append(said)
            return
        device = message.topic.split("/")[3]
        receipts = []
        for one in said if isinstance(said, list) else [said]:
            assert set(one) <= {"at", "value", "quality", "receipt"}
            self.asked.append(device)
            if device in self.withheld:
                continue
            if device in self.refused:
                refusal = {"index": 0, "field": "value", "message": "too much", "receipt": one["receipt"]}
                content = {"series": "power", "rejected": [refusal]}
                client.publish(f"dure/v1/ami/{device}/rejected", json.dumps(content))
                continue
            self.heard[device, one["at"]] = one["value"]
            receipts.append(one["receipt"])
        self.withheld.discard(device)
        client.publish(f"dure/v1/ami/{device}/stored/power", json.dumps({"receipts": receipts}))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    own = Broker(tmp_path)
    own.start()
    yield own
    own.close()


def test_live_readings_go_by_mqtt_and_history_by_http(
    made_city: City, platform: Platform, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(made_city)
    broker.listen()
    with living(made_city, options(platform, real_now(), f"127.0.0.1:{broker.port}")):
        wait_until(lambda: any(at >= text(LIVE_FROM + 8) for _, at in broker.heard))
    assert max(platform.times("meter")) == text(LIVE_FROM - 1)
    power = begin_life(made_city, LIVE_FROM, BACKFILL_DAYS).power
    for slot in range(LIVE_FROM, LIVE_FROM + 7):
        for one in power.due(slot).objects():
            if one["device"] == "meter-000003":
                assert (one["device"], one["at"]) not in broker.heard
            else:
                assert broker.heard[one["device"], one["at"]] == one["value"]
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    refused = [one for one in said if one["event"] == "live" and one["feed"] == "ami" and one.get("rejected")]
    assert refused
    assert "authorized" in refused[0]["reason"]


def test_a_dead_broker_holds_up_the_meters_only_and_they_go_on_when_it_is_back(
    made_city: City, platform: Platform, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(made_city)
    broker.listen()
    said: list[str] = []

    def states() -> list[str]:
        """What the door was, one after the other. It may say "closed" twice, of two reasons: whether the meters or
        the one who gives receipts come back to the broker first is chance."""
        said.extend(capsys.readouterr().out.splitlines())
        events = [json.loads(line) for line in said]
        told = [one["state"] for one in events if one["event"] == "door" and one["name"] == "ami"]
        return [state for state, _ in groupby(told)]

    with living(made_city, options(platform, real_now(), f"127.0.0.1:{broker.port}")):
        wait_until(lambda: any('"live"' in line and '"ami"' in line for line in [*said, *states(), *said]))
        broker.kill()
        wait_until(lambda: states() == ["closed"])
        phones = len(platform.times("phone"))
        wait_until(lambda: len(platform.times("phone")) > phones + 5)
        broker.start()
        wait_until(lambda: states() == ["closed", "open"])


@pytest.fixture
def readings(made_city: City) -> Readings:
    """Some of a half hour of the made city, with one of the meter for which the feed may not speak."""
    some = begin_life(made_city, LIVE_FROM, BACKFILL_DAYS).power.due(LIVE_FROM).part(0, 20)
    assert "meter-000003" in {some.device(index) for index in range(20)}
    return some


def test_a_reading_without_receipt_is_sent_again_and_no_other(broker: Broker, readings: Readings) -> None:
    broker.listen()
    with closing(MqttDoor(f"127.0.0.1:{broker.port}", "ami", "", stored_within=2.0)) as door:
        withheld = {readings.device(4), readings.device(5)}
        broker.withheld = set(withheld)
        with pytest.raises(DoorClosed, match="no receipt"):
            door.send(readings)
        assert len(broker.asked) == 19
        missing = [device for device in broker.asked if device in withheld]
        assert door.send(readings) == Answer(stored=19, rejected=1, reason="broker: Not authorized")
        assert broker.asked[19:] == missing


def test_what_the_gateway_refuses_is_an_answer_too(broker: Broker, readings: Readings) -> None:
    broker.listen()
    broker.refused = {readings.device(4)}
    with closing(MqttDoor(f"127.0.0.1:{broker.port}", "ami", "")) as door:
        assert door.send(readings) == Answer(stored=18, rejected=2, reason="value: too much")


def test_frames_of_bins_reach_the_broker_as_a_network_server_s_and_a_dead_one_is_a_closed_door(broker: Broker) -> None:
    broker.listen()
    frames = [Frame(number, 1_795_219_200.0, 7, 85, b"\x01\x75\x5c", -97, 7.2) for number in range(30)]
    with closing(MqttNetwork(f"127.0.0.1:{broker.port}", "")) as network:
        network.send(frames)
        wait_until(lambda: len(broker.uplinks) == 30)
        assert {one["deviceInfo"]["devEui"] for one in broker.uplinks} == {dev_eui(number) for number in range(30)}
        broker.kill()
        with pytest.raises(DoorClosed, match="MQTT"):
            network.send(frames)
        broker.start()
        wait_until(lambda: sent(network, frames))


def sent(network: MqttNetwork, frames: list[Frame]) -> bool:
    try:
        network.send(frames)
    except DoorClosed:
        return False
    return True
