# SPDX-License-Identifier: Apache-2.0
"""Passers-by who say at the bin's QR code what is wrong with it: by day, some of them, not at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx

from dure.simulator.chance import hashed, uniform
from dure.simulator.doors import ANSWERS_WITHIN, DoorClosed
from dure.simulator.memory import Event
from dure.simulator.persistence import Persistent, Stopped, say
from dure.simulator.waste.bins import bin_code, word
from dure.simulator.waste.deposits import hour_of, start_of_hour
from dure.simulator.waste.faults import FaultKind
from dure.simulator.waste.living import FULL, Means, WasteLife, moment

AWAKE = range(7, 23)
"""Hours of the day."""
OVERFLOWING_AN_HOUR, BROKEN_AN_HOUR, SMOKE_AN_HOUR = 0.04, 0.12, 0.5
"""Chance that somebody reports a bin in an hour of the day; set by us."""
TEXTS = {
    "overflowing": ("", "", "쓰레기가 길까지 나와 있어요", "냄새가 심해요", "봉투가 옆에 쌓여 있습니다"),
    "broken": ("", "수거함이 쓰러져 있어요", "뚜껑이 망가진 것 같아요"),
    "other": ("연기가 나요", "타는 냄새가 납니다"),
}  # fmt: skip
STATE = "citizens"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Complaint:
    """What somebody says of a bin at a moment (UTC epoch seconds). ``ref``: the same for the same complaint."""

    bin: int
    at: float
    kind: str
    text: str
    ref: UUID


def complaints(life: WasteLife, hour: int) -> Iterator[Complaint]:
    """Those of an hour that is over, by bins."""
    if hour % 24 not in AWAKE:
        return
    seed, end = life.bins.seed, start_of_hour(hour + 1)
    levels, wrong = life.contents.levels(end), {one.bin: one.kind for one in life.faults.during(end - 1, end)}
    for one in range(len(life.bins)):
        kind, chance = _what(levels[one], wrong.get(one))
        if uniform(seed, "complains", one, hour) < chance:
            text = TEXTS[kind][int(uniform(seed, "complaint", one, hour, high=len(TEXTS[kind])))]
            at = start_of_hour(hour) + int(uniform(seed, "complaint at", one, hour, high=3600))
            ref = UUID(int=int(hashed(seed, "complaint ref", one, hour)) << 64 | hour << 20 | one, version=4)
            yield Complaint(one, at, kind, text, ref)


def _what(level: float, wrong: FaultKind | None) -> tuple[str, float]:
    if wrong is FaultKind.FIRE:
        return "other", SMOKE_AN_HOUR
    if wrong in (FaultKind.FALLEN, FaultKind.LID):
        return "broken", BROKEN_AN_HOUR
    return "overflowing", OVERFLOWING_AN_HOUR if level >= FULL else 0.0


class QrPage:
    """The page that a bin's QR code leads to, as a phone's browser sees it."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=ANSWERS_WITHIN, transport=transport)

    def report(self, path: str, kind: str, text: str, ref: UUID) -> int:
        """Look at the page and send its form; the last status. Raises DoorClosed where trying again could help."""
        try:
            page = self._client.get(path)
            token = _TOKEN.search(page.text)
            if page.status_code != 200 or token is None:
                return self._checked(page)
            form = {"csrfmiddlewaretoken": token[1], "client_id": str(ref), "kind": kind, "text": text}
            return self._checked(self._client.post(path, data=form))
        except httpx.TransportError as error:
            raise DoorClosed(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        self._client.close()

    def _checked(self, response: httpx.Response) -> int:
        if response.status_code >= 500:
            raise DoorClosed(f"{response.request.method} {response.request.url.path}: {response.status_code}")
        return response.status_code


class Citizens:
    """Report, hour by hour, what passers-by saw; what was said is in the truth, whatever the page answered."""

    def __init__(self, life: WasteLife, means: Means, page: QrPage) -> None:
        self._life, self._page = life, page
        self._state, self._truth, self._pace = means.state, means.truth, means.pace
        self._persistent = Persistent(STATE, means.stop)

    def run(self) -> None:
        """Until told to stop."""
        hour = self._state.next_slot(STATE, hour_of(self._life.live_from))
        try:
            while True:
                self._persistent.sleep(self._pace.real_seconds_until(start_of_hour(hour + 1)))
                for one in complaints(self._life, hour):
                    self._say(one)
                hour += 1
                self._state.sent(STATE, hour)
        except Stopped:
            say("stopped", feed=STATE)

    def _say(self, one: Complaint) -> None:
        path = f"/bin/{word(self._life.bins.seed, one.bin)}/"
        status = self._persistent(self._page.report, path, one.kind, one.text, one.ref)
        code, at = bin_code(one.bin), moment(one.at)
        self._truth.keep([Event("bin_complaint", code, at, at, one.kind)])
        say("complaint", bin=code, kind=one.kind, status=status)
