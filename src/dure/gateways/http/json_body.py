# SPDX-License-Identifier: Apache-2.0
"""From the JSON body of a request to columns, by msgspec."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from dure.gateways.checks import Columns, microseconds_of
from dure.gateways.http.limits import Parsed, check_size
from dure.gateways.items import QUALITY_NUMBERS, ItemReader, Moment, QualityWord, values_of


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One reading in JSON."""

    device: Annotated[str, msgspec.Meta(max_length=64)]
    series: Annotated[str, msgspec.Meta(max_length=40)]
    at: Moment
    value: float | None
    quality: QualityWord | None = None


_reader = ItemReader(Item)


def from_json(body: bytes) -> Parsed:
    """One reading, or an array of them. Raises Invalid when it is no JSON, TooMuch when it is too long."""
    sent = _reader.read(body)
    check_size(sent.size)
    items = sent.items
    value, missing = values_of([item.value for item in items])
    columns = Columns(
        index=np.array(sent.index, np.int64),
        device=[item.device for item in items],
        series=[item.series for item in items],
        at=microseconds_of(item.at for item in items),
        value=value,
        missing=missing,
        quality=np.array([QUALITY_NUMBERS[item.quality] for item in items], np.int16),
        refused=sent.refused,
    )
    return columns, sent.text
