# SPDX-License-Identifier: Apache-2.0
"""A small city that collects: bins whose levels are known, a depot, a tip, trucks with drivers, and a round to plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dure.city import clock, readings
from dure.city.errands import errand_done
from dure.city.models import Errand, Quality, Role, Series, User
from dure.services.waste import forecast
from dure.services.waste.actions.trucks import SiteSpec, TruckSpec, enrol_site, enrol_truck
from dure.services.waste.models import Bin, Pickup, Round, Truck, Turn
from tests.factories import City, make_user
from tests.services.waste.street import EMPTY, FULL, Street

HOUR = timedelta(hours=1)


class Fleet:
    """Bins by number with these levels (percent) now, filled evenly since a day ago, one every 400 m eastwards."""

    def __init__(self, city: City, levels: dict[int, float], *, trucks: int = 2, **truck: Any) -> None:
        self.street = Street(city, bins=max(levels))
        self.dispatcher = city.users[Role.DISPATCHER]
        for number, level in levels.items():
            Bin.objects.filter(code=f"bin-{number:04d}").update(lon=127.10 + number * 0.0045)
            self._fill(number, level)
        forecast.step(clock.now())
        enrol_site(SiteSpec("yard", "depot", "차고지", 127.10, 37.30), actor="tests")
        enrol_site(SiteSpec("tip", "tip", "하역장", 127.11, 37.31, 15), actor="tests")
        self.drivers = [make_user(f"driver-{number + 1}", Role.DRIVER) for number in range(trucks)]
        self.trucks = [self._truck(number, **truck) for number in range(trucks)]

    def _fill(self, number: int, level: float) -> None:
        series = Series.objects.get(device=self.street.bins[number].device, name="distance")
        rows = [
            (
                series.pk,
                clock.now() - (23 - hour) * HOUR,
                EMPTY - (EMPTY - FULL) / 100 * level * hour / 23,
                Quality.GOOD,
            )
            for hour in range(24)
        ]
        readings.store(readings.ReadingBatch.of([(pk, at, value, int(good)) for pk, at, value, good in rows]))

    def _truck(self, number: int, **changes: Any) -> Truck:
        wanted: dict[str, Any] = {
            "code": f"truck-{number + 1}", "name": f"{number + 1}호차", "depot": "yard", "tips": ("tip",),
            "capacity_l": 6000, "shift_from": "06:00", "shift_to": "20:00", "driver": self.drivers[number].username,
        }  # fmt: skip
        return enrol_truck(TruckSpec(**wanted | changes), actor="tests")

    def bin(self, number: int) -> Bin:
        return Bin.objects.select_related("area").get(code=f"bin-{number:04d}")

    @property
    def soon(self) -> datetime:
        """An hour from now: until the next decision of the day there are four more."""
        return clock.now() + HOUR


def stops_of(round_: Round) -> dict[str, list[str]]:
    """By truck, the bins of the plan in order."""
    return {
        truck: [visit["name"] for visit in route["visits"] if visit["kind"] == "stop"]
        for truck, route in round_.plan["routes"].items()
    }


def planned(round_: Round) -> set[str]:
    return {code for codes in stops_of(round_).values() for code in codes}


def to_do(driver: User) -> list[str]:
    """What the driver still has to visit, in order, as their phone reads it."""
    found = Pickup.objects.filter(errand__assignee=driver, errand__status="planned").order_by("errand__stop__position")
    return [(one.bin or one.site).code for one in found.select_related("bin", "site")]  # type: ignore[union-attr]


def empty(turn: Turn, of: Bin) -> Errand:
    """The driver says that the bin is empty now."""
    pickup = Pickup.objects.get(turn=turn, bin=of)
    errand_done(pickup.errand, actor=turn.driver or "tests")
    return pickup.errand
