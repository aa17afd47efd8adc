# SPDX-License-Identifier: Apache-2.0
"""The envelopes of the two network servers. Only what the device itself sent is read: what a server's own codec made
of it (``object``, ``decoded_payload``) is never looked at.

ChirpStack v4: ``integration.UplinkEvent`` as JSON. The Things Stack v3: ``ApplicationUp`` with ``uplink_message``. Both
leave out what is empty or zero.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from dure.city.errors import Invalid
from dure.gateways.items import Moment

_EUI = re.compile(r"[0-9a-f]{16}")
_PLACE = re.compile(r"at `\$\.([\w.]+)")
_MISSING = re.compile(r"missing required field `(\w+)`")


@dataclass(frozen=True)
class Uplink:
    """One frame of a device. ``time``: when the network received it. ``rssi`` (dBm) and ``snr`` (dB): of the gateway
    that heard it best; None where no gateway said."""

    dev_eui: str
    time: datetime
    port: int
    counter: int
    payload: bytes
    rssi: float | None = None
    snr: float | None = None


class Refused(NamedTuple):
    """An envelope that could not be read: the field to blame, why, in English and Korean, and what was sent."""

    field: str
    en: str
    ko: str
    text: str = ""


class _Reception(msgspec.Struct):
    rssi: float | None = None
    snr: float | None = None


class _Anything(msgspec.Struct):
    """Any JSON object."""


class _DeviceInfo(msgspec.Struct):
    devEui: str


class _ChirpStack(msgspec.Struct):
    deviceInfo: _DeviceInfo
    time: Moment
    fCnt: int = 0
    fPort: int = 0
    data: str = ""
    rxInfo: list[_Reception] = []


class _DeviceIds(msgspec.Struct):
    dev_eui: str


class _Message(msgspec.Struct):
    f_port: int = 0
    f_cnt: int = 0
    frm_payload: str = ""
    rx_metadata: list[_Reception] = []
    received_at: Moment | None = None


class _TheThingsStack(msgspec.Struct):
    end_device_ids: _DeviceIds
    uplink_message: _Message | None = None
    received_at: Moment | None = None


def from_chirpstack(body: bytes) -> Uplink | Refused:
    """What ChirpStack v4 sends at ``…/event/up``. Raises Invalid when it is no JSON object."""
    try:
        sent = _read(body, _ChirpStack)
        payload = _bytes(sent.data, "data")
        eui, heard = sent.deviceInfo.devEui, sent.rxInfo
        return _uplink(eui, sent.time, sent.fPort, counter=sent.fCnt, payload=payload, heard=heard)
    except _Unreadable as fault:
        return fault.refused(body)


def no_uplink(body: bytes) -> None:
    """Of another event nothing is kept. Raises Invalid when it is no JSON object."""
    _read(body, _Anything)


def from_the_things_stack(body: bytes) -> Uplink | Refused | None:
    """What The Things Stack v3 sends at ``…/up``; None for what is no uplink. Raises Invalid for no JSON object."""
    try:
        return _from_the_things_stack(_read(body, _TheThingsStack))
    except _Unreadable as fault:
        return fault.refused(body)


def _from_the_things_stack(sent: _TheThingsStack) -> Uplink | None:
    message = sent.uplink_message
    if message is None:
        return None
    time = message.received_at or sent.received_at
    if time is None:
        raise _Unreadable("received_at", "is missing", "빠져 있습니다")
    payload = _bytes(message.frm_payload, "frm_payload")
    eui, heard = sent.end_device_ids.dev_eui, message.rx_metadata
    return _uplink(eui, time, message.f_port, counter=message.f_cnt, payload=payload, heard=heard)


Reader = Callable[[bytes], Uplink | Refused | None]
_Sent = TypeVar("_Sent", _Anything, _ChirpStack, _TheThingsStack)


class _Unreadable(Exception):
    """The field to blame, and why, in English and Korean."""

    def __init__(self, field: str, en: str, ko: str) -> None:
        super().__init__(field, en)
        self.field, self.en, self.ko = field, en, ko

    def refused(self, body: bytes) -> Refused:
        return Refused(self.field, self.en, self.ko, body[:2000].decode("utf-8", "replace"))


def _read(body: bytes, kind: type[_Sent]) -> _Sent:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        if body.lstrip()[:1] != b"{":
            raise Invalid("JSON 객체가 아닙니다", "must be a JSON object", field="body") from error
        raise _unreadable(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("JSON이 아닙니다", "not JSON; is the server set to JSON?", field="body") from error


def _unreadable(error: str) -> _Unreadable:
    if missing := _MISSING.search(error):
        return _Unreadable(missing.group(1), "is missing", "빠져 있습니다")
    place = _PLACE.search(error)
    field = place.group(1) if place else "body"
    return _Unreadable(field, error.split(" - at ", maxsplit=1)[0][:120], "형식이 맞지 않습니다")


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error is one
        raise _Unreadable(field, "is not base64", "base64가 아닙니다") from error


def _uplink(eui: str, time: datetime, port: int, *, counter: int, payload: bytes, heard: list[_Reception]) -> Uplink:
    code = eui.lower()
    if not _EUI.fullmatch(code):
        raise _Unreadable("devEui", "must be 16 hexadecimal digits", "16진수 16자리여야 합니다")
    best = max((one for one in heard if one.rssi is not None), key=lambda one: one.rssi or 0.0, default=_Reception())
    return Uplink(code, time, port, counter, payload, best.rssi, best.snr)
