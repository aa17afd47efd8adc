# SPDX-License-Identifier: Apache-2.0
"""A home whose devices speak through the real HTTP door, for care's tests of what must hold end to end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from dure.city import devices
from dure.city.devices import SeriesSpec
from dure.city.models import Device, Feed
from dure.services.care.models import Enrolment
from tests.factories import City, make_feed
from tests.services.care.living import HALF_HOUR, Living, enrolled_many

EVERYTHING = ["power_watch", "phone_watch", "home_watch", "health_watch", "daily_care", "ai_call"]


def post(key: str, readings: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Send readings to ``POST /api/v1/readings``; every one of them must be taken or be known already."""
    response = Client().post(
        "/api/v1/readings",
        json.dumps(list(readings)),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    assert not answer["rejected"], answer["rejected"][0]
    return answer


@dataclass
class Posted(Living):
    """As :class:`Living`, but everything is sent to the door, under the key of the feed that it comes from."""

    keys: dict[str, str] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)

    def rows(self, start: datetime, end: datetime, *, alive: bool = True, value: float | None = -1.0) -> list[Any]:
        """Half hours of power as the door takes them."""
        times = [start + n * HALF_HOUR for n in range(round((end - start) / HALF_HOUR))]
        kwh = [self.kwh(at, alive) if value == -1.0 else value for at in times]
        return [self.row("power", at, one) for at, one in zip(times, kwh, strict=True)]

    def row(self, series: str, at: datetime, value: float | None) -> dict[str, Any]:
        """One reading of the device that has this series."""
        quality = {"quality": "no_value"} if value is None else {}
        return {"device": self.device(series).code, "series": series, "at": at.isoformat(), "value": value} | quality

    def send(self, start: datetime, end: datetime, *, alive: bool = True, value: float | None = -1.0) -> None:
        post(self.key("ami"), self.rows(start, end, alive=alive, value=value))

    def tell(self, series: str, at: datetime, value: float | None) -> None:
        """One reading of another series of the home."""
        post(self.key(self.device(series).feed.code), [self.row(series, at, value)])

    def device(self, series: str) -> Device:
        if series not in self.devices:
            household = self.enrolment.household
            self.devices[series] = Device.objects.select_related("feed").get(household=household, series__name=series)
        return self.devices[series]

    def key(self, feed: str) -> str:
        if feed not in self.keys:
            self.keys[feed] = devices.issue_key(Feed.objects.get(code=feed), actor="tests")
        return self.keys[feed]


def posted_home(city: City, *, number: int = 1, **changed: object) -> Posted:
    """A home that agreed to everything, with its meter at the door."""
    (made,) = posted_homes(city, [number], **changed)
    return made


def posted_homes(city: City, numbers: Sequence[int], **changed: object) -> list[Posted]:
    """As many of them, which know one another's keys."""
    made = enrolled_many(city, numbers, **{"consents": EVERYTHING} | changed)  # type: ignore[arg-type]
    keys: dict[str, str] = {}
    return [Posted(one, seed=number, keys=keys) for number, one in zip(numbers, made, strict=True)]


def with_device(
    enrolment: Enrolment, series: str, *, minutes: int = 30, unit: str = "count", number: int = 0
) -> Device:
    """One more device in the home, of a feed of its own, that reports ``series``; ``number`` if there are several."""
    nth = f"-{number}" if number else ""
    device = devices.register_device(
        make_feed(f"feed-{series}{nth}", series, service="care"),
        f"{series}-{enrolment.pk}{nth}",
        series,
        series=[SeriesSpec(series, unit, minutes, 0, 100_000)],
        household=enrolment.household,
        actor="tests",
    )
    if series == "activity":
        enrolment.phone = device.series.get()
        enrolment.save(update_fields=["phone"])
    return device


def half_hour_before(at: datetime) -> datetime:
    """The start of the half hour that ends at ``at``."""
    return at - timedelta(minutes=30)
