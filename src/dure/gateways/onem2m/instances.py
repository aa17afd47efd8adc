# SPDX-License-Identifier: Apache-2.0
"""From a content instance, or the notification of one, to columns.

The application entity (AE) is the device: its name is the device's code. ``con`` is an object, or JSON in a string:
each of its members is a series; a bare value is of the series that the container is named after. ``ct`` is UTC without
a zone, in the compact form.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from dure.city.errors import Invalid
from dure.gateways.checks import NOT_SAID, Columns, Refusal, microseconds_of
from dure.gateways.intake import Submission
from dure.gateways.items import values_of

CREATED = 3
"""``net`` of "a child was created" (TS-0004 §6.3.4.2.19): what a bin's container is subscribed to with."""


@dataclass(frozen=True)
class Instance:
    """``device`` and ``container``: names out of the resource's path. ``content``: ``con`` as it was sent."""

    device: str
    container: str
    at: datetime
    content: Any


def read(body: bytes, path: str) -> Instance | None:
    """The content instance in ``m2m:cin`` or ``m2m:sgn``; None for a subscription that asks to be confirmed, or for
    another event. ``path``: ``cse/ae/container`` that a bare instance was sent to; a notification says it in ``sur``.

    Raises Invalid naming what is wrong.
    """
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("JSON이 아닙니다", "not JSON", field="body") from error
    if not isinstance(sent, dict):
        raise Invalid("JSON 객체가 아닙니다", "must be a JSON object", field="body")
    if "m2m:sgn" not in sent:
        return _instance(_object(sent.get("m2m:cin"), "m2m:cin"), path)
    notice = _object(sent["m2m:sgn"], "m2m:sgn")
    if notice.get("vrf"):
        return None
    event = _object(notice.get("nev"), "nev")
    if event.get("net", CREATED) != CREATED:
        return None
    subscription = notice.get("sur")
    if not isinstance(subscription, str):
        raise Invalid("글자여야 합니다", "must be text", field="sur")
    instance = _object(_object(event.get("rep"), "rep").get("m2m:cin"), "m2m:cin")
    return _instance(instance, subscription.rpartition("/")[0])


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid("빠졌거나 객체가 아닙니다", "is missing or no object", field=field)
    return value


def _instance(sent: dict[str, Any], path: str) -> Instance:
    names = [name for name in path.split("/") if name]
    if len(names) < 2:
        words = "기기와 컨테이너를 알 수 없습니다", "must name the AE and the container: cse/ae/container"
        raise Invalid(*words, field="path")
    if "con" not in sent:
        raise Invalid("빠져 있습니다", "is missing", field="con")
    return Instance(names[-2], names[-1], _time(sent.get("ct")), sent["con"])


def _time(text: Any) -> datetime:
    """``YYYYMMDDThhmmss``, with or without a fraction after a comma (TS-0004, m2m:timestamp); UTC."""
    try:
        whole, _, fraction = str(text).partition(",")
        moment = datetime.strptime(whole, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return moment.replace(microsecond=int(f"{fraction:0<6}"[:6])) if fraction else moment
    except ValueError as error:
        words = "YYYYMMDDThhmmss여야 합니다 (UTC)", "must be YYYYMMDDThhmmss (UTC)"
        raise Invalid(*words, field="ct") from error


def submission_of(instance: Instance, body: bytes, key: str) -> Submission:
    """What is in ``con`` as readings; what of it is no number is refused by itself."""
    values: dict[str, float | None] = {}
    refused: list[Refusal] = []
    for name, value in _members(instance).items():
        try:
            values[name] = _number(value)
        except (ValueError, TypeError, OverflowError):
            refused.append(Refusal(0, name[:40], "must be a number", "수여야 합니다"))
    numbers, missing = values_of(list(values.values()))
    count = len(values)
    columns = Columns(
        index=np.zeros(count, np.int64),
        device=[instance.device] * count,
        series=list(values),
        at=microseconds_of([instance.at] * count),
        value=numbers,
        missing=missing,
        quality=np.full(count, NOT_SAID, np.int16),
        refused=refused,
    )
    return Submission(columns, lambda index: body[:2000].decode("utf-8", "replace"), key)


def _members(instance: Instance) -> dict[str, Any]:
    content = instance.content
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return {instance.container: content}
    return content if isinstance(content, dict) else {instance.container: content}


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("must be finite")
    return number
