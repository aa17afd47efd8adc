# SPDX-License-Identifier: Apache-2.0
"""From the messages of one group to columns, and from the answer back to what each message is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, NamedTuple

import msgspec
import numpy as np

from dure.city.devices import RESERVED_SERIES
from dure.city.errors import Invalid
from dure.gateways.checks import Columns, Refusal, microseconds_of
from dure.gateways.intake import Submission, Taken
from dure.gateways.items import QUALITY_NUMBERS, ItemReader, Moment, QualityWord, values_of

ROOT = "dure/v1"
SHARED = f"$share/dure/{ROOT}/+/+/+"
"""Gateway processes share this subscription: the broker gives each message to one of them."""


class Reading(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One reading in a message. ``receipt``: any text; it comes back on ``…/stored/{series}`` after the commit, or
    with the reason on ``…/rejected``."""

    at: Moment
    value: float | None
    quality: QualityWord | None = None
    receipt: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class Message(NamedTuple):
    """What the broker delivered: ``mid`` and ``session`` say how to acknowledge it."""

    topic: str
    payload: bytes
    mid: int
    session: int


class Reply(NamedTuple):
    """What a message is told."""

    topic: str
    payload: bytes


@dataclass(frozen=True)
class _Source:
    """Where one message's readings are in the group: rows ``start`` to ``stop``, with the receipts asked for."""

    feed: str
    device: str
    series: str
    start: int
    stop: int
    receipts: dict[int, str]


_reader = ItemReader(Reading)


def is_reading(topic: str) -> bool:
    """Whether a topic is ``dure/v1/{feed}/{device}/{series}``, and not one on which we answer ourselves."""
    levels = topic.split("/")
    return len(levels) == 5 and levels[-1] not in RESERVED_SERIES


class Group:
    """The readings of several messages as one submission."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._sources: list[_Source] = []
        self._texts: list[bytes] = []
        self._items: list[Reading] = []
        self._index: list[int] = []
        self._refused: list[Refusal] = []
        self._feed: list[str] = []
        self._device: list[str] = []
        self._series: list[str] = []
        self._count = 0
        for message in messages:
            self._add(message)

    def _add(self, message: Message) -> None:
        _, _, feed, device, series = message.topic.split("/")
        start = self._count
        try:
            sent = _reader.read(message.payload)
        except Invalid as error:
            self._refused.append(Refusal(start, error.field or "", error.en, error.ko))
            size, receipts = 1, {}
        else:
            size = sent.size
            count = len(sent.items)
            self._items += sent.items
            self._index += [start + index for index in sent.index]
            self._feed += [feed] * count
            self._device += [device] * count
            self._series += [series] * count
            if sent.refused:
                self._refused += [replace(one, index=start + one.index) for one in sent.refused]
            receipts = {
                start + index: item.receipt
                for index, item in zip(sent.index, sent.items, strict=True)
                if item.receipt is not None
            }
        self._count += size
        self._sources.append(_Source(feed, device, series, start, self._count, receipts))
        self._texts += [message.payload] * size

    def __len__(self) -> int:
        return self._count

    def submission(self) -> Submission:
        """All readings of the group; who may say what is checked by the feed in the topic."""
        items = self._items
        value, missing = values_of([item.value for item in items])
        columns = Columns(
            index=np.array(self._index, np.int64),
            device=self._device,
            series=self._series,
            at=microseconds_of(item.at for item in items),
            value=value,
            missing=missing,
            quality=np.array([QUALITY_NUMBERS[item.quality] for item in items], np.int16),
            refused=self._refused,
            feed=self._feed,
        )
        return Submission(columns, lambda index: self._texts[index].decode("utf-8", "replace"))

    def replies(self, taken: Taken) -> Iterator[Reply]:
        """What each message is told: which of its readings were refused, and the receipts of those that are stored."""
        faults: dict[int, Refusal] = {refusal.index: refusal for refusal in [*taken.rejected, *taken.conflicts]}
        for source in self._sources:
            below = f"{ROOT}/{source.feed}/{source.device}"
            refused = [faults[row] for row in range(source.start, source.stop) if row in faults] if faults else []
            if refused:
                content = {"series": source.series, "rejected": [_told(one, source) for one in refused]}
                yield Reply(f"{below}/rejected", msgspec.json.encode(content))
            receipts = [text for row, text in source.receipts.items() if row not in faults]
            if receipts:
                yield Reply(f"{below}/stored/{source.series}", msgspec.json.encode({"receipts": receipts}))


def _told(refusal: Refusal, source: _Source) -> dict[str, object]:
    """A refusal as its message's sender can understand it; it names the receipt that will not come."""
    receipt = source.receipts.get(refusal.index)
    told = asdict(replace(refusal, index=refusal.index - source.start))
    return told if receipt is None else told | {"receipt": receipt}
