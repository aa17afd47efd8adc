# SPDX-License-Identifier: Apache-2.0
"""The live consumer: readings in arrival order → findings and cases, in one transaction with how far it has read.

A fall or a call for help is told from the reading itself, before anything is judged. Everything else is judged from
the record: the last hours of the people of whom something came, so nothing but the watermark is remembered and a
restart anywhere gives the same findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from dure.city import clock, rules
from dure.city.database import in_parts, one_by_one
from dure.city.models import BELIEVED, Case, Consent, ConsentPurpose, Device, Finding, Person, Series
from dure.city.readings import Arrived, behind, pull
from dure.city.registration import active_at
from dure.engines import vitals
from dure.engines.vitals import Vital
from dure.services.monitoring.actions import alarms, ranges
from dure.services.monitoring.kinds import URGENT
from dure.services.monitoring.models import PersonalDevice
from dure.services.monitoring.rules import MonitoringRules
from dure.services.monitoring.series import readings_of

CONSUMER = "monitoring.vitals"


class Turn(NamedTuple):
    """What one turn did: readings taken, and whether a case was opened or became more urgent."""

    readings: int
    alarms: int


class _Told(NamedTuple):
    """A series that speaks of a person who agrees to it."""

    name: str
    person: Person
    device: Device
    since: datetime


def run_once(limit: int = 20_000) -> Turn:
    """Take up to ``limit`` new readings. Call again until there are none.

    Where an urgent reading cannot be told, nothing of the turn is kept and it is done again: better late and loud than
    lost. Where a person cannot be judged, the others are, and the fault is raised afterwards; the next reading of that
    person judges them again.
    """
    if not behind(CONSUMER):
        return Turn(0, 0)
    with pull(CONSUMER, limit) as readings:
        known, chosen = _watched(readings), rules.ByArea(MonitoringRules, "monitoring")
        told = _tell_urgent(readings, known, chosen)
        people = {one.person.pk: one.person for one in known.values() if one.name in list(Vital)}
        judged, failed = _judge(list(people.values()), chosen)
    if failed:
        raise ExceptionGroup("monitoring.run_once", failed)
    return Turn(len(readings), told + judged)


def end_unwatched() -> int:
    """End what is held against people who no longer agree. Returns how many they are."""
    told = Finding.objects.filter(service="monitoring", ended_at=None).values_list("evidence__person", flat=True)
    agreed = Consent.objects.filter(active_at(clock.now()), person=OuterRef("pk"), purpose=ConsentPurpose.HEALTH_WATCH)
    left = list(
        Person.objects.filter(~Exists(agreed), ref__in=set(told)).select_related("household__area").order_by("pk")
    )
    for person in left:
        alarms.watch_ended(person)
    return len(left)


def _watched(readings: Sequence[Arrived]) -> dict[int, _Told]:
    """By series, whom the readings speak of; nobody who does not agree to it now."""
    agreed = Consent.objects.filter(
        active_at(clock.now()), person=OuterRef("device__personal__person"), purpose=ConsentPurpose.HEALTH_WATCH
    )
    known: dict[int, _Told] = {}
    for part in in_parts(sorted({reading.series_id for reading in readings})):
        rows = Series.objects.filter(
            Exists(agreed), pk__in=part, device__personal__ended_at=None, device__personal__person__left_at=None
        ).select_related("device__personal__person__household__area")
        for row in rows:
            given: PersonalDevice = row.device.personal
            known[row.pk] = _Told(row.name, given.person, row.device, given.since)
    return known


def _tell_urgent(readings: Sequence[Arrived], known: dict[int, _Told], chosen: rules.ByArea[MonitoringRules]) -> int:
    told = 0
    for reading in readings:
        one = known.get(reading.series_id)
        if one is not None and _is_urgent(reading, one, chosen):
            case = alarms.urgent(
                one.person, one.device, one.name, at=reading.at, chosen=chosen.of(one.person.household.area)
            )
            told += case is not None
    return told


def _is_urgent(reading: Arrived, one: _Told, chosen: rules.ByArea[MonitoringRules]) -> bool:
    happened = one.name in URGENT and bool(reading.value) and reading.quality in BELIEVED
    if not happened or reading.at < one.since:
        return False
    return reading.at > clock.now() - timedelta(hours=chosen.of(one.person.household.area).urgent_stale_hours)


def _judge(people: list[Person], chosen: rules.ByArea[MonitoringRules]) -> tuple[int, list[Exception]]:
    now = clock.now()
    usual = ranges.ranges_of([person.pk for person in people], now)

    def judge(person: Person) -> bool:
        mine = {vital: usual[person.pk, vital] for vital in Vital if (person.pk, vital) in usual}
        return _judge_one(person, mine, chosen.of(person.household.area), now) is not None

    return one_by_one(people, judge, failed_at="monitoring: a person could not be judged")


def _judge_one(person: Person, usual: dict[Vital, vitals.Range], chosen: MonitoringRules, now: datetime) -> Case | None:
    """Compare what is so now with what was told. Returns the case that was opened or became more urgent."""
    rule = chosen.sustained
    readings = readings_of([person.pk], now - timedelta(seconds=rule.oldest_seconds), now)
    judged = {
        vital: vitals.judge(vital, found, usual[vital], rule, int(now.timestamp()))
        for (_, vital), found in readings.items()
        if vital in usual
    }
    found = vitals.assess((one, usual[vital]) for vital, one in judged.items())
    case = alarms.departed(person, found, usual, at=now, chosen=chosen) if found.level else None
    settled = {str(vital) for vital, one in judged.items() if one.settled}
    if settled:
        alarms.back_to_usual(person, settled, at=now)
    return case
