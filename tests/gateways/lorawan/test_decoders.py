# SPDX-License-Identifier: Apache-2.0
"""Golden payloads: what a maker's bytes mean, and what of broken ones stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dure.gateways.lorawan.decoders import DECODERS, Measured, Undecodable
from dure.gateways.lorawan.downlinks import INTERVALS, Downlink, Unsayable, envelope, interval
from dure.gateways.lorawan.topics import down_topic
from dure.services.waste.kinds import KINDS, LORAWAN

GOLDEN: list[tuple[str, int, str, dict[str, float | None]]] = [
    ("dragino-dds45", 2, "0E1C 0B05 00 0105 01", {"battery": 3.612, "distance": 2821, "temperature": 26.1}),
    ("dragino-dds75", 2, "0E1C 0B05 00 FF9C 01", {"battery": 3.612, "distance": 2821, "temperature": -10}),
    ("dragino-dds75", 2, "0E1C 0B05 00", {"battery": 3.612, "distance": 2821}),
    ("dragino-dds75", 2, "8E1C 0000 00 0105 01", {"battery": 3.612, "distance": None, "temperature": 26.1}),
    ("dragino-dds45", 2, "0E1C 0B05 00 7FFF 00", {"battery": 3.612, "distance": None}),
    ("dragino-dds45", 5, "28 0100 0D FF 0E1C", {"battery": 3.612}),
    ("milesight-em310-udl", 85, "01755C 03824408 040001", {"battery": 92, "distance": 2116, "tilt": 1}),
    ("milesight-em310-udl", 85, "FF0B FF 017564 0382FFFF 040000", {"battery": 100, "distance": None, "tilt": 0}),
    (
        "milesight-em400-tld",
        85,
        "01755C 03670101 04824408 050001",
        {"battery": 92, "temperature": 25.7, "distance": 2116, "tilt": 1},
    ),
    ("milesight-em400-tld", 85, "8367e80001 8482410601", {"temperature": 23.2, "distance": 1601}),
    ("milesight-em400-tld", 85, "0367 9CFF", {"temperature": -10}),
    ("decentlab-dl-mbx", 1, "02012f0003 04d2 0001 0bb1", {"distance": 1234, "battery": 2.993}),
    ("decentlab-dl-mbx", 1, "02012f0002 0bb1", {"battery": 2.993}),
    ("decentlab-dl-mbx", 1, "02012f0003 04d2 0000 0bb1", {"distance": None, "battery": 2.993}),
]


@pytest.mark.parametrize(("kind", "port", "payload", "wanted"), GOLDEN)
def test_golden_payload(kind: str, port: int, payload: str, wanted: dict[str, float | None]) -> None:
    measured = list(DECODERS[kind](port, bytes.fromhex(payload)))
    assert {one.series: one.value for one in measured} == wanted
    assert {one.at for one in measured} == {None}


def test_public_ldds75_decoder_takes_the_battery_for_the_distance_and_ours_does_not() -> None:
    """``distance: 3612`` is what a widely used decoder says of this frame."""
    measured = {one.series: one.value for one in DECODERS["dragino-dds75"](2, bytes.fromhex("0E1C0B0500"))}
    assert (measured["battery"], measured["distance"]) == (3.612, 2821)


def test_memory_of_a_dragino_has_times_of_its_own() -> None:
    record = "0E1C 0B05 0105 00 {:08X}"
    times = [datetime(2026, 11, 1, hour, tzinfo=UTC) for hour in (3, 4)]
    payload = bytes.fromhex("".join(record.format(int(at.timestamp())) for at in times))
    measured = list(DECODERS["dragino-dds75"](3, payload))
    assert [one for one in measured if one.series == "distance"] == [Measured("distance", 2821, at) for at in times]


@pytest.mark.parametrize(
    ("kind", "port", "payload", "stands", "why"),
    [
        ("dragino-dds75", 2, "0E1C0B", [], "3 bytes"),
        ("dragino-dds75", 9, "0E1C0B05", [], "port 9"),
        ("dragino-dds75", 3, "0E1C0B050105000000", [], "11"),
        ("milesight-em310-udl", 85, "01755C 9982 03824408", ["battery"], "9982"),
        ("milesight-em310-udl", 85, "01755C 038244", ["battery"], "cut off"),
        ("milesight-em310-udl", 2, "01755C", [], "port 2"),
        ("decentlab-dl-mbx", 1, "01012f00020bb1", [], "version 1"),
        ("decentlab-dl-mbx", 1, "02012f000304d2", [], "7 bytes"),
        ("decentlab-dl-mbx", 1, "0201", [], "2 bytes"),
    ],
)
def test_what_cannot_be_understood_is_said_and_what_came_before_it_stands(
    kind: str, port: int, payload: str, stands: list[str], why: str
) -> None:
    found: list[str] = []
    with pytest.raises(Undecodable, match=why):
        for one in DECODERS[kind](port, bytes.fromhex(payload)):
            found.append(one.series)
    assert found == stands


def test_every_decoder_says_only_what_is_registered_of_its_kind() -> None:
    assert {name for name, kind in KINDS.items() if kind.feed_kind == LORAWAN} == set(DECODERS)
    for kind, port, payload, _ in GOLDEN:
        known = {spec.name: spec for spec in KINDS[kind].series}
        for one in DECODERS[kind](port, bytes.fromhex(payload)):
            spec = known[one.series]
            assert one.value is None or (spec.min or 0) <= one.value <= (spec.max or 0)


def test_interval_in_the_bytes_of_the_model_and_the_envelope_of_the_server() -> None:
    assert interval("dragino-dds75", 60) == Downlink(1, bytes.fromhex("01000E10"))
    assert interval("milesight-em310-udl", 20) == Downlink(85, bytes.fromhex("ff03b004"))
    assert set(INTERVALS) < set(DECODERS)
    for kind, minutes in (("decentlab-dl-mbx", 60), ("milesight-em400-tld", 1081)):
        with pytest.raises(Unsayable):
            interval(kind, minutes)
    down = down_topic("application/7f/device/0101010101010101/event/up")
    assert down == "application/7f/device/0101010101010101/command/down"
    assert envelope(down, "0101010101010101", Downlink(85, b"\xff\x03\xb0\x04")) == (
        b'{"devEui": "0101010101010101", "confirmed": false, "fPort": 85, "data": "/wOwBA=="}'
    )
    down = down_topic("v3/bins@dure/devices/bin-1/up")
    assert down == "v3/bins@dure/devices/bin-1/down/push"
    assert envelope(down, "0101010101010101", Downlink(1, b"\x01")) == (
        b'{"downlinks": [{"f_port": 1, "frm_payload": "AQ==", "priority": "NORMAL"}]}'
    )
