# SPDX-License-Identifier: Apache-2.0
"""Falls of those who wear a device: found or not, and how late. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .memory import Event


@dataclass(frozen=True)
class Told:
    """What a device told, and when the platform had it: one line of the door of falls and calls for help."""

    kind: str
    device: str
    told_at: datetime
    asked_at: datetime | None
    """When a person was asked to go, or 119; None = nobody yet."""

    @classmethod
    def read(cls, line: dict[str, Any]) -> Told:
        """From the door's JSON. Raises KeyError or ValueError for a line of another form."""
        asked = line["asked_at"]
        told_at = datetime.fromisoformat(line["told_at"])
        return cls(str(line["kind"]), str(line["device"]), told_at, datetime.fromisoformat(asked) if asked else None)


@dataclass(frozen=True)
class FallScore:
    """What became of the falls of those who wear a device. Seconds of city time from the fall."""

    felt: int
    """Falls of which the device told."""
    missed: int
    """Falls of which it did not."""
    seconds: list[float]
    """Until the platform had it, of those found, sorted."""
    asked_seconds: list[float]
    """Until somebody was asked to go, sorted."""
    false: int
    """What devices told and was no fall."""


def score_falls(events: Iterable[Event], told: Iterable[Told], since: datetime, until: datetime) -> FallScore:
    """Judge the falls of [since, until]. A fall is found by what the platform was told of that device between it and
    the moment its person is found anyway."""
    falls = [one for one in events if one.kind == "fall" and since <= one.begins_at < until]
    lines = sorted((one for one in told if one.kind == "fall" and since <= one.told_at <= until), key=_when_told)
    first = {id(fall): next((one for one in lines if _tells_of(one, fall)), None) for fall in falls}
    found = [(fall, one) for fall in falls if (one := first[id(fall)]) is not None]
    return FallScore(
        felt=sum(fall.detail == "felt" for fall in falls),
        missed=sum(fall.detail != "felt" for fall in falls),
        seconds=sorted((one.told_at - fall.begins_at).total_seconds() for fall, one in found),
        asked_seconds=sorted((one.asked_at - fall.begins_at).total_seconds() for fall, one in found if one.asked_at),
        false=sum(not any(_tells_of(one, fall) for fall in falls) for one in lines),
    )


def _when_told(one: Told) -> datetime:
    return one.told_at


def _tells_of(one: Told, fall: Event) -> bool:
    return one.device == fall.subject and fall.begins_at <= one.told_at <= fall.ends_at
