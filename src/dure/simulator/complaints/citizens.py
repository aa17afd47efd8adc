# SPDX-License-Identifier: Apache-2.0
"""Who complains in which hour, and what is true of each complaint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

from dure.simulator.chance import hashed
from dure.simulator.complaints.desk import Saying, sayings
from dure.simulator.complaints.happenings import Happening, Happenings, korean_day
from dure.simulator.complaints.words import Written, written

LONGEST_TOLD_DAYS = 20
"""After so many days nobody tells of a thing any more."""
HERE_SHARE, FAR_SHARE = 0.8, 0.1
"""Of those who tell of a thing: who mark its place on the map, and of these who mark it badly."""
NEAR_M, FAR_M = 10.0, 45.0
"""Standard deviation of the mark."""
CHOOSES_SHARE, CHOOSES_WRONG = 0.35, 0.08
"""Who look for a topic before they write, and of these who take another's."""
GIVES_PHONE = 0.5
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Complaint:
    """What somebody says at the desk at a moment (UTC epoch seconds), and what is true of it: the ``thing`` that others
    tell of as well ("": none). ``topic``: what they choose themselves, or "". ``ref``: the same for the same complaint.
    """

    ref: UUID
    at: float
    thing: str
    written: Written
    topic: str = ""
    lon: float | None = None
    lat: float | None = None
    street: str = ""
    gives_phone: bool = False

    @property
    def danger(self) -> bool:
        return self.written.sayings[0].danger

    @property
    def topics(self) -> list[str]:
        """What it is truly about; none where more than one would be right."""
        return [one.topic.code for one in self.written.sayings if one.topic]

    @property
    def departments(self) -> list[str]:
        """Whose it truly is; none where more than one would be right."""
        return sorted({one.topic.department for one in self.written.sayings if one.topic and not one.danger})


Overflow = tuple[str, str, float, float]
"""A bin that somebody tells the desk of, for as long as it overflows the same; its street, °E and °N."""
Overflowing = Callable[[float], Iterable[Overflow]]
"""Those in the hour from a moment on."""


def complaints(
    happenings: Happenings, begin: float, end: float, overflowing: Overflowing | None = None
) -> Iterator[Complaint]:
    """Those made in [begin, end), UTC epoch seconds, by their times."""
    seed = happenings.seed
    told = [
        (at, number, one)
        for day in range(korean_day(begin) - LONGEST_TOLD_DAYS, korean_day(end) + 1)
        for one in happenings.of_day(day)
        for number, at in enumerate(one.voices)
        if begin <= at < end
    ]
    for at, number, one in sorted(told, key=lambda each: (each[0], each[2].thing)):
        yield _complaint(seed, one, number, at)
    for thing, street, lon, lat in overflowing(begin) if overflowing else ():
        at = begin + Random(f"{seed}:{thing}:{begin}").random() * (end - begin)
        bin_full = next(one for one in sayings() if one.topic and one.topic.code == "bin-overflow")
        full = Happening(thing, bin_full, begin, (at,), street, "버스 정류장 옆", lon, lat)
        yield _complaint(seed, full, int(begin), at)


def _complaint(seed: int, told: Happening, number: int, at: float) -> Complaint:
    chance = Random(f"{seed}:{told.thing}:{number}")
    other = chance.choice([one for one in sayings() if one.placed == told.saying.placed and not one.danger])
    said = written(chance, told, None if _same_department(other, told.saying) else other)
    lon = lat = None
    if told.lon is not None and told.lat is not None and chance.random() < HERE_SHARE:
        metres = FAR_M if chance.random() < FAR_SHARE else NEAR_M
        lon = round(told.lon + chance.gauss(0, metres) / (0.8 * METRES_PER_DEGREE), 6)
        lat = round(told.lat + chance.gauss(0, metres) / METRES_PER_DEGREE, 6)
    topic = _chosen(chance, told.saying) if chance.random() < CHOOSES_SHARE else ""
    thing = told.thing if told.saying.placed else ""
    ref = UUID(int=int(hashed(seed, "complaint", chance.getrandbits(62))) << 64 | chance.getrandbits(64), version=4)
    return Complaint(ref, at, thing, said, topic, lon, lat, told.street, chance.random() < GIVES_PHONE)


def _same_department(one: Saying, other: Saying) -> bool:
    return one.topic is None or other.topic is None or one.topic.department == other.topic.department


def _chosen(chance: Random, saying: Saying) -> str:
    if saying.topic is None or saying.danger:
        return ""
    if chance.random() >= CHOOSES_WRONG:
        return saying.topic.code
    return chance.choice([one.topic.code for one in sayings() if one.topic and one.placed == saying.placed])
