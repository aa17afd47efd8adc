# SPDX-License-Identifier: Apache-2.0
"""Named arrays to bytes and back: a JSON header, the raw little-endian arrays, a checksum. No pickle."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"DUREHAB"


class StateError(ValueError):
    """The bytes are not a state of this engine, or of a version it cannot read, or they were damaged."""


def pack(kind: str, version: int, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any] | None = None) -> bytes:
    """Bytes of the arrays; the same arrays always give the same bytes."""
    columns = {name: np.ascontiguousarray(a, a.dtype.newbyteorder("<")) for name, a in arrays.items()}
    header = {
        "kind": kind,
        "version": version,
        "meta": dict(meta or {}),
        "columns": [[name, a.dtype.str, list(a.shape)] for name, a in columns.items()],
    }
    head = json.dumps(header, separators=(",", ":")).encode()
    body = b"".join([len(head).to_bytes(4, "little"), head, *(a.tobytes() for a in columns.values())])
    return MAGIC + zlib.crc32(body).to_bytes(4, "little") + body


def unpack(data: bytes, kind: str, version: int) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays (writable copies) and meta of :func:`pack`.

    Raises
    ------
    StateError
        When the bytes are of another kind or version, or damaged.
    """
    arrays, meta, _ = unpack_any(data, kind, (version,))
    return arrays, meta


def unpack_any(
    data: bytes, kind: str, versions: Collection[int]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any], int]:
    """As :func:`unpack`, of any of these versions; which one it was comes last."""
    start = len(MAGIC)
    if data[:start] != MAGIC:
        raise StateError("not a state of the habit engine")
    body = memoryview(data)[start + 4 :]
    if zlib.crc32(body) != int.from_bytes(data[start : start + 4], "little"):
        raise StateError("the stored state is damaged (checksum)")
    head_end = 4 + int.from_bytes(body[:4], "little")
    header = json.loads(bytes(body[4:head_end]))
    if header["kind"] != kind or header["version"] not in versions:
        known = " or ".join(str(one) for one in versions)
        raise StateError(f"expected {kind} version {known}, got {header['kind']} version {header['version']}")
    arrays: dict[str, NDArray[Any]] = {}
    at = head_end
    for name, dtype, shape in header["columns"]:
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(body, np.dtype(dtype), count, at).reshape(shape).copy()
        at += arrays[name].nbytes
    return arrays, header["meta"], header["version"]
