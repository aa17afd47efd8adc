# SPDX-License-Identifier: Apache-2.0
"""The filter's state to bytes and back, and to other rows: bins come and go. Some 8 kB a bin."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rates import Filling, Sensor

VERSION = 1
"""The first byte of a state; a state of another version is not read."""

OF_BINS = (
    "habit", "tends", "weight", "mean", "variance", "silent", "_doubted", "_previous", "_same", "_owed", "_said",
    "_surprise",
)  # fmt: skip
SHAPES = ("amount", "exposure", "variance", "shapes")
"""Of the week's shape, a row a bin each."""


class StateError(ValueError):
    """The bytes are no state of this version, or were damaged."""


def to_bytes(filling: Filling) -> bytes:
    """All that the filter knows."""
    arrays: dict[str, Any] = {name: getattr(filling, name) for name in OF_BINS}
    arrays |= {f"shape.{name}": getattr(filling.shape, name) for name in SHAPES}
    arrays |= {"city": filling.shape.city, "prior": filling.prior, "lumps": filling._lumps}
    arrays["numbers"] = [
        filling.lump, filling.hours, filling.last_hour, filling.sensor.noise, filling.sensor.most
    ]  # fmt: skip
    file = io.BytesIO()
    np.savez(file, **arrays)
    body = file.getvalue()
    return bytes([VERSION]) + zlib.crc32(body).to_bytes(4, "little") + body


def from_bytes(data: bytes) -> Filling:
    """What :func:`to_bytes` wrote. Raises StateError."""
    if data[:1] != bytes([VERSION]):
        raise StateError(f"a forecast of another version ({data[:1]!r})")
    body = data[5:]
    if zlib.crc32(body) != int.from_bytes(data[1:5], "little"):
        raise StateError("the stored forecast is damaged (checksum)")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as kept:
            arrays: dict[str, NDArray[Any]] = dict(kept)
    except (ValueError, OSError, zipfile.BadZipFile) as wrong:
        raise StateError(str(wrong)) from wrong
    lump, hours, last_hour, noise, most = arrays["numbers"].tolist()
    filling = Filling(len(arrays["weight"]), Sensor(noise, most))
    for name in OF_BINS:
        setattr(filling, name, arrays[name])
    for name in SHAPES:
        setattr(filling.shape, name, arrays[f"shape.{name}"])
    filling.shape.city, filling.prior, filling._lumps = arrays["city"], arrays["prior"], arrays["lumps"].tolist()
    filling.lump, filling.hours, filling.last_hour = lump, int(hours), int(last_hour)
    return filling


def with_rows(filling: Filling, rows: Sequence[int | None]) -> Filling:
    """The same filter over other bins: row r is what row ``rows[r]`` was, or (None) a bin of which nothing was heard,
    in a city of which much may be known."""
    made = Filling(len(rows), filling.sensor)
    new = np.array([place for place, row in enumerate(rows) if row is None], dtype=np.intp)
    old = np.array([place for place, row in enumerate(rows) if row is not None], dtype=np.intp)
    source = np.array([row for row in rows if row is not None], dtype=np.intp)
    for of, names in ((filling, OF_BINS), (filling.shape, SHAPES)):
        into = made if of is filling else made.shape
        for name in names:
            getattr(into, name)[old] = getattr(of, name)[source]
    made.shape.city, made.prior, made._lumps = filling.shape.city, filling.prior, list(filling._lumps)
    made.lump, made.hours, made.last_hour = filling.lump, filling.hours, filling.last_hour
    made.shape.shapes[new] = filling.shape.city
    city = filling.habit.sum(0) + filling.prior * 24
    made.tends[new] = city / city.sum()
    made.weight[new] = made.tends[new][:, None, :] / made.weight.shape[1]
    return made
