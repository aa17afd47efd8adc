# SPDX-License-Identifier: Apache-2.0
"""A time as a machine gives it in a request: with its zone, and one that a database can hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"must be within {EARLIEST.year} and {LATEST.year}")
    return moment


GivenTime = Annotated[AwareDatetime, AfterValidator(_within)]
