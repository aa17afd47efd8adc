# SPDX-License-Identifier: Apache-2.0
"""What a decoder makes of a frame."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Measured(NamedTuple):
    """A value of a series in its registered unit; None where the device says that it has none. ``at``: the time that
    the device itself kept of it, for values from its memory; None for the time of the frame."""

    series: str
    value: float | None
    at: datetime | None = None


class Undecodable(Exception):
    """The rest of a frame cannot be understood. ``en`` and ``ko`` say why."""

    def __init__(self, en: str, ko: str) -> None:
        super().__init__(en)
        self.en, self.ko = en, ko


def unknown_port(port: int) -> Undecodable:
    """This device sends nothing on this port."""
    return Undecodable(f"nothing is known to come on port {port}", f"이 기기가 쓰지 않는 포트입니다: {port}")


def wrong_length(payload: bytes, wanted: str) -> Undecodable:
    """The frame is not as long as its layout."""
    size = len(payload)
    return Undecodable(f"has {size} bytes instead of {wanted}", f"{wanted}바이트가 아니라 {size}바이트입니다")
