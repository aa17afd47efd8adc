# SPDX-License-Identifier: Apache-2.0
"""A round that was given out, for tests of what comes after: two trucks, a depot, a tip, and a stop for each bin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from dure.city import clock
from dure.city.errands import assign_errand, order_errand
from dure.city.models import Errand, Role, Route, RouteStop, User
from dure.services.waste.actions.bins import enrol
from dure.services.waste.actions.trucks import SiteSpec, TruckSpec, UnitSpec, enrol_site, enrol_truck
from dure.services.waste.models import Bin, Pickup, Round, RoundStatus, Site, Truck, Turn
from tests.factories import City, make_user
from tests.services.waste.street import spec

REASON = {
    "chance": 0.82,
    "must": False,
    "why": {"ko": "15:00까지 가득 찰 확률 82 %", "en": "full by 15:00 with a chance of 82 %"},
}


class Given:
    """A round from now for eight hours. The first truck has all stops, 15 minutes apart, and the tip as the last."""

    def __init__(self, city: City, bins: int = 3, known: Sequence[Bin] = ()) -> None:
        self.now = clock.now()
        depot = enrol_site(SiteSpec("yard", "depot", "차고지", 127.09, 37.29), actor="tests")
        self.tip = enrol_site(SiteSpec("tip", "tip", "하역장", 127.13, 37.29, 15), actor="tests")
        self.driver = city.users[Role.DRIVER]
        self.other = make_user("other_driver", Role.DRIVER, display_name="박운전")
        self.round = Round.objects.create(
            begins_at=self.now, ends_at=self.now + timedelta(hours=8), next_at=self.now + timedelta(hours=8),
            status=RoundStatus.GIVEN_OUT, made_at=self.now, given_out_at=self.now - timedelta(minutes=30),
        )  # fmt: skip
        self.turn = self._turn(depot, "truck-1", "1호차", self.driver)
        self.second = self._turn(depot, "truck-2", "2호차", self.other)
        self.bins = list(known) or [self._bin(number) for number in range(1, bins + 1)]
        self.errands = [self._stop(self.turn, place, bin=one) for place, one in enumerate(self.bins)]
        self.unload = self._stop(self.turn, len(self.bins), site=self.tip)

    def _bin(self, number: int) -> Bin:
        known = Bin.objects.filter(code=f"bin-{number:04d}").first()
        return known or enrol(spec(number, lon=127.10 + number / 1000), actor="tests")

    def _turn(self, depot: Site, code: str, name: str, driver: User) -> Turn:
        truck = enrol_truck(
            TruckSpec(
                code, name, depot.code, 6000, "06:00", "15:00", tips=("tip",), driver=driver.username,
                unit=UnitSpec("fleet", f"unit-{code}"),
            ),
            actor="tests",
        )  # fmt: skip
        route = Route.objects.create(day=clock.today(), user=driver, made_at=self.now)
        return Turn.objects.create(round=self.round, truck=truck, driver=driver, route=route, planned_metres=12_000)

    def _stop(self, turn: Turn, place: int, **of: Any) -> Errand:
        """The stop at that place of the turn's order."""
        area = of["bin"].area if "bin" in of else self.bins[0].area
        errand = order_errand(
            service="waste", kind="empty_bin" if "bin" in of else "unload", area=area, window_from=self.now,
            window_to=self.round.ends_at, minutes=2, actor="tests",
        )  # fmt: skip
        if turn.driver:
            assign_errand(errand, turn.driver, actor="tests")
        assert turn.route is not None
        RouteStop.objects.create(route=turn.route, errand=errand, position=place, arrive_at=self.at(place + 1))
        Pickup.objects.create(errand=errand, turn=turn, fill=75.0 if "bin" in of else None, reason=REASON, **of)
        return errand

    def also(self, turn: Turn, of: Bin) -> Errand:
        """One more stop."""
        return self._stop(turn, turn.pickups.count() + 1, bin=of)

    def also_tip(self, turn: Turn) -> Errand:
        """One more way to the tip."""
        return self._stop(turn, turn.pickups.count() + 1, site=self.tip)

    def at(self, quarters: int) -> datetime:
        """So many quarters of an hour after the round's begin."""
        return self.now + timedelta(minutes=15 * quarters)


def with_lunch(given: Given, truck: Truck) -> None:
    """Let the plan of ``truck`` hold lunch at noon."""
    noon = datetime.combine(clock.today(), time(12), clock.SEOUL)
    visits = [{"kind": "break", "name": 1, "start": noon.isoformat(), "end": (noon + timedelta(hours=1)).isoformat()}]
    given.round.plan = {"routes": {truck.code: {"visits": visits}}}
    given.round.save(update_fields=["plan"])
