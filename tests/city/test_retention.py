# SPDX-License-Identifier: Apache-2.0
"""What doors refused is kept as long as it helps, and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dure.city import readings, retention, rules, tasks
from dure.city.models import AuditEntry, RejectedReading, Role
from dure.city.retention import RetentionRules
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db


def refuse(*devices: str) -> None:
    readings.keep_rejected(
        RejectedReading(door="http", device_code=code, field="value", reason="범위 밖", payload="{}")
        for code in devices
    )


def left() -> list[str]:
    return list(RejectedReading.objects.order_by("pk").values_list("device_code", flat=True))


def test_what_is_older_than_the_rule_goes_and_the_rest_stays(city: City, standing_clock: StandingClock) -> None:
    refuse("old-1", "old-2")
    standing_clock.move(days=20)
    refuse("newer")
    standing_clock.move(days=10, seconds=1)
    tasks.prune_rejected_readings()
    assert left() == ["newer"]
    told = AuditEntry.objects.get(tag="city:rejected:pruned")
    assert told.actor == "city:retention"
    assert told.detail["last"] - told.detail["first"] == 1
    assert retention.prune_rejected() == 0
    assert AuditEntry.objects.filter(tag="city:rejected:pruned").count() == 1


def test_a_city_sets_its_own_number_of_days(city: City, standing_clock: StandingClock) -> None:
    rules.set_rule(RetentionRules, "city", "rejected_days", 2, by=city.users[Role.ADMINISTRATOR])
    refuse("old")
    standing_clock.move(days=2)
    assert retention.prune_rejected() == 0
    standing_clock.stand_at(standing_clock.now + timedelta(seconds=1))
    assert retention.prune_rejected() == 1


def test_a_flood_is_cut_to_the_newest_and_in_several_steps(
    city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.set_rule(RetentionRules, "city", "rejected_most", 1_000, by=city.users[Role.ADMINISTRATOR])
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 100)
    refuse(*(f"device-{number}" for number in range(1_250)))
    assert retention.prune_rejected() == 250
    assert (len(left()), left()[0]) == (1_000, "device-250")
    assert AuditEntry.objects.filter(tag="city:rejected:pruned").count() == 3
