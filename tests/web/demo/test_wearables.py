# SPDX-License-Identifier: Apache-2.0
"""The demo's wearers: they agreed, their devices are theirs, and a fall that a device tells by its own key is heard."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from dure.city import clock
from dure.city.models import Case, ConsentPurpose, EscalationAttempt
from dure.services.monitoring.models import PersonalDevice
from dure.simulator.city import CityPlan, make_city
from dure.web.demo import making
from tests.conftest import StandingClock
from tests.services.monitoring.wearing import judge, send

HOMES = 60


@pytest.mark.django_db
def test_demo_gives_devices_to_people_who_agreed_and_hears_their_falls(
    tmp_path: Path, standing_clock: StandingClock
) -> None:
    city, keys = tmp_path / "city", tmp_path / "keys.json"
    workers = tuple(making.care_workers(HOMES))
    make_city(city, CityPlan(seed=1, homes=HOMES, start=clock.now().isoformat(), workers=workers))
    making.make_areas(city)
    making.make_people(HOMES)
    making.make_feeds(keys)
    making.enrol_homes(city)
    count = making.give_wearables(city, keys)
    given = PersonalDevice.objects.select_related("person", "device")
    assert given.filter(device__kind="wearable").count() == HOMES // 20
    assert given.count() == count
    assert all(one.person.consents.filter(purpose=ConsentPurpose.HEALTH_WATCH).exists() for one in given)
    issued = json.loads(keys.read_text())
    assert oct(keys.stat().st_mode & 0o777) == "0o600"

    band = given.filter(device__kind="wearable")[0]
    fell_at = standing_clock.move(minutes=10)
    fall = {"device": band.device.code, "series": "fall", "at": fell_at.isoformat(), "value": 1}
    assert send(issued[f"device:{band.device.code}"], [fall])["stored"] == 1
    standing_clock.move(minutes=1)
    judge()
    assert EscalationAttempt.objects.get(escalation__case=Case.objects.get(kind="fall")).user is not None
    answer = Client().get(
        "/api/v1/monitoring/told",
        {"since": (fell_at - timedelta(days=1)).isoformat()},
        headers={"authorization": f"Bearer {issued['statistics']}"},
    )
    minute_later = (fell_at + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert answer.json()["told"] == [
        {
            "kind": "fall",
            "device": band.device.code,
            "happened_at": fell_at.isoformat().replace("+00:00", "Z"),
            "told_at": minute_later,
            "asked_at": minute_later,
        }
    ]
