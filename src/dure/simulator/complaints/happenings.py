# SPDX-License-Identifier: Apache-2.0
"""What happens in the made city that people complain about: drawn beforehand, whatever the platform does about it.

Shares and rates are ours: no Korean city publishes how many people report the same thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dure.simulator.areas import Dong
from dure.simulator.chance import chosen, normal, poisson, uniform
from dure.simulator.complaints.desk import Saying, sayings
from dure.simulator.pace import KOREA
from dure.simulator.residents import Addresses, Residents, make_addresses

if TYPE_CHECKING:
    from dure.simulator.city import City

DAY = 86_400.0
WITNESSES, WITNESS_WEIGHTS = (1, 2, 3, 5, 8, 14), (45, 25, 14, 9, 5, 2)
"""How many people write of one thing."""
SHARES = {"thing": 0.6, "question": 0.37, "danger": 0.03}
"""Of a day's complaints; things bring several each."""
ORDER = (*SHARES, "surge")
MEAN_WITNESSES = float(np.average(WITNESSES, weights=WITNESS_WEIGHTS))
SEASONS = {"snow-ice": (12, 1, 2), "flooding": (6, 7, 8, 9), "pests": (5, 6, 7, 8, 9, 10)}
"""Months of what does not happen all year."""
SURGE_CHANCE, SURGE_TIMES = 0.6, 6
"""In a week one topic comes so much more often in one dong, with this chance."""
DARK_A_DAY = 2.0
"""Lamps that go out a day in the week before the city is first looked at, in one dong."""
LANDMARKS = (
    "편의점 앞", "초등학교 담 옆", "버스 정류장 뒤", "놀이터 입구", "아파트 후문", "시장 골목", "교회 건너편",
    "다리 밑", "공원 입구", "빌라 주차장 앞",
)  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """Something that is so from ``begin`` (UTC epoch seconds) on. ``thing``: the same for all who tell of it; ``lon``
    and ``lat`` None: it is nowhere (a question). ``voices``: when each of those who tell of it does."""

    thing: str
    saying: Saying
    begin: float
    voices: tuple[float, ...]
    street: str = ""
    landmark: str = ""
    lon: float | None = None
    lat: float | None = None


class Happenings:
    """Of one city. ``a_day``: complaints on an average day in the whole city; ``dark_until``: in the seven days before
    this day lamps go out in the largest dong, one after the other."""

    def __init__(self, residents: Residents, areas: list[Dong], a_day: float, dark_until: int | None = None) -> None:
        self.seed, self._residents = residents.seed, residents
        self._addresses: Addresses = make_addresses(residents, areas)
        self._a_day, self._areas, self._dark_until = a_day, len(areas), dark_until
        self._day = lru_cache(maxsize=64)(self._drawn)

    def of_day(self, day: int) -> tuple[Happening, ...]:
        """Those that begin on a day (counted from 1970-01-01 in Korea), by their beginning."""
        return self._day(day)

    def place(self, home: int) -> tuple[str, float, float]:
        """The street with its number, °E and °N of a home's front."""
        lon, lat = self._addresses.place[home]
        return self._addresses.front(home), float(lon), float(lat)

    def _drawn(self, day: int) -> tuple[Happening, ...]:
        made: list[Happening] = []
        for sort, share in SHARES.items():
            a_day = self._a_day * share / (MEAN_WITNESSES if sort == "thing" else 1)
            made += self._of(day, sort, a_day, [one for one in sayings() if _is_of(one, sort, day)])
        return tuple(sorted([*made, *self._surge(day)], key=lambda one: one.begin))

    def _of(self, day: int, sort: str, a_day: float, which: list[Saying]) -> Iterator[Happening]:
        count = int(poisson(a_day, uniform(self.seed, f"happenings {sort}", np.asarray([day])))[0])
        for number in range(count):
            kind = int(uniform(self.seed, f"what happens {sort}", day, number, high=len(which)))
            home = int(uniform(self.seed, f"happens at {sort}", day, number, high=len(self._residents)))
            yield self._one(day, sort, number, which[kind], home)

    def _surge(self, day: int) -> Iterator[Happening]:
        week = day // 7
        things = [one for one in sayings() if _is_of(one, "thing", day)]
        a_day = SURGE_TIMES * self._a_day * SHARES["thing"] / MEAN_WITNESSES / len(things)
        if self._dark_until is not None and self._dark_until - 7 <= day < self._dark_until:
            a_day = DARK_A_DAY
            what = next(one for one in things if one.topic and one.topic.code == "street-lamp")
            area = int(np.bincount(self._residents.area).argmax())
        elif uniform(self.seed, "surge", week) < SURGE_CHANCE:
            what = things[int(uniform(self.seed, "surge of", week, high=len(things)))]
            area = int(uniform(self.seed, "surge in", week, high=self._areas))
        else:
            return
        homes = np.flatnonzero(self._residents.area == area)
        count = int(poisson(a_day, uniform(self.seed, "surges", np.asarray([day])))[0])
        for number in range(count if len(homes) else 0):
            home = int(homes[int(uniform(self.seed, "surge at", day, number, high=len(homes)))])
            yield self._one(day, "surge", number, what, home)

    def _one(self, day: int, sort: str, number: int, saying: Saying, home: int) -> Happening:
        thing, key = f"{sort}-{day}-{number}", 1_000 * ORDER.index(sort) + number
        hour = float(uniform(self.seed, "happens when", day, key, high=24.0))
        begin = day * DAY - KOREA.total_seconds() + hour * 3600
        if not saying.placed:
            return Happening(thing, saying, begin, (_awake(self.seed, key, begin),))
        people = 1 if saying.danger else WITNESSES[int(chosen(self.seed, "witnesses", WITNESS_WEIGHTS, day, key))]
        street, lon, lat = self.place(home)
        east, north = normal(self.seed, "thing beside", day, key, np.arange(2), sd=0.0006)
        return Happening(
            thing,
            saying,
            begin,
            tuple(sorted(self._told(saying, day, key, begin, number) for number in range(people))),
            street,
            LANDMARKS[int(uniform(self.seed, "landmark", day, key, high=len(LANDMARKS)))],
            lon + float(east),
            lat + float(north),
        )

    def _told(self, saying: Saying, day: int, key: int, begin: float, number: int) -> float:
        """Most tell of it soon, some days after; by night few."""
        if saying.danger or saying.topic is None:
            return begin + 60
        mean = min(0.2 * saying.topic.days, 1.5) * DAY
        share = float(uniform(self.seed, "told after", day, key, number))
        after = min(-mean * float(np.log1p(-share)), 0.6 * saying.topic.days * DAY)
        return _awake(self.seed, key + number, begin + after)


def happenings_of(city: City) -> Happenings:
    """Those of a city from long before it was made; its lamps began to go out in the week before."""
    start = korean_day(datetime.fromisoformat(city.plan.start).timestamp())
    return Happenings(city.residents, city.areas, city.plan.complaints_per_day, dark_until=start)


def korean_day(at: float) -> int:
    """Of a moment (UTC epoch seconds), counted from 1970-01-01 in Korea."""
    return int((at + KOREA.total_seconds()) // DAY)


def _awake(seed: int, key: int, at: float) -> float:
    """The moment itself, or the morning after where most would sleep."""
    hour = (at + KOREA.total_seconds()) % DAY / 3600
    return at + 7.5 * 3600 if hour < 6.5 and uniform(seed, "awake", key, int(at)) < 0.8 else at


def _is_of(saying: Saying, sort: str, day: int) -> bool:
    """Whether it is a ``thing``, a ``question`` or a ``danger`` that there can be at that time of the year."""
    if saying.danger:
        return sort == "danger"
    months = SEASONS.get(saying.topic.code) if saying.topic else None
    in_season = months is None or (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).month in months
    return in_season and sort == ("thing" if saying.placed else "question")
