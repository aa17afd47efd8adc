# SPDX-License-Identifier: Apache-2.0
"""From uplinks to the columns that every door hands to the intake. What of a frame cannot be understood is refused by
itself; what could be, and the frames around it, go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from dure.city.models import Device
from dure.gateways.checks import NOT_SAID, Columns, Refusal, microseconds_of
from dure.gateways.intake import Submission
from dure.gateways.items import values_of
from dure.gateways.lorawan import FEED_KIND
from dure.gateways.lorawan.decoders import DECODERS, Measured, Undecodable
from dure.gateways.lorawan.envelopes import Refused, Uplink

NO_READING_PORTS = frozenset({0})
"""Port 0 carries commands of the network alone."""


@dataclass(frozen=True)
class _Known:
    """A device as registered."""

    kind: str
    feed: str
    feed_kind: str
    series: frozenset[str]


@dataclass
class _Rows:
    """Readings as they are found, before they become columns."""

    index: list[int] = field(default_factory=list)
    device: list[str] = field(default_factory=list)
    feed: list[str] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    value: list[float | None] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def submission_of(sent: Sequence[Uplink | Refused], key: str | None = None) -> Submission:
    """One submission of what was sent; a reading's index is its frame's place in ``sent``.

    ``key``: digest of the key that was shown, which says who may speak; without one the broker has vouched that a
    network server spoke, and only for devices of such feeds. Asks the database.
    """
    known = _known({one.dev_eui for one in sent if isinstance(one, Uplink)})
    rows = _Rows()
    for index, one in enumerate(sent):
        if isinstance(one, Refused):
            rows.refused.append(Refusal(index, one.field, one.en, one.ko))
        else:
            _add(rows, index, one, known.get(one.dev_eui))
    value, missing = values_of(rows.value)
    columns = Columns(
        index=np.array(rows.index, np.int64),
        device=rows.device,
        series=rows.series,
        at=microseconds_of(rows.at),
        value=value,
        missing=missing,
        quality=np.full(len(rows.index), NOT_SAID, np.int16),
        refused=rows.refused,
        feed=rows.feed if key is None else None,
    )
    return Submission(columns, lambda index: _text(sent[index]), key)


def _known(codes: Iterable[str]) -> dict[str, _Known]:
    found = Device.objects.filter(code__in=list(codes)).select_related("feed").prefetch_related("series")
    return {
        one.code: _Known(one.kind, one.feed.code, one.feed.kind, frozenset(row.name for row in one.series.all()))
        for one in found
    }


def _add(rows: _Rows, index: int, uplink: Uplink, known: _Known | None) -> None:
    if known is None:
        rows.refused.append(Refusal(index, "device", "no such device is registered", "등록되지 않은 기기입니다"))
        return
    if known.feed_kind != FEED_KIND or known.kind not in DECODERS:
        rows.refused.append(
            Refusal(
                index,
                "device",
                f"is registered as {known.kind!r} of a {known.feed_kind!r} feed: no LoRaWAN sensor that we can read",
                "읽을 줄 아는 LoRaWAN 감지기로 등록된 기기가 아닙니다",
            )
        )
        return
    measured = _signal(uplink, known)
    if uplink.payload and uplink.port not in NO_READING_PORTS:
        try:
            for one in DECODERS[known.kind](uplink.port, uplink.payload):
                measured.append(one)  # one by one: what came before a fault stands
        except Undecodable as fault:
            rows.refused.append(Refusal(index, "data", fault.en, fault.ko))
    for one in measured:
        rows.index.append(index)
        rows.device.append(uplink.dev_eui)
        rows.feed.append(known.feed)
        rows.series.append(one.series)
        rows.at.append(one.at or uplink.time)
        rows.value.append(one.value)


def _signal(uplink: Uplink, known: _Known) -> list[Measured]:
    """How the frame was heard, for devices that keep it; its counter tells how many were lost."""
    heard = {"rssi": uplink.rssi, "snr": uplink.snr, "f_cnt": float(uplink.counter)}
    return [Measured(name, value) for name, value in heard.items() if value is not None and name in known.series]


def _text(sent: Uplink | Refused) -> str:
    """What is kept of a frame in which something was refused: enough to decode it again."""
    if isinstance(sent, Refused):
        return sent.text
    return json.dumps(
        {
            "devEui": sent.dev_eui,
            "time": sent.time.isoformat(),
            "fPort": sent.port,
            "fCnt": sent.counter,
            "data": sent.payload.hex(),
        }
    )
