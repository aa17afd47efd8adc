# SPDX-License-Identifier: Apache-2.0
"""The made city's trucks, passers-by and sensors at the platform's real doors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from dure.city import clock
from dure.city.devices import issue_key, register_feed
from dure.city.models import Reading
from dure.services.waste.actions.bins import BinSpec, SensorSpec, enrol
from dure.services.waste.models import Bin, Emptying, Pickup, Report, TurnStatus
from dure.simulator.areas import make_areas
from dure.simulator.doors import HttpDoor
from dure.simulator.memory import State, Truth
from dure.simulator.pace import Pace, slot_of
from dure.simulator.persistence import Persistent
from dure.simulator.residents import make_residents
from dure.simulator.waste.bins import Bins, dev_eui, enrolments, make_bins, word
from dure.simulator.waste.citizens import QrPage
from dure.simulator.waste.deposits import hour_of
from dure.simulator.waste.driving import Driver
from dure.simulator.waste.fleet import TruckPlan
from dure.simulator.waste.living import Means, WasteLife, begin_waste
from dure.simulator.waste.network import HttpNetwork
from dure.simulator.waste.scoring import WasteTold
from dure.simulator.waste.trucks import BinsOnTheStreet, Truck
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.waste.made_rounds import Given
from tests.services.waste.street import Street, work
from tests.simulator.doors_here import URL, Doors

pytestmark = pytest.mark.django_db


@pytest.fixture
def means(tmp_path: Path) -> Iterator[Means]:
    """Told to stop already, so that a closed door ends a test instead of being tried again."""
    state, truth, stop = State(tmp_path), Truth(tmp_path), threading.Event()
    stop.set()
    yield Means(state, truth, Pace(), stop)
    state.close()
    truth.close()


@pytest.fixture
def made() -> Bins:
    areas = make_areas(5, 6)
    return make_bins(5, 4, make_residents(5, 60, 6), areas)


def life_of(made: Bins, means: Means) -> WasteLife:
    return begin_waste(made, slot_of(clock.now().timestamp()), 2, trucks=True, state=means.state)


def door(key: str) -> HttpDoor:
    return HttpDoor(URL, key, transport=Doors())


def enrolled(made: Bins) -> list[Bin]:
    """The made bins in the test's own city, whose map is another one."""
    lines = enrolments(made, make_areas(5, 6))
    kept = []
    for place, line in enumerate(lines):
        sensor = SensorSpec(**line.pop("sensor"))
        there = {"lon": 127.1 + place / 1000, "lat": 37.3, "area": None}
        kept.append(enrol(BinSpec(**(line | there), sensor=sensor), actor="tests"))
    return kept


def test_a_truck_takes_its_turn_to_its_end_and_says_where_it_was(
    city: City, standing_clock: StandingClock, made: Bins, means: Means
) -> None:
    Street(city)
    given = Given(city, known=enrolled(made))
    assert given.turn.truck.device is not None
    key = issue_key(given.turn.truck.device.feed, actor="tests")
    life = life_of(made, means)
    named = type("Named", (TruckPlan,), {"code": given.turn.truck.code, "unit": given.turn.truck.device.code})
    plan = named(1, "other", 6000, narrow=False)
    driver = Driver(5, plan, BinsOnTheStreet(life, means.state), 100)
    truck = Truck(plan, driver, door(key), Persistent("fleet", means.stop), means)
    for _ in range(60):
        if not truck.look(clock.now().timestamp()):
            break
        standing_clock.move(minutes=4)
    given.turn.refresh_from_db()
    assert given.turn.status == TurnStatus.BACK
    done = Pickup.objects.filter(turn=given.turn, errand__status="done")
    assert done.count() == 5
    assert done.get(site=given.tip).kg
    assert sorted(one for one, _ in means.state.emptied()) == [0, 1, 2, 3]
    assert all(life.contents.level(one, clock.now().timestamp()) < 30 for one in range(4))
    assert Reading.objects.filter(series__device=given.turn.truck.device).count() > 20


def test_a_passer_by_reports_at_the_qr_page_once(city: City, standing_clock: StandingClock, made: Bins) -> None:
    Street(city)
    enrolled(made)
    page, ref = QrPage(URL, Doors()), uuid4()
    path = f"/bin/{word(5, 2)}/"
    assert [page.report(path, "overflowing", "", ref) for _ in range(2)] == [302, 302]
    kept = Report.objects.get()
    assert (kept.kind, kept.bin.code, kept.client_id) == ("overflowing", "bin-00003", ref)
    assert page.report("/bin/nowhere/", "overflowing", "", uuid4()) == 404


def test_what_sensors_send_becomes_levels_and_an_emptying_is_seen_and_told(
    city: City, standing_clock: StandingClock, made: Bins, means: Means
) -> None:
    Street(city)
    enrolled(made)
    began = clock.now()
    feed = register_feed("chirpstack", "chirpstack", "lorawan", actor="tests")
    network, life = HttpNetwork(door(issue_key(feed, actor="tests"))), life_of(made, means)
    hour = hour_of(life.live_from)
    fullest = max(range(4), key=lambda one: life.contents.level(one, life.live_from + 30 * 3600))
    life.contents.empty(fullest, life.live_from + 30 * 3600)
    standing_clock.move(hours=37)
    for number in range(hour, hour + 36):
        network.send([life.sensors.frame(one) for one in life.sensors.heard(number) if one.bin == fullest])
    work()
    held = Bin.objects.select_related("state").get(device__code=dev_eui(fullest))
    assert held.state.fill is not None
    assert abs(held.state.fill - life.contents.level(fullest, life.live_from + 36 * 3600)) < 12
    seen = Emptying.objects.get()
    assert 0 <= seen.at.timestamp() - (life.live_from + 30 * 3600) < 3 * 3600
    answers = door(issue_key(register_feed("statistics", "채점", "statistics", actor="tests"), actor="tests"))
    told = WasteTold.read(answers.get("/waste/told", {"since": began.isoformat()}))
    assert told.emptyings == [(held.code, datetime.fromisoformat(seen.at.isoformat()))]
