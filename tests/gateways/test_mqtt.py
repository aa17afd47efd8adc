# SPDX-License-Identifier: Apache-2.0
"""The MQTT door against a real mosquitto. The door runs in a thread here, and as a process in tests/kill."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection, connections
from paho.mqtt.enums import CallbackAPIVersion

from dure.city.devices import SeriesSpec, issue_key, register_device, register_feed, retire_device
from dure.city.models import Device, Feed, ProcessSign, Reading, RejectedReading
from dure.gateways.mqtt.broker import GATEWAY, Tls, gateway_password, reload_broker, write_broker_files
from dure.gateways.mqtt.door import Broker, Door
from dure.gateways.mqtt.leaving import LeavingDoor
from tests.conftest import StandingClock
from tests.gateways.running import wait_until
from tests.gateways.wire import Publisher
from tests.postgres_cluster import free_port

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
pytestmark = [
    pytest.mark.broker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto is installed"),
]
AT = "2026-11-01T23:30:00Z"
TOPIC = "dure/v1/ami/meter-1/power"


@dataclass
class Mosquitto:
    """A broker on our own files."""

    folder: Path
    port: int = field(default_factory=free_port)
    tls: Tls | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = write_broker_files(self.folder, port=self.port, address="127.0.0.1", tls=self.tls)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([str(MOSQUITTO), "-c", str(settings)], stderr=log)
        wait_until(self._listens, "the broker listens")

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()

    def address(self, ca: Path | None = None) -> Broker:
        return Broker("127.0.0.1", self.port, GATEWAY, gateway_password(self.folder), str(ca) if ca else None)


@dataclass
class Sender:
    """The feed's connection, and what it was told."""

    publisher: Publisher
    told: list[tuple[str, Any]]

    def send(self, *payloads: Any, topic: str = TOPIC) -> None:
        data = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in payloads]
        self.publisher.publish([(number, topic, payload) for number, payload in enumerate(data)])

    def hear(self, count: int) -> list[tuple[str, Any]]:
        self.publisher.listen(lambda: len(self.told) >= count, 30)
        return self.told


@pytest.fixture
def broker(tmp_path: Path, standing_clock: StandingClock) -> Iterator[Mosquitto]:
    feed = register_feed("ami", "AMI", "ami", actor="tests")
    for code in ("meter-1", "meter-2"):
        register_device(feed, code, "power_meter", series=[SeriesSpec("power", "kWh", 30, 0, 50)], actor="tests")
    mosquitto = Mosquitto(tmp_path / "broker")
    yield mosquitto
    mosquitto.stop()


@contextmanager
def door_of(broker: Mosquitto, instance: int = 0, ca: Path | None = None) -> Iterator[Door]:
    """A running door; it has left the database alone when the block ends."""
    door = Door(broker.address(ca), instance)
    stop = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            door.run(stop)
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield door
    finally:
        stop.set()
        thread.join()
    assert not failed


@contextmanager
def sender_of(broker: Mosquitto, user: str, key: str) -> Iterator[Sender]:
    told: list[tuple[str, Any]] = []
    with Publisher(
        broker.port, user, key, client_id=user, heard=lambda topic, text: told.append((topic, json.loads(text)))
    ) as publisher:
        publisher.subscribe("dure/v1/ami/+/rejected", "dure/v1/ami/+/stored/+")
        yield Sender(publisher, told)


def waiting_at(broker: Mosquitto, instance: int) -> bool:
    """Whether the broker still knows the session of this gateway number."""
    answers: list[bool] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"dure-gateway-mqtt-{instance}", protocol=paho.MQTTv5)
    client.username_pw_set(GATEWAY, gateway_password(broker.folder))
    client.on_connect = lambda _, __, flags, ___, ____: answers.append(flags.session_present)
    client.connect("127.0.0.1", broker.port, clean_start=False)
    client.loop_start()
    wait_until(lambda: answers, "the broker answers")
    client.disconnect()
    client.loop_stop()
    return answers[0]


def subscribed(door: Door) -> None:
    wait_until(lambda: not door.fault, "the door is subscribed")


@pytest.fixture
def sender(broker: Mosquitto) -> Iterator[Sender]:
    """A feed's connection to a broker at which a door is subscribed."""
    key = issue_key(Feed.objects.get(), actor="tests")
    broker.start()
    with door_of(broker) as door, sender_of(broker, "ami", key) as sender:
        subscribed(door)
        yield sender


def stored() -> int:
    return Reading.objects.count()


def reading(**changes: Any) -> dict[str, Any]:
    return {"at": AT, "value": 0.25} | changes


def test_readings_alone_and_in_arrays_are_stored(sender: Sender) -> None:
    sender.send([])
    sender.send(reading(), [reading(at="2026-11-01T22:30:00Z"), reading(at="2026-11-01T23:00:00Z", value=None)])

    wait_until(lambda: stored() == 3, "three readings are stored")
    assert sender.told == []


def test_a_receipt_comes_after_the_commit(sender: Sender) -> None:
    sender.send(reading(receipt="a"), [reading(receipt="again"), reading(at="2026-11-01T22:30:00Z", receipt="b")])

    told = sorted(receipt for _, content in sender.hear(2) for receipt in content["receipts"])
    assert told == ["a", "again", "b"]
    assert {topic for topic, _ in sender.told} == {"dure/v1/ami/meter-1/stored/power"}
    assert stored() == 2


@pytest.mark.parametrize(
    ("payload", "topic", "name"),
    [
        (b"\xff{", TOPIC, "body"),
        (b'{"at": "2026-11-01T23:30:00Z", "value": NaN}', TOPIC, "value"),
        (reading(value=51), TOPIC, "value"),
        (reading(at="2026-11-02T00:10:01Z"), TOPIC, "at"),
        (reading(at="2026-11-01T23:30:00"), TOPIC, "at"),
        (reading(at="2025-01-01T00:00:00Z"), TOPIC, "at"),
        ({"at": AT}, TOPIC, "value"),
        (reading(), "dure/v1/ami/meter-9/power", "device"),
        (reading(), "dure/v1/ami/meter-1/gas", "series"),
    ],
)
def test_what_is_refused_is_told_and_kept_and_holds_nothing_up(
    sender: Sender, payload: Any, topic: str, name: str
) -> None:
    sender.send(payload, topic=topic)
    sender.send(reading(at="2026-11-01T20:00:00Z", receipt="next"))

    (refused_topic, refused), _ = sorted(sender.hear(2), key=lambda told: "receipts" in told[1])
    assert refused_topic == f"{topic.rsplit('/', 1)[0]}/rejected"
    assert refused["series"] == topic.rsplit("/", 1)[1]
    assert [(one["index"], one["field"]) for one in refused["rejected"]] == [(0, name)]
    kept = RejectedReading.objects.get()
    assert (kept.door, kept.field) == ("mqtt", name)
    assert stored() == 1


def test_a_conflict_and_a_retired_device_are_told(sender: Sender, standing_clock: StandingClock) -> None:
    retire_device(Device.objects.get(code="meter-2"), standing_clock.now - timedelta(hours=1), actor="tests")
    sender.send(reading())
    wait_until(lambda: stored() == 1, "it is stored")
    sender.send([reading(), reading(value=1.5, receipt="other")])
    sender.send(reading(), topic="dure/v1/ami/meter-2/power")

    told = {topic: content["rejected"][0] for topic, content in sender.hear(2)}
    assert (told["dure/v1/ami/meter-1/rejected"]["index"], stored()) == (1, 1)
    assert "0.25" in told["dure/v1/ami/meter-1/rejected"]["message"]
    assert told["dure/v1/ami/meter-1/rejected"]["receipt"] == "other"
    assert "receipt" not in told["dure/v1/ami/meter-2/rejected"]
    assert told["dure/v1/ami/meter-2/rejected"]["field"] == "device"


def test_two_doors_share_the_load_and_store_each_reading_once(broker: Mosquitto) -> None:
    key = issue_key(Feed.objects.get(), actor="tests")
    broker.start()
    start = datetime(2026, 10, 1, tzinfo=UTC)
    sent = [reading(at=(start + timedelta(minutes=30 * step)).isoformat()) for step in range(1_000)]
    with door_of(broker, 0) as one, door_of(broker, 1) as other, sender_of(broker, "ami", key) as sender:
        subscribed(one)
        subscribed(other)
        sender.send(*sent)
        wait_until(lambda: one.totals["stored"] + other.totals["stored"] >= 1_000, "both doors have counted them")
        assert (stored(), one.totals["stored"] + other.totals["stored"]) == (1_000, 1_000)
        assert min(one.totals["stored"], other.totals["stored"]) > 0


def test_while_the_database_is_busy_nothing_is_acknowledged_and_nothing_is_lost(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "timeout", 0.1)
    else:
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "options", "-c statement_timeout=200")
    key = issue_key(Feed.objects.get(), actor="tests")
    broker.start()
    with door_of(broker) as door, sender_of(broker, "ami", key) as sender:
        subscribed(door)
        with locked_table():
            sender.send(reading(receipt="a"), reading(at="2026-11-01T22:00:00Z", receipt="b"))
            wait_until(lambda: "database is busy" in door.fault, "the door says what is wrong")
        assert stored() == 0 or not sender.told
        sender.hear(1)
        wait_until(lambda: stored() == 2, "they are stored when the database is free")
        wait_until(lambda: not door.fault, "the fault is over")
    assert broker_holds_nothing(broker, key)


@contextmanager
def locked_table() -> Iterator[None]:
    """Somebody else holds the readings' table."""
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET LOCAL statement_timeout = 0")
                    cursor.execute("LOCK TABLE city_reading IN ACCESS EXCLUSIVE MODE")
                ready.set()
                done.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


def broker_holds_nothing(broker: Mosquitto, key: str) -> bool:
    """A new door on the same session gets nothing that was acknowledged."""
    with door_of(broker) as door, sender_of(broker, "ami", key) as sender:
        subscribed(door)
        sender.send(reading(at="2026-11-01T10:00:00Z", receipt="last"))
        sender.hear(1)
        return door.totals == {"stored": 1, "duplicate": 0, "conflict": 0, "rejected": 0}


def fault_on_record(door: Door) -> str:
    sign = ProcessSign.objects.filter(name=door.name).first()
    return str(sign.detail["fault"]) if sign else ""


def test_a_door_that_starts_before_its_broker_waits_for_it_and_says_so(broker: Mosquitto) -> None:
    key = issue_key(Feed.objects.get(), actor="tests")
    write_broker_files(broker.folder, port=broker.port, address="127.0.0.1")
    with door_of(broker) as door:
        wait_until(lambda: "no broker at" in door.fault, "the door says that there is no broker")
        wait_until(lambda: "no broker" in fault_on_record(door), "it is on record")
        broker.start()
        subscribed(door)
        with sender_of(broker, "ami", key) as sender:
            sender.send(reading(receipt="a"))
            sender.hear(1)
    assert stored() == 1
    assert not ProcessSign.objects.filter(name="gateway-mqtt-0").exists()


def test_who_may_connect_and_who_may_say_what(broker: Mosquitto) -> None:
    feed, device = Feed.objects.get(), Device.objects.get(code="meter-1")
    feed_key, old_key = issue_key(feed, actor="tests"), issue_key(device, actor="tests")
    device_key = issue_key(device, actor="tests")
    broker.start()
    for user, key in (("ami", "wrong"), ("meter-1", feed_key), ("meter-1", old_key), ("nobody", feed_key)):
        with pytest.raises(ConnectionRefusedError):
            Publisher(broker.port, user, key)
    with door_of(broker) as door, sender_of(broker, "meter-1", device_key) as sender:
        subscribed(door)
        sender.send(reading(receipt="own"))
        sender.hear(1)
        sender.send(reading(at="2026-11-01T23:00:00Z"), topic="dure/v1/ami/meter-2/power")  # the broker drops it
        with sender_of(broker, "ami", feed_key) as feeds:
            feeds.send(reading(receipt="theirs"), topic="dure/v1/ami/meter-2/power")
            feeds.hear(1)
        assert [content["receipts"] for _, content in sender.told] == [["own"]]  # and not the other device's
        assert door.totals == {"stored": 2, "duplicate": 0, "conflict": 0, "rejected": 0}


def test_a_new_key_counts_after_a_reload(broker: Mosquitto) -> None:
    broker.start()
    key = issue_key(Device.objects.get(code="meter-2"), actor="tests")
    with pytest.raises(ConnectionRefusedError):
        Publisher(broker.port, "meter-2", key)
    write_broker_files(broker.folder, port=broker.port, address="127.0.0.1")
    assert reload_broker(broker.folder)

    def connects() -> bool:
        with suppress(ConnectionRefusedError):
            Publisher(broker.port, "meter-2", key).__exit__()
            return True
        return False

    wait_until(connects, "the new key is accepted")


def test_files_that_hold_secrets_are_their_owners_alone(broker: Mosquitto) -> None:
    write_broker_files(broker.folder, port=1)
    assert {path.stat().st_mode & 0o077 for path in broker.folder.iterdir()} == {0}


def test_by_tls(broker: Mosquitto, tmp_path: Path) -> None:
    broker.tls = certificate(tmp_path)
    broker.start()
    with door_of(broker, ca=broker.tls.certificate) as door:
        subscribed(door)
    with pytest.raises((OSError, ssl.SSLError)):
        Publisher(broker.port, "ami", issue_key(Feed.objects.get(), actor="tests"))  # without TLS


def certificate(folder: Path) -> Tls:
    """A certificate for 127.0.0.1 that vouches for itself."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    tls = Tls(folder / "certificate.pem", folder / "key.pem")
    tls.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    tls.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tls


def test_a_gateway_that_is_given_up_leaves_no_reading_at_the_broker(broker: Mosquitto) -> None:
    key = issue_key(Feed.objects.get(), actor="tests")
    broker.start()
    with door_of(broker, 0) as first, door_of(broker, 1) as second:
        subscribed(first)
        subscribed(second)
    # Both are gone: the broker keeps each one's share for its number.
    with sender_of(broker, "ami", key) as sender:
        sender.send(*(reading(at=f"2026-11-01T{hour:02}:00:00Z") for hour in range(20)))
    assert stored() == 0
    taken = 0
    for instance in (1, 0):
        leaving = LeavingDoor(broker.address(), instance)
        assert leaving.leave(threading.Event(), quiet_seconds=1)
        taken += leaving.totals["stored"]
        assert not waiting_at(broker, instance)
    assert taken == stored() == 20
    assert not ProcessSign.objects.exists()


def test_a_session_that_could_not_be_emptied_is_not_forgotten(broker: Mosquitto) -> None:
    broker.start()
    with door_of(broker, 3) as door:
        subscribed(door)
    stop = threading.Event()
    stop.set()
    assert not LeavingDoor(broker.address(), 3).leave(stop)
    assert waiting_at(broker, 3)
