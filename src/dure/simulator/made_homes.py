# SPDX-License-Identifier: Apache-2.0
"""Half-hourly electricity of the made homes: what is always on, what a person does, what a timer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chance import Floats, normal, uniform
from .diary import in_bed, outing, travelling
from .emergencies import Emergencies, EmergencyKind
from .habits import Habits, habits_of
from .pace import SLOTS_PER_DAY
from .residents import Residents
from .spans import Integers

Grid = NDArray[np.float32]
"""Shape [homes, 48], kWh in each half hour of one Korean day."""

HOMES_AT_ONCE = 10_000
"""Homes computed together: a few dozen arrays of [homes, 48] must stay small beside the machine's memory."""

HOURS = np.arange(SLOTS_PER_DAY, dtype=np.float32) / 2
STAYS_IN_BED = 0.35
"""What is left of the chance of each activity on a day spent ill in bed."""


@dataclass(frozen=True)
class Season:
    """``cold`` and ``hot`` from 0 to 1; sunrise and sunset in hours, for about 37° N."""

    cold: float
    hot: float
    sunrise: float
    sunset: float


def season_of(day: int) -> Season:
    """Season of a day counted from 1970-01-01: coldest in mid January, hottest at the end of July."""
    winter = float(np.cos(2 * np.pi * (day % 365.2425 - 15) / 365.2425))
    hot = float(max(0.0, np.cos(2 * np.pi * (day % 365.2425 - 210) / 365.2425)) ** 2)
    return Season(max(0.0, winter), hot, 6.5 + 1.25 * winter, 18.5 - 1.2 * winter)


class MadeHomes:
    """The homes of people who do not exist."""

    def __init__(self, residents: Residents, emergencies: Emergencies) -> None:
        self._residents, self._emergencies = residents, emergencies

    def kwh(self, day: int) -> Grid:
        """All homes' electricity on this day (counted from 1970-01-01 in Korea)."""
        lived_in = ~travelling(self._residents, day)
        timers = np.ones_like(lived_in)
        load = np.zeros(lived_in.shape, dtype=np.float32)
        first = day * SLOTS_PER_DAY
        for emergency in self._emergencies.during(first, first + SLOTS_PER_DAY):
            lying = _within(emergency.begin, emergency.found, first)
            ended = _within(emergency.begin, emergency.end, first)
            lived_in[emergency.home, ended] = False
            timers[emergency.home, ended] = False
            timers[emergency.home, lying] = emergency.kind is EmergencyKind.TIMERS
            load[emergency.home, lying] += np.float32(emergency.load_kw / 2)
        grid = np.empty(lived_in.shape, dtype=np.float32)
        for start in range(0, len(self._residents), HOMES_AT_ONCE):
            part = slice(start, start + HOMES_AT_ONCE)
            grid[part] = _day(self._residents, self._residents.homes[part], day, lived_in[part], timers[part])
        grid += np.round(load, 3)
        return grid


def _within(begin: int, end: int, first: int) -> slice:
    """The part of the day that starts at slot ``first`` which lies in [begin, end)."""
    return slice(*(int(np.clip(slot - first, 0, SLOTS_PER_DAY)) for slot in (begin, end)))


def _day(
    residents: Residents, home: Integers, day: int, lived_in: NDArray[np.bool_], timers: NDArray[np.bool_]
) -> Grid:
    seed, season, habits = residents.seed, season_of(day), habits_of(residents, home)
    out = outing(residents, home, day)
    present = lived_in * (1 - 2 * _overlap(out.leaves, out.returns))
    grid = _always_on(seed, habits, home, day, season)
    grid += timers * _timed(seed, habits, home, day, season)
    active = np.zeros_like(grid)
    for begins, hours, kw in _activities(residents, habits, home, day, season):
        active += _overlap(begins, begins + hours) * kw[:, None].astype(np.float32)
    grid += present * active
    grid *= normal(seed, "meter noise", home[:, None], day * SLOTS_PER_DAY + np.arange(48), mean=1, sd=0.02)
    step = np.where(habits.coarse, 0.01, 0.001)[:, None]
    rounded: Grid = np.round(np.round(np.maximum(grid, 0) / step) * step, 3).astype(np.float32)
    return rounded


def _overlap(begins: Floats, ends: Floats) -> Grid:
    """Hours of each half hour that lie between the two times of day; shape [homes, 48]."""
    begins, ends = begins[:, None].astype(np.float32), ends[:, None].astype(np.float32)
    return np.maximum(np.minimum(ends, HOURS + np.float32(0.5)) - np.maximum(begins, HOURS), np.float32(0))


def _always_on(seed: int, habits: Habits, home: Integers, day: int, season: Season) -> Grid:
    """Standby and two refrigerators, whose compressors run in cycles that drift from day to day."""
    grid = np.repeat((habits.standby / 2)[:, None], SLOTS_PER_DAY, axis=1)
    duty = np.minimum(habits.fridge_duty * (1 + 0.3 * season.hot), 0.9)
    for topic, power, hours in (
        ("fridge", habits.fridge, habits.fridge_hours),
        ("kimchi", habits.kimchi_fridge, habits.fridge_hours * 0.83),
    ):
        cycle = hours * uniform(seed, f"{topic} drift", home, day, low=0.93, high=1.07)
        phase = uniform(seed, f"{topic} phase", home, day)
        grid += power[:, None] * _running(cycle, duty, phase)
    return grid.astype(np.float32)


def _running(cycle: Floats, duty: Floats, phase: Floats) -> Floats:
    """Hours within each half hour that a load runs which is on for the first ``duty`` of every ``cycle``."""
    edges = np.arange(SLOTS_PER_DAY + 1) / 2
    turns = edges / cycle[:, None] + phase[:, None]
    whole = np.floor(turns)
    run = (whole * duty[:, None] + np.minimum(turns - whole, duty[:, None])) * cycle[:, None]
    return np.diff(run, axis=1)


def _timed(seed: int, habits: Habits, home: Integers, day: int, season: Season) -> Grid:
    """The floor heating's pump and fan on its timer: no sign of life, though it looks like habit."""
    weather = season.cold * uniform(seed, "weather", day, low=0.7, high=1.0)
    kw = (habits.boiler * habits.boiler_timer * weather)[:, None]
    hours = 1.0 + 2.0 * weather
    morning = _overlap(habits.boiler_morning, habits.boiler_morning + hours)
    return (kw * (morning + _overlap(habits.boiler_evening, habits.boiler_evening + 1.5 * hours))).astype(np.float32)


def _activities(
    residents: Residents, habits: Habits, home: Integers, day: int, season: Season
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """What a person who is at home does that day: begins (hour), lasts (hours), kW (0 = does not)."""
    seed, ill = residents.seed, np.where(in_bed(residents, home, day), STAYS_IN_BED, 1.0)
    weekend = (day + 3) % 7 >= 5

    def hour(topic: str, mean: Floats | float, spread: Floats | float) -> Floats:
        return mean + spread * normal(seed, topic, home, day)

    def some(topic: str, low: float, high: float) -> Floats:
        return uniform(seed, f"{topic} amount", home, day, low=low, high=high)

    def does(topic: str, share: Floats | float) -> Floats:
        return (uniform(seed, topic, home, day) < share * ill).astype(np.float64)

    wakes = np.maximum(hour("wake", habits.wakes + 0.35 * weekend, habits.regular), 3.5)
    sleeps = np.minimum(hour("sleep", habits.sleeps + 0.2 * weekend, habits.regular), 23.9)
    yield wakes, np.clip(season.sunrise + 0.3 - wakes, 0.1, None), habits.light * (ill == 1)
    yield (
        wakes + some("breakfast", 0.3, 1.1),
        some("breakfast", 0.4, 0.8),
        habits.cooks * does("breakfast", habits.breakfast_share),
    )
    yield hour("lunch", 12.2, 0.5), some("lunch", 0.3, 0.6), habits.cooks * 0.8 * does("lunch", habits.lunch_share)
    yield hour("dinner", 18.1, 0.5), some("dinner", 0.5, 0.9), habits.cooks * does("dinner", habits.dinner_share)
    for cup, (low, high) in enumerate(((0.2, 3.0), (3.5, 9.0), (9.0, 14.0))):
        yield wakes + some(f"kettle {cup}", low, high), np.full(len(home), 0.07), 1.5 * does(f"kettle {cup}", 0.6)
    yield (
        wakes + some("morning tv", 0.2, 1.5),
        some("morning tv", 0.7, 3.0),
        habits.tv * does("morning tv", habits.tv_share),
    )
    yield hour("day tv", 14.0, 1.2), some("day tv", 1.0, 3.5), habits.tv * does("day tv", habits.tv_share)
    evening = hour("evening tv", 18.9, 0.6)
    yield evening, np.maximum(sleeps - 0.3 - evening, 0), habits.tv * does("evening tv", 0.5 + habits.tv_share / 2)
    dusk = np.full(len(home), season.sunset - 0.3)
    yield dusk, np.maximum(sleeps - dusk, 0.0), habits.light * np.maximum(ill, 0.5)
    yield wakes + 0.2, some("bath", 0.1, 0.25), 1.1 * does("bath", habits.bath_share)
    yield hour("laundry", 10.5, 1.3), some("laundry", 0.8, 1.4), 0.35 * does("laundry", habits.laundry_share)
    yield hour("cleaning", 10.0, 1.5), some("cleaning", 0.15, 0.4), 0.7 * does("cleaning", 0.25)
    yield some("night visit", 0.5, 4.5), np.full(len(home), 0.15), 0.12 * does("night visit", 0.6)
    if season.cold > 0.1:
        mat = habits.mat * season.cold * does("mat", 0.9)
        yield sleeps - 0.5, np.full(len(home), 4.0), mat
        yield np.zeros(len(home)), wakes, mat * 0.7
        yield wakes, np.maximum(sleeps - wakes, 0), habits.boiler * ~habits.boiler_timer * season.cold * 0.5
    if season.hot > 0.1:
        yield hour("cooling", 13.5, 1.0), some("cooling", 1.0, 7.0), habits.cooling * season.hot * does("cooling", 0.8)
    lamp = np.where(habits.forgets_lamp & (uniform(seed, "lamp", home, day) < 0.15), 0.045, 0.0)
    yield np.zeros(len(home)), np.full(len(home), 24.0), lamp
