# SPDX-License-Identifier: Apache-2.0
"""What the OpenAPI document says of the readings' door. Requests are read by :mod:`.parse`, for speed."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from dure.gateways.intake import MOST


class ReadingFault(Schema):
    """What was wrong with one reading."""

    index: int = Field(description="Which reading, counted from 0 in what was sent")
    field: str
    message: str
    message_ko: str


class ReadingsAnswer(Schema):
    """What became of the readings, written after they are on disk."""

    stored: int
    duplicates: int = Field(description="Readings whose series and time were there already; nothing was changed")
    conflicts: list[ReadingFault] = Field(description="Duplicates sent with another value: the first one stays")
    rejected: list[ReadingFault]


class Problem(Schema):
    """Why the whole request was refused."""

    field: str | None
    message: str
    message_ko: str


READING: dict[str, Any] = {
    "type": "object",
    "required": ["device", "series", "at", "value"],
    "additionalProperties": False,
    "properties": {
        "device": {"type": "string", "maxLength": 64, "examples": ["meter-000001"]},
        "series": {"type": "string", "maxLength": 40, "examples": ["power"]},
        "at": {"type": "string", "format": "date-time", "description": "Start of the interval, with its zone"},
        "value": {"type": ["number", "null"], "description": "null: the device reported and had no value"},
        "quality": {"enum": ["good", "estimated", "suspect", "no_value", None]},
    },
}
ARROW = "application/vnd.apache.arrow.stream"
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "oneOf": [READING, {"type": "array", "items": READING, "minItems": 1, "description": f"Up to {MOST}"}]
            }
        },
        ARROW: {
            "schema": {
                "type": "string",
                "format": "binary",
                "description": "Columns device, series, at (timestamp[us, UTC]), value (float64); optionally quality",
            }
        },
    },
}
OBJECT: dict[str, Any] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
"""The body of a door for other systems' own envelopes."""
ANSWERS: dict[Any, Any] = {200: ReadingsAnswer, frozenset({400, 401, 413, 422, 503}): Problem}
"""What such a door answers."""
