# SPDX-License-Identifier: Apache-2.0
"""Readings in JSON, at any door. A body is read strictly and at once; only one in which something is wrong is read
item by item, to say what. What cannot be read is refused by item, with the name of the field."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from dure.city.errors import Invalid
from dure.gateways.checks import NOT_SAID, QUALITIES, Refusal

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
QualityWord = Literal["good", "estimated", "suspect", "no_value"]
_FIELD = re.compile(r"at `\$\.(\w+)|(?:missing required|unknown) field `(\w+)`")
_T = TypeVar("_T", bound=msgspec.Struct)


@dataclass(frozen=True)
class Items(Generic[_T]):
    """``items[i]`` was at ``index[i]`` in what was sent; ``text`` gives what was sent at an index."""

    items: list[_T]
    index: Sequence[int]
    refused: list[Refusal]
    text: Callable[[int], str]
    size: int


class ItemReader(Generic[_T]):
    """Reads one ``kind`` or an array of them."""

    def __init__(self, kind: type[_T]) -> None:
        self._kind = kind
        self._strict: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind | list[kind])  # type: ignore[valid-type]

    def read(self, body: bytes) -> Items[_T]:
        """Raises Invalid when the body is no JSON at all."""
        try:
            decoded = self._strict.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._one_by_one(body)
        items: list[_T] = decoded if isinstance(decoded, list) else [decoded]
        return Items(items, range(len(items)), [], lambda index: msgspec.json.encode(items[index]).decode(), len(items))

    def _one_by_one(self, body: bytes) -> Items[_T]:
        try:
            # Python's own reader takes NaN and Infinity too, so that their reading is refused and not its neighbours.
            decoded = json.loads(body, parse_int=_whole)
        except (ValueError, RecursionError) as error:
            raise Invalid("JSON이 아닙니다", f"not JSON: {printable(str(error))[:120]}", field="body") from error
        sent = decoded if isinstance(decoded, list) else [decoded]
        items: list[_T] = []
        index: list[int] = []
        refused: list[Refusal] = []
        for position, one in enumerate(sent):
            try:
                items.append(msgspec.convert(one, self._kind))
                index.append(position)
            except (msgspec.ValidationError, OverflowError) as error:
                refused.append(_unreadable(position, str(error)))
        return Items(items, index, refused, lambda place: json.dumps(sent[place]), len(sent))


def _whole(digits: str) -> int | float:
    """A number of hundreds of digits is as good as infinite, and only its own reading is refused for it."""
    return int(digits) if len(digits) <= 400 else math.inf


def _unreadable(index: int, error: str) -> Refusal:
    """What msgspec said of one reading, with the name of the field."""
    found = _FIELD.search(error)
    name = (found.group(1) or found.group(2)) if found else "body"
    if "missing required" in error:
        return Refusal(index, name, "is missing", "빠져 있습니다")
    if "unknown field" in error:
        return Refusal(index, name, "is not a field of a reading", "측정값에 없는 항목입니다")
    return Refusal(index, name, printable(error.split(" - at ", maxsplit=1)[0]), "형식이 맞지 않습니다")


QUALITY_NUMBERS = dict[str | None, int](QUALITIES) | {None: NOT_SAID}


def values_of(values: list[float | None]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values with NaN for none, and which of them are none: NaN itself may have been sent."""
    numbers = np.array(values, np.float64)  # None becomes NaN
    missing = np.isnan(numbers)
    if missing.any():
        missing = np.array([value is None for value in values], bool)
    return numbers, missing


def printable(text: str) -> str:
    """Text that every database and every answer can carry: no half characters, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
