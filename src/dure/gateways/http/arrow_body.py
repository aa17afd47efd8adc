# SPDX-License-Identifier: Apache-2.0
"""From an Arrow IPC stream to columns. A few bytes of it can stand for gigabytes (compression, dictionaries, views), so
what reading it would take is told from its headers before any of it is unpacked."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from numpy.typing import NDArray

from dure.city.errors import DureError, Invalid
from dure.gateways.checks import NOT_SAID, QUALITIES, Columns, Refusal
from dure.gateways.http.limits import Parsed, TooMuch, check_size
from dure.gateways.intake import MOST

_TO_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def from_arrow(body: bytes) -> Parsed:
    """An Arrow IPC stream with columns device, series, at (timestamp with zone), value and, optionally, quality.

    Raises Invalid naming the column that is missing or of another type, TooMuch when there are too many rows, or more
    bytes once unpacked than a request may carry.
    """
    try:
        table = _read_stream(body)
        check_size(table.num_rows)
        return _columns(table)
    except (pa.ArrowException, OSError, ValueError, struct.error) as error:  # also words of its own that are no UTF-8
        raise Invalid(
            "Arrow IPC 스트림이 아닙니다", f"not an Arrow IPC stream: {str(error)[:120]}", field="body"
        ) from error


def _read_stream(body: bytes) -> Any:
    """The whole stream as one table, checked."""
    _check_unpacked(body)
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
    for name in ("device", "series", "at", "value"):
        if table.schema.get_field_index(name) < 0:
            raise Invalid("빠진 열입니다", "this column is missing, or is there twice", field=name)
    return table


def _columns(table: Any) -> Parsed:
    at, no_time = _microseconds(table)
    device, series = _words(table, "device"), _words(table, "series")
    value = _cast(table, "value", pa.float64())
    quality, bad_quality = _quality(table)
    refused = []
    good = np.ones(table.num_rows, bool)
    for name, wrong in (
        ("device", _nulls(device)), ("series", _nulls(series)), ("at", no_time), ("quality", bad_quality)
    ):  # fmt: skip
        for position in np.flatnonzero(wrong & good).tolist():
            refused.append(Refusal(position, name, "has no valid value here", "여기에 올바른 값이 없습니다"))
            good[position] = False
    index = np.flatnonzero(good)
    missing = _nulls(value)
    columns = Columns(
        index=index,
        device=_kept(device, index),
        series=_kept(series, index),
        at=at[index],
        value=np.where(missing, np.nan, pc.fill_null(value, 0.0).to_numpy())[index],
        missing=missing[index],
        quality=quality[index],
        refused=refused,
    )

    def text(position: int) -> str:
        time = pa.scalar(int(at[position]), pa.timestamp("us", "UTC")).cast(pa.string())
        words = {"device": device[position], "series": series[position], "at": time, "value": value[position]}
        return json.dumps({name: one.as_py() for name, one in words.items()}, ensure_ascii=False)

    return columns, text


# --- what it would take to read it -----------------------------------------------------------------------------


def _check_unpacked(body: bytes) -> None:
    """Raises TooMuch when the stream's compressed buffers say that they are longer than a request may be."""
    size = 0
    for message in pa.ipc.MessageReader.open_stream(body):
        if message.type in ("record batch", "dictionary"):
            size += _unpacked(message)
    if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooMuch


def _unpacked(message: Any) -> int:
    """Bytes of a batch's buffers after decompression, as each says in its first eight bytes (Arrow format, Message.fbs:
    Message.header is field 2, DictionaryBatch.data 1, RecordBatch.buffers 2 and .compression 3)."""
    words, data = message.metadata.to_pybytes(), message.body or b""
    batch = _child(words, _target(words, 0), 2)
    if message.type == "dictionary":
        batch = _child(words, batch, 1)
    if _field(words, batch, 3) is None:
        return len(data)
    buffers = _child(words, batch, 2)
    (count,) = struct.unpack_from("<I", words, buffers)
    size = 0
    for place in range(buffers + 4, buffers + 4 + 16 * count, 16):
        start, length = struct.unpack_from("<qq", words, place)
        if length:
            size += max(length, struct.unpack_from("<q", data, start)[0])
    return size


def _field(words: bytes, table: int, number: int) -> int | None:
    """Where a FlatBuffers table has its field of this number; None where it is left out."""
    fields = table - struct.unpack_from("<i", words, table)[0]
    (size,) = struct.unpack_from("<H", words, fields)
    if 4 + 2 * number >= size:
        return None
    (offset,) = struct.unpack_from("<H", words, fields + 4 + 2 * number)
    return table + offset if offset else None


def _child(words: bytes, table: int, number: int) -> int:
    """Where the table or vector lies that a table's field points to."""
    place = _field(words, table, number)
    if place is None:
        raise ValueError("a batch without a header")
    return _target(words, place)


def _target(words: bytes, place: int) -> int:
    """Where the pointer at a place points to; that to the root is the first."""
    return int(place + struct.unpack_from("<I", words, place)[0])


# --- columns ---------------------------------------------------------------------------------------------------


def _column(table: Any, name: str) -> Any:
    column = table.column(name)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _cast(table: Any, name: str, to: Any) -> Any:
    """One column as one array of type ``to``. Raises Invalid."""
    try:
        return _column(table, name).cast(to)
    except pa.ArrowException as error:
        raise _wrong_type(name, to) from error


def _wrong_type(name: str, to: object) -> DureError:
    return Invalid("열의 형식이 맞지 않습니다", f"this column cannot be read as {to}", field=name)


def _words(table: Any, name: str) -> Any:
    """A column of text. Raises Invalid, or TooMuch when it is longer, written out, than a request may be."""
    column = _column(table, name)
    try:
        if pa.types.is_dictionary(column.type):
            size = _lengths(column.dictionary)[pc.fill_null(column.indices, 0).to_numpy()].sum()
        else:
            size = _lengths(column).sum()
    except (pa.ArrowException, IndexError) as error:
        raise _wrong_type(name, "string") from error
    if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooMuch
    return _cast(table, name, pa.string())


def _lengths(texts: Any) -> NDArray[np.int64]:
    """Bytes of each text; of a view it is its first four bytes. Raises ArrowNotImplementedError for what is no text."""
    if pa.types.is_string_view(texts.type):
        views = np.frombuffer(texts.buffers()[1] or b"", np.int32)[::4]
        return np.where(_nulls(texts), 0, views[texts.offset : texts.offset + len(texts)]).astype(np.int64)
    lengths: NDArray[np.int64] = pc.fill_null(pc.binary_length(texts), 0).to_numpy().astype(np.int64)
    return lengths


def _microseconds(table: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The times in µs since 1970, and which are missing. A finer time is cut off; one beyond all calendars stays far
    away, for the checks to refuse by itself."""
    of = table.schema.field("at").type
    if not pa.types.is_timestamp(of) or of.tz is None:
        raise Invalid("시간대가 있는 timestamp여야 합니다", f"must be a timestamp with a zone, not {of}", field="at")
    times = _column(table, "at")
    raw = pc.fill_null(times.cast(pa.int64()), 0).to_numpy()
    if of.unit == "ns":
        return raw // 1000, _nulls(times)
    factor = _TO_MICROSECONDS[of.unit]
    most = np.iinfo(np.int64).max // factor
    return np.clip(raw, -most, most) * factor, _nulls(times)


def _quality(table: Any) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Each one's number, and which have a word that is none."""
    if table.schema.get_field_index("quality") < 0:
        return np.full(table.num_rows, NOT_SAID, np.int16), np.zeros(table.num_rows, bool)
    words = _words(table, "quality")
    numbers = pc.index_in(words, value_set=pa.array(QUALITIES))
    bad = _nulls(numbers) & ~_nulls(words)
    return pc.fill_null(numbers, NOT_SAID).to_numpy().astype(np.int16), bad


def _nulls(column: Any) -> NDArray[np.bool_]:
    nulls: NDArray[np.bool_] = pc.is_null(column).to_numpy(zero_copy_only=False)
    return nulls


def _kept(column: Any, index: NDArray[np.int64]) -> list[str]:
    words: list[str] = column.take(pa.array(index)).to_pylist()
    return words
