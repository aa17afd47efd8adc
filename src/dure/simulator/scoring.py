# SPDX-License-Identifier: Apache-2.0
"""``dure simulate score``: what the platform did against what really happened. Values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from .memory import Event

ALARM_KINDS = frozenset({"unlike_habit"})
"""Cases that say that a home is unlike itself."""
METER_KINDS = frozenset({"meter_fault", "silent", "area_outage", "no_values"})
"""Cases that say that a meter or its data is at fault. Any other kind is what people said: neither."""

FOUND_WITHIN = timedelta(hours=72)
WITHIN_HOURS = (12, 24, 48)
DATA_FAULTS = ("outage", "stuck", "late", "feeder_outage")
REASONS = ("nothing", "trip", "data fault")
"""What was really so at a home with a false alarm."""
AFTER_ABSENCE = timedelta(hours=36)
"""A case opened so soon after a true absence or a data fault still counts as caused by it."""


@dataclass(frozen=True)
class CaseLine:
    """One case as the platform's door tells it; ``device`` is the home's power meter."""

    number: str
    kind: str
    level: int
    device: str | None
    opened_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    outcome: str

    @classmethod
    def read(cls, line: dict[str, Any]) -> CaseLine:
        """From the door's JSON. Raises KeyError or ValueError for a line of another form."""

        def when(name: str) -> datetime | None:
            return datetime.fromisoformat(line[name]) if line[name] else None

        return cls(
            str(line["number"]),
            str(line["kind"]),
            int(line["level"]),
            line["device"],
            datetime.fromisoformat(line["opened_at"]),
            when("acknowledged_at"),
            when("closed_at"),
            str(line["outcome"] or ""),
        )


@dataclass(frozen=True)
class Found:
    """One emergency and what became of it: ``hours`` from onset to the case, None = no case within 72 h."""

    emergency: Event
    hours: float | None
    followed_hours: float
    """How long after the onset the platform was watched; less than 72 = the judgement may still change."""


@dataclass(frozen=True)
class Score:
    """Rates are per 1,000 home-days; a home-day with an emergency or its hospital stay is not counted."""

    since: datetime
    until: datetime
    found: list[Found]
    home_days: float
    false_alarms: Counter[str]
    """By one of REASONS."""
    false_alarms_by_level: Counter[int]
    cases: Counter[str]
    """By kind of case."""
    acknowledged: int
    closed: int
    outcomes: Counter[str]
    data_faults: Counter[str]
    """By kind, those for which a case about the meter was opened."""
    data_faults_true: Counter[str]
    calls: dict[str, int] = field(default_factory=dict)

    def within(self, hours: float, kind: str = "") -> tuple[int, int]:
        """How many emergencies (of a kind) were found within so many hours, of how many that were watched so long."""
        of_kind = [one for one in self.found if kind in ("", one.emergency.detail)]
        watched = [one for one in of_kind if one.followed_hours >= hours]
        return sum(one.hours is not None and one.hours <= hours for one in watched), len(watched)

    def delays(self, kind: str = "") -> list[float]:
        """Hours from onset to case of those found (of a kind), sorted."""
        found = (one for one in self.found if kind in ("", one.emergency.detail))
        return sorted(one.hours for one in found if one.hours is not None)

    def per_1000(self, alarms: int) -> float | None:
        return 1000 * alarms / self.home_days if self.home_days else None


def score(
    events: Iterable[Event],
    cases: Sequence[CaseLine],
    *,
    homes: int,
    since: datetime,
    until: datetime,
    area_of: dict[str, str],
    calls: dict[str, int] | None = None,
) -> Score:
    """Judge the time [since, until]. ``homes`` are watched; ``area_of`` gives a meter's area code, so that an
    area's outage explains a case at any of its homes.

    An emergency is found by the first alarm at its home between its onset and the earlier of 72 hours and the
    moment its person is found anyway. A case that was open before the onset does not count: it was about
    something else. A second alarm about the same emergency is neither found nor false.
    """
    truth = [event for event in events if event.begins_at < until]
    began = [event for event in truth if event.kind == "emergency" and event.begins_at >= since]
    judged = [case for case in cases if since <= case.opened_at <= until]
    alarms = [case for case in judged if case.kind in ALARM_KINDS]
    false = [case for case in alarms if not _is_about(case, truth, ("emergency", "hospital"))]
    reasons = {case.number: _reason(case, truth, area_of) for case in false}
    seen = _faults_seen(truth, judged, area_of)
    faults = Counter(event.kind for event in truth if event.kind in DATA_FAULTS and event.ends_at > since)
    return Score(
        since=since,
        until=until,
        found=[_found(event, alarms, until) for event in began],
        home_days=homes * _days(since, until) - _emergency_days(truth, since, until),
        false_alarms=Counter(reasons.values()),
        false_alarms_by_level=Counter(case.level for case in false),
        cases=Counter(case.kind for case in judged),
        acknowledged=sum(case.acknowledged_at is not None for case in judged),
        closed=sum(case.closed_at is not None for case in judged),
        outcomes=Counter(case.outcome for case in judged if case.closed_at is not None),
        data_faults=seen,
        data_faults_true=faults,
        calls=calls or {},
    )


def _days(begin: datetime, end: datetime) -> float:
    return max((end - begin).total_seconds(), 0.0) / 86_400


def _emergency_days(truth: list[Event], since: datetime, until: datetime) -> float:
    away = (event for event in truth if event.kind in ("emergency", "hospital"))
    return sum(_days(max(event.begins_at, since), min(event.ends_at, until)) for event in away)


def _found(emergency: Event, alarms: list[CaseLine], until: datetime) -> Found:
    latest = min(emergency.begins_at + FOUND_WITHIN, emergency.ends_at)
    opened = [
        case.opened_at
        for case in alarms
        if case.device == emergency.subject and emergency.begins_at <= case.opened_at <= latest
    ]
    followed = (min(until, latest) - emergency.begins_at).total_seconds() / 3600
    hours = (min(opened) - emergency.begins_at).total_seconds() / 3600 if opened else None
    return Found(emergency, hours, followed)


def _is_about(case: CaseLine, truth: list[Event], kinds: Sequence[str], after: timedelta = timedelta()) -> bool:
    return any(
        event.kind in kinds
        and event.subject == case.device
        and event.begins_at <= case.opened_at <= event.ends_at + after
        for event in truth
    )


def _reason(case: CaseLine, truth: list[Event], area_of: dict[str, str]) -> str:
    if _is_about(case, truth, ("trip",), AFTER_ABSENCE):
        return "trip"
    at_area = CaseLine(**{**vars(case), "device": area_of.get(case.device or "", "")})
    if _is_about(case, truth, DATA_FAULTS, AFTER_ABSENCE) or _is_about(at_area, truth, DATA_FAULTS, AFTER_ABSENCE):
        return "data fault"
    return "nothing"


def _faults_seen(truth: list[Event], cases: list[CaseLine], area_of: dict[str, str]) -> Counter[str]:
    about_data = [case for case in cases if case.kind in METER_KINDS and case.device]
    seen: Counter[str] = Counter()
    for event in truth:
        if event.kind in DATA_FAULTS:
            subjects = ((case.device, area_of.get(case.device or "", "")) for case in about_data if _while(case, event))
            seen[event.kind] += any(event.subject in names for names in subjects)
    return seen


def _while(case: CaseLine, event: Event) -> bool:
    return event.begins_at <= case.opened_at <= event.ends_at + AFTER_ABSENCE


def quantile(delays: list[float], share: float) -> float | None:
    """Of sorted delays, hours; None when there are none."""
    return float(np.quantile(delays, share)) if delays else None
