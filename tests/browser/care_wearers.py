# SPDX-License-Identifier: Apache-2.0
"""The people of care's city who wear a device: one whose heart is fast, one who is calm, one whose band is silent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dure.city.models import User
    from dure.services.care.models import Enrolment

FAST, CALM, SILENT = 5, 7, 8
"""Numbers of homes without a case of care's."""


def wear(homes: Sequence[Enrolment], worker: User) -> None:
    """A day of readings every ten minutes, judged by the real engine; a clinician's range for the calm one."""
    from dure.city import clock, people, readings
    from dure.city.devices import register_feed
    from dure.city.models import ConsentPurpose, Device, Quality, Team
    from dure.city.readings import ReadingBatch
    from dure.services.monitoring.actions.devices import give
    from dure.services.monitoring.models import PersonalDevice
    from dure.services.monitoring.tasks import watch_vitals

    team = Team.objects.create(name="건강 모니터링", service="monitoring")
    team.members.add(worker)
    feed = register_feed("wear", "건강 기기", "wearables", service="monitoring", actor="tests")
    now = clock.now()
    rows = []
    for number in (FAST, CALM, SILENT):
        person = homes[number].person
        people.grant_consent(
            person, ConsentPurpose.HEALTH_WATCH, expires_at=now + timedelta(days=300), how="서면", actor="tests"
        )
        device = give(person, feed=feed, code=f"band-{number}", kind="wearable", actor="tests").device
        if number == SILENT:
            continue
        series = {one.name: one.pk for one in device.series.all()}
        for step in range(144):
            at = now - timedelta(minutes=10 * (143 - step))
            wave = 8 * math.sin(step / 20)
            fast = 45 if number == FAST and step > 136 else 0
            rows += [
                (series["heart_rate"], at, round(68 + wave + fast), Quality.GOOD),
                (series["breathing"], at, round(15 + wave / 6), Quality.GOOD if step % 9 else Quality.SUSPECT),
                (series["spo2"], at, None if step % 5 else 97.0, Quality.NO_VALUE if step % 5 else Quality.GOOD),
                (series["steps"], at, 12.0, Quality.GOOD),
            ]
        rows.append((series["battery"], now, 11.0 if number == CALM else 64.0, Quality.GOOD))
    PersonalDevice.objects.update(since=now - timedelta(days=2))
    readings.store(ReadingBatch.of(rows))
    readings.advance_latest()
    Device.objects.filter(code=f"band-{SILENT}").update(registered_at=now - timedelta(days=2), silent_since=now)
    watch_vitals()
