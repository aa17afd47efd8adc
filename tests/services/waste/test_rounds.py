# SPDX-License-Identifier: Apache-2.0
"""A round from its first plan to its end, through the verbs that pages and tasks use."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from dure.city import clock, rules
from dure.city.errors import Conflict
from dure.city.models import AuditEntry, Case, Errand, ErrandStatus
from dure.cli import main
from dure.services.waste import tasks
from dure.services.waste.actions import rounds
from dure.services.waste.actions.collecting import collected
from dure.services.waste.models import Pickup, Round, RoundStatus, Truck, WishKind
from dure.services.waste.round_rules import RoundRules
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


def test_dispatchers_word_outlives_every_plan(fleet: Fleet) -> None:
    made = rounds.make_round(fleet.soon, fleet.dispatcher)
    far, near = fleet.bin(4), fleet.bin(1)
    other = next(truck for truck in fleet.trucks if "bin-0004" not in stops_of(made).get(truck.code, ()))
    rounds.wish(made, far, WishKind.TRUCK, other, fleet.dispatcher)
    rounds.wish(made, near, WishKind.NEVER, None, fleet.dispatcher)
    for _ in range(2):
        rounds.replan(made, fleet.dispatcher, made.version)
        assert "bin-0004" in stops_of(made)[other.code]
        assert "bin-0001" not in planned(made)
    (told,) = [one for one in made.plan["left_out"] if one["bin"] == "bin-0001"]
    assert (told["must"], "배차 담당" in told["why"]["ko"]) == (True, True)
    assert made.plan["since"] == {"new": [], "gone": [], "elsewhere": [], "metres": 0, "minutes": 0}
    rounds.unwish(made, near, fleet.dispatcher)
    rounds.replan(made, fleet.dispatcher, made.version)
    assert "bin-0001" in planned(made)
    assert (made.plan["since"]["new"], made.plan["since"]["minutes"] > 0) == (["bin-0001"], True)


def test_dragging_shows_its_cost_and_only_what_can_be_driven_is_kept(fleet: Fleet) -> None:
    made = rounds.make_round(fleet.soon, fleet.dispatcher)
    (busy,) = [truck for truck in fleet.trucks if stops_of(made).get(truck.code)]
    idle = next(truck for truck in fleet.trucks if truck != busy)
    of, before = fleet.bin(3), made.plan["figures"]
    cost = rounds.cost_of_move(made, of, idle)
    assert cost.metres > 1000, "a second truck leaves the yard"
    rounds.move(made, of, idle, None, fleet.dispatcher, expected_version=made.version)
    assert made.plan["figures"]["metres"] - before["metres"] == cost.metres
    assert stops_of(made)[idle.code] == ["bin-0003"]
    rounds.replan(made, fleet.dispatcher, made.version)
    assert "bin-0003" in stops_of(made)[idle.code], "the next plan keeps to it"
    rounds.move(made, fleet.bin(4), busy, 0, fleet.dispatcher)
    rounds.split(made, [fleet.bin(1), fleet.bin(2)], busy, fleet.dispatcher)
    assert set(stops_of(made)[busy.code]) == {"bin-0001", "bin-0002", "bin-0004"}
    Truck.objects.filter(pk=busy.pk).update(capacity_l=600)
    wrong = rounds.cost_of_move(made, of, busy, 0).wrong
    assert "600" in wrong[0][0]
    with pytest.raises(Conflict, match="at most 600"):
        rounds.move(made, of, busy, 0, fleet.dispatcher)


def test_full_truck_unloads_in_between_and_what_does_not_fit_is_told(city: City, standing_clock: StandingClock) -> None:
    fleet = Fleet(city, {1: 97, 2: 96, 3: 98, 4: 97}, trucks=1, capacity_l=600)
    made = rounds.make_round(fleet.soon, fleet.dispatcher)
    visits = [one["name"] for one in made.plan["routes"]["truck-1"]["visits"]]
    assert visits.count("tip") == 2, "two bins fill it"
    assert visits[-1] == "tip"
    Truck.objects.update(shift_to="10:50")
    rounds.replan(made, fleet.dispatcher, made.version)
    left = {one["bin"]: one for one in made.plan["left_out"]}
    assert len(planned(made)) + len(left) == 4
    assert left
    assert all(one["must"] and one["why"]["ko"] for one in left.values())
    rounds.give_out(made, fleet.dispatcher, made.version)
    standing_clock.move(hours=6)
    assert rounds.end_round(made, "tests").status == RoundStatus.OVER
    told = set(Case.objects.filter(kind="missed").values_list("about", flat=True))
    assert told == {f"bin:bin-{number:04d}" for number in range(1, 5)}
    assert not Errand.objects.filter(status=ErrandStatus.PLANNED).exists()


def test_others_take_over_from_a_truck_that_breaks_down(fleet: Fleet, standing_clock: StandingClock) -> None:
    made = rounds.make_round(fleet.soon, fleet.dispatcher)
    rounds.give_out(made, fleet.dispatcher, made.version)
    standing_clock.move(hours=1, minutes=20)
    broken = made.turns.get(truck__code=next(iter(stops_of(made))))
    other = made.turns.exclude(pk=broken.pk).get()
    assert broken.driver is not None
    assert other.driver is not None
    first, *rest = [code for code in to_do(broken.driver) if code != "tip"]
    collected(Errand.objects.get(pickup__bin__code=first), broken.driver, at=clock.now(), client_id=uuid4())
    rounds.broke_down(broken, broken.driver, clock.now(), 127.105, 37.301)
    assert to_do(broken.driver) == []
    assert sorted(to_do(other.driver)) == sorted([*rest, "tip"])
    assert Errand.objects.get(pickup__bin__code=first).status == ErrandStatus.DONE
    case = Case.objects.get(kind="truck_broke_down")
    assert (case.lon, case.about) == (127.105, f"truck:{broken.truck.code}")
    errands = Errand.objects.count()
    rounds.broke_down(broken, broken.driver, None, None, None)
    assert (Errand.objects.count(), Case.objects.count()) == (errands, 1), "again changes nothing"
    rounds.broke_down(other, other.driver, clock.now(), None, None)
    assert planned(made) == set() or not made.plan["routes"]


def test_rounds_come_and_go_by_the_clock(fleet: Fleet, standing_clock: StandingClock) -> None:
    rules.set_rule(RoundRules, "waste", "give_out_by_itself", 1, by=fleet.dispatcher)
    standing_clock.move(hours=4, minutes=10)
    tasks.keep_rounds()
    made = Round.objects.get()
    assert (made.begins_at - clock.now(), made.status) == (timedelta(minutes=50), RoundStatus.DRAFT)
    tasks.keep_rounds()
    standing_clock.move(minutes=50)
    tasks.keep_rounds()
    made.refresh_from_db()
    assert made.status == RoundStatus.GIVEN_OUT
    standing_clock.stand_at(made.ends_at + timedelta(minutes=1))
    tasks.keep_rounds()
    assert Round.objects.get().status == RoundStatus.GIVEN_OUT, "drivers may still be on their way"
    standing_clock.move(hours=2)
    tasks.keep_rounds()
    assert Round.objects.get().status == RoundStatus.OVER


def test_next_round_is_told_at_the_terminal(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waste", "plan"]) == 0
    told = capsys.readouterr().out
    assert "stop  bin-0003" in told
    assert "습관" in told
