# SPDX-License-Identifier: Apache-2.0
"""A round from its first plan to its end, through the verbs that pages and tasks use."""

from __future__ import annotations

import pytest

from dure.city.errors import Conflict
from dure.city.models import AuditEntry, Errand
from dure.services.waste.actions import rounds
from dure.services.waste.models import Pickup, WishKind
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.waste.fleet import Fleet, planned, stops_of, to_do

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet(city: City, standing_clock: StandingClock) -> Fleet:
    return Fleet(city, {1: 97, 2: 96, 3: 98, 4: 97, 5: 5, 6: 4})


def test_plan_says_why_and_what_the_habit_would_have_done(fleet: Fleet) -> None:
    made = rounds.make_round(fleet.soon, fleet.dispatcher)
    assert planned(made) == {"bin-0001", "bin-0002", "bin-0003", "bin-0004"}
    reason = made.plan["reasons"]["bin-0001"]
    assert reason["chance"] > 0.8
    assert "시까지 찰 확률" in reason["why"]["ko"]
    assert "직선거리" in made.plan["basis"][0]
    habit = made.plan["habit"]
    assert (habit["policy"], habit["stops"]) == ("calendar:mon,wed,fri", 0), "Monday's tour was at six"
    assert habit["overflow_hours"] > made.plan["figures"]["overflow_hours"]
    entries = AuditEntry.objects.count()
    assert rounds.make_round(fleet.soon, fleet.dispatcher).version == made.version
    assert AuditEntry.objects.count() == entries, "again changes nothing"


def test_given_out_once_with_stops_in_order_and_a_stale_page_is_told(fleet: Fleet) -> None:
    made = rounds.make_round(fleet.soon, fleet.dispatcher)
    rounds.wish(made, fleet.bin(5), WishKind.MUST, None, fleet.dispatcher)
    with pytest.raises(Conflict, match="plan again"):
        rounds.give_out(made, fleet.dispatcher, made.version)
    rounds.replan(made, fleet.dispatcher, made.version)
    with pytest.raises(Conflict, match="meanwhile"):
        rounds.give_out(made, fleet.dispatcher, made.version - 1)
    assert not Errand.objects.exists()
    rounds.give_out(made, fleet.dispatcher, made.version)
    codes = [code for driver in fleet.drivers for code in to_do(driver) if code != "tip"]
    assert sorted(codes) == ["bin-0001", "bin-0002", "bin-0003", "bin-0004", "bin-0005"]
    for turn, driver in zip(made.turns.order_by("truck__code"), fleet.drivers, strict=True):
        mine = to_do(driver)
        assert [code for code in mine if code != "tip"] == stops_of(made).get(turn.truck.code, [])
        assert mine == [] or mine[-1] == "tip"
    before = Errand.objects.count(), AuditEntry.objects.count()
    rounds.give_out(made, fleet.dispatcher, made.version - 1)
    assert (Errand.objects.count(), AuditEntry.objects.count()) == before, "again changes nothing"
    pickup = Pickup.objects.get(bin__code="bin-0001")
    assert (pickup.fill or 0) > 90
    assert pickup.reason["chance"] > 0.8
