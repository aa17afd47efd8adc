# SPDX-License-Identifier: Apache-2.0
"""Who goes where and when: the answer to a ``Problem``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Words = tuple[str, str]
"""Korean, English."""


class Kind(StrEnum):
    """What a vehicle does somewhere."""

    STOP = "stop"
    SITE = "site"
    BREAK = "break"


@dataclass(frozen=True)
class Visit:
    """``name``: of the stop or the site; of a break its number among the vehicle's. ``arrive`` ≤ ``start`` < = ``end``.

    A break arrives when it starts. Between arriving and starting the vehicle waits, or rests where breaks say so.
    """

    kind: Kind
    name: str
    arrive: int
    start: int
    end: int


@dataclass(frozen=True)
class Route:
    """``vehicle`` leaves at ``start`` and is back (without an end place: done) at ``end``. ``distance`` in metres."""

    vehicle: str
    start: int
    end: int
    visits: tuple[Visit, ...]
    distance: int

    @property
    def stops(self) -> tuple[str, ...]:
        """Names of the stops, in order."""
        return tuple(visit.name for visit in self.visits if visit.kind is Kind.STOP)

    @property
    def sequence(self) -> tuple[tuple[Kind, str], ...]:
        """Stops and sites in order, without times or breaks."""
        return tuple((visit.kind, visit.name) for visit in self.visits if visit.kind is not Kind.BREAK)


@dataclass(frozen=True)
class LeftOut:
    """A stop that nobody goes to, and why."""

    stop: str
    why: Words


@dataclass(frozen=True)
class Plan:
    """``cost``: fixed costs, metres, seconds on duty, prizes left out. ``said``: what its reader must know."""

    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    cost: int
    said: tuple[Words, ...] = ()
    solver: str = ""

    @property
    def distance(self) -> int:
        """Metres of all routes."""
        return sum(route.distance for route in self.routes)
