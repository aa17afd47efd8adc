# SPDX-License-Identifier: Apache-2.0
"""The trucks at the platform's door, with the key of their feed: each asks for its turn, says what came of its stops,
and where it is."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from dure.simulator.doors import HttpDoor
from dure.simulator.memory import Event, State
from dure.simulator.persistence import Persistent, Stopped, say
from dure.simulator.waste.bins import bin_code
from dure.simulator.waste.driving import Deed, Driver, Place
from dure.simulator.waste.fleet import FEED, TruckPlan, grams_per_litre
from dure.simulator.waste.living import Means, WasteLife, moment

LOOK_CITY_SECONDS, LOOK_REAL_SECONDS = 30.0, (1.0, 10.0)
"""How often, and how often at most and at least."""
A_TRUCK = 0.2
"""Real seconds that looking waits for each truck of a large fleet, so that the platform has time for others."""
MINUTE = 60.0
MOST_MINUTES = 120
"""Of its way that a truck tells at once."""


class BinsOnTheStreet:
    """The bins as drivers meet them: what they empty is empty."""

    def __init__(self, life: WasteLife, state: State) -> None:
        self._life, self._state = life, state
        self._number = {bin_code(one): one for one in range(len(life.bins))}

    def litres(self, code: str, at: float) -> tuple[float, float]:
        one = self._number[code]
        fill = self._life.contents.level(one, at)
        return fill, fill / 100 * float(self._life.bins.litres[one])

    def empty(self, code: str, at: float) -> None:
        one = self._number[code]
        self._state.keep_emptied(one, at)
        self._life.contents.empty(one, at)


class Truck:
    """One truck's talk with the platform."""

    def __init__(self, plan: TruckPlan, driver: Driver, door: HttpDoor, persistent: Persistent, means: Means) -> None:
        self._plan, self._driver, self._door = plan, driver, door
        self._persistent, self._means = persistent, means
        self._told_until = 0.0
        self._said_broken = False

    def look(self, now: float) -> bool:
        """Do what is due. Returns whether it is on the road."""
        turn = self._turn()
        if turn is None:
            return False
        if turn["status"] == "planned":
            if now < datetime.fromisoformat(turn["begins_at"]).timestamp():
                return False
            turn, self._told_until = self._say("driving", now) or turn, now - MINUTE
        if turn["status"] != "driving":
            return False
        for deed in self._driver.look(turn, now):
            self._tell(deed)
        self._tell_broken(turn)
        self._tell_way(now)
        if self._driver.is_back(turn):
            self._say("back", now)
        return True

    def _turn(self) -> dict[str, Any] | None:
        status, turn = self._persistent(self._door.get_for, "/waste/turn", {"truck": self._plan.code})
        return turn if status == 200 else None

    def _say(self, status: str, at: float, where: Place | None = None) -> dict[str, Any] | None:
        path, body = f"/waste/turn?truck={self._plan.code}", {"status": status, "at": _text(at)}
        there = dict(zip(("lon", "lat"), where, strict=True)) if where else {}
        answered, turn = self._persistent(self._door.post_for, path, body | there)
        say("truck", code=self._plan.code, said=status, status=answered)
        return turn if answered == 200 else None

    def _tell(self, deed: Deed) -> None:
        path = f"/waste/stops/{deed.stop}?truck={self._plan.code}"
        status, answer = self._persistent(self._door.post_for, path, deed.body | {"at": _text(deed.at)})
        if status != 200:
            say("deed refused", code=self._plan.code, deed=deed.body["deed"], status=status, answer=str(answer)[:300])

    def _tell_broken(self, turn: dict[str, Any]) -> None:
        """Once; what it was and until when is in the truth."""
        at = self._driver.broken_at
        if at is None:
            self._said_broken = False
        elif not self._said_broken:
            self._said_broken = True
            ends = datetime.fromisoformat(turn["ends_at"])
            self._means.truth.keep([Event("truck_broken", self._plan.code, moment(at), ends)])
            self._say("broken", at, self._driver.position(at))

    def _tell_way(self, now: float) -> None:
        """Where it was at each full minute since it last told."""
        last = MINUTE * math.floor(now / MINUTE)
        first = max(self._told_until + MINUTE, last - (MOST_MINUTES - 1) * MINUTE)
        minutes = [first + MINUTE * number for number in range(int((last - first) / MINUTE) + 1)]
        readings = [
            {"device": self._plan.unit, "series": series, "at": _text(at), "value": round(value, 6)}
            for at in minutes
            for series, value in zip(("lon", "lat"), self._driver.position(at), strict=True)
        ]
        if readings:
            self._persistent(self._door.tell, readings)
        self._told_until = last


class Fleet:
    """All trucks, one after the other."""

    def __init__(self, life: WasteLife, means: Means, trucks: list[TruckPlan], door: HttpDoor) -> None:
        self._pace, self._persistent = means.pace, Persistent(FEED, means.stop)
        world = BinsOnTheStreet(life, means.state)
        self._trucks = [
            Truck(one, Driver(life.bins.seed, one, world, grams_per_litre(one)), door, self._persistent, means)
            for one in trucks
        ]

    def run(self) -> None:
        """Until told to stop."""
        shortest, longest = LOOK_REAL_SECONDS
        shortest = max(shortest, A_TRUCK * len(self._trucks))
        try:
            while True:
                on_the_road = [truck.look(self._pace.now()) for truck in self._trucks]
                wait = LOOK_CITY_SECONDS * (1 if any(on_the_road) else 10) / self._pace.speed
                self._persistent.sleep(max(min(wait, longest), shortest))
        except Stopped:
            say("stopped", feed=FEED)


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
