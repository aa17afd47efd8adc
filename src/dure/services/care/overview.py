# SPDX-License-Identifier: Apache-2.0
"""What the officer's board reads: figures and the first of each list, counted by the database in any size of city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from dure.city import cases, clock, rules
from dure.city.models import Case, CaseStatus, Consent, Finding, Level, Role, User
from dure.city.roles import areas_of, everywhere
from dure.services.care.actions.consents import agreed
from dure.services.care.models import Away, Enrolment
from dure.services.care.rules import CareRules

T = TypeVar("T")
OVERSEERS = (Role.WELFARE_OFFICER, Role.ADMINISTRATOR)
AGES = (
    (timedelta(hours=1), gettext_lazy("1시간 안")),
    (timedelta(hours=4), gettext_lazy("4시간 안")),
    (timedelta(hours=24), gettext_lazy("하루 안")),
    (timedelta.max, gettext_lazy("하루 넘음")),
)
"""Open cases are counted by age up to these."""

ENOUGH_HOME_DAYS = 500.0
"""Below this a rate per 1,000 home-days says more about chance than about the engine; it is not shown."""

SHOWN = 100
"""Of a list of homes, the board shows this many and says how many more there are."""


@dataclass(frozen=True)
class First(Generic[T]):
    """The first of a list (``rows``) and how long the whole of it is (its ``len``)."""

    rows: list[T]
    total: int

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __getitem__(self, part: slice) -> list[T]:
        return self.rows[part]

    @property
    def left_out(self) -> int:
        """How many are not among the rows."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class WorkerLoad:
    """How many people a worker looks after (``worker`` None: nobody does) and how many of their cases are open."""

    worker: User | None
    people: int
    open_cases: int
    limit: int

    @property
    def too_many(self) -> bool:
        """More than the city lets one worker look after; of those whom nobody looks after, any."""
        return self.people > (self.limit if self.worker else 0)

    @property
    def share(self) -> int:
        """Length of the bar in hundredths; the limit stands in its middle."""
        return min(100, round(50 * self.people / self.limit))


@dataclass(frozen=True)
class LevelBudget:
    """One level's alarms of the last days against the city's budget, both per 1,000 homes and day."""

    level: Level
    budget: float
    actual: float | None
    """None while it is too early to speak of a rate."""
    alarms: int
    expected: float
    """Alarms that the budget allows in this time for this many homes."""

    @property
    def share(self) -> int:
        """Length of the bar in hundredths; the budget stands in its middle."""
        return min(100, round(50 * self.alarms / self.expected)) if self.expected else 0

    @property
    def over(self) -> bool:
        """Whether there were more alarms than the budget allows, where that can be said."""
        return self.actual is not None and self.actual > self.budget


@dataclass(frozen=True)
class Expiring:
    """Somebody whose consents run out soon or have run out, by the first of them."""

    enrolment: Enrolment
    first: Consent
    purposes: list[str]


@dataclass(frozen=True)
class Changed:
    """A home that has slowly changed: why, since when, and whether that is news of this week."""

    enrolment: Enrolment
    finding: Finding
    new: bool


@dataclass(frozen=True)
class CareBoard:
    """The officer's overview of the areas they answer for."""

    days: int
    homes: int
    home_days: float
    budgets: list[LevelBudget]
    by_status: list[tuple[str, list[int], int]]
    """(status, how many of each age, all), in the order in which a case moves."""
    open: int
    overdue: int
    silent_homes: First[Enrolment]
    unwatched: First[Enrolment]
    """Those without a consent to be watched, because it was taken back or ran out."""
    expiring: First[Expiring]
    away: int
    loads: First[WorkerLoad]
    limit: int
    """People that one worker may have."""
    unassigned: First[Enrolment]
    changed: First[Changed]
    """Homes with a slow change that goes on, the newest first: to be read once a week."""

    @property
    def ages(self) -> list[str]:
        """The headings of ``by_status``."""
        return [str(name) for _, name in AGES]

    @property
    def too_early(self) -> bool:
        """Whether too few home-days have been watched to speak of a rate."""
        return self.home_days < ENOUGH_HOME_DAYS


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """Whom a worker looks after; an officer sees everybody of their areas."""
    return Enrolment.objects.filter(_mine(user))


def _mine(user: User, path: str = "") -> Q:
    """The condition for the enrolments of ``user``, seen from a record that reaches them along ``path``."""
    current = Q(**{f"{path}ended_at": None, f"{path}pk__isnull": False})
    if everywhere(user, *OVERSEERS):
        return current
    theirs = Q(**{f"{path}worker": user})
    if areas := list(areas_of(user, *OVERSEERS).values_list("pk", flat=True)):
        theirs |= Q(**{f"{path}household__area__in": areas})
    return current & theirs


def board(user: User, *, days: int = 7) -> CareBoard:
    """Budget against actual alarms, cases by state and age, who does not report, whose consent runs out."""
    now = clock.now()
    mine = enrolments_of(user)
    open_cases = cases.visible_cases(user).filter(service="care", closed_at=None)
    city_rules = rules.load(CareRules, "care")
    home_days = sum(home_days_by(mine, now, days).values())
    loads = worker_loads(user)
    return CareBoard(
        days=days,
        homes=mine.count(),
        home_days=home_days,
        budgets=level_budgets(_given(user, now - timedelta(days=days)), home_days, city_rules),
        by_status=_by_status(open_cases, now),
        open=open_cases.count(),
        overdue=open_cases.filter(due_at__lt=now).count(),
        silent_homes=_first(mine.filter(power__device__silent_since__isnull=False)),
        unwatched=_first(mine.exclude(agreed())),
        expiring=_expiring(user, now + timedelta(days=city_rules.consent_notice_days)),
        away=Away.objects.filter(
            _mine(user, "household__enrolment__"), returned_at=None, starts_at__lte=now, ends_at__gt=now
        ).count(),
        loads=First(loads[:SHOWN], len(loads)),
        limit=city_rules.people_per_worker,
        unassigned=_first(mine.filter(worker=None)),
        changed=_changed(user, now - timedelta(days=7)),
    )


def _changed(user: User, week: datetime) -> First[Changed]:
    found = Finding.objects.filter(
        _mine(user, "household__enrolment__"), service="care", kind__startswith="slow_", ended_at=None
    )
    shown = ("household__area", "household__enrolment__person", "household__enrolment__power__device")
    rows = [
        Changed(one.household.enrolment, one, one.found_at > week)
        for one in found.select_related(*shown).order_by("-found_at", "pk")[:SHOWN]
        if one.household is not None
    ]
    return First(rows, len(rows) if len(rows) < SHOWN else found.count())


def _first(found: QuerySet[Enrolment]) -> First[Enrolment]:
    first = list(found.order_by("id").values_list("pk", flat=True)[: SHOWN + 1])
    rows = list(_drawn(Enrolment.objects.filter(pk__in=first[:SHOWN])).order_by("id"))
    return First(rows, len(first) if len(first) <= SHOWN else found.count())


def _drawn(found: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    return found.select_related("household__area", "person", "power__device", "power__latest")


def home_days_by(mine: QuerySet[Enrolment], now: datetime, days: int) -> dict[int, float]:
    """Days of the last ``days`` in which homes were in care, summed by area (its id)."""
    since = now - timedelta(days=days)
    whole = mine.filter(enrolled_at__lte=since).order_by().values_list("household__area").annotate(n=Count("id"))
    found = {area: float(n * days) for area, n in whole}
    newer = mine.filter(enrolled_at__gt=since).order_by().values_list("household__area", "enrolled_at")
    for area, enrolled_at, n in newer.annotate(n=Count("id")):
        found[area] = found.get(area, 0.0) + (now - enrolled_at) / timedelta(days=1) * n
    return found


def _given(user: User, since: datetime) -> Counter[int]:
    """Alarms by level: one that rose through the levels spent one alarm at each of them."""
    homes = _mine(user, "household__enrolment__")
    alarms = Finding.objects.filter(homes, service="care", kind="unlike_habit", found_at__gte=since)
    return Counter(dict(alarms.order_by().values_list("level").annotate(n=Count("id"))))


def level_budgets(given: Counter[int], home_days: float, chosen: CareRules) -> list[LevelBudget]:
    """Alarms ``given`` by level in so many home-days, beside what these rules allow."""
    per_level = (
        (Level.ATTENTION, chosen.attention_per_1000),
        (Level.ALERT, chosen.alert_per_1000),
        (Level.SEVERE, chosen.severe_per_1000),
    )
    return [
        LevelBudget(
            level=level,
            budget=budget,
            actual=given[level] / home_days * 1000 if home_days >= ENOUGH_HOME_DAYS else None,
            alarms=given[level],
            expected=budget * home_days / 1000,
        )
        for level, budget in per_level
    ]


def _by_status(open_cases: QuerySet[Case], now: datetime) -> list[tuple[str, list[int], int]]:
    counts: dict[str, list[int]] = {}
    for status, opened_at in open_cases.order_by().values_list("status", "opened_at"):
        age = next(n for n, (longest, _) in enumerate(AGES) if now - opened_at <= longest)
        counts.setdefault(status, [0] * len(AGES))[age] += 1
    return [(status, counts[status], sum(counts[status])) for status in CaseStatus.values if status in counts]


def _expiring(user: User, until: datetime) -> First[Expiring]:
    longer = Consent.objects.filter(
        person=OuterRef("person"), purpose=OuterRef("purpose"), withdrawn_at=None, expires_at__gt=OuterRef("expires_at")
    )
    ending = Consent.objects.filter(
        ~Exists(longer), _mine(user, "person__enrolment__"), withdrawn_at=None, expires_at__lte=until
    )
    people = ending.order_by().values_list("person").annotate(first=Min("expires_at")).order_by("first", "person")
    everybody = [person for person, _ in people]
    chosen = everybody[:SHOWN]
    by_person = {one.person_id: one for one in _drawn(Enrolment.objects.filter(person__in=chosen))}
    found: dict[int, list[Consent]] = {person: [] for person in chosen}
    for consent in ending.filter(person__in=chosen).order_by("expires_at", "purpose"):
        found[consent.person_id].append(consent)
    rows = [
        Expiring(by_person[person], consents[0], [one.get_purpose_display() for one in consents])
        for person, consents in found.items()
    ]
    return First(rows, len(everybody))


def workers_of(user: User) -> QuerySet[User]:
    """The care workers of an officer's areas, by name."""
    areas = areas_of(user, *OVERSEERS)
    works_there = Q(memberships__area=None) | Q(memberships__area__in=areas)
    return User.objects.filter(works_there, memberships__role=Role.CARE_WORKER, is_active=True).distinct()


def worker_loads(user: User) -> list[WorkerLoad]:
    """Every worker of an officer's areas and what they have on their hands, those with the most people first."""
    watched = dict(enrolments_of(user).order_by().values_list("worker").annotate(n=Count("id")))
    visible = cases.visible_cases(user).filter(service="care", closed_at=None)
    busy = dict(visible.exclude(assignee=None).order_by().values_list("assignee").annotate(n=Count("id")))
    workers = {one.pk: one for one in workers_of(user)}
    workers |= User.objects.in_bulk([pk for pk in watched if pk is not None and pk not in workers])
    limit = rules.load(CareRules, "care").people_per_worker
    loads = [WorkerLoad(one, watched.get(pk, 0), busy.get(pk, 0), limit) for pk, one in workers.items()]
    if None in watched:
        loads.append(WorkerLoad(None, watched[None], 0, limit))
    return sorted(loads, key=lambda load: (load.worker is not None, -load.people, str(load.worker)))
