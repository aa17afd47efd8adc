# SPDX-License-Identifier: Apache-2.0
"""What care's pages and API read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from dure.city import cases, clock, outcomes, people
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
    Role,
    User,
)
from dure.city.people import PersonRecord, Purpose
from dure.city.roles import roles_of
from dure.services.care import watch
from dure.services.care.actions.consents import agreed
from dure.services.care.life import last_sign_of_life
from dure.services.care.loads import WorkerLoad, loads_of, offered_for
from dure.services.care.models import FAMILY, Away, Call, CallState, Enrolment

PEOPLE_SHOWN = 500
"""People on one worker's page: as many as the rules let one worker have at most."""


def ringing_calls(*, reader: str) -> list[tuple[Call, str]]:
    """Calls that ring now with the number to ring, the person's or their family's, read and audited under ``reader``;
    not of those who have withdrawn their consent meanwhile."""
    ringing = list(ringing_refs().select_related("person"))
    family = [call for call in ringing if call.script == FAMILY]
    own = [call for call in ringing if call.script != FAMILY]
    numbers = {record.ref: record.phone for record in _opened(reader, own, Purpose.WELL_BEING_CHECK)}
    told = {one.id: one.phone for record in _opened(reader, family, Purpose.FAMILY_SHARE) for one in record.contacts}
    found = [(call, numbers.get(call.person.ref)) for call in own] + [
        (call, told.get(call.contact_id or 0)) for call in family
    ]
    return [(call, number) for call, number in found if number]


def _opened(reader: str, calls: list[Call], purpose: Purpose) -> list[people.PersonRecord]:
    called = people.Person.objects.filter(pk__in=[call.person_id for call in calls])
    return people.access_people_as_process(reader, called, purpose) if calls else []


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
    """Care cases opened at or after ``since`` with the power meter's code in place of the person.

    A case of no home names the device that fell silent; of several at once, or a feed, ``about`` says which.
    """
    found = (
        Case.objects.filter(service="care", opened_at__gte=since)
        .select_related("household__enrolment__power__device", "device")
        .order_by("opened_at", "id")
    )
    return [
        {
            "number": case.number,
            "kind": case.kind,
            "level": case.level,
            "device": _device_of(case),
            "about": case.about,
            "opened_at": case.opened_at,
            "acknowledged_at": case.acknowledged_at,
            "closed_at": case.closed_at,
            "outcome": case.outcome,
        }
        for case in found
    ]


def _device_of(case: Case) -> str | None:
    if case.household is not None:
        return case.household.enrolment.power.device.code
    return case.device.code if case.device is not None else None


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
    def known(self) -> bool:
        """Whether anything is known of them: no values and no consent are no sign that all is well."""
        watched: bool = self.enrolment.watched  # type: ignore[attr-defined]
        return watched and (self.away is not None or self.enrolment.power.device.silent_since is None)

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """First those with an open case, the highest level and the nearest due time first; then by name."""
        if self.case is None:
            return (0, clock.now(), self.record.name)
        return (-self.case.level, self.case.due_at, self.record.name)


def my_people(user: User) -> list[PersonToday]:
    """A worker's people today, the most urgent first, whichever service opened a case about them. The reading of the
    names is one audit entry.

    Of a worker who has more than PEOPLE_SHOWN, those with an open case and others up to that number.
    """
    now = clock.now()
    open_now = cases.visible_cases(user).filter(closed_at=None)
    in_need = Exists(open_now.filter(household=OuterRef("household")))
    mine = Enrolment.objects.filter(worker=user, ended_at=None).annotate(in_need=in_need, watched=agreed())
    enrolments = list(mine.select_related("person", "power__device").order_by("-in_need", "row")[:PEOPLE_SHOWN])
    records = people.access_people(user, _people_of(enrolments), Purpose.WELL_BEING_CHECK)
    by_ref = {record.ref: record for record in records}
    homes = [one.household_id for one in enrolments]
    open_cases = {case.household_id: case for case in open_now.filter(household__in=homes).order_by("level")}
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


def people_left_out(user: User) -> int:
    """How many people of a worker are not among :func:`my_people` because there are so many."""
    return max(0, Enrolment.objects.filter(worker=user, ended_at=None).count() - PEOPLE_SHOWN)


def _newest_findings(of: Iterable[Case]) -> dict[int, Finding]:
    """By case, the finding that says why it is as urgent as it is."""
    found = Finding.objects.filter(cases__in=of).annotate(case_id=F("cases")).order_by("level", "found_at")
    return {finding.case_id: finding for finding in found}


def _newest_attempts(of: Iterable[Case]) -> dict[int, EscalationAttempt]:
    """By case, the last thing its plan did."""
    found = EscalationAttempt.objects.filter(escalation__case__in=of).select_related("escalation", "call")
    return {attempt.escalation.case_id: attempt for attempt in found.order_by("started_at", "pk")}


def _people_of(enrolments: Iterable[Enrolment]) -> QuerySet[Any]:
    return people.Person.objects.filter(id__in=[one.person_id for one in enrolments])


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
    """None, too, while there is nothing to draw."""
    life_at: datetime | None
    """When anything last told of life in the home."""
    consents: QuerySet[Consent]
    last_data_at: datetime | None
    workers: list[WorkerLoad]
    """Who could look after them, for readers who may change that; else empty."""


def person_page(user: User, ref: UUID) -> PersonPage:
    """One person with their habit and their cases. Raises NotFound for whom the reader may not see."""
    record = people.access_person(user, ref, Purpose.WELL_BEING_CHECK)
    enrolment = (
        Enrolment.objects.filter(person__ref=ref)
        .annotate(watched=agreed())
        .select_related("household__area", "person", "worker", "power__device", "power__latest")
        .first()
    )
    if enrolment is None:
        raise NotFound("안부 확인 대상이 아닙니다", "this person is not enrolled in care")
    found = list(cases.visible_cases(user).filter(household=enrolment.household).order_by("-opened_at")[:20])
    now_open = [case for case in found if case.status != CaseStatus.CLOSED]
    picture = watch.picture(enrolment)
    drawn = picture and any(value is not None for line in ("usual", "yesterday", "today") for value in picture[line])
    return PersonPage(
        record=record,
        enrolment=enrolment,
        open_cases=now_open,
        past_cases=[
            (case, outcomes.label(case.service, case.outcome)) for case in found if case.status == CaseStatus.CLOSED
        ],
        finding=newest_finding(now_open[0] if now_open else None),
        away=current_aways([enrolment.household_id], clock.now()).first(),
        picture=picture if drawn else None,
        life_at=last_sign_of_life(enrolment),
        consents=Consent.objects.filter(person=enrolment.person).order_by("purpose"),
        last_data_at=_last_data_at(enrolment),
        workers=_workers_for(user, enrolment) if Role.WELFARE_OFFICER in roles_of(user) else [],
    )


def is_enrolled(ref: UUID) -> bool:
    """Whether care has a page about this person."""
    return Enrolment.objects.filter(person__ref=ref).exists()


def _workers_for(user: User, enrolment: Enrolment) -> list[WorkerLoad]:
    """Whoever looks after them now, and who else could."""
    now = [enrolment.worker] if enrolment.worker else []
    return [*loads_of(user, now), *offered_for(user, [enrolment.household.area], but=enrolment.worker)]


def _last_data_at(enrolment: Enrolment) -> datetime | None:
    return enrolment.power.latest.at if hasattr(enrolment.power, "latest") else None


@dataclass(frozen=True)
class HomeOfCase:
    """Who lives where a case is about, for the case's page."""

    people: list[PersonRecord]
    enrolment: Enrolment | None
    life_at: datetime | None
    """When anything last told of life in the home, this moment's knowledge."""
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
    return HomeOfCase(
        people=[
            people.access_person(user, ref, Purpose.WELL_BEING_CHECK) for ref in refs.values_list("ref", flat=True)
        ],
        enrolment=enrolment,
        life_at=last_sign_of_life(enrolment) if enrolment else None,
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
