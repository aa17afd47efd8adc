# SPDX-License-Identifier: Apache-2.0
"""From the body of a request to columns: JSON by msgspec, Arrow IPC by pyarrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dure.city.errors import DureError, Invalid
from dure.gateways.checks import NOT_SAID, QUALITIES, Columns, Refusal, microseconds_of
from dure.gateways.intake import MOST
from dure.gateways.items import QUALITY_NUMBERS, ItemReader, Moment, QualityWord, values_of

Parsed = tuple[Columns, Callable[[int], str]]
"""Columns, and the text of the reading with an index, as it was sent."""


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One reading in JSON."""

    device: Annotated[str, msgspec.Meta(max_length=64)]
    series: Annotated[str, msgspec.Meta(max_length=40)]
    at: Moment
    value: float | None
    quality: QualityWord | None = None


class TooMuch(DureError):
    """More than one request may carry."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            f"한 번에 {MOST:,}개까지 보낼 수 있습니다", f"at most {MOST:,} readings in one request", field="body"
        )


_reader = ItemReader(Item)


def from_json(body: bytes) -> Parsed:
    """One reading, or an array of them. Raises Invalid when it is no JSON, TooMuch when it is too long."""
    sent = _reader.read(body)
    _check_size(sent.size)
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


def _check_size(count: int) -> None:
    if count > MOST:
        raise TooMuch
    if count == 0:
        raise Invalid("측정값이 없습니다", "there is no reading in it", field="body")


def from_arrow(body: bytes) -> Parsed:
    """An Arrow IPC stream with columns device, series, at (timestamp with zone), value and, optionally, quality.

    Raises Invalid naming the column that is missing or of another type, TooMuch when there are too many rows.
    """
    table = _read_stream(body)
    _check_size(table.num_rows)
    at_type = table.schema.field("at").type
    if not pa.types.is_timestamp(at_type) or at_type.tz is None:
        raise Invalid(
            "시간대가 있는 timestamp여야 합니다", f"must be a timestamp with a zone, not {at_type}", field="at"
        )
    at = _cast(table, "at", pa.timestamp("us", "UTC"))
    device, series = _cast(table, "device", pa.string()), _cast(table, "series", pa.string())
    value = _cast(table, "value", pa.float64())
    quality, bad_quality = _arrow_quality(table)
    refused = []
    good = np.ones(table.num_rows, bool)
    for name, wrong in (
        ("device", pc.is_null(device)), ("series", pc.is_null(series)), ("at", pc.is_null(at)), ("quality", bad_quality)
    ):  # fmt: skip
        for position in np.flatnonzero(wrong.to_numpy(zero_copy_only=False) & good).tolist():
            refused.append(Refusal(position, name, "has no valid value here", "여기에 올바른 값이 없습니다"))
            good[position] = False
    index = np.flatnonzero(good)
    missing = pc.is_null(value).to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(value, 0.0).to_numpy()
    columns = Columns(
        index=index,
        device=_kept(device, index),
        series=_kept(series, index),
        at=pc.fill_null(at.cast(pa.int64()), 0).to_numpy()[index],
        value=np.where(missing, np.nan, numbers)[index],
        missing=missing[index],
        quality=quality[index],
        refused=refused,
    )
    return columns, lambda position: str(table.slice(position, 1).to_pylist()[0])


def _read_stream(body: bytes) -> Any:
    try:
        with pa.ipc.open_stream(body) as stream:
            batches = []
            count = 0
            for batch in stream:
                batch.validate(full=True)
                count += batch.num_rows
                if count > MOST:
                    raise TooMuch
                batches.append(batch)
            table = pa.Table.from_batches(batches, stream.schema).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise Invalid(
            "Arrow IPC 스트림이 아닙니다", f"not an Arrow IPC stream: {str(error)[:120]}", field="body"
        ) from error
    for name in ("device", "series", "at", "value"):
        if table.schema.get_field_index(name) < 0:
            raise Invalid("빠진 열입니다", "this column is missing, or is there twice", field=name)
    return table


def _cast(table: Any, name: str, to: Any) -> Any:
    """One column as one array of type ``to``; a finer time than microseconds is cut off. Raises Invalid."""
    try:
        column = table.column(name).cast(to, safe=not pa.types.is_timestamp(to))
    except pa.ArrowException as error:
        raise Invalid("열의 형식이 맞지 않습니다", f"this column cannot be read as {to}", field=name) from error
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _arrow_quality(table: Any) -> tuple[Any, Any]:
    if table.schema.get_field_index("quality") < 0:
        return np.full(table.num_rows, NOT_SAID, np.int16), pa.array(np.zeros(table.num_rows, bool))
    words = _cast(table, "quality", pa.string())
    numbers = pc.index_in(words, value_set=pa.array(QUALITIES))
    bad = pc.and_(pc.is_null(numbers), pc.is_valid(words))
    return pc.fill_null(numbers, NOT_SAID).to_numpy().astype(np.int16), bad


def _kept(column: Any, index: Any) -> list[str]:
    words: list[str] = column.take(pa.array(index)).to_pylist()
    return words
