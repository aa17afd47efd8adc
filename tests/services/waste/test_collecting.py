# SPDX-License-Identifier: Apache-2.0
"""What a driver says at a stop is kept: twice, late, out of order, and against what was planned meanwhile."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from dure.city import audit, cases, clock, devices, teams
from dure.city.errands import cancel_errand
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import AuditEntry, Case, Device, Errand, ErrandStatus, Feed, Role
from dure.services.waste.actions import collecting
from dure.services.waste.models import CouldNot, Press, Turn, TurnStatus
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.waste.made_rounds import Given, with_lunch

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(city: City, standing_clock: StandingClock) -> Given:
    teams.set_team("청소팀", [city.users[Role.DISPATCHER]], service="waste", actor="tests")
    held = Given(city)
    standing_clock.move(hours=4)
    return held


def status(errand: Errand) -> str:
    return Errand.objects.get(pk=errand.pk).status


def empty(given: Given, number: int = 0, quarters: int = 1, **said: Any) -> Press:
    words: dict[str, Any] = {"at": given.at(quarters), "client_id": uuid4()} | said
    return collecting.collected(given.errands[number], words.pop("driver", given.driver), **words)


def fail(given: Given, reason: str, *, quarters: int = 1, **said: Any) -> Press:
    words: dict[str, Any] = {"at": given.at(quarters), "client_id": uuid4()} | said
    return collecting.could_not(given.errands[0], given.driver, reason=reason, **words)


def test_stop_is_done_at_the_time_of_the_press_and_twice_is_once(given: Given) -> None:
    number = uuid4()
    for _ in range(2):
        empty(given, found=100, client_id=number)
    errand = Errand.objects.get(pk=given.errands[0].pk)
    assert (errand.status, errand.ended_at, errand.pickup.found) == (ErrandStatus.DONE, given.at(1), 100)
    turn = Turn.objects.get(pk=given.turn.pk)
    assert (turn.status, turn.started_at, turn.free_at) == (TurnStatus.DRIVING, given.at(1), given.at(1))
    assert (turn.lon, turn.on_board_l) == (given.bins[0].lon, 240)
    assert AuditEntry.objects.filter(tag="waste:pickup:collected").count() == 1
    with pytest.raises(Conflict):
        empty(given, 1, client_id=number)
    assert audit.verify() == []


def test_unloading_empties_the_truck_and_keeps_what_the_scale_said(given: Given) -> None:
    empty(given)
    collecting.unloaded(given.unload, given.driver, at=given.at(2), client_id=uuid4(), kg=420)
    empty(given, 1, 3)
    assert Turn.objects.get(pk=given.turn.pk).on_board_l == 180, "three quarters of 240 L were expected in the second"
    assert Errand.objects.get(pk=given.unload.pk).pickup.kg == 420
    with pytest.raises(Invalid):
        collecting.unloaded(given.errands[2], given.driver, at=given.at(4), client_id=uuid4())


def test_bin_emptied_without_connection_is_emptied_although_the_plan_had_cancelled_it(given: Given) -> None:
    cancel_errand(given.errands[0], reason="차수를 다시 짬", actor="tests")
    again = given.also(given.second, given.bins[0])
    empty(given)
    assert (status(given.errands[0]), status(again)) == (ErrandStatus.DONE, ErrandStatus.CANCELLED)
    collecting.undo(given.errands[0], given.driver, at=given.at(2), client_id=uuid4())
    held = Errand.objects.get(pk=given.errands[0].pk)
    assert (held.status, held.outcome) == (ErrandStatus.CANCELLED, "차수를 다시 짬"), "as it was before the word"


def test_stop_that_went_to_another_truck_meanwhile_is_booked_to_who_was_there(given: Given) -> None:
    pickup = given.errands[0].pickup
    pickup.turn = given.second
    pickup.save()
    press = empty(given)
    assert (press.turn, Errand.objects.get(pk=given.errands[0].pk).assignee) == (given.turn, given.driver)


def test_of_several_words_the_one_pressed_last_holds_however_late_it_comes(given: Given) -> None:
    empty(given, quarters=4, found=50)
    fail(given, CouldNot.PARKED, quarters=2)
    assert status(given.errands[0]) == ErrandStatus.DONE
    assert Press.objects.filter(errand=given.errands[0]).count() == 2, "both are kept"
    collecting.undo(given.errands[0], given.driver, at=given.at(5), client_id=uuid4())
    assert status(given.errands[0]) == ErrandStatus.ORDERED
    with pytest.raises(Conflict):
        collecting.undo(given.errands[0], given.driver, at=given.at(6), client_id=uuid4())


@pytest.mark.parametrize("emptied_comes_first", [True, False])
def test_what_one_truck_emptied_was_emptied_though_another_could_not(given: Given, emptied_comes_first: bool) -> None:
    if emptied_comes_first:
        empty(given, driver=given.other)
    fail(given, CouldNot.PARKED, quarters=4)
    if not emptied_comes_first:
        empty(given, driver=given.other)
    held = Errand.objects.get(pk=given.errands[0].pk)
    assert (held.status, held.pickup.turn) == (ErrandStatus.DONE, given.second)


@pytest.mark.parametrize(("minutes", "field"), [(-31, "at"), (4 * 60 + 6, "at"), (4 * 60 + 4, None), (-29, None)])
def test_time_lies_within_the_round_and_not_ahead(given: Given, minutes: int, field: str | None) -> None:
    at = given.now + timedelta(minutes=minutes)
    if field is None:
        assert empty(given, at=at).at == at
        return
    with pytest.raises(Invalid) as wrong:
        empty(given, at=at)
    assert wrong.value.field == field


def test_nobody_else_may_say_it_but_the_dispatcher_for_them(given: Given, city: City) -> None:
    for username, role, area in (("a", Role.DRIVER, None), ("b", Role.DISPATCHER, city.dongs[1])):
        with pytest.raises(NotFound):
            empty(given, driver=make_user(username, role, area=area))
    assert empty(given, driver=city.users[Role.DISPATCHER]).turn == given.turn
    assert empty(given, 1, driver=given.second.truck).turn == given.second, "a truck of the same round"


def test_broken_bin_is_a_case_and_a_second_word_joins_it(given: Given) -> None:
    number = uuid4()
    for note in ("바퀴가 빠짐", "바퀴가 빠짐"):
        fail(given, CouldNot.BROKEN, note=note, client_id=number)
    case = Case.objects.get(service="waste")
    assert (case.kind, case.about) == ("driver_broken", "bin:bin-0001")
    assert [str(one.text.open()) for one in case.events.filter(kind="note")] == ["11-02 09:15 고장: 바퀴가 빠짐"]
    held = Errand.objects.get(pk=given.errands[0].pk)
    assert (held.status, held.outcome) == (ErrandStatus.COULD_NOT, CouldNot.BROKEN)
    with pytest.raises(Invalid) as wrong:
        fail(given, CouldNot.OTHER)
    assert wrong.value.field == "note"
    assert cases.visible_cases(given.driver).count() == 0, "the dispatchers' work"


def test_turn_begins_and_ends_once(given: Given) -> None:
    collecting.start(given.turn, given.driver, at=given.at(1))
    collecting.start(given.turn, given.driver)
    collecting.back(given.turn, given.driver, at=given.at(9))
    collecting.back(given.turn, given.driver)
    held = Turn.objects.get(pk=given.turn.pk)
    assert (held.status, held.started_at, held.ended_at) == (TurnStatus.BACK, given.at(1), given.at(9))
    with pytest.raises(NotFound):
        collecting.back(given.second, given.driver)


# ---------------------------------------------------------------- the truck's own unit


class Unit:
    """A truck's unit with its key."""

    def __init__(self, given: Given, holder: Any = None, truck: str = "") -> None:
        self.key = devices.issue_key(holder if holder is not None else self.unit_of(given), actor="tests")
        self.query = f"?truck={truck}" if truck else ""

    @staticmethod
    def unit_of(given: Given) -> Device:
        device = given.turn.truck.device
        assert device is not None
        return device

    def ask(self) -> Any:
        return Client().get(f"/api/v1/waste/turn{self.query}", headers=self._headers())

    def say(self, address: str, **said: Any) -> Any:
        return Client().post(
            f"/api/v1/waste/{address}{self.query}", json.dumps(said), content_type="application/json",
            headers=self._headers(),
        )  # fmt: skip

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}


def test_unit_drives_the_turn(given: Given) -> None:
    with_lunch(given, given.turn.truck)
    unit = Unit(given)
    assert unit.say("turn", status="driving", at=given.at(0).isoformat()).json()["status"] == "driving"
    held = unit.ask().json()
    assert [(one["code"], one["kind"], one["status"], one["fill"]) for one in held["stops"]] == [
        ("bin-0001", "bin", "ordered", 75), ("bin-0002", "bin", "ordered", 75), ("bin-0003", "bin", "ordered", 75),
        ("tip", "site", "ordered", None),
    ]  # fmt: skip
    assert held["breaks"] == [{"start": "2026-11-02T12:00:00+09:00", "end": "2026-11-02T13:00:00+09:00"}]
    first, second, _, tip = (one["id"] for one in held["stops"])
    number, at = str(uuid4()), given.at(1).isoformat()
    for _ in range(2):
        said = unit.say(f"stops/{first}", deed="collected", at=at, client_id=number, found=100)
        assert (said.status_code, said.json()["status"], said.json()["found"]) == (200, "done", 100)
    parked = unit.say(f"stops/{second}", deed="could_not", reason="parked", at=at, client_id=str(uuid4()))
    weighed = unit.say(f"stops/{tip}", deed="unloaded", kg=300, at=at, client_id=str(uuid4()))
    assert (parked.json()["status"], weighed.json()["kg"]) == ("could_not", 300)
    assert unit.ask().json()["version"] != held["version"]
    assert Press.objects.get(client_id=UUID(number)).by is None
    late = unit.say(f"stops/{second}", deed="collected", at="2026-11-02T14:00:00+09:00", client_id=str(uuid4()))
    assert (late.status_code, late.json()["field"]) == (422, "at")
    assert unit.say(f"stops/{second}", deed="could_not", at=at, client_id=str(uuid4())).json()["field"] == "reason"
    assert unit.say("stops/99999", deed="collected", at=at, client_id=str(uuid4())).status_code == 404


def test_fleet_names_its_truck_and_no_other_key_opens_the_turn(given: Given) -> None:
    fleet = Feed.objects.get(code="fleet")
    assert Unit(given, fleet, "truck-2").ask().json()["truck"] == "truck-2"
    assert Unit(given, fleet).ask().json()["field"] == "truck"
    assert Unit(given, fleet, "truck-9").ask().status_code == 403
    assert Unit(given, given.bins[0].device).ask().status_code == 403
    broken = Unit(given).say("turn", status="broken", lon=127.1, lat=37.3)
    assert broken.json()["status"] == "broken", "what it had left: tests/services/waste/test_rounds.py"
    given.round.ends_at = clock.now() - timedelta(days=1)
    given.round.begins_at = given.round.ends_at - timedelta(hours=1)
    given.round.save()
    assert Unit(given).ask().status_code == 404
