# SPDX-License-Identifier: Apache-2.0
"""What care's pages and API read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy

from dure.city import cases, clock, outcomes, people, rules
from dure.city.devices import Holder
from dure.city.errors import NotAllowed, NotFound
from dure.city.models import (
    Case,
    CaseStatus,
    Consent,
    Device,
    EscalationAttempt,
    Finding,
    Household,
    Level,
    Role,
    User,
)
from dure.city.people import PersonRecord, Purpose
from dure.city.roles import areas_of, roles_of
from dure.services.care import watch
from dure.services.care.models import Away, Call, CallState, Enrolment
from dure.services.care.rules import CareRules

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


def ringing_calls(*, reader: str) -> list[tuple[Call, str]]:
    """Calls that ring now with the number to ring, read and audited under ``reader``; not of those who have
    withdrawn their consent meanwhile."""
    ringing = list(ringing_refs().select_related("person"))
    called = people.Person.objects.filter(pk__in=[call.person_id for call in ringing])
    opened = people.access_people_as_process(reader, called, Purpose.WELL_BEING_CHECK)
    numbers = {record.ref: record.phone for record in opened}
    return [(call, numbers[call.person.ref] or "") for call in ringing if call.person.ref in numbers]


def household_of_device(code: str, holder: Holder) -> Household:
    """The home of a device that the holder of a key may speak for. Raises NotFound or NotAllowed."""
    device = Device.objects.filter(code=code).select_related("household", "feed").first()
    if device is None or device.household is None:
        raise NotFound("그런 기기가 없습니다", "there is no such device in a home", field="device")
    if device.feed_id != holder.feed.id or (holder.device is not None and holder.device.id != device.id):
        raise NotAllowed(
            "이 열쇠로는 그 기기를 말할 수 없습니다", "this key may not speak for that device", field="device"
        )
    return device.household


def case_lines(since: datetime) -> list[dict[str, Any]]:
    """Care cases opened at or after ``since`` with the power meter's code in place of the person."""
    found = (
        Case.objects.filter(service="care", opened_at__gte=since)
        .select_related("household__enrolment__power__device")
        .order_by("opened_at", "id")
    )
    return [
        {
            "number": case.number,
            "kind": case.kind,
            "level": case.level,
            "device": case.household.enrolment.power.device.code if case.household else None,
            "opened_at": case.opened_at,
            "acknowledged_at": case.acknowledged_at,
            "closed_at": case.closed_at,
            "outcome": case.outcome,
        }
        for case in found
    ]


@dataclass(frozen=True)
class PersonToday:
    """One person on the worker's page: who, why first, and what is open."""

    record: PersonRecord
    enrolment: Enrolment
    case: Case | None
    finding: Finding | None
    attempt: EscalationAttempt | None
    """What the plan did last: whom it tried to reach and what came of it."""
    away: Away | None

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """First those with an open case, the highest level and the nearest due time first; then by name."""
        if self.case is None:
            return (0, clock.now(), self.record.name)
        return (-self.case.level, self.case.due_at, self.record.name)


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """Whom a worker looks after; an officer sees everybody of their areas."""
    current = Enrolment.objects.filter(ended_at=None)
    if areas := areas_of(user, *OVERSEERS):
        return current.filter(Q(household__area__in=areas) | Q(worker=user))
    return current.filter(worker=user)


def my_people(user: User) -> list[PersonToday]:
    """A worker's people today, the most urgent first. The reading of the names is one audit entry."""
    now = clock.now()
    enrolments = list(Enrolment.objects.filter(worker=user, ended_at=None).select_related("person", "power__device"))
    records = people.access_people(user, _people_of(enrolments), Purpose.WELL_BEING_CHECK)
    by_ref = {record.ref: record for record in records}
    homes = [one.household_id for one in enrolments]
    open_cases = {case.household_id: case for case in _open_cases().filter(household__in=homes).order_by("level")}
    findings = _newest_findings(open_cases.values())
    attempts = _newest_attempts(open_cases.values())
    aways = {away.household_id: away for away in current_aways(homes, now)}
    found = [
        PersonToday(
            record=by_ref[one.person.ref],
            enrolment=one,
            case=(case := open_cases.get(one.household_id)),
            finding=findings.get(case.pk) if case else None,
            attempt=attempts.get(case.pk) if case else None,
            away=aways.get(one.household_id),
        )
        for one in enrolments
        if one.person.ref in by_ref
    ]
    return sorted(found, key=lambda one: one.rank)


def _newest_findings(of: Iterable[Case]) -> dict[int, Finding]:
    """By case, the finding that says why it is as urgent as it is."""
    found = Finding.objects.filter(cases__in=of).annotate(case_id=F("cases")).order_by("level", "found_at")
    return {finding.case_id: finding for finding in found}


def _newest_attempts(of: Iterable[Case]) -> dict[int, EscalationAttempt]:
    """By case, the last thing its plan did."""
    found = EscalationAttempt.objects.filter(escalation__case__in=of).select_related("escalation", "call")
    return {attempt.escalation.case_id: attempt for attempt in found.order_by("started_at", "pk")}


def _people_of(enrolments: list[Enrolment]) -> QuerySet[Any]:
    return people.Person.objects.filter(id__in=[one.person_id for one in enrolments])


def _open_cases() -> QuerySet[Case]:
    return Case.objects.filter(service="care").exclude(status=CaseStatus.CLOSED)


def newest_finding(case: Case | None) -> Finding | None:
    """The finding that says why a case is as urgent as it is."""
    return case.findings.order_by("-level", "-found_at").first() if case else None


def current_aways(homes: list[int], at: datetime) -> QuerySet[Away]:
    """Homes that are said to be empty at ``at``."""
    return Away.objects.filter(household__in=homes, returned_at=None, starts_at__lte=at, ends_at__gt=at)


@dataclass(frozen=True)
class PersonPage:
    """Everything the page of one person shows."""

    record: PersonRecord
    enrolment: Enrolment
    open_cases: list[Case]
    past_cases: list[tuple[Case, str]]
    """With how each ended, in words."""
    finding: Finding | None
    away: Away | None
    picture: dict[str, Any] | None
    life_at: datetime | None
    """When the home last used power as a living person does."""
    consents: QuerySet[Consent]
    last_data_at: datetime | None
    workers: list[WorkerLoad]
    """Who could look after them, for readers who may change that; else empty."""


def person_page(user: User, ref: UUID) -> PersonPage:
    """One person with their habit and their cases. Raises NotFound for whom the reader may not see."""
    record = people.access_person(user, ref, Purpose.WELL_BEING_CHECK)
    enrolment = (
        Enrolment.objects.filter(person__ref=ref)
        .select_related("household__area", "person", "worker", "power__device", "power__latest")
        .first()
    )
    if enrolment is None:
        raise NotFound("안부 확인 대상이 아닙니다", "this person is not enrolled in care")
    found = list(cases.visible_cases(user).filter(household=enrolment.household).order_by("-opened_at")[:20])
    now_open = [case for case in found if case.status != CaseStatus.CLOSED]
    picture = watch.picture(enrolment)
    return PersonPage(
        record=record,
        enrolment=enrolment,
        open_cases=now_open,
        past_cases=[
            (case, outcomes.label(case.service, case.outcome)) for case in found if case.status == CaseStatus.CLOSED
        ],
        finding=newest_finding(now_open[0] if now_open else None),
        away=current_aways([enrolment.household_id], clock.now()).first(),
        picture=picture,
        life_at=_moment(picture["silent_since"]) if picture else None,
        consents=Consent.objects.filter(person=enrolment.person).order_by("purpose"),
        last_data_at=_last_data_at(enrolment),
        workers=worker_loads(user) if Role.WELFARE_OFFICER in roles_of(user) else [],
    )


def _moment(epoch: int | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


def _last_data_at(enrolment: Enrolment) -> datetime | None:
    return enrolment.power.latest.at if hasattr(enrolment.power, "latest") else None


@dataclass(frozen=True)
class HomeOfCase:
    """Who lives where a case is about, for the case's page."""

    people: list[PersonRecord]
    enrolment: Enrolment | None
    life_at: datetime | None
    """The last sign of life that the newest finding knew of."""
    last_data_at: datetime | None
    away: Away | None


def home_of_case(user: User, case: Case) -> HomeOfCase | None:
    """The people of a case's home, each opened and audited; None where the case is about no home.

    Raises NotAllowed or NotFound for a reader who sees the case but may not know who lives there.
    """
    if case.household is None:
        return None
    refs = people.Person.objects.filter(household=case.household, left_at=None).order_by("id")
    enrolment = (
        Enrolment.objects.filter(household=case.household, ended_at=None)
        .select_related("person", "worker", "power__device", "power__latest")
        .first()
    )
    finding = newest_finding(case)
    return HomeOfCase(
        people=[
            people.access_person(user, ref, Purpose.WELL_BEING_CHECK) for ref in refs.values_list("ref", flat=True)
        ],
        enrolment=enrolment,
        life_at=_moment(finding.evidence.get("silent_since")) if finding else None,
        last_data_at=_last_data_at(enrolment) if enrolment else None,
        away=current_aways([case.household.pk], clock.now()).first(),
    )


def ringing_refs() -> QuerySet[Call]:
    """Calls that ring now, without whom they ring."""
    return Call.objects.filter(state=CallState.RINGING, rings_until__gt=clock.now()).order_by("ringing_since")


def call(ref: UUID) -> Call:
    """One call. Raises NotFound."""
    found = Call.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound("그런 전화가 없습니다", "there is no such call")
    return found


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
    silent_homes: list[Enrolment]
    expiring: list[Expiring]
    away: int
    loads: list[WorkerLoad]
    limit: int
    """People that one worker may have."""
    unassigned: list[Enrolment]

    @property
    def ages(self) -> list[str]:
        """The headings of ``by_status``."""
        return [str(name) for _, name in AGES]

    @property
    def too_early(self) -> bool:
        """Whether too few home-days have been watched to speak of a rate."""
        return self.home_days < ENOUGH_HOME_DAYS


def board(user: User, *, days: int = 7) -> CareBoard:
    """Budget against actual alarms, cases by state and age, who does not report, whose consent runs out."""
    now = clock.now()
    enrolments = list(
        enrolments_of(user).select_related("household__area", "person", "worker", "power__device", "power__latest")
    )
    homes = [one.household_id for one in enrolments]
    visible = cases.visible_cases(user).filter(service="care").exclude(status=CaseStatus.CLOSED)
    city_rules = rules.load(CareRules, "care")
    notice = timedelta(days=city_rules.consent_notice_days)
    home_days = _home_days(enrolments, now, days)
    return CareBoard(
        days=days,
        homes=len(homes),
        home_days=home_days,
        budgets=_budgets(homes, now - timedelta(days=days), home_days, city_rules),
        by_status=_by_status(visible, now),
        open=visible.count(),
        overdue=visible.filter(due_at__lt=now).count(),
        silent_homes=[one for one in enrolments if one.power.device.silent_since is not None],
        expiring=_expiring(enrolments, now + notice),
        away=current_aways(homes, now).count(),
        loads=_loads(enrolments, visible, workers_of(user), city_rules.people_per_worker),
        limit=city_rules.people_per_worker,
        unassigned=[one for one in enrolments if one.worker is None],
    )


def _expiring(enrolments: Iterable[Enrolment], until: datetime) -> list[Expiring]:
    by_person = {one.person_id: one for one in enrolments}
    ending = Consent.objects.filter(person__in=by_person, withdrawn_at=None, expires_at__lte=until)
    found: dict[int, list[Consent]] = {}
    for consent in ending.order_by("expires_at", "purpose"):
        found.setdefault(consent.person_id, []).append(consent)
    return [
        Expiring(by_person[person], consents[0], [one.get_purpose_display() for one in consents])
        for person, consents in found.items()
    ]


def _home_days(enrolments: Iterable[Enrolment], now: datetime, days: int) -> float:
    since = now - timedelta(days=days)
    return sum((now - max(one.enrolled_at, since)) / timedelta(days=1) for one in enrolments)


def _budgets(homes: list[int], since: datetime, home_days: float, city_rules: CareRules) -> list[LevelBudget]:
    """An alarm that rose through the levels spent one alarm at each of them."""
    reached = Counter[int]()
    alarms = Finding.objects.filter(service="care", kind="unlike_habit", household__in=homes, found_at__gte=since)
    for level, n in alarms.values_list("level").annotate(n=Count("id")):
        reached[level] += n
    per_level = (
        (Level.ATTENTION, city_rules.attention_per_1000),
        (Level.ALERT, city_rules.alert_per_1000),
        (Level.SEVERE, city_rules.severe_per_1000),
    )
    return [
        LevelBudget(
            level=level,
            budget=budget,
            actual=reached[level] / home_days * 1000 if home_days >= ENOUGH_HOME_DAYS else None,
            alarms=reached[level],
            expected=budget * home_days / 1000,
        )
        for level, budget in per_level
    ]


def _by_status(open_cases: QuerySet[Case], now: datetime) -> list[tuple[str, list[int], int]]:
    counts: dict[str, list[int]] = {}
    for status, opened_at in open_cases.values_list("status", "opened_at"):
        age = next(n for n, (longest, _) in enumerate(AGES) if now - opened_at <= longest)
        counts.setdefault(status, [0] * len(AGES))[age] += 1
    return [(status, counts[status], sum(counts[status])) for status in CaseStatus.values if status in counts]


def workers_of(user: User) -> QuerySet[User]:
    """The care workers of an officer's areas, by name."""
    areas = areas_of(user, *OVERSEERS)
    works_there = Q(memberships__area=None) | Q(memberships__area__in=areas)
    return User.objects.filter(works_there, memberships__role=Role.CARE_WORKER, is_active=True).distinct()


def worker_loads(user: User) -> list[WorkerLoad]:
    """Every worker of an officer's areas and what they have on their hands, those with the most people first."""
    visible = cases.visible_cases(user).filter(service="care").exclude(status=CaseStatus.CLOSED)
    limit = rules.load(CareRules, "care").people_per_worker
    return _loads(enrolments_of(user).select_related("worker"), visible, workers_of(user), limit)


def _loads(
    enrolments: Iterable[Enrolment], visible: QuerySet[Case], workers: Iterable[User], limit: int
) -> list[WorkerLoad]:
    watched: Counter[User | None] = Counter(dict.fromkeys(workers, 0))
    watched.update(one.worker for one in enrolments)
    busy = dict(visible.exclude(assignee=None).order_by().values_list("assignee").annotate(n=Count("id")))
    loads = [WorkerLoad(worker, n, busy.get(worker.pk if worker else None, 0), limit) for worker, n in watched.items()]
    return sorted(loads, key=lambda load: (load.worker is not None, -load.people, str(load.worker)))
