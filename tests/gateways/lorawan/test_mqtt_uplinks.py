# SPDX-License-Identifier: Apache-2.0
"""A network server at the city's broker: uplinks are acknowledged after the commit, and orders go the way back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dure.city import clock
from dure.city.devices import issue_key, register_device, register_feed
from dure.city.models import Reading, RejectedReading, Watermark
from dure.city.readings import LATEST
from dure.gateways.lorawan import FEED_KIND
from dure.services.waste.actions.sensors import order_interval
from dure.services.waste.kinds import KINDS
from dure.services.waste.models import IntervalOrder
from tests.conftest import StandingClock
from tests.gateways.lorawan.test_uplinks import EUI, chirpstack
from tests.gateways.running import wait_until
from tests.gateways.test_mqtt import MOSQUITTO, Mosquitto, broker, door_of, subscribed
from tests.gateways.wire import Publisher

__all__ = ["broker"]
pytestmark = [
    pytest.mark.broker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto is installed"),
]
UP = f"application/7f/device/{EUI}/event/up"
DOWN = f"application/7f/device/{EUI}/command/down"


def test_uplinks_are_stored_and_an_order_goes_back(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.gateways.mqtt.door.SIGN_EVERY", timedelta(seconds=0.2))
    feed = register_feed("chirpstack", "로라 서버", FEED_KIND, actor="tests", service="waste")
    kind = "milesight-em310-udl"
    device = register_device(feed, EUI, kind, series=KINDS[kind].series, actor="tests")
    key = issue_key(feed, actor="tests")
    heard: list[tuple[str, bytes]] = []
    broker.start()
    with (
        door_of(broker) as door,
        Publisher(broker.port, "chirpstack", key, heard=lambda *message: heard.append(message)) as server,
    ):
        subscribed(door)
        server.subscribe(DOWN)
        frames = [json.dumps(chirpstack()).encode(), b"\x0a no json", json.dumps(chirpstack("9982")).encode()]
        server.publish([(number, UP, frame) for number, frame in enumerate(frames)])
        wait_until(lambda: Reading.objects.count() == 6 and RejectedReading.objects.count() == 2, "it is stored")
        order_interval(device, 20, actor="tests")
        server.listen(lambda: bool(heard), 30)
        wait_until(lambda: IntervalOrder.objects.get().published_at is not None, "the order has left")
    assert [(topic, json.loads(payload)) for topic, payload in heard] == [
        (DOWN, {"devEui": EUI, "confirmed": False, "fPort": 85, "data": "/wOwBA=="})
    ]


def test_uplink_that_our_wrong_clock_cannot_judge_waits_at_the_broker(
    broker: Mosquitto, standing_clock: StandingClock
) -> None:
    feed = register_feed("chirpstack", "로라 서버", FEED_KIND, actor="tests", service="waste")
    kind = "milesight-em310-udl"
    register_device(feed, EUI, kind, series=KINDS[kind].series, actor="tests")
    key = issue_key(feed, actor="tests")
    hour_later = clock.now() + timedelta(hours=1)
    Watermark.objects.create(consumer=LATEST, moved_at=hour_later)
    broker.start()
    with door_of(broker) as door, Publisher(broker.port, "chirpstack", key) as server:
        subscribed(door)
        frame = chirpstack(time=(hour_later - timedelta(minutes=5)).isoformat())
        server.publish([(1, UP, json.dumps(frame).encode())])
        wait_until(lambda: "clock is wrong" in door.fault, "the door says why it waits")
        assert not Reading.objects.exists()
        standing_clock.stand_at(hour_later)
        wait_until(lambda: Reading.objects.count() == 6, "it is stored")
    assert not RejectedReading.objects.exists()
