# SPDX-License-Identifier: Apache-2.0
"""What residents do when the telephone rings, and how they say that they will be away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from .chance import uniform
from .diary import DECLARED, in_bed, trips_beginning
from .doors import HttpDoor
from .emergencies import Emergencies
from .habits import habits_of
from .memory import State, Truth
from .names import phone
from .pace import SLOTS_PER_DAY, Pace, moment, slot_of
from .persistence import Persistent, Stopped, say
from .residents import Residents, meter_code, phone_code
from .talk import answer

MOST_TURNS = 8
"""A call that is not over by then is hung up."""
POLL_REAL_SECONDS = 2.0

HEARS = ((60, 0.85), (75, 0.75), (85, 0.62), (95, 0.5))
"""Age and the share of calls at home and awake that are answered. Set by us: no Korean service publishes its
first-call answer rate (the 96 % of one service counts its operators' calls as well)."""

HEARS_ASLEEP, HEARS_OUT = 0.3, 0.6
ASKS_FOR_HELP_WELL = 0.01
"""Presses 2 by mistake."""

ASKS_FOR_HELP_ILL = 0.2


class Answering:
    """Decides what a resident does with one call; the same call always meets the same answer."""

    def __init__(self, residents: Residents, emergencies: Emergencies, at_home: Callable[[int, int], bool]) -> None:
        self._residents, self._emergencies, self._at_home = residents, emergencies, at_home
        self._home_of = {phone(home): home for home in range(len(residents))}

    @property
    def seed(self) -> int:
        """The city's."""
        return self._residents.seed

    def home_of(self, number: str) -> int | None:
        """The home of a number as the platform writes it; None for a family member's, which nobody answers here."""
        digits = "".join(letter for letter in number if letter.isdigit())
        digits = "0" + digits.removeprefix("82") if digits.startswith("82") else digits
        return self._home_of.get(f"{digits[:3]}-{digits[3:7]}-{digits[7:]}")

    def does(self, home: int, call: str, city_time: float) -> str:
        """``helpless``, ``unheard``, ``fine`` or ``help``."""
        slot = slot_of(city_time)
        if self._emergencies.helpless(home, slot):
            return "helpless"
        chance = float(uniform(self._residents.seed, f"call {call}", home))
        if chance >= self._hears(home, slot):
            return "unheard"
        ill = bool(in_bed(self._residents, np.asarray([home]), slot // SLOTS_PER_DAY)[0])
        asks = float(uniform(self._residents.seed, f"help {call}", home))
        return "help" if asks < (ASKS_FOR_HELP_ILL if ill else ASKS_FOR_HELP_WELL) else "fine"

    def _hears(self, home: int, slot: int) -> float:
        habits = habits_of(self._residents, np.asarray([home]))
        hour = slot % SLOTS_PER_DAY / 2
        if not habits.wakes[0] <= hour < habits.sleeps[0]:
            return HEARS_ASLEEP
        if not self._at_home(home, slot):
            return HEARS_OUT
        ages, shares = zip(*HEARS, strict=True)
        return float(np.interp(self._residents.age[home], ages, shares))


class Telephone:
    """Asks which numbers ring, and lets the residents answer some seconds later."""

    def __init__(self, door: HttpDoor, answers: Answering, truth: Truth, pace: Pace, stop: threading.Event) -> None:
        self._door, self._answers, self._truth, self._pace = door, answers, truth, pace
        self._persistent = Persistent("telephony", stop)
        self._decided: dict[str, tuple[float, str]] = {}
        self._heard: dict[str, tuple[int, str, str]] = {}
        """By call: the home, the script and the language."""

    def run(self) -> None:
        try:
            while True:
                self._once()
                self._persistent.sleep(POLL_REAL_SECONDS)
        except Stopped:
            say("stopped", feed="telephony")

    def _once(self) -> None:
        ringing = self._persistent(self._door.get, "/calls", {"state": "ringing"})["calls"]
        self._decided = {call["id"]: self._decided.get(call["id"]) or self._decide(call) for call in ringing}
        self._heard = {call: heard for call, heard in self._heard.items() if call in self._decided}
        for call, (answers_at, did) in self._decided.items():
            if did in ("fine", "help") and self._pace.now() >= answers_at:
                say("call", id=call, did=did, status=self._talk(call, did))

    def _talk(self, call: str, did: str) -> int:
        """Answer until the call is over; the last status. An answer that was lost on its way is sent again."""
        home, script, language = self._heard[call]
        for turn in range(MOST_TURNS):
            words = answer(self._answers.seed, home, call, turn, did=did, script=script, language=language)
            body = words | {"turn": turn}
            status, reply = self._persistent(self._door.post_for, f"/calls/{call}/answer", body)
            if status != 200 or reply.get("over", True):
                return status
        return self._persistent(self._door.post_for, f"/calls/{call}/answer", {"hung_up": True})[0]

    def _decide(self, call: dict[str, Any]) -> tuple[float, str]:
        """When the resident answers and what; kept in the truth."""
        since, until = (datetime.fromisoformat(call[name]).timestamp() for name in ("ringing_since", "rings_until"))
        home = self._answers.home_of(call["phone"])
        if home is None:
            return until, "nobody of ours"
        self._heard[call["id"]] = home, call.get("script", "wellbeing"), call.get("language", "ko")
        did = self._answers.does(home, call["id"], since)
        at = since + (until - since) * float(uniform(home, call["id"], low=0.1, high=0.6))
        self._truth.keep_call(call["id"], meter_code(home), datetime.fromtimestamp(since, UTC), did)
        return at, did


class AwayNotices:
    """Declares, some hours before, those trips that their people declare."""

    EARLY_SLOTS = 6

    def __init__(
        self,
        door: HttpDoor,
        residents: Residents,
        emergencies: Emergencies,
        *,
        state: State,
        pace: Pace,
        stop: threading.Event,
    ) -> None:
        self._door, self._residents, self._emergencies = door, residents, emergencies
        self._state, self._pace, self._persistent = state, pace, Persistent("away", stop)

    def run(self, live_from: int) -> None:
        """From ``live_from`` (slot) on; a trip is declared up to three hours before it begins."""
        slot = self._state.next_slot("away", live_from)
        try:
            while True:
                self._persistent.sleep(self._pace.real_seconds_until(moment(slot).timestamp()))
                self._declare(slot)
                slot += 1
                self._state.sent("away", slot)
        except Stopped:
            say("stopped", feed="away")

    def _declare(self, slot: int) -> None:
        begins = slot + self.EARLY_SLOTS
        trips = trips_beginning(self._residents, self._residents.homes, begins // SLOTS_PER_DAY)
        for home, begin, end, declared in zip(trips.home, trips.begin, trips.end, trips.variant, strict=True):
            if begin != begins or declared != DECLARED or self._emergencies.helpless(int(home), slot):
                continue
            body = {
                "device": phone_code(int(home)),
                "from": moment(int(begin)).isoformat(),
                "until": moment(int(end)).isoformat(),
            }
            status = self._persistent(self._door.post, "/care/away", body)
            say("away", status=status, **body)
