# SPDX-License-Identifier: Apache-2.0
"""A home that lives, for care's tests: half hours of power with a habit, written through the record's own verbs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import numpy as np

from dure.city import clock, readings
from dure.city.errors import DureError
from dure.city.models import Area, Case, CaseStatus, Quality
from dure.city.readings import ReadingBatch
from dure.services.care import watch
from dure.services.care.actions.enrolment import EnrolmentForm, enrol_many
from dure.services.care.models import Enrolment
from dure.services.care.plan import set_default_plan
from tests.factories import City, make_feed

HALF_HOUR = timedelta(minutes=30)


def enrolled(city: City, *, number: int = 1, worker: str | None = "care_worker", **changed: object) -> Enrolment:
    """A person taken into care as from an enrolment file, with a meter and a phone."""
    (made,) = enrolled_many(city, [number], worker=worker, **changed)
    return made


def enrolled_many(
    city: City, numbers: Iterable[int], *, worker: str | None = "care_worker", **changed: object
) -> list[Enrolment]:
    """As many of them, at once."""
    make_feed("ami", "ami", service="care")
    make_feed("telecom", "telecom", service="care")
    set_default_plan("tests")
    made = enrol_many([_form(city, number, {"worker": worker} | changed) for number in numbers], actor="tests")
    for one in made:
        if isinstance(one, DureError):
            raise one
    return cast("list[Enrolment]", made)


def _form(city: City, number: int, changed: dict[str, object]) -> EnrolmentForm:
    line: dict[str, object] = {
        "area": city.dongs[0].code,
        "address": f"두레로 {number}",
        "lon": 127.1,
        "lat": 37.3,
        "person": {"name": "김순자", "phone": f"010-0000-{number:04d}", "birth_year": 1941, "sex": "F"},
        "contacts": [{"name": "김하나", "phone": f"010-0000-{5000 + number}", "relation": "딸"}],
        "consents": ["power_watch", "ai_call", "phone_watch"],
        "consent_until": "2027-12-31",
        "devices": [
            {
                "feed": "ami",
                "code": f"meter-{number:06d}",
                "kind": "power_meter",
                "series": [{"name": "power", "unit": "kWh", "interval_minutes": 30, "min": 0, "max": 50}],
            }
        ],
    }
    return EnrolmentForm.model_validate(line | changed)


@dataclass
class Living:
    """Sends the half hours of a home's days. The habit: breakfast, lunch, supper and an evening with television."""

    enrolment: Enrolment
    seed: int = 1

    def send(self, start: datetime, end: datetime, *, alive: bool = True, value: float | None = -1.0) -> None:
        """The half hours from ``start`` to ``end``; without life only the refrigerator. ``value`` overrides them."""
        count = round((end - start) / HALF_HOUR)
        times = [start + n * HALF_HOUR for n in range(count)]
        kwh = [self.kwh(at, alive) if value == -1.0 else value for at in times]
        quality = Quality.NO_VALUE if value is None else Quality.GOOD
        batch = ReadingBatch.of((self.enrolment.power_id, at, one, quality) for at, one in zip(times, kwh, strict=True))
        readings.store(batch)

    def kwh(self, at: datetime, alive: bool) -> float:
        """One half hour's use."""
        local = at.astimezone(clock.SEOUL)
        chance = np.random.default_rng((self.seed, int(at.timestamp())))
        fridge = 0.03 + 0.015 * ((int(at.timestamp()) // 1800) % 2)
        hour = local.hour + local.minute / 60
        busy = alive and (6.5 <= hour < 9 or 11.5 <= hour < 13.5 or 17 <= hour < 22)
        return round(fridge + (chance.uniform(0.08, 0.5) if busy else chance.uniform(0, 0.008)), 4)


def judge() -> None:
    """Judge everything that has arrived."""
    readings.advance_latest()
    while watch.run_once():
        continue


def open_case(enrolment: Enrolment) -> Case | None:
    """The open case of a home."""
    return Case.objects.filter(household=enrolment.household).exclude(status=CaseStatus.CLOSED).first()


def area_of(city: City) -> Area:
    """Where the homes of these tests are."""
    return city.dongs[0]
