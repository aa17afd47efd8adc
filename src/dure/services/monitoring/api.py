# SPDX-License-Identifier: Apache-2.0
"""Monitoring's HTTP API: what devices told of falls and calls for help, and how late somebody was asked to go."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from dure.city.bearer import MachineKey
from dure.city.given_time import GivenTime
from dure.services.monitoring import queries

router = Router(tags=["monitoring"])


class ToldLine(Schema):
    """One fall or call for help that a device told of, without any personal data."""

    kind: str
    device: str | None
    happened_at: datetime
    told_at: datetime
    asked_at: datetime | None


class ToldLines(Schema):
    """By the time at which the platform had them."""

    told: list[ToldLine]


@router.get(
    "/monitoring/told", auth=MachineKey("statistics"), response=ToldLines, summary="Falls and calls for help, how late"
)
def told(request: HttpRequest, since: GivenTime) -> dict[str, object]:
    """Falls and calls for help that came into a case at or after ``since``."""
    return {"told": queries.told_lines(since)}
