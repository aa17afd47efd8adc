# SPDX-License-Identifier: Apache-2.0
"""Bins on a street, for waste's tests: enrolled by the record's own verbs, heard through the real door."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from dure.city import devices, readings, teams
from dure.city.models import Role
from dure.services.waste import tasks
from dure.services.waste.actions.bins import BinSpec, SensorSpec, enrol
from dure.services.waste.models import Bin
from tests.factories import City

EMPTY, FULL = 1200, 200


def spec(number: int = 1, **changes: Any) -> BinSpec:
    """A bin of the first 행정동 with a Milesight EM400-TLD on its lid."""
    sensor = SensorSpec("chirpstack", f"{number:016x}", "milesight-em400-tld")
    wanted: dict[str, Any] = {
        "code": f"bin-{number:04d}", "lon": 127.10, "lat": 37.30, "volume_l": 240, "empty_mm": EMPTY, "full_mm": FULL,
        "place": "아람역 1번 출구", "sensor": sensor,
    }  # fmt: skip
    return BinSpec(**wanted | changes)


class Street:
    """A city that collects: a team of the dispatcher, and bins by number."""

    def __init__(self, city: City, bins: int = 1) -> None:
        teams.set_team("청소팀", [city.users[Role.DISPATCHER]], service="waste", actor="tests")
        self.bins = {number: enrol(spec(number), actor="tests") for number in range(1, bins + 1)}
        device = self.bins[1].device
        assert device is not None
        self.key = devices.issue_key(device.feed, actor="tests")

    def bin(self, number: int = 1) -> Bin:
        """The bin as the record has it now."""
        return Bin.objects.select_related("state", "area").get(code=f"bin-{number:04d}")

    def say(self, at: datetime, number: int = 1, **values: float | None) -> None:
        """One report of a bin's sensor; ``fill`` (percent) is sent as the distance that it is."""
        if "fill" in values:
            values["distance"] = EMPTY - (EMPTY - FULL) / 100 * (values.pop("fill") or 0)
        rows = [
            {"device": f"{number:016x}", "series": series, "at": at.isoformat(), "value": value}
            for series, value in values.items()
        ]
        answer = Client().post(
            "/api/v1/readings",
            json.dumps(rows),
            content_type="application/json",
            headers={"authorization": f"Bearer {self.key}"},
        )
        assert (answer.status_code, json.loads(answer.content)["rejected"]) == (200, [])

    def fills(self, until: datetime, *percents: float, number: int = 1) -> None:
        """Hourly levels up to ``until``."""
        for place, percent in enumerate(percents):
            self.say(until - timedelta(hours=len(percents) - 1 - place), number, fill=percent)


def work() -> None:
    """Do what the worker does."""
    tasks.watch_bins()
    readings.advance_latest()
    tasks.settle_bins()
