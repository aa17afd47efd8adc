# SPDX-License-Identifier: Apache-2.0
"""What the platform noticed of the bins, and how they overflowed, against what was true. Values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dure.simulator.memory import Event
from dure.simulator.scoring import quantile

VISIBLE_POINTS = 35.0
"""An emptying that takes less is within what waste settles by: nobody could see it."""
SEEN_WITHIN = timedelta(hours=4)
FOUND_AFTER = timedelta(hours=1)
"""A case opened so late after a fault was over still counts."""
WEEK_HOURS = 168


@dataclass(frozen=True)
class Sort:
    """A kind of fault: the kinds of case that tell of it, and whether they may name its area alone."""

    name: str
    cases: frozenset[str]
    by_area: bool = False


SORTS = (
    Sort("fire", frozenset({"burning"})),
    Sort("fallen", frozenset({"tilted"})),
    Sort("lid", frozenset({"lid_open"})),
    Sort("stuck", frozenset({"stuck"})),
    Sort("silent", frozenset({"silent"}), by_area=True),
)


@dataclass(frozen=True)
class WasteCase:
    """A case as the door tells it."""

    bin: str | None
    area: str
    kind: str
    opened_at: datetime


@dataclass(frozen=True)
class WasteTold:
    """What the platform noticed: emptyings and reports as (bin, when)."""

    emptyings: list[tuple[str, datetime]]
    cases: list[WasteCase]
    reports: list[tuple[str, datetime]]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> WasteTold:
        """From the door's JSON. Raises KeyError or ValueError for another form."""
        when = datetime.fromisoformat
        return cls(
            [(one["bin"], when(one["at"])) for one in answer["emptyings"]],
            [WasteCase(one["bin"], one["area"], one["kind"], when(one["opened_at"])) for one in answer["cases"]],
            [(one["bin"], when(one["at"])) for one in answer["reports"]],
        )


@dataclass(frozen=True)
class FaultScore:
    """Of one kind: how many began, and after how many hours each that was found became a case, sorted."""

    began: int
    hours: list[float]


@dataclass(frozen=True)
class WasteScore:
    """``overflow_hours``: hours at whose end a bin held as much as fits or more. ``emptied``: all true emptyings,
    ``visible`` those that took enough and are long enough ago to be seen, ``seen`` those of them that were, ``false``
    what was none."""

    bins: int
    bin_weeks: float
    overflow_hours: int
    emptied: int
    visible: int
    seen: int
    false: int
    faults: dict[str, FaultScore]
    complaints: int
    reports: int
    cases: Counter[str]
    breakdowns: int

    def per_bin_week(self, count: float) -> float | None:
        return count / self.bin_weeks if self.bin_weeks else None


def score_waste(
    events: Iterable[Event],
    hours: Mapping[str, tuple[int, int]],
    told: WasteTold,
    *,
    since: datetime,
    until: datetime,
    area_of: Mapping[str, str],
) -> WasteScore:
    """Judge [since, until). ``hours``: by bin, the hours that are known and those of them that overflowed; ``area_of``:
    the area's code of a bin."""
    truth = [event for event in events if since <= event.begins_at < until]
    emptied = [event for event in truth if event.kind == "bin_emptied"]
    visible = [
        event
        for event in emptied
        if min(float(event.detail), 100) >= VISIBLE_POINTS and event.begins_at + SEEN_WITHIN <= until
    ]
    seen = [one for one in told.emptyings if since <= one[1] < until]
    cases = [case for case in told.cases if since <= case.opened_at <= until]
    return WasteScore(
        bins=len(hours),
        bin_weeks=sum(known for known, _ in hours.values()) / WEEK_HOURS,
        overflow_hours=sum(over for _, over in hours.values()),
        emptied=len(emptied),
        visible=len(visible),
        seen=sum(any(_is_of(one, event) for one in seen) for event in visible),
        false=sum(not any(_is_of(one, event) for event in emptied) for one in seen),
        faults={sort.name: _found(sort, truth, cases, area_of) for sort in SORTS},
        complaints=sum(event.kind == "bin_complaint" for event in truth),
        reports=sum(since <= at < until for _, at in told.reports),
        cases=Counter(case.kind for case in cases),
        breakdowns=sum(event.kind == "truck_broken" for event in truth),
    )


def _is_of(seen: tuple[str, datetime], emptied: Event) -> bool:
    code, at = seen
    return code == emptied.subject and emptied.begins_at <= at <= emptied.begins_at + SEEN_WITHIN


def _found(sort: Sort, truth: list[Event], cases: Sequence[WasteCase], area_of: Mapping[str, str]) -> FaultScore:
    faults = [event for event in truth if event.kind == f"bin_{sort.name}"]
    hours = []
    for fault in faults:
        area = area_of.get(fault.subject) if sort.by_area else None
        opened = [
            case.opened_at
            for case in cases
            if case.kind in sort.cases
            and (case.bin == fault.subject or (case.bin is None and case.area == area))
            and fault.begins_at <= case.opened_at <= fault.ends_at + FOUND_AFTER
        ]
        if opened:
            hours.append((min(opened) - fault.begins_at).total_seconds() / 3600)
    return FaultScore(len(faults), sorted(hours))


def waste_as_json(score: WasteScore) -> dict[str, Any]:
    """Everything the lines say."""
    return {
        "bins": score.bins,
        "bin_weeks": round(score.bin_weeks, 2),
        "overflow_hours": score.overflow_hours,
        "overflow_hours_per_bin_week": score.per_bin_week(score.overflow_hours),
        "emptied": score.emptied,
        "emptied_per_bin_week": score.per_bin_week(score.emptied),
        "emptyings": {"visible": score.visible, "seen": score.seen, "false": score.false},
        "faults": {
            name: {"began": one.began, "found": len(one.hours), "median_hours": quantile(one.hours, 0.5)}
            for name, one in score.faults.items()
        },
        "complaints": {"said": score.complaints, "taken": score.reports},
        "cases": dict(score.cases),
        "truck_breakdowns": score.breakdowns,
    }


def waste_as_lines(score: WasteScore) -> str:
    """Lines for a terminal."""
    faults = ", ".join(
        f"{name} {len(one.hours)}/{one.began}" + (f" ({quantile(one.hours, 0.5):.1f} h)" if one.hours else "")
        for name, one in score.faults.items()
    )
    cases = ", ".join(f"{kind} {count}" for kind, count in sorted(score.cases.items())) or "none"
    return "\n".join(
        (
            f"bins: {score.bins}, {score.bin_weeks:.1f} bin-weeks; a bin-week: "
            f"{_per(score, score.overflow_hours)} overflow-hours ({score.overflow_hours}), "
            f"{_per(score, score.emptied)} emptyings ({score.emptied})",
            f"  emptyings that could be seen: {score.visible}, seen {score.seen}; {score.false} seen that were none",
            f"  faults found of those that began (median hours until the case): {faults}",
            f"  complaints: {score.complaints} said, {score.reports} taken; trucks that broke down: {score.breakdowns}",
            f"  cases: {cases}",
        )
    )


def _per(score: WasteScore, count: float) -> str:
    rate = score.per_bin_week(count)
    return "-" if rate is None else f"{rate:.2f}"
