# SPDX-License-Identifier: Apache-2.0
"""Somebody who wears a device, for monitoring's tests: made by the record's own verbs, heard through the real door."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from dure.city import devices
from dure.city.models import ConsentPurpose, Feed, Person
from dure.services.monitoring import tasks
from dure.services.monitoring.actions.devices import give
from dure.services.monitoring.models import PersonalDevice
from tests.factories import City, make_feed, make_home

AGREED = (ConsentPurpose.HEALTH_WATCH,)


@dataclass
class Wearing:
    """A person, their devices by kind, and the key by which the devices' feed speaks."""

    person: Person
    feed: Feed
    key: str
    given: dict[str, PersonalDevice]

    def code(self, kind: str = "wearable") -> str:
        """The code of the device of that kind."""
        return self.given[kind].device.code

    def say(self, series: str, *values: float | None, until: datetime, every: float = 5, **more: Any) -> dict[str, Any]:
        """Send the last values, ``every`` minutes apart, up to ``until``, by ``POST /api/v1/readings``."""
        kind = more.pop("kind", "wearable")
        rows = [
            {
                "device": self.code(kind),
                "series": series,
                "at": (until - timedelta(minutes=every * (len(values) - 1 - number))).isoformat(),
                "value": value,
            }
            | more
            for number, value in enumerate(values)
        ]
        return send(self.key, rows)


def send(key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the door answers."""
    answer = Client().post(
        "/api/v1/readings",
        json.dumps(rows),
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    return {"status": answer.status_code} | json.loads(answer.content)


def wearing(
    city: City, *kinds: str, name: str = "김순자", consents: tuple[ConsentPurpose, ...] = AGREED, dong: int = 0
) -> Wearing:
    """Somebody of the first 행정동 with devices of these kinds (default: one on the wrist)."""
    home = make_home(city.dongs[dong], name=name, consents=consents)
    feed = make_feed("wear", "wearables", service="monitoring")
    given = {
        kind: give(home.person, feed=feed, code=f"{kind}-{home.person.pk}", kind=kind, actor="tests")
        for kind in kinds or ("wearable",)
    }
    return Wearing(home.person, feed, devices.issue_key(feed, actor="tests"), given)


def judge() -> None:
    """Do what the worker does every second."""
    tasks.watch_vitals()
