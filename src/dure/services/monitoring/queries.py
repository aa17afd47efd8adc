# SPDX-License-Identifier: Apache-2.0
"""What monitoring's pages read. Every value of a person is opened under ``health_check``, which needs their consent."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from dure.city import cases, clock, people, rules
from dure.city.errors import NotAllowed
from dure.city.models import (
    Case,
    CaseEvent,
    CaseEventKind,
    Channel,
    Consent,
    ConsentPurpose,
    EscalationAttempt,
    Finding,
    LatestReading,
    Person,
    Quality,
    Reading,
    Role,
    Series,
    User,
)
from dure.city.people import PersonRecord, Purpose
from dure.city.registration import active_at
from dure.city.roles import areas_of
from dure.engines.vitals import Range, Vital
from dure.services.monitoring import curve, series
from dure.services.monitoring.actions.alarms import open_cases
from dure.services.monitoring.actions.ranges import ranges_of
from dure.services.monitoring.curve import Curve
from dure.services.monitoring.kinds import KINDS, NEEDS_TOO, URGENT
from dure.services.monitoring.models import OutsideNote, PersonalDevice, SetHow, SignOf, UsualRange
from dure.services.monitoring.rules import MonitoringRules

STAFF = (Role.CARE_WORKER, Role.WELFARE_OFFICER)
SHOWN = 50
"""People, or devices, on one page."""
OTHERS = {"steps": (_("걸음"), "steps"), "screen": (_("화면 사용"), "min")}
"""Series that are shown and not judged, with what they are called and counted in."""
STALE = timedelta(hours=3)
"""An older value says nothing of now, and is shown as old."""


def told_lines(since: datetime) -> list[dict[str, Any]]:
    """What devices told since then of falls and calls for help, by the device's code and no person.

    ``told_at``: when it came into a case; ``asked_at``: when somebody was asked to go, or 119 (None: nobody yet).
    """
    kinds = (CaseEventKind.OPENED, CaseEventKind.FINDING, CaseEventKind.LEVEL)
    events = CaseEvent.objects.filter(case__service="monitoring", kind__in=kinds, at__gte=since).order_by("at", "id")
    told_at = {event.data.get("finding"): event for event in events}
    asked: dict[int, datetime] = dict(
        EscalationAttempt.objects.filter(
            Q(user__isnull=False) | Q(channel=Channel.HANDOVER_119),
            escalation__case__in={event.case_id for event in told_at.values()},
        )
        .values_list("escalation__case")
        .annotate(first=Min("started_at"))
        .order_by()
    )
    found = (
        Finding.objects.filter(pk__in=filter(None, told_at), kind__in=URGENT).select_related("device").order_by("pk")
    )
    lines = []
    for finding in found:
        event = told_at[finding.pk]
        first = asked.get(event.case_id)
        lines.append(
            {
                "kind": finding.kind,
                "device": finding.device.code if finding.device else None,
                "happened_at": finding.found_at,
                "told_at": event.at,
                "asked_at": max(first, event.at) if first else None,
            }
        )
    return lines


@dataclass(frozen=True)
class SignLine:
    """The newest value of one sign against what is usual. ``value`` None: the device had nothing to say."""

    vital: Vital
    label: str
    unit: str
    value: float | None
    at: datetime | None
    quality: str
    trusted: bool
    stale: bool
    usual: Range | None
    curve: Curve | None = None
    counted: str = ""

    @property
    def outside(self) -> bool:
        """Whether this one value lies outside; what is told needs several."""
        if self.value is None or self.usual is None or not self.trusted or self.stale:
            return False
        return not self.usual.low <= self.value <= self.usual.high


@dataclass(frozen=True)
class PersonLine:
    """One person of the list."""

    record: PersonRecord
    case: Case | None
    finding: Finding | None
    signs: list[SignLine]


@dataclass(frozen=True)
class DeviceLine:
    """A device, whose it is, and whether it lives. ``battery`` in %, None where it has none or never said."""

    given: PersonalDevice
    label: str
    record: PersonRecord | None
    battery: float | None
    battery_low: bool


@dataclass(frozen=True)
class OtherLine:
    """A figure that is shown and not judged: steps and screen use since midnight."""

    label: str
    value: float
    unit: str


@dataclass(frozen=True)
class PersonPage:
    """Everything the page of one person shows; without consent who they are, and nothing else."""

    record: PersonRecord
    person: Person
    agrees: bool
    open_cases: list[Case]
    findings: list[Finding]
    signs: list[SignLine]
    others: list[OtherLine]
    ranges: list[tuple[UsualRange, str]]
    """A clinician's, each with its reason."""
    devices: list[DeviceLine]


def watched(user: User) -> QuerySet[Person]:
    """The people of the reader's areas who have a device and agree to be watched."""
    wears = PersonalDevice.objects.filter(person=OuterRef("pk"), ended_at=None)
    agreed = Consent.objects.filter(active_at(clock.now()), person=OuterRef("pk"), purpose=ConsentPurpose.HEALTH_WATCH)
    return Person.objects.filter(
        Exists(wears), Exists(agreed), left_at=None, household__area__in=areas_of(user, *STAFF)
    )


def people_page(user: User, number: str | None) -> tuple[Page[Any], list[PersonLine]]:
    """One page of the people watched, those with an open case or finding first. The names are one audit entry."""
    level = Max("household__findings__level", filter=_told())
    ordered = watched(user).annotate(told=level).order_by("-told", "pk")
    page = Paginator(ordered, SHOWN).get_page(number)
    shown = list(page.object_list)
    records = {
        one.ref: one
        for one in people.access_people(
            user, Person.objects.filter(pk__in=[one.pk for one in shown]), Purpose.HEALTH_CHECK
        )
    }
    signs = _signs([one.pk for one in shown])
    lines = [
        PersonLine(
            record=records[one.ref],
            case=cases.visible_cases(user).filter(pk__in=open_cases(one).values("pk")).order_by("-level").first(),
            finding=_findings(one).first(),
            signs=signs[one.pk],
        )
        for one in shown
        if one.ref in records
    ]
    return page, sorted(lines, key=lambda line: -(line.finding.level if line.finding else 0))


def person_page(user: User, ref: UUID) -> PersonPage:
    """One person. Raises NotFound for whom the reader may not see."""
    try:
        record = people.access_person(user, ref, Purpose.HEALTH_CHECK)
        agrees = True
    except NotAllowed:  # they do not agree, or the reader has no role for it, which the next line says
        record = people.access_person(user, ref, Purpose.WELL_BEING_CHECK)
        agrees = False
    person = Person.objects.select_related("household__area").get(ref=ref)
    now_open = list(cases.visible_cases(user).filter(pk__in=open_cases(person).values("pk")).order_by("-level"))
    own = UsualRange.objects.filter(person=person, source=SetHow.CLINICIAN, ended_at=None, valid_until__gt=clock.now())
    return PersonPage(
        record=record,
        person=person,
        agrees=agrees,
        open_cases=now_open,
        findings=list(_findings(person)) if agrees else [],
        signs=_with_curves(person, _signs([person.pk])[person.pk]) if agrees else [],
        others=_others(person) if agrees else [],
        ranges=[(one, _reason(one)) for one in own.select_related("set_by").order_by("sign")] if agrees else [],
        devices=_devices(list(PersonalDevice.objects.filter(person=person, ended_at=None).order_by("pk")), {}),
    )


def device_page(user: User, number: str | None) -> tuple[Page[PersonalDevice], list[DeviceLine]]:
    """One page of the devices of the people watched: the silent first. The names are one audit entry."""
    given = PersonalDevice.objects.filter(ended_at=None, person__in=watched(user)).order_by(
        F("device__silent_since").asc(nulls_last=True), F("device__last_seen_at").asc(nulls_first=True), "pk"
    )
    page = Paginator(given, SHOWN).get_page(number)
    shown = list(page.object_list)
    owners = Person.objects.filter(pk__in=[one.person_id for one in shown])
    records = {one.ref: one for one in people.access_people(user, owners, Purpose.HEALTH_CHECK)}
    return page, _devices(shown, records)


def _reason(kept: UsualRange) -> str:
    """Why a clinician set a range; called only where the person was opened under ``health_check``."""
    return kept.reason.open() if kept.reason else ""


def words_of_sender(finding: Finding) -> str:
    """What somebody outside wrote, opened; "" for a finding of our own. For whoever has opened the person."""
    note = OutsideNote.objects.filter(finding=finding).first()
    return note.text.open() if note else ""


def _told() -> Q:
    return Q(household__findings__service="monitoring", household__findings__ended_at=None)


def _findings(person: Person) -> QuerySet[Finding]:
    found = Finding.objects.filter(
        service="monitoring", household=person.household_id, evidence__person=str(person.ref), ended_at=None
    )
    return found.select_related("outside_note").order_by("-level", "-found_at")


def _signs(ids: list[int]) -> dict[int, list[SignLine]]:
    """By person's id, a line for each sign that a device of theirs reports."""
    now = clock.now()
    usual = ranges_of(ids, now)
    newest: dict[tuple[int, Vital], LatestReading | None] = {}
    rows = Series.objects.filter(
        device__personal__person__in=ids, device__personal__ended_at=None, name__in=list(Vital)
    ).select_related("device__personal", "latest")
    for row in rows:
        key = (row.device.personal.person_id, Vital(row.name))
        latest, before = getattr(row, "latest", None), newest.get(key)
        newest[key] = latest if before is None or (latest is not None and latest.at > before.at) else before
    found: dict[int, list[SignLine]] = {one: [] for one in ids}
    for vital in Vital:
        for person in ids:
            if (person, vital) in newest:
                found[person].append(_line(vital, newest[person, vital], usual.get((person, vital)), now))
    return found


def _line(vital: Vital, latest: LatestReading | None, usual: Range | None, now: datetime) -> SignLine:
    return SignLine(
        vital=vital,
        label=str(SignOf(vital).label),
        unit=series.SPECS[vital].unit,
        value=latest.value if latest else None,
        at=latest.at if latest else None,
        quality=str(Quality(latest.quality).label) if latest else "",
        trusted=latest is not None and latest.quality == Quality.GOOD,
        stale=latest is not None and latest.at < now - STALE,
        usual=usual,
    )


def _with_curves(person: Person, lines: list[SignLine]) -> list[SignLine]:
    now = clock.now()
    offset = now.astimezone(clock.SEOUL).utcoffset() or timedelta()
    readings = series.readings_of([person.pk], now - timedelta(days=1), now)
    counts = _qualities(person, now)
    drawn = []
    for line in lines:
        found = readings.get((person.pk, line.vital))
        picture = curve.draw(found, line.usual, int(now.timestamp()), int(offset.total_seconds())) if found else None
        drawn.append(replace(line, curve=picture, counted=_counted(counts[line.vital])))
    return drawn


def _qualities(person: Person, now: datetime) -> dict[str, Counter[int]]:
    """By sign, how many readings of each quality came in the last day."""
    mine = Series.objects.filter(device__personal__person=person, device__personal__ended_at=None, name__in=list(Vital))
    names = dict(mine.values_list("pk", "name"))
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    rows = Reading.objects.filter(series__in=list(names), at__gt=now - timedelta(days=1))
    for pk, quality in rows.values_list("series_id", "quality"):
        counts[names[pk]][quality] += 1
    return counts


def _counted(counts: Counter[int]) -> str:
    return " · ".join(f"{Quality(quality).label} {count}" for quality, count in sorted(counts.items()))


def _others(person: Person) -> list[OtherLine]:
    """Steps and screen use since midnight in Seoul, where something was measured and may be shown."""
    now = clock.now()
    midnight = now.astimezone(clock.SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for name, (label, unit) in OTHERS.items():
        if not all(people.has_consent(person, one, now) for one in NEEDS_TOO.get(name, ())):
            continue
        mine = Series.objects.filter(device__personal__person=person, device__personal__ended_at=None, name=name)
        good = Reading.objects.filter(series__in=list(mine), at__gte=midnight, quality=Quality.GOOD)
        total = good.aggregate(total=Sum("value"))["total"]
        if total is not None:
            found.append(OtherLine(str(label), total, unit))
    return found


def _devices(given: list[PersonalDevice], records: dict[UUID, PersonRecord]) -> list[DeviceLine]:
    prefetch_related_objects(given, "device", "person__household__area")
    levels = dict(
        LatestReading.objects.filter(
            series__device__in=[one.device_id for one in given], series__name="battery"
        ).values_list("series__device_id", "value")
    )
    low = rules.load(MonitoringRules, "monitoring").battery_low_percent
    return [
        DeviceLine(
            given=one,
            label=str(KINDS[one.device.kind].label) if one.device.kind in KINDS else one.device.kind,
            record=records.get(one.person.ref),
            battery=(level := levels.get(one.device_id)),
            battery_low=level is not None and level < low,
        )
        for one in given
    ]
