# SPDX-License-Identifier: Apache-2.0
"""Who is visited. A policy is given readings, hour by hour, and its own visits; it never holds the world.

An ``Ask`` carries the answer from a choice to a route: ``worth`` is what a visit now may cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from dure.engines.filling import Filling, Forecast, Paths, Price, sample_paths, value_of_going
from dure.engines.filling.rates import FULL
from dure.engines.filling.shape import Flags, Floats
from dure.engines.filling.weather import Weather, WeatherEffect

from .tables import HOUR

WEATHER_AHEAD = 72
"""Hours: a short-range forecast's three days."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SettingError(ValueError):
    """A simulation that cannot be meant; the words are for whoever asked for it."""


@dataclass(frozen=True, eq=False)
class Ask:
    """Of all bins, each (bins,). Where nobody drives, ``go`` is visited.

    On a route ``must`` is visited at any cost, the others where it costs no more than ``worth`` ordinary visits and
    ``prize`` metres together. ``level``: expected, points. ``full_in`` hours with probability ``chance``: the reason,
    nan without one.
    """

    go: Flags
    must: Flags
    worth: Floats
    prize: Floats
    level: Floats
    full_in: Floats
    chance: Floats


class Policy(Protocol):
    """Sees readings, says whom to visit."""

    def observe(self, at: datetime, readings: Floats) -> None:
        """The readings at the full hour ``at``, (bins,), nan where none came."""

    def visited(self, bins: Sequence[int]) -> None:
        """The crew emptied these since the last readings."""

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """Whom to visit now; the next decisions are so many hours away."""


class Latest:
    """The last reading of each bin that arrived, the middle one of three, so that one spike is not believed."""

    def __init__(self, bins: int) -> None:
        self._last: deque[Floats] = deque(maxlen=3)
        self._level = np.zeros(bins)

    def observe(self, at: datetime, readings: Floats) -> None:
        """Keep three hours."""
        self._last.append(readings)
        seen = np.array(self._last)
        known = np.isfinite(seen).any(0)
        self._level[known] = np.nanmedian(seen[:, known], axis=0)

    def visited(self, bins: Sequence[int]) -> None:
        """What was read before is of no use any more."""
        for readings in self._last:
            readings[list(bins)] = np.nan
        self._level[list(bins)] = 0

    def _ask(self, go: Flags) -> Ask:
        nothing = np.full(len(go), np.nan)
        return Ask(go, go, np.zeros(len(go)), np.zeros(len(go)), self._level.copy(), nothing, nothing)


class Threshold(Latest):
    """Visit what is at least so full."""

    def __init__(self, bins: int, level: float) -> None:
        super().__init__(bins)
        self._from = level

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        return self._ask(self._level >= self._from)


class Calendar(Latest):
    """Visit all bins at the first decision of these weekdays."""

    def __init__(self, bins: int, days: frozenset[int]) -> None:
        super().__init__(bins)
        self._days = days
        self._done: datetime | None = None

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        day = at.replace(hour=0)
        due = at.weekday() in self._days and self._done != day
        if due:
            self._done = day
        return self._ask(np.full(len(self._level), due))


class Municipal(Latest):
    """Visit the ``count`` bins that fill soonest (the rule of Groningen as Wouda et al. 2024 describe it).

    Hours to full: what is missing over the bin's mean rate, here what its readings rose by since the start.
    """

    def __init__(self, bins: int, count: int) -> None:
        super().__init__(bins)
        self._count = count
        self._before = np.full(bins, np.nan)
        self._risen = np.zeros(bins)
        self._hours = 0

    def observe(self, at: datetime, readings: Floats) -> None:
        """Readings that fall are an emptying and count as none."""
        super().observe(at, readings)
        rise = self._level - self._before
        self._risen += np.where(rise > -20, rise, 0)  # nan is not
        self._before = self._level.copy()
        self._hours += 1

    def visited(self, bins: Sequence[int]) -> None:
        """The rise begins anew."""
        super().visited(bins)
        self._before = self._level.copy()

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        rate = np.maximum(self._risen / max(self._hours, 1), 1e-6)
        go = np.zeros(len(rate), bool)
        go[np.argsort((FULL - self._level) / rate, kind="stable")[: self._count]] = True
        return self._ask(go)


class Forecasting:
    """Follow every bin by the engine and keep it told of visits.

    ``weather``: by the hour that begins. What it does is learned; of the next ``WEATHER_AHEAD`` hours it is taken to
    be known, as if forecasts of it were never wrong.
    """

    def __init__(self, bins: int, seed: int, weather: Mapping[datetime, Weather] | None = None) -> None:
        self.filling = Filling(bins)
        self.effect = WeatherEffect()
        self._weather = weather or {}
        self._seed = seed

    def observe(self, at: datetime, readings: Floats) -> None:
        """The hour before ``at`` has passed."""
        began = at - HOUR
        self.filling.step(began.weekday() * 24 + began.hour, readings, self._times(began))
        if began in self._weather:
            self.effect.learn(self._weather[began], self.filling)

    def paths(self, at: datetime, hours: int) -> Paths:
        """What may fall in within so many hours."""
        times = [self._times(at + ahead * HOUR) if ahead < WEATHER_AHEAD else 1.0 for ahead in range(hours)]
        seed = self._next_seed()
        return sample_paths(self.filling, hours, times=np.tile(times, (self.filling.bins, 1)), seed=seed)

    def _times(self, began: datetime) -> float:
        return self.effect.times(self._weather[began]) if began in self._weather else 1.0

    def visited(self, bins: Sequence[int]) -> None:
        """Believed until the readings say otherwise."""
        which = np.zeros(self.filling.bins, bool)
        which[list(bins)] = True
        self.filling.visited(which)

    def _next_seed(self) -> int:
        self._seed += 1
        return self._seed


class Dure(Forecasting):
    """Ours: the value of going now rather than at any later opportunity."""

    def __init__(self, bins: int, seed: int, price: Price, weather: Mapping[datetime, Weather] | None = None) -> None:
        super().__init__(bins, seed, weather)
        self._price = price

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        paths = self.paths(at, opportunities[-1])
        choice = value_of_going(paths, opportunities, self._price)
        level, nothing = self.filling.level, np.zeros(len(choice.go))
        return Ask(choice.go, choice.must, choice.worth, nothing, level, choice.full_in, choice.chance)


class Wouda(Forecasting):
    """Prize-collecting as in Wouda et al. (2024, arXiv 2409.13386), re-implemented from the paper.

    A prize of ``prize`` kilometres times P(full within 24 hours), a visit without question above 0.99. Without routes,
    where a prize means nothing, a bin that is more likely than not to be full by then.
    """

    def __init__(self, bins: int, seed: int, prize: float, weather: Mapping[datetime, Weather] | None = None) -> None:
        super().__init__(bins, seed, weather)
        self._prize = prize

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        seen = Forecast(self.paths(at, 24))
        chance = seen.probability_full(24)
        prize, nothing, day = self._prize * 1000 * chance, np.zeros(len(chance)), np.full(len(chance), 24.0)
        return Ask(chance > 0.5, chance > 0.99, nothing, prize, self.filling.level, day, chance)


def policy_named(text: str, bins: int, seed: int, weather: Mapping[datetime, Weather] | None = None) -> Policy:
    """The policy that ``--policy`` names, for so many bins; who forecasts heeds the weather. Raises SettingError."""
    name, _, value = text.partition(":")
    if name == "dure":
        return Dure(bins, seed, Price(_number(text, value, 0, 100)) if value else Price(), weather)
    if name == "threshold":
        return Threshold(bins, _number(text, value, 0, 1000))
    if name == "municipal":
        return Municipal(bins, int(_number(text, value, 1, 1e6)))
    if name == "wouda":
        return Wouda(bins, seed, _number(text, value, 0, 1e6), weather)
    if name == "calendar":
        days = value.split(",")
        if unknown := [day for day in days if day not in WEEKDAYS]:
            raise SettingError(f"{text}: 요일이 아닙니다 · not a weekday ({', '.join(WEEKDAYS)}): {unknown[0]!r}")
        return Calendar(bins, frozenset(WEEKDAYS.index(day) for day in days))
    known = "dure[:PRICE], threshold:N, calendar:mon,wed,fri, municipal:K, wouda:KM"
    raise SettingError(f"{text}: 모르는 정책입니다 · not a policy: {known}")


def _number(text: str, value: str, least: float, most: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        ko, en = f"{least:g} 이상 {most:g} 이하의 수가 필요합니다", f"needs a number from {least:g} to {most:g}"
        raise SettingError(f"{text}: {ko} · {en}")
    return number


def opportunities(hour: int, decisions: Sequence[int], days: int = 7) -> tuple[int, ...]:
    """Hours from ``hour`` of the day to each decision of the next ``days`` days."""
    ahead = (one + 24 * day - hour for day in range(days + 1) for one in decisions)
    return tuple(sorted(one for one in ahead if 0 < one <= 24 * days))
