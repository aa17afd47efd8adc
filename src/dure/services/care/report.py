# SPDX-License-Identifier: Apache-2.0
"""The monthly report: what was seen of each area and of the city, made into figures that may be compared and shown.

Pure: counts in, figures out (report_data.py counts). Areas are compared with their city, never ranked; what is so small
that a person could be known by it is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dure.services.care.estimates import Estimate, differs, poisson_rate, quantile, share_differs, wilson_share

SMALLEST = 5
"""A figure of an area made of fewer people or events (but not of none) is hidden."""


@dataclass
class Counts:
    """What was counted in one area, or in the city, in one month. Times are in minutes."""

    people: int = 0
    home_days: float = 0.0
    alarms: dict[int, int] = field(default_factory=dict)
    """By level."""
    closed: int = 0
    """Cases about people that ended in the month; ``found_well`` and ``false_alarms`` are of these."""
    found_well: int = 0
    false_alarms: int = 0
    to_acknowledge: list[float] = field(default_factory=list)
    to_reach: list[float] = field(default_factory=list)
    calls: int = 0
    calls_answered: int = 0
    visits: int = 0
    handovers: int = 0
    reviews: int = 0
    reviews_due: int = 0
    """Of these, the answered and those whose time is over; ``reviews_in_time`` are of these."""
    reviews_in_time: int = 0

    def add(self, other: Counts) -> None:
        """Take what was counted elsewhere in as well."""
        for name, value in vars(other).items():
            if isinstance(value, dict):
                for key, more in value.items():
                    self.alarms[key] = self.alarms.get(key, 0) + more
            elif isinstance(value, list):
                getattr(self, name).extend(value)
            else:
                setattr(self, name, getattr(self, name) + value)


class Unit(Enum):
    """How a figure is written."""

    COUNT = "count"
    RATE = "rate"
    SHARE = "share"
    MINUTES = "minutes"


@dataclass(frozen=True)
class Figure:
    """One figure of one area: ``n`` people or events it is made of, of ``of`` (a share's whole, else 0). ``differs``:
    1 above, -1 below what the city's rate and chance explain. ``hidden``: too small to be shown; then all is None."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    of: int = 0
    differs: int = 0
    hidden: bool = False


NOTHING = Figure(None)
HIDDEN = Figure(None, hidden=True)


@dataclass(frozen=True)
class Measure:
    """One column: how it is called and written, and how it is made of an area's counts and the city's."""

    key: str
    label: str | Promise
    unit: Unit
    of: Callable[[Counts, Counts], Figure]


def _count(name: str) -> Callable[[Counts, Counts], Figure]:
    def made(area: Counts, city: Counts) -> Figure:
        n = round(getattr(area, name))
        return Figure(n, n=n)

    return made


def _rate(level: int) -> Callable[[Counts, Counts], Figure]:
    def made(area: Counts, city: Counts) -> Figure:
        if area.home_days <= 0:
            return NOTHING
        n, thousands = area.alarms.get(level, 0), area.home_days / 1000
        expected = city.alarms.get(level, 0) / city.home_days * area.home_days
        return _figure(poisson_rate(n, thousands), n, differs=differs(n, expected))

    return made


def _share(name: str, whole: str) -> Callable[[Counts, Counts], Figure]:
    def made(area: Counts, city: Counts) -> Figure:
        hits, of = getattr(area, name), getattr(area, whole)
        if not of:
            return NOTHING
        usual = getattr(city, name) / getattr(city, whole)
        return _figure(wilson_share(hits, of), hits, of=of, differs=share_differs(hits, of, usual))

    return made


def _time(name: str, share: float) -> Callable[[Counts, Counts], Figure]:
    def made(area: Counts, city: Counts) -> Figure:
        values = getattr(area, name)
        return _figure(quantile(values, share), len(values)) if values else NOTHING

    return made


def _figure(seen: Estimate, n: int, *, of: int = 0, differs: int = 0) -> Figure:
    return Figure(seen.value, seen.low, seen.high, n, of, differs)


MEASURES: tuple[Measure, ...] = (
    Measure("people", _("살핀 분"), Unit.COUNT, _count("people")),
    Measure("home_days", _("지켜본 가구·일"), Unit.COUNT, _count("home_days")),
    Measure("alarms_attention", _("주의 알림 (건/1,000가구·일)"), Unit.RATE, _rate(2)),
    Measure("alarms_alert", _("경계 알림 (건/1,000가구·일)"), Unit.RATE, _rate(3)),
    Measure("alarms_severe", _("심각 알림 (건/1,000가구·일)"), Unit.RATE, _rate(4)),
    Measure("found_well", _("무사하신 것을 확인"), Unit.SHARE, _share("found_well", "closed")),
    Measure("false_alarms", _("잘못된 알림"), Unit.SHARE, _share("false_alarms", "closed")),
    Measure("acknowledge_median", _("맡기까지, 가운데 (분)"), Unit.MINUTES, _time("to_acknowledge", 0.5)),
    Measure("acknowledge_90", _("맡기까지, 90% (분)"), Unit.MINUTES, _time("to_acknowledge", 0.9)),
    Measure("reach_median", _("닿기까지, 가운데 (분)"), Unit.MINUTES, _time("to_reach", 0.5)),
    Measure("reach_90", _("닿기까지, 90% (분)"), Unit.MINUTES, _time("to_reach", 0.9)),
    Measure("calls_answered", _("자동 전화를 받으신 몫"), Unit.SHARE, _share("calls_answered", "calls")),
    Measure("visits", _("방문"), Unit.COUNT, _count("visits")),
    Measure("handovers", _("119 인계"), Unit.COUNT, _count("handovers")),
    Measure("reviews", _("자동 결정에 대한 요구"), Unit.COUNT, _count("reviews")),
    Measure("reviews_in_time", _("기한 안에 답함"), Unit.SHARE, _share("reviews_in_time", "reviews_due")),
)
"""The columns in their order."""


@dataclass(frozen=True)
class Row:
    """One area (``code`` "" for the city) with a figure for each of MEASURES."""

    code: str
    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Report:
    """The city and its areas by name."""

    city: Row
    areas: tuple[Row, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All, the city first."""
        return (self.city, *self.areas)


def make_report(city_name: str, areas: Sequence[tuple[str, str, Counts]]) -> Report:
    """The report of ``areas`` (code, name, counts): the city is all of them together. Small figures are hidden."""
    city = Counts()
    for _code, _name, counts in areas:
        city.add(counts)
    rows = [Row(code, name, _figures(counts, city)) for code, name, counts in areas]
    together = Row("", city_name, tuple(replace(one, differs=0) for one in _figures(city, city)))
    return Report(together, tuple(sorted(_hide_small(rows), key=lambda row: (row.name, row.code))))


def _figures(counts: Counts, city: Counts) -> tuple[Figure, ...]:
    return tuple(measure.of(counts, city) for measure in MEASURES)


def _hide_small(rows: Sequence[Row]) -> list[Row]:
    """Hide what is small; and where that is one area only, another one too, or the city's figure would tell it."""
    hidden = [[_is_small(one) or 0 < row.figures[0].n < SMALLEST for one in row.figures] for row in rows]
    for column in range(len(MEASURES)):
        small = [at for at, flags in enumerate(hidden) if flags[column]]
        others = [at for at, flags in enumerate(hidden) if not flags[column] and rows[at].figures[column].n]
        if len(small) == 1 and others:
            hidden[min(others, key=lambda at: rows[at].figures[column].n)][column] = True
    return [
        replace(row, figures=tuple(HIDDEN if hide else one for one, hide in zip(row.figures, flags, strict=True)))
        for row, flags in zip(rows, hidden, strict=True)
    ]


def _is_small(figure: Figure) -> bool:
    """Whether somebody could be known by it: by who is counted, or in a share by who is not."""
    return 0 < figure.n < SMALLEST or 0 < figure.of - figure.n < SMALLEST
