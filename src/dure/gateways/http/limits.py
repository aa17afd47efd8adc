# SPDX-License-Identifier: Apache-2.0
"""What one request may carry."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from dure.city.errors import DureError, Invalid
from dure.gateways.checks import Columns
from dure.gateways.intake import MOST

Parsed = tuple[Columns, Callable[[int], str]]
"""What a body was read to: columns, and the text of the reading with an index, as it was sent."""


class TooMuch(DureError):
    """More than one request may carry."""

    status = 413

    def __init__(self) -> None:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        super().__init__(
            f"한 번에 {MOST:,}개, {size} MiB까지 보낼 수 있습니다",
            f"at most {MOST:,} readings and {size} MiB, unpacked, in one request",
            field="body",
        )


def body_of(request: HttpRequest) -> bytes:
    """Raises TooMuch when the request is larger than one may be."""
    try:
        return request.body
    except RequestDataTooBig as error:
        raise TooMuch from error


def check_size(count: int) -> None:
    """Raises TooMuch when there are too many readings, Invalid when there is none."""
    if count > MOST:
        raise TooMuch
    if count == 0:
        raise Invalid("측정값이 없습니다", "there is no reading in it", field="body")
