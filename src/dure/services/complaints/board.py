# SPDX-License-Identifier: Apache-2.0
"""Reads for the board of the desk's lead: what waits and is late, how fast answers come, what rises, where the
classifier is unsure, and what the assistant changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from dure.city import clock, rules
from dure.city.models import Area, Role, User
from dure.city.roles import areas_of
from dure.city.templatetags.dure import in_language
from dure.city.working_time import HOURS_A_DAY, Calendar
from dure.services.complaints.models import Complaint, Department, Draft, DraftState, Judgement, Topic
from dure.services.complaints.rising import FEWEST_WEEKS, Rise, rises
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE, whole_city

READERS = (Role.DESK_LEAD, Role.PLANNER)
BASE_WEEKS = 8
"""Previous weeks with which this one is compared, where the record is as old."""
WEEK = timedelta(days=7)
MOST_PAIRS = 10
STEPS = tuple(range(10, 101, 10))
"""Percent of the complaints that would be sent on without a person."""


@dataclass(frozen=True)
class Waiting:
    """Complaints that nobody has answered; ``soon``: due within a working day; ``undecided``: without a department."""

    waiting: int
    late: int
    soon: int
    undecided: int


@dataclass(frozen=True)
class Closed:
    """Offices are closed ``until`` then; ``answers``: whether safe questions are answered meanwhile."""

    until: datetime
    answers: bool


@dataclass
class Answers:
    """Of the complaints of one department (or of all) received in a period. ``hours``: working hours until the first
    answer."""

    name: str
    received: int = 0
    waiting: int = 0
    late: int = 0
    answered: int = 0
    on_time: int = 0
    reopened: int = 0
    hours: list[float] = field(default_factory=list)
    ratings: list[int] = field(default_factory=list)

    @property
    def median_hours(self) -> float | None:
        return median(self.hours) if self.hours else None

    @property
    def rating(self) -> float | None:
        return sum(self.ratings) / len(self.ratings) if self.ratings else None

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.answered if self.answered else None

    @property
    def reopened_share(self) -> float | None:
        return self.reopened / self.answered if self.answered else None


@dataclass(frozen=True)
class Rising:
    """``weeks``: previous weeks that the record holds; with fewer than FEWEST_WEEKS nothing is compared."""

    found: list[tuple[Topic, Area, Rise[tuple[int, int]]]]
    tested: int
    weeks: int


@dataclass(frozen=True)
class Unsure:
    """Of the complaints of a period whose department a person chose: how often the classifier left it to a person, and
    what it said where it was wrong, the most frequent first (said, chosen, how often)."""

    judged: int
    decided: int
    chosen: int
    wrong: int
    wrong_decided: int
    pairs: list[tuple[str, str, int]]


@dataclass(frozen=True)
class CurvePoint:
    """Were the surest ``percent`` sent on without a person: ``accuracy`` of these; ``p``: what is asked for."""

    percent: int
    accuracy: float
    p: float


def complaints_of(user: User) -> QuerySet[Complaint]:
    """Those of the reader's areas."""
    return Complaint.objects.filter(area__in=areas_of(user, *READERS))


def closed() -> Closed | None:
    """None within office hours."""
    now, calendar = clock.now(), Calendar()
    if calendar.is_open(now):
        return None
    answers = bool(rules.load(DeskRules, SERVICE, whole_city()).safe_answers)
    return Closed(calendar.add_working_hours(now, 0), answers)


def waiting(complaints: QuerySet[Complaint]) -> Waiting:
    """Now."""
    now = clock.now()
    open_ones = complaints.filter(answered_at=None, withdrawn_at=None, case__closed_at=None)
    soon = Calendar().add_working_hours(now, HOURS_A_DAY)
    counted = open_ones.aggregate(
        waiting=Count("pk"),
        late=Count("pk", filter=Q(due_at__lt=now)),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=soon)),
        undecided=Count("pk", filter=Q(department=None)),
    )
    return Waiting(**counted)


def answers(complaints: QuerySet[Complaint], since: datetime) -> tuple[Answers, list[Answers]]:
    """All together, and by department (the desk itself for those without one), of those received ``since`` then."""
    names = {one.pk: one.name for one in Department.objects.all()}
    every, by = Answers(_("모두")), dict[int | None, Answers]()
    for row in _received(complaints, since):
        own = by.setdefault(row.department_id, Answers(_named(names, row.department_id) or _("민원 창구")))
        for one in (every, own):
            row.count_in(one)
    return every, sorted(by.values(), key=lambda one: (-one.received, one.name))


def assisted(complaints: QuerySet[Complaint], since: datetime) -> tuple[Answers, Answers]:
    """Answered complaints received ``since`` then: with a draft of the assistant sent, and without."""
    used, without = Answers(_("초안을 씀")), Answers(_("초안을 쓰지 않음"))
    for row in _received(complaints.exclude(first_answered_at=None), since):
        row.count_in(used if row.drafted else without)
    return used, without


def rising(complaints: QuerySet[Complaint]) -> Rising:
    """Cases, not complaints: forty reports of one lamp are one thing."""
    now = clock.now()
    first = complaints.aggregate(first=Min("received_at"))["first"]
    weeks = min(int((now - first) / WEEK) - 1, BASE_WEEKS) if first else 0
    if weeks < FEWEST_WEEKS:
        return Rising([], 0, max(weeks, 0))
    begun = complaints.filter(topic__isnull=False, received_at__gte=now - (weeks + 1) * WEEK, received_at__lte=now)
    things = begun.values("case", "topic", "area").annotate(first=Min("received_at")).order_by()
    this, before = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for one in things:
        (this if one["first"] > now - WEEK else before)[one["topic"], one["area"]] += 1
    result = rises(this, before, weeks)
    topics = Topic.objects.in_bulk([one.cell[0] for one in result.found])
    areas = Area.objects.in_bulk([one.cell[1] for one in result.found])
    return Rising([(topics[one.cell[0]], areas[one.cell[1]], one) for one in result.found], result.tested, weeks)


def unsure(complaints: QuerySet[Complaint], since: datetime) -> Unsure:
    """How the classifier fared by what people then chose."""
    judged = Judgement.objects.filter(complaint__in=complaints.filter(received_at__gte=since))
    total = judged.aggregate(judged=Count("pk"), decided=Count("pk", filter=Q(decided=True)))
    names = {one.code: one.name for one in Department.objects.all()}
    chosen = judged.exclude(chosen=None).values_list("labels", "decided", "chosen__code")
    pairs, wrong_decided, count = Counter[tuple[str, str]](), 0, 0
    for labels, decided, code in chosen:
        count += 1
        said = labels[0]["label"] if labels else ""
        if said != code:
            pairs[said, code] += 1
            wrong_decided += decided
    named = [
        (_named(names, said) or _("말하지 않음"), _named(names, code), n)
        for (said, code), n in pairs.most_common(MOST_PAIRS)
    ]
    return Unsure(total["judged"], total["decided"], count, sum(pairs.values()), wrong_decided, named)


def curve(complaints: QuerySet[Complaint], since: datetime) -> list[CurvePoint]:
    """How right the classifier is if only the surest share is left to it; empty below ten chosen complaints."""
    rows = Judgement.objects.filter(complaint__in=complaints.filter(received_at__gte=since)).exclude(chosen=None)
    judged = rows.values_list("labels", "chosen__code")
    return curve_of([(labels[0]["p"], labels[0]["label"] == code) for labels, code in judged if labels])


def curve_of(told: Sequence[tuple[float, bool]]) -> list[CurvePoint]:
    """``told``: how sure it was of its first label, and whether that was right."""
    surest = sorted(told, key=lambda one: -one[0])
    if len(surest) < len(STEPS):
        return []
    points = []
    for percent in STEPS:
        kept = surest[: max(1, round(len(surest) * percent / 100))]
        points.append(CurvePoint(percent, sum(right for _, right in kept) / len(kept), kept[-1][0]))
    return points


@dataclass(frozen=True)
class _Row:
    """One complaint, as far as answers are counted."""

    department_id: int | None
    answered: bool
    late: bool
    on_time: bool
    objected: bool
    rating: int | None
    hours: float | None
    drafted: bool

    def count_in(self, counts: Answers) -> None:
        counts.received += 1
        counts.answered += self.answered
        counts.waiting += not self.answered
        counts.late += self.late
        counts.on_time += self.on_time
        counts.reopened += self.objected
        if self.hours is not None:
            counts.hours.append(self.hours)
        if self.rating is not None:
            counts.ratings.append(self.rating)


def _received(complaints: QuerySet[Complaint], since: datetime) -> Iterable[_Row]:
    """A withdrawn one is neither waited for nor answered, and is not counted."""
    now, calendar = clock.now(), Calendar()
    sent = Draft.objects.filter(complaint=OuterRef("pk"), state=DraftState.SENT)
    rows = complaints.filter(received_at__gte=since, withdrawn_at=None).annotate(drafted=Exists(sent))
    columns = "department_id", "received_at", "due_at", "first_answered_at", "answered_at", "objected_at", "rating"
    for one in rows.values(*columns, "drafted").iterator():
        answered, first = one["answered_at"], one["first_answered_at"]
        minutes = calendar.working_minutes_between(one["received_at"], first) if first else None
        yield _Row(
            department_id=one["department_id"],
            answered=answered is not None,
            late=answered is None and one["due_at"] < now,
            on_time=answered is not None and answered <= one["due_at"],
            objected=one["objected_at"] is not None,
            rating=one["rating"],
            hours=None if minutes is None else minutes / 60,
            drafted=one["drafted"],
        )


def _named(names: dict[Any, dict[str, str]], key: Any) -> str:
    return in_language(names[key]) if key in names else ""
