# SPDX-License-Identifier: Apache-2.0
"""What collecting came to, and what a fixed calendar would have come to: figures of an area and a week. Values in,
values out; ``account_data`` counts.

The calendar is compared with what was done on one and the same ground: what fell into each bin, rebuilt hour by hour
from the emptyings that are known (:mod:`dure.services.waste.deposits`); once it is emptied when it was, once on the
calendar's days. So both are measured alike, and apart from what the sensors counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

import numpy as np

from dure.engines.filling.shape import Floats
from dure.services.waste.closed_loop import Bins, Fleet
from dure.services.waste.closed_loop.driving import Dispatch
from dure.services.waste.closed_loop.policies import Ask
from dure.services.waste.closed_loop.tables import HOUR
from dure.services.waste.closed_loop.world import World
from dure.services.waste.deposits import Emptied, hourly, intervals_of

MARGIN_TRUCKS = 3
"""The calendar's tour may use so many times the city's trucks: it must fit, however long it takes."""


@dataclass
class Figures:
    """Sums over bins, trucks and hours; all of them may be added up over areas and weeks.

    ``watched_hours``: of ``bin_hours``, those with a level that can be believed; ``overflow_hours``: of these, at the
    full level or above. How much lay beside a full bin no sensor says. ``seen_only``: emptyings that sensors saw and no
    driver said. ``driven_m``: of ``metres``, by positions; the rest as planned. ``weighed_kg``: of ``kg``, by a scale.
    ``replayed_hours`` and what follows: the comparison, over the bins whose deposits could be rebuilt.
    """

    bins: float = 0
    bin_hours: float = 0
    watched_hours: float = 0
    overflow_hours: float = 0
    collections: float = 0
    could_not: float = 0
    seen_only: float = 0
    metres: float = 0
    driven_m: float = 0
    kg: float = 0
    weighed_kg: float = 0
    co2_kg: float = 0
    replayed_hours: float = 0
    replayed_collections: float = 0
    replayed_overflow: float = 0
    calendar_collections: float = 0
    calendar_overflow: float = 0
    calendar_m: float = 0

    def add(self, other: Figures) -> None:
        """Take another's sums in as well."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def as_json(self) -> dict[str, float]:
        """For the record, to three decimals."""
        return {name: round(value, 3) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, data: Mapping[str, float]) -> Figures:
        """From the record; what an older version did not count is 0."""
        return cls(**{one.name: data[one.name] for one in fields(cls) if one.name in data})

    @property
    def overflow_per_bin_week(self) -> float | None:
        """Overflow-hours of a bin in a week, of the hours that were watched."""
        return 168 * self.overflow_hours / self.watched_hours if self.watched_hours else None

    @property
    def watched_share(self) -> float | None:
        """Of all hours of all bins, how many were watched."""
        return self.watched_hours / self.bin_hours if self.bin_hours else None

    @property
    def driven_share(self) -> float | None:
        """Of the way, how much is known by positions."""
        return self.driven_m / self.metres if self.metres else None

    @property
    def weighed_share(self) -> float | None:
        """Of the weight, how much was on a scale."""
        return self.weighed_kg / self.kg if self.kg else None

    def per_bin_week(self, name: str) -> float | None:
        """One of the comparison's figures for a bin and a week."""
        return 168 * float(getattr(self, name)) / self.replayed_hours if self.replayed_hours else None


@dataclass(frozen=True)
class Replay:
    """Of each bin: how often it was emptied and how many hours ended at 100 or more, as it was and by the calendar; how
    many hours that is of, and how full the calendar found it on average (points)."""

    hours: int
    collections: dict[str, int]
    overflow: dict[str, int]
    calendar_collections: dict[str, int]
    calendar_overflow: dict[str, int]
    calendar_level: dict[str, float]


def replay(emptyings: Mapping[str, Sequence[Emptied]], start: datetime, end: datetime, visits: set[datetime]) -> Replay:
    """Empty each bin when it was, and instead at ``visits`` (full hours), between ``start`` and ``end`` (full hours).

    Times are of one clock without a zone. Only bins whose emptyings reach from before ``start`` to ``end`` or later are
    there: of the others not everything that fell in is known. Bins begin empty at their last emptying before ``start``,
    under the calendar, too; so its first visit finds no more than was there.
    """
    names = [name for name, known in sorted(emptyings.items()) if known[0].at <= start and known[-1].at >= end]
    first = min((max(one.at for one in emptyings[name] if one.at <= start) for name in names), default=start)
    first = first.replace(minute=0, second=0, microsecond=0)
    hours = int((end - first) / HOUR)
    amounts = np.zeros((hours, len(names)))
    own: list[dict[int, float]] = [{} for _ in range(hours)]
    for row, name in enumerate(names):
        since = max(one.at for one in emptyings[name] if one.at <= start)
        for span in intervals_of([one for one in emptyings[name] if one.at >= since]):
            for at, amount in hourly(span):
                if 0 <= (hour := int((at - first) / HOUR)) < hours:
                    amounts[hour, row] += amount
        for one in emptyings[name]:
            if 0 <= (hour := int((one.at - first) / HOUR)) < hours:
                own[hour][row] = (one.at - first) / HOUR - hour
    everything = dict.fromkeys(range(len(names)), 0.0)
    calendar = [everything if first + hour * HOUR in visits else {} for hour in range(hours)]
    counted = int((start - first) / HOUR)
    was, _level, over = _live(amounts, own, counted)
    would, level, calendar_over = _live(amounts, calendar, counted)
    return Replay(
        hours - counted,
        collections=_whole(names, was),
        overflow=_whole(names, over),
        calendar_collections=_whole(names, would),
        calendar_overflow=_whole(names, calendar_over),
        calendar_level=dict(zip(names, level.tolist(), strict=True)),
    )


def _whole(names: Sequence[str], counts: Floats) -> dict[str, int]:
    return {name: int(count) for name, count in zip(names, counts, strict=True)}


def _live(amounts: Floats, visits: Sequence[dict[int, float]], counted: int) -> tuple[Floats, Floats, Floats]:
    """From the hour ``counted`` on, of each bin: emptyings, mean level that they found, overflow-hours."""
    bins = amounts.shape[1]
    world = World(bins)
    times, found, over = np.zeros(bins), np.zeros(bins), np.zeros(bins)
    for hour, fallen in enumerate(amounts):
        emptyings, full = world.pass_hour(fallen, visits[hour])
        if hour < counted:
            continue
        over += full
        for one in emptyings:
            times[one.bin] += 1
            found[one.bin] += one.fill
    return times, found / np.maximum(times, 1), over


def tour_metres(bins: Bins, level: Floats, fleet: Fleet) -> int:
    """How far the calendar's tour of all ``bins`` is, at ``level`` (points), with its trips to the tip."""
    count = len(bins.names)
    if not count:
        return 0
    all_, nothing = np.ones(count, bool), np.zeros(count)
    return Dispatch(bins, fleet).plan(Ask(all_, all_, nothing, nothing, level, nothing, nothing), 24, 1).metres
