# SPDX-License-Identifier: Apache-2.0
"""A city that has begun to live: its emergencies, its homes and what they send, all from the plan and the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .city import City
from .deliveries import CountDeliveries, Homes, PowerDeliveries
from .diary import DECLARED, is_travelling, trips_during
from .emergencies import Emergencies, Emergency, EmergencyKind
from .faults import Faults
from .made_homes import MadeHomes
from .memory import Event
from .pace import SLOTS_PER_DAY, moment
from .phones import Phones
from .real_homes import MovedHomes, RealHomes, Shift, read_source
from .residents import band_code, meter_code
from .rooms import Rooms
from .spans import Spans
from .wearing import Worn, fall_moment, is_felt


@dataclass(frozen=True)
class Life:
    """``at_home(home, slot)`` is whether a home is lived in; ``shifts`` of real homes, by home ([] = made ones)."""

    city: City
    emergencies: Emergencies
    faults: Faults
    power: PowerDeliveries
    phones: CountDeliveries
    sensors: tuple[CountDeliveries, ...]
    worn: Worn
    at_home: Callable[[int, int], bool]
    shifts: list[Shift]


def begin_life(city: City, live_from: int, backfill_days: int) -> Life:
    """The life of a city whose live time begins at slot ``live_from``. Nothing of it is kept; the same arguments
    make the same life. Reads the file of real homes, if the city has one, in place."""
    residents, plan, faults = city.residents, city.plan, Faults(city.residents)
    moved = (
        MovedHomes(read_source(Path(plan.readings), plan.timezone), live_from, backfill_days) if plan.readings else None
    )

    def not_travelling(home: int, slot: int) -> bool:
        return not is_travelling(residents, home, slot)

    at_home = moved.lived_in if moved else not_travelling
    wearers = np.flatnonzero(residents.worn).tolist()
    emergencies = Emergencies(
        plan.seed,
        plan.homes,
        plan.emergencies_per_day,
        live_from,
        at_home,
        wearers=wearers,
        falls_per_day=plan.falls_per_day,
    )
    rooms = Rooms(residents, emergencies)
    homes: Homes = RealHomes(moved, emergencies, plan.seed) if moved else MadeHomes(residents, emergencies)
    return Life(
        city,
        emergencies,
        faults,
        PowerDeliveries(residents, homes, faults),
        CountDeliveries("telecom", "activity", 2, residents.phone_watched, Phones(residents, emergencies).counts),
        (
            CountDeliveries("water", "water", 2, residents.water, rooms.water),
            CountDeliveries("motion", "motion", 1, residents.sensed, rooms.motion),
            CountDeliveries("door", "door", 1, residents.sensed, rooms.doors),
        ),
        Worn(residents, emergencies),
        at_home,
        moved.shifts if moved else [],
    )


def truth_between(life: Life, first_day: int, last_day: int) -> Iterator[Event]:
    """What really is so on the days first..last (both included), whole events even where they reach beyond."""
    end = (last_day + 1) * SLOTS_PER_DAY
    for one in life.emergencies.during(first_day * SLOTS_PER_DAY, end):
        meter, kind = meter_code(one.home), one.kind.name.lower()
        if one.kind is EmergencyKind.FALL:
            yield _fall(life.city.plan.seed, one)
        else:
            yield Event("emergency", meter, moment(one.begin), moment(one.found), kind)
        yield Event("hospital", meter, moment(one.found), moment(one.end))
    if not life.shifts:
        trips = trips_during(life.city.residents, first_day, last_day)
        yield from _events("trip", trips, lambda variant: "declared" if variant == DECLARED else "")
    yield from _events("outage", life.faults.outages(first_day, last_day))
    yield from _events("late", life.faults.late(first_day, last_day))
    yield from _events("stuck", life.faults.stuck(first_day, last_day))
    feeder = life.faults.feeder_outages(first_day, last_day)
    for area, begin, ends in zip(feeder.home, feeder.begin, feeder.end, strict=True):
        yield Event("feeder_outage", life.city.areas[area].code, moment(int(begin)), moment(int(ends)))


def _fall(seed: int, one: Emergency) -> Event:
    fell_at = datetime.fromtimestamp(fall_moment(seed, one), UTC)
    felt = "felt" if is_felt(seed, one) else "missed"
    return Event("fall", band_code(one.home), fell_at, moment(one.found), felt)


def _events(kind: str, spans: Spans, detail: Callable[[int], str] = lambda variant: "") -> Iterator[Event]:
    for home, begin, end, variant in zip(spans.home, spans.begin, spans.end, spans.variant, strict=True):
        yield Event(kind, meter_code(int(home)), moment(int(begin)), moment(int(end)), detail(int(variant)))
