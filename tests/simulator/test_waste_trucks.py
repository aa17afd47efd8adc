# SPDX-License-Identifier: Apache-2.0
"""A truck of the made city drives the turn that the platform tells."""

from __future__ import annotations

from typing import Any

from dure.simulator.pace import moment
from dure.simulator.waste.driving import Deed, Driver, metres
from dure.simulator.waste.fleet import TruckPlan

from .living import LIVE_FROM

BEGIN = moment(LIVE_FROM).timestamp()
DEPOT, TIP = (125.3, 36.2), (125.36, 36.2)
HOURS = 3600.0


class Street:
    """Bins of 1000 litres, half full until somebody empties them."""

    def __init__(self) -> None:
        self.emptied: dict[str, float] = {}

    def litres(self, code: str, at: float) -> tuple[float, float]:
        return (0.0, 0.0) if code in self.emptied else (50.0, 500.0)

    def empty(self, code: str, at: float) -> None:
        self.emptied[code] = at


def stop(number: int, kind: str = "bin") -> dict[str, Any]:
    lon, lat = TIP if kind == "site" else (DEPOT[0] + 0.005 * number, DEPOT[1])
    return {
        "id": number, "kind": kind, "code": f"bin-{number}", "lon": lon, "lat": lat, "minutes": 10, "status": "planned"
    }  # fmt: skip


def turn(stops: list[dict[str, Any]], number: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": number, "status": "driving", "depot": list(DEPOT), "stops": stops, "breaks": []} | more


def driver_of(street: Street, seed: int = 1, litres: int = 6000) -> Driver:
    return Driver(seed, TruckPlan(1, "other", litres, narrow=False), street, 100)


def drive(driver: Driver, told: dict[str, Any], begin: float, end: float, step: float = 60.0) -> list[Deed]:
    """Look every ``step`` seconds; the platform knows at once what was done."""
    deeds = []
    at = begin
    while at <= end:
        for deed in driver.look(told, at):
            deeds.append(deed)
            next(one for one in told["stops"] if one["id"] == deed.stop)["status"] = "done"
        at += step
    return deeds


def test_bins_are_emptied_in_their_order_as_long_as_the_way_takes_and_the_truck_comes_back() -> None:
    street = Street()
    driver, told = driver_of(street), turn([stop(1), stop(2), stop(3, "site")])
    deeds = drive(driver, told, BEGIN, BEGIN + 2 * HOURS)
    assert [(one.stop, one.body["deed"]) for one in deeds] == [(1, "collected"), (2, "collected"), (3, "unloaded")]
    assert [one.body.get("found") for one in deeds] == [50, 50, None]
    assert 90 <= deeds[2].body["kg"] <= 110  # 1000 litres of 100 g
    assert street.emptied == {"bin-1": deeds[0].at, "bin-2": deeds[1].at}
    shortest = metres(DEPOT, (told["stops"][0]["lon"], DEPOT[1])) / (20 / 3.6)
    assert 0.5 * shortest < deeds[0].at - BEGIN < 2 * shortest + 140
    assert driver.is_back(told)
    assert driver.position(BEGIN + 2 * HOURS) == DEPOT
    assert len({one.body["client_id"] for one in deeds}) == 3


def test_how_often_one_looks_changes_nothing() -> None:
    often, seldom = (
        drive(driver_of(Street()), turn([stop(1), stop(2), stop(3)]), BEGIN, BEGIN + HOURS, step)
        for step in (7.0, 900.0)
    )
    assert often == seldom


def test_a_change_of_plan_turns_the_truck_off_where_it_is() -> None:
    street = Street()
    driver = driver_of(street)
    assert not list(driver.look(turn([stop(4), stop(1)]), BEGIN))
    assert not list(driver.look(turn([stop(4), stop(1)]), BEGIN + 120))
    here = driver.position(BEGIN + 120)
    assert DEPOT[0] < here[0] < stop(4)["lon"]
    drive(driver, turn([stop(1)]), BEGIN + 121, BEGIN + 2 * HOURS)
    assert set(street.emptied) == {"bin-1"}


def test_a_rest_is_kept_and_a_city_that_was_stopped_goes_on_from_its_last_stop() -> None:
    rest = {"start": moment(LIVE_FROM).isoformat(), "end": moment(LIVE_FROM + 1).isoformat()}
    told = turn([stop(1) | {"status": "done"}, stop(2)], breaks=[rest])
    deeds = drive(driver_of(Street()), told, BEGIN, BEGIN + 2 * HOURS)
    short = metres((stop(1)["lon"], DEPOT[1]), (stop(2)["lon"], DEPOT[1])) / (20 / 3.6)
    assert HOURS / 2 + 0.5 * short < deeds[0].at - BEGIN < HOURS / 2 + 2 * short + 140


def test_what_does_not_fit_is_left_and_said() -> None:
    street = Street()
    deeds = drive(driver_of(street, litres=500), turn([stop(1), stop(2)]), BEGIN, BEGIN + 2 * HOURS)
    assert [one.body["deed"] for one in deeds] == ["collected", "could_not"]
    assert deeds[1].body["note"]
    assert set(street.emptied) == {"bin-1"}


def test_now_and_then_a_bin_cannot_be_reached_and_a_truck_breaks_down() -> None:
    street, driver = Street(), driver_of(Street(), litres=10**9)
    deeds = drive(driver, turn([stop(number) for number in range(1, 300)], 2), BEGIN, BEGIN + 400 * HOURS, 3600.0)
    blocked = [one for one in deeds if one.body["deed"] == "could_not"]
    assert 1 <= len(blocked) <= 15
    assert {one.body["reason"] for one in blocked} <= {"parked", "blocked", "locked", "danger"}
    broken = 0
    for number in range(1, 101):
        one = driver_of(street)
        done = drive(one, turn([stop(place) for place in range(1, 12)], number), BEGIN, BEGIN + 9 * HOURS, 3600.0)
        street.emptied.clear()
        if one.broken_at is not None:
            broken += 1
            assert 1 <= len(done) < 9
            assert one.position(one.broken_at + 3600) == one.position(one.broken_at)
            assert not one.is_back(turn([], number))
    assert 1 <= broken <= 10
