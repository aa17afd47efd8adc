# SPDX-License-Identifier: Apache-2.0
"""One truck and its driver on the road: from the turn that the platform tells to what they do, and when.

Time is an argument: what happens between two looks happens at its own time. What the truck has done is on the platform,
so a city that was stopped goes on from there; where it drove just then is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import numpy as np

from dure.simulator.chance import hashed, normal, uniform
from dure.simulator.waste.fleet import TruckPlan

Place = tuple[float, float]
"""°E, °N."""
METRES_PER_DEGREE = 111_320.0
WINDING, METRES_A_SECOND = 1.3, 20 / 3.6
"""Roads against straight lines, and what a truck makes in a city with its halts: as the platform assumes them."""
SPEED_SD = 0.2
"""Of a leg's logarithm: lights, lorries that unload, school hours."""
SHORTEST_STOP, LONGEST_STOP = 40.0, 140.0
"""Seconds at a bin."""
CANNOT_SHARE = 0.02
CANNOT = (("parked", 0.5), ("blocked", 0.3), ("locked", 0.15), ("danger", 0.05))
CANNOT_SECONDS = 150.0
BREAKDOWN_SHARE = 0.04
"""Of turns; the truck then stands until its turn is over."""
HEAPED = 1.1
"""What a truck takes at most, of its capacity: waste is pressed."""
OPEN = ("ordered", "planned")


@dataclass(frozen=True)
class Leg:
    """On the way from ``begin`` to ``arrive``, at the stop until ``end`` (UTC epoch seconds). ``stop``: None on the way
    back to the depot or at rest."""

    stop: dict[str, Any] | None
    start: Place
    goal: Place
    begin: float
    arrive: float
    end: float

    def at(self, moment: float) -> Place:
        """Where the truck is."""
        share = min(max((moment - self.begin) / max(self.arrive - self.begin, 1.0), 0.0), 1.0)
        return (
            self.start[0] + share * (self.goal[0] - self.start[0]),
            self.start[1] + share * (self.goal[1] - self.start[1]),
        )


@dataclass(frozen=True)
class Deed:
    """What came of a stop, as the platform takes it."""

    stop: int
    at: float
    body: dict[str, Any]


class World(Protocol):
    """What a driver meets at a bin, by its code."""

    def litres(self, code: str, at: float) -> tuple[float, float]:
        """How full it is, percent, and what that is in litres."""
        ...

    def empty(self, code: str, at: float) -> None: ...


class Driver:
    """One truck. ``look`` is called now and then with the turn as the platform tells it."""

    def __init__(self, seed: int, plan: TruckPlan, world: World, grams_per_litre: int) -> None:
        self.plan = plan
        self._seed, self._world, self._grams = seed, world, grams_per_litre
        self._turn: int | None = None
        self._place: Place = (0.0, 0.0)
        self._free_at = 0.0
        self._legs: list[Leg] = []
        """This turn's, the last one perhaps under way."""
        self._on_board = 0.0
        self._done: set[int] = set()
        self.broken_at: float | None = None

    def look(self, turn: dict[str, Any], now: float) -> Iterator[Deed]:
        """What happened until ``now``. A stop is only over when its deed was taken: ask for the next after that."""
        if turn["id"] != self._turn:
            self._begin(turn, now)
        self._change_of_plan(turn, now)
        while self.broken_at is None and self._free_at <= now:
            leg = self._under_way() or self._set_out(turn)
            if leg is None or leg.end > now:
                return
            self._place, self._free_at = leg.goal, leg.end
            if self._breaks_down(leg):
                self.broken_at = leg.end
                return
            if leg.stop is not None:
                self._done.add(leg.stop["id"])
                yield self._deed(leg)

    def is_back(self, turn: dict[str, Any]) -> bool:
        """Whether it is at the depot with nothing left to do."""
        return self._next_stop(turn) is None and self._place == _depot(turn) and self.broken_at is None

    def position(self, at: float) -> Place:
        """Where it is, or was some minutes ago."""
        for leg in reversed(self._legs):
            if leg.begin <= at:
                return leg.at(at)
        return self._legs[0].start if self._legs else self._place

    # --- on the way -----------------------------------------------------------------------------------------------

    def _begin(self, turn: dict[str, Any], now: float) -> None:
        """A new turn from the depot, or one that goes on where its last stop was."""
        over = [one for one in turn["stops"] if one["status"] not in OPEN]
        self._turn, self._free_at, self._legs, self.broken_at = turn["id"], now, [], None
        self._place = (over[-1]["lon"], over[-1]["lat"]) if over else _depot(turn)
        self._done = set()
        self._on_board = 0.0

    def _under_way(self) -> Leg | None:
        return self._legs[-1] if self._legs and self._legs[-1].end > self._free_at else None

    def _change_of_plan(self, turn: dict[str, Any], now: float) -> None:
        """On the way to a stop that is not the next one any more, turn off where the truck is."""
        leg, wanted = self._under_way(), self._next_stop(turn)
        if leg is None or now >= leg.arrive:
            return
        if (leg.stop or {}).get("id") != (wanted or {}).get("id"):
            here = leg.at(now)
            self._legs[-1] = Leg(None, leg.start, here, leg.begin, now, now)
            self._place, self._free_at = here, now

    def _next_stop(self, turn: dict[str, Any]) -> dict[str, Any] | None:
        left = (one for one in turn["stops"] if one["status"] in OPEN and one["id"] not in self._done)
        return next(left, None)

    def _set_out(self, turn: dict[str, Any]) -> Leg | None:
        """To the next stop, or back; a rest that is due comes first. None when it is back."""
        for rest in turn["breaks"]:
            begin, end = (datetime.fromisoformat(rest[name]).timestamp() for name in ("start", "end"))
            if begin <= self._free_at < end:
                return self._add(Leg(None, self._place, self._place, self._free_at, self._free_at, end))
        stop = self._next_stop(turn)
        goal: Place = (stop["lon"], stop["lat"]) if stop else _depot(turn)
        if stop is None and self._place == goal:
            return None
        key = stop["id"] if stop else 0
        slower = float(np.exp(normal(self._seed, "leg", self.plan.number, turn["id"], key, sd=SPEED_SD)))
        arrive = self._free_at + slower * metres(self._place, goal) / METRES_A_SECOND
        return self._add(Leg(stop, self._place, goal, self._free_at, arrive, arrive + self._seconds_at(stop)))

    def _add(self, leg: Leg) -> Leg:
        self._legs = [*self._legs[-20:], leg]
        return leg

    def _seconds_at(self, stop: dict[str, Any] | None) -> float:
        if stop is None:
            return 0.0
        if stop["kind"] == "site":
            return 60.0 * stop["minutes"]
        if self._cannot(stop):
            return CANNOT_SECONDS
        return float(uniform(self._seed, "at bin", stop["id"], low=SHORTEST_STOP, high=LONGEST_STOP))

    def _breaks_down(self, leg: Leg) -> bool:
        """Not on the way back, and not twice."""
        turn = self._turn or 0
        if leg.stop is None or uniform(self._seed, "breaks down", self.plan.number, turn) >= BREAKDOWN_SHARE:
            return False
        legs = sum(one.stop is not None for one in self._legs)
        return legs == 2 + int(uniform(self._seed, "breaks down after", self.plan.number, turn, high=6))

    # --- at a stop ------------------------------------------------------------------------------------------------

    def _cannot(self, stop: dict[str, Any]) -> bool:
        return bool(uniform(self._seed, "cannot", stop["id"]) < CANNOT_SHARE)

    def _deed(self, leg: Leg) -> Deed:
        stop: dict[str, Any] = leg.stop or {}
        if stop["kind"] == "site":
            scale = float(uniform(self._seed, "scale", stop["id"], low=0.9, high=1.1))
            kg = round(scale * self._on_board * self._grams / 1000)
            self._on_board = 0.0
            return self._said(leg, {"deed": "unloaded", "kg": kg})
        if self._cannot(stop):
            return self._said(leg, {"deed": "could_not", "reason": self._why(stop["id"])})
        fill, litres = self._world.litres(stop["code"], leg.end)
        if self._on_board + litres > HEAPED * self.plan.litres:
            return self._said(leg, {"deed": "could_not", "reason": "other", "note": "적재함이 가득 찼습니다"})
        self._world.empty(stop["code"], leg.end)
        self._on_board += litres
        return self._said(leg, {"deed": "collected", "found": min(round(fill, -1), 150)})

    def _why(self, stop: int) -> str:
        share, total = float(uniform(self._seed, "cannot why", stop)), 0.0
        for reason, weight in CANNOT:
            total += weight
            if share < total:
                return reason
        return CANNOT[-1][0]

    def _said(self, leg: Leg, body: dict[str, Any]) -> Deed:
        stop: int = (leg.stop or {})["id"]
        client_id = UUID(int=int(hashed(self._seed, "deed", stop, self._turn or 0)) << 64 | stop, version=4)
        return Deed(stop, leg.end, body | {"client_id": str(client_id)})


def metres(one: Place, other: Place) -> float:
    """By road, as far as straight lines tell."""
    east = (other[0] - one[0]) * np.cos(np.radians((one[1] + other[1]) / 2))
    return float(WINDING * METRES_PER_DEGREE * np.hypot(east, other[1] - one[1]))


def _depot(turn: dict[str, Any]) -> Place:
    lon, lat = turn["depot"]
    return lon, lat
