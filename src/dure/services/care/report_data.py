# SPDX-License-Identifier: Apache-2.0
"""What the monthly report counts, asked of the database in a number of queries that does not grow with the city."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet

from dure.city import clock
from dure.city.errors import Invalid
from dure.city.models import Area, AreaLevel, Case, CaseEvent, CaseEventKind, Channel, Finding, Handover, Review
from dure.services.care.actions.alarms import UNLIKE_HABIT
from dure.services.care.actions.meters import METER_FAULT
from dure.services.care.models import BY_PLATFORM, FALSE_ALARMS, FAMILY, WELL, Call, CallState, Enrolment
from dure.services.care.report import Counts, Report, make_report

FOUND_WELL = frozenset({*WELL, *BY_PLATFORM})


@dataclass(frozen=True)
class Month:
    """A calendar month of Korea, as far as it has come: [start, end)."""

    first: date
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """As in 2026-10."""
        return f"{self.first:%Y-%m}"

    @property
    def over(self) -> bool:
        """Whether it is complete."""
        return _midnight(_next(self.first)) <= clock.now()

    @property
    def before(self) -> str:
        """The name of the month before."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The name of the month after, "" where it has not begun."""
        return f"{_next(self.first):%Y-%m}" if self.over else ""


def month_of(name: str) -> Month:
    """The month of that name. Raises Invalid (field ``month``) for what is none, or has not begun."""
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", name)
    first = date(int(found[1]), int(found[2]), 1) if found else None
    if first is None or first > clock.today():
        raise Invalid(
            "시작된 달을 2026-10처럼 적어 주세요", "give a month that has begun, as in 2026-10", field="month"
        )
    return Month(first, _midnight(first), min(_midnight(_next(first)), clock.now()))


def last_month() -> Month:
    """The newest complete month."""
    return month_of(f"{clock.today().replace(day=1) - timedelta(days=1):%Y-%m}")


def report_of(month: Month) -> Report:
    """The whole city's report."""
    counted: dict[int, Counts] = defaultdict(Counts)
    _people(counted, month)
    _alarms(counted, month)
    _cases(counted, month)
    _times(counted, month)
    _work(counted, month)
    areas = Area.objects.in_bulk(counted)
    city = Area.objects.filter(level=AreaLevel.CITY, valid_to=None).order_by("code").first()
    rows = [(areas[pk].code, areas[pk].name, counts) for pk, counts in counted.items()]
    return make_report(city.name if city else "", rows)


def _people(counted: dict[int, Counts], month: Month) -> None:
    there = Q(enrolled_at__lt=month.end) & (Q(ended_at=None) | Q(ended_at__gt=month.start))
    rows = Enrolment.objects.filter(there).order_by().values_list("household__area", "enrolled_at", "ended_at")
    for area, since, until, n in rows.annotate(n=Count("pk")):
        days = (min(until or month.end, month.end) - max(since, month.start)) / timedelta(days=1)
        counted[area].people += n
        counted[area].home_days += n * days


def _alarms(counted: dict[int, Counts], month: Month) -> None:
    found = Finding.objects.filter(service="care", kind=UNLIKE_HABIT, **_within("found_at", month))
    for area, level, n in found.order_by().values_list("household__area", "level").annotate(n=Count("pk")):
        counted[area].alarms[level] = n


def _about_people() -> Q:
    return Q(service="care", household__isnull=False) & ~Q(kind=METER_FAULT)


def _cases(counted: dict[int, Counts], month: Month) -> None:
    ended = Case.objects.filter(_about_people(), **_within("closed_at", month))
    for area, outcome, n in ended.order_by().values_list("area", "outcome").annotate(n=Count("pk")):
        counted[area].closed += n
        counted[area].found_well += n if outcome in FOUND_WELL else 0
        counted[area].false_alarms += n if outcome in FALSE_ALARMS else 0


def _times(counted: dict[int, Counts], month: Month) -> None:
    """Of cases opened in the month: to the first thing that one of the staff did, and to the first time that the person
    was reached. A case without it has no time and is not counted."""
    opened = Case.objects.filter(_about_people(), **_within("opened_at", month))
    events = CaseEvent.objects.filter(case__in=opened)
    for area, since, at in _first(events.filter(actor__isnull=False)):
        counted[area].to_acknowledge.append(_minutes(at - since))
    spoke = events.filter(kind__in=(CaseEventKind.CALL, CaseEventKind.VISIT), data__reached=True)
    spoke = spoke.filter(Q(data__channel__isnull=True) | ~Q(data__channel=Channel.FAMILY_CALL))  # not the family
    for area, since, at in _first(spoke):
        counted[area].to_reach.append(_minutes(at - since))


def _first(events: QuerySet[CaseEvent]) -> Iterator[tuple[int, datetime, datetime]]:
    """(area, when the case was opened, its first of ``events``) of each case that has any."""
    cases = events.order_by().values_list("case", "case__area", "case__opened_at").annotate(at=Min("at"))
    yield from ((area, since, at) for _case, area, since, at in cases)


def _work(counted: dict[int, Counts], month: Month) -> None:
    calls = Call.objects.filter(state__in=(CallState.ANSWERED, CallState.UNANSWERED), **_within("ended_at", month))
    calls = calls.exclude(script=FAMILY)
    for area, state, n in _by(calls, "person__household__area", "state"):
        counted[area].calls += n
        counted[area].calls_answered += n if state == CallState.ANSWERED else 0
    visits = CaseEvent.objects.filter(case__service="care", kind=CaseEventKind.VISIT, **_within("at", month))
    for area, n in _by(visits, "case__area"):
        counted[area].visits += n
    handed = Handover.objects.filter(case__service="care", target="119", **_within("created_at", month))
    for area, n in _by(handed, "case__area"):
        counted[area].handovers += n
    asked = Review.objects.filter(service="care", **_within("asked_at", month))
    for area, n in _by(asked, "case__area"):
        counted[area].reviews += n
    over = Q(answered_at__isnull=False) | Q(withdrawn_at=None, case__due_at__lt=clock.now())
    for area, n in _by(asked.filter(over), "case__area"):
        counted[area].reviews_due += n
    for area, n in _by(asked.filter(answered_at__lte=F("case__due_at")), "case__area"):
        counted[area].reviews_in_time += n


def _by(found: Any, *groups: str) -> Iterable[Any]:
    return found.order_by().values_list(*groups).annotate(n=Count("pk"))


def _within(name: str, month: Month) -> dict[str, datetime]:
    return {f"{name}__gte": month.start, f"{name}__lt": month.end}


def _minutes(span: timedelta) -> float:
    return max(0.0, span / timedelta(minutes=1))


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.SEOUL)
