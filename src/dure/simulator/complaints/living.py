# SPDX-License-Identifier: Apache-2.0
"""The complaints of a city that lives: said at its doors when they come to somebody's mind, and their truth kept."""

from __future__ import annotations

from collections.abc import Iterator

from dure.simulator.chance import uniform
from dure.simulator.complaints.citizens import Complaint, Overflow, Overflowing, complaints
from dure.simulator.complaints.doors import Door
from dure.simulator.complaints.happenings import Happenings
from dure.simulator.memory import Said
from dure.simulator.persistence import Persistent, Stopped, say
from dure.simulator.waste.bins import bin_code
from dure.simulator.waste.deposits import hour_of, start_of_hour
from dure.simulator.waste.living import FULL, Means, WasteLife, moment

FEED = "open311"
"""The feed whose key an app needs; also the name under which the citizens keep how far they are."""
STATE = "complaints"
APP_SHARE = 0.5
"""Of those who chose a topic and marked a place: who report by an app."""
LONGEST_FULL_HOURS = 72
OVERFLOW_AN_HOUR = 0.02
"""Chance that somebody tells the desk, not the bin's own page, of a bin that overflows."""


class Complaining:
    """Tell, hour by hour, what citizens have to say. ``app``: None where the city gave it no key."""

    def __init__(
        self, happenings: Happenings, means: Means, page: Door, app: Door | None, overflowing: Overflowing | None
    ) -> None:
        self._happenings, self._means = happenings, means
        self._page, self._app, self._overflowing = page, app, overflowing
        self._persistent = Persistent(STATE, means.stop)

    def run(self, live_from: float) -> None:
        """From ``live_from`` (UTC epoch seconds) until told to stop."""
        state, pace = self._means.state, self._means.pace
        hour = state.next_slot(STATE, hour_of(live_from))
        try:
            while True:
                begin, end = start_of_hour(hour), start_of_hour(hour + 1)
                self._persistent.sleep(pace.real_seconds_until(begin))
                for one in complaints(self._happenings, begin, end, self._overflowing):
                    self._persistent.sleep(pace.real_seconds_until(one.at))
                    self._tell(one)
                self._persistent.sleep(pace.real_seconds_until(end))
                self._means.truth.lived("complaints known", moment(end))
                hour += 1
                state.sent(STATE, hour)
        except Stopped:
            say("stopped", feed=STATE)

    def _tell(self, one: Complaint) -> None:
        """What a city that was killed had said in this hour it says again, under the same references."""
        by_app = self._app is not None and one.topic and one.lon is not None and one.ref.int % 100 < 100 * APP_SHARE
        door = self._app if by_app and self._app is not None else self._page
        number = self._persistent(door.tell, one)
        self._means.truth.keep_said(said(one, door.name, number))
        say("complaint", door=door.name, number=number, topics=one.topics, danger=one.danger)


def said(one: Complaint, door: str, number: str) -> Said:
    """What the truth keeps of a complaint that the platform gave ``number``."""
    return Said(
        ref=str(one.ref),
        number=number,
        at=moment(one.at),
        door=door,
        thing=one.thing,
        topics=tuple(one.topics),
        departments=tuple(one.departments),
        danger=one.danger,
        chose=one.topic,
        personal=one.written.personal,
    )


def bins_that_overflow(life: WasteLife) -> Overflowing:
    """What the bins are to those who walk past them."""

    def overflowing(begin: float) -> Iterator[Overflow]:
        levels, hour = life.contents.levels(begin), hour_of(begin)
        for one in range(len(life.bins)):
            if levels[one] >= FULL and uniform(life.bins.seed, "tells the desk", one, hour) < OVERFLOW_AN_HOUR:
                lon, lat = life.bins.place[one]
                yield f"{bin_code(one)}@{_since(life, one, hour)}", life.bins.street[one], float(lon), float(lat)

    return overflowing


def _since(life: WasteLife, one: int, hour: int) -> int:
    """The hour from which it has overflowed without a break."""
    first = hour
    while hour - first < LONGEST_FULL_HOURS and life.contents.level(one, start_of_hour(first)) >= FULL:
        first -= 1
    return first
