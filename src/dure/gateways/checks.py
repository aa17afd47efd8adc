# SPDX-License-Identifier: Apache-2.0
"""Is this reading one that can be true, from one who may say so? The same answers at every door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dure.city.devices import Holder
from dure.city.models import Quality
from dure.city.readings import CLOCKS_APART, ReadingBatch
from dure.city.registry import UNKNOWN, Registry

AHEAD = CLOCKS_APART
OLDEST = timedelta(days=400)
"""Older readings are history: they are imported, not sent through a door."""
QUALITIES = {
    "good": Quality.GOOD,
    "estimated": Quality.ESTIMATED,
    "suspect": Quality.SUSPECT,
    "no_value": Quality.NO_VALUE,
}
NOT_SAID = -1
"""Quality that the sender left out: good where there is a value."""


@dataclass(frozen=True)
class Refusal:
    """Why one reading was not taken. ``index`` counts from 0 in what was sent."""

    index: int
    field: str
    message: str
    message_ko: str


@dataclass
class Columns:
    """Readings of one submission as a door read them, in parallel columns.

    ``index``: each one's place in what was sent. ``at``: µs since 1970, UTC. ``value``: NaN where ``missing``.
    ``quality``: a Quality's number or NOT_SAID. ``refused``: what could not even be read. ``feed``: the feed that
    each one's topic names, where the broker has vouched for the sender; None where a key says who may say what.
    """

    index: NDArray[np.int64]
    device: Sequence[str]
    series: Sequence[str]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    missing: NDArray[np.bool_]
    quality: NDArray[np.int16]
    refused: list[Refusal] = field(default_factory=list)
    feed: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.index) + len(self.refused)


@dataclass(frozen=True)
class Checked:
    """The good readings, where each stood in what was sent, and what was wrong with the others."""

    batch: ReadingBatch
    index: NDArray[np.int64]
    refused: list[Refusal]
    foreign: bool
    """Every reading was refused because the key is not that device's."""


def microseconds(moment: datetime) -> int:
    """µs since 1970, UTC, of an aware time."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def microseconds_of(moments: Iterable[datetime]) -> NDArray[np.int64]:
    """As :func:`microseconds`, for many: a double holds them exactly until the year 2255."""
    return np.rint(np.array([moment.timestamp() for moment in moments], np.float64) * 1e6).astype(np.int64)


def lies_ahead(columns: Columns, now: datetime) -> bool:
    """Whether a reading speaks of a time that our clock has yet to reach."""
    return bool((columns.at > microseconds(now + AHEAD)).any())


def check(columns: Columns, registry: Registry, holder: Holder | None, now: datetime) -> Checked:
    """Separate what can be stored from what cannot, each with the first thing that is wrong with it.

    ``holder``: who showed the key; None where ``columns.feed`` says it. ``now``: city time.
    """
    rows = registry.rows(columns.device, columns.series)
    faults = _Faults(len(rows))
    faults.add(rows == UNKNOWN, _unknown(columns, registry))
    foreign = (rows != UNKNOWN) & ~_allowed(columns, rows, registry, holder)
    faults.add(
        foreign, _say("device", "이 열쇠로 보낼 수 있는 기기가 아닙니다", "this key may not speak for this device")
    )
    faults.add(columns.at >= registry.retired[rows], _say("device", "철거된 기기입니다", "this device is retired"))
    clock_words = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    faults.add(
        columns.at > microseconds(now + AHEAD),
        _say(
            "at",
            f"앞으로 올 시각입니다. 기기의 시계를 확인해 주십시오 (지금은 {clock_words})",
            f"lies in the future; is the device's clock right? (it is {clock_words})",
        ),
    )
    faults.add(
        columns.at < microseconds(now - OLDEST),
        _say("at", f"{OLDEST.days}일보다 오래된 값입니다", f"is older than {OLDEST.days} days"),
    )
    faults.add(
        ~columns.missing & ~np.isfinite(columns.value),
        _say("value", "유한한 수이거나 null이어야 합니다", "must be a finite number or null"),
    )
    outside = (columns.value < registry.lowest[rows]) | (columns.value > registry.highest[rows])
    faults.add(~columns.missing & outside, _outside(columns, rows, registry))
    faults.add(
        ~columns.missing & (columns.quality == Quality.NO_VALUE),
        _say("quality", "값이 있으면 no_value일 수 없습니다", "cannot be no_value beside a value"),
    )
    good = faults.none()
    value = np.where(columns.missing, np.nan, columns.value)
    quality = np.where(columns.missing, Quality.NO_VALUE, np.maximum(columns.quality, Quality.GOOD)).astype(np.int16)
    refused = [*columns.refused, *faults.refusals(columns.index)]
    return Checked(
        ReadingBatch(registry.series[rows[good]], columns.at[good], value[good], quality[good]),
        columns.index[good],
        sorted(refused, key=lambda refusal: refusal.index),
        foreign=len(columns) > 0 and bool(foreign.sum() == len(columns)),
    )


Say = Callable[[int], tuple[str, str, str]]
"""(field, English, Korean) for the reading in that position."""


class _Faults:
    """The first fault of each reading."""

    def __init__(self, count: int) -> None:
        self._fault = np.full(count, -1, np.int8)
        self._words: list[Say] = []

    def add(self, wrong: NDArray[np.bool_], say: Say) -> None:
        self._fault[wrong & (self._fault < 0)] = len(self._words)
        self._words.append(say)

    def none(self) -> NDArray[np.bool_]:
        return self._fault < 0

    def refusals(self, index: NDArray[np.int64]) -> list[Refusal]:
        return [
            Refusal(int(index[position]), *self._words[self._fault[position]](position))
            for position in np.flatnonzero(self._fault >= 0).tolist()
        ]


def _say(field: str, ko: str, en: str) -> Say:
    return lambda _: (field, en, ko)


def _unknown(columns: Columns, registry: Registry) -> Say:
    def say(position: int) -> tuple[str, str, str]:
        if registry.knows_device(columns.device[position]):
            return "series", "this device has no series of this name", "이 기기에 없는 계열입니다"
        return "device", "no such device is registered", "등록되지 않은 기기입니다"

    return say


def _outside(columns: Columns, rows: NDArray[np.int64], registry: Registry) -> Say:
    def say(position: int) -> tuple[str, str, str]:
        row = int(rows[position])
        low, high = float(registry.lowest[row]), float(registry.highest[row])
        limits = f"{low:g} … {high:g} {registry.units[row]}"
        return "value", f"is outside what can be true ({limits})", f"있을 수 있는 범위를 벗어났습니다 ({limits})"

    return say


def _allowed(columns: Columns, rows: NDArray[np.int64], registry: Registry, holder: Holder | None) -> NDArray[np.bool_]:
    if holder is None:
        codes = columns.feed or [""] * len(rows)
        return np.array(
            [registry.feed_codes[row] == code for row, code in zip(rows.tolist(), codes, strict=True)], bool
        )
    if holder.device is not None:
        mine: NDArray[np.bool_] = registry.device[rows] == holder.device.pk
        return mine
    ours: NDArray[np.bool_] = registry.feed[rows] == holder.feed.pk
    return ours
