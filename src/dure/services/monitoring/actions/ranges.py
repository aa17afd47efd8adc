# SPDX-License-Identifier: Apache-2.0
"""What is usual for a person: a clinician's range before the learned one before the published one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from dure.city import audit, clock, rules
from dure.city.errors import Invalid
from dure.city.models import Consent, ConsentPurpose, Person, User
from dure.city.purposes import Purpose, require_reach
from dure.city.registration import active_at
from dure.engines import vitals
from dure.engines.vitals import Range, Source, Vital
from dure.services.monitoring import series
from dure.services.monitoring.kinds import KINDS
from dure.services.monitoring.models import PersonalDevice, SetHow, UsualRange
from dure.services.monitoring.rules import MonitoringRules

ENGINE = "monitoring:vitals"
"""The name under which the engine acts in the record."""
LONGEST = timedelta(days=366)
"""A clinician looks again at least once a year; ours."""
LEARN_EVERY = timedelta(days=1)
AT_ONCE = 200
"""People of whom one run of the task learns."""
NARROWEST: dict[Vital, float] = {
    Vital.HEART_RATE: 5,
    Vital.BREATHING: 2,
    Vital.SPO2: 1,
    Vital.BODY_TEMPERATURE: 0.4,
    Vital.SKIN_TEMPERATURE: 1,
}
"""A clinician's range is at least so wide, in the unit of the sign: below that a device's own error departs from it."""


@transaction.atomic
def set_range(
    person: Person,
    vital: Vital,
    *,
    low: float,
    high: float,
    clinician: str,
    reason: str,
    valid_until: datetime,
    actor: User,
) -> UsualRange:
    """Keep a clinician's range in place of the one before, until ``valid_until``.

    Raises Invalid naming ``low``, ``high``, ``clinician``, ``reason`` or ``valid_until``; NotAllowed for a user who
    does not work where the person lives.
    """
    require_reach(actor, person.household.area, Purpose.HEALTH_CHECK)
    now = clock.now()
    _check(vital, low, high, clinician, reason)
    if not now < valid_until <= now + LONGEST:
        raise Invalid("오늘부터 1년 안이어야 합니다", "must lie within a year from now", field="valid_until")
    audit.take_turn()
    _end(UsualRange.objects.filter(person=person, sign=vital, source=SetHow.CLINICIAN))
    kept = UsualRange.objects.create(
        person=person,
        sign=vital.value,
        low=low,
        high=high,
        source=SetHow.CLINICIAN,
        clinician=clinician.strip(),
        reason=reason.strip(),
        set_by=actor,
        set_at=now,
        valid_until=valid_until,
    )
    detail = {"sign": str(vital), "low": low, "high": high, "until": valid_until, "range": kept.pk}
    _record("monitoring:range:set", person, actor, detail)
    return kept


@transaction.atomic
def end_range(kept: UsualRange, *, actor: User) -> None:
    """A clinician's range no longer holds; again changes nothing."""
    require_reach(actor, kept.person.household.area, Purpose.HEALTH_CHECK)
    audit.take_turn()
    if _end(UsualRange.objects.filter(pk=kept.pk)):
        _record("monitoring:range:ended", kept.person, actor, {"sign": kept.sign, "range": kept.pk})


def ranges_of(people: Iterable[int], at: datetime) -> dict[tuple[int, Vital], Range]:
    """By person's id and sign, the range that holds at ``at``; signs that have none are not there."""
    known = {(person, vital): usual for person in people for vital in Vital if (usual := vitals.published(vital))}
    rows = UsualRange.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at), ended_at=None, person__in=people)
    for row in sorted(rows, key=lambda one: one.source == SetHow.CLINICIAN):
        known[row.person_id, Vital(row.sign)] = Range(
            row.low, row.high, Source(row.source), days=row.days, by=row.clinician
        )
    return known


def learn_due() -> int:
    """Learn anew from the last weeks of those of whom that was not done for a day. Returns of how many people."""
    now = clock.now()
    agreed = Consent.objects.filter(active_at(now), person=OuterRef("pk"), purpose=ConsentPurpose.HEALTH_WATCH)
    wears = PersonalDevice.objects.filter(person=OuterRef("pk"), ended_at=None, device__kind__in=_judged_kinds())
    learned = UsualRange.objects.filter(
        person=OuterRef("pk"), source=SetHow.LEARNED, ended_at=None, set_at__gt=now - LEARN_EVERY
    )
    due = Person.objects.filter(Exists(agreed), Exists(wears), ~Exists(learned), left_at=None).order_by("?")
    chosen = list(due.select_related("household__area")[:AT_ONCE])
    for person in chosen:
        _learn_of(person, now)
    return len(chosen)


def _judged_kinds() -> list[str]:
    return [name for name, kind in KINDS.items() if any(one.name in list(Vital) for one in kind.series)]


@transaction.atomic
def _learn_of(person: Person, now: datetime) -> None:
    chosen = rules.load(MonitoringRules, "monitoring", person.household.area)
    found = series.readings_of([person.pk], now - timedelta(days=chosen.learned_days), now)
    news = {
        vital: usual
        for (_, vital), readings in found.items()
        if (usual := vitals.learn(vital, readings, chosen.sustained)) is not None
    }
    if not news:
        return
    audit.take_turn()
    for vital, usual in news.items():
        _end(UsualRange.objects.filter(person=person, sign=vital, source=SetHow.LEARNED))
        UsualRange.objects.create(
            person=person,
            sign=vital.value,
            low=usual.low,
            high=usual.high,
            source=SetHow.LEARNED,
            days=usual.days,
            set_at=now,
        )
    _record("monitoring:range:learned", person, ENGINE, {"signs": sorted(str(one) for one in news)})


def _check(vital: Vital, low: float, high: float, clinician: str, reason: str) -> None:
    spec = series.SPECS[vital]
    for field, value in (("low", low), ("high", high)):
        least, most = spec.min or 0.0, spec.max or 0.0
        if not least <= value <= most:
            raise Invalid(f"{least:g}~{most:g} 사이여야 합니다", f"must be within {least:g} and {most:g}", field=field)
    if high - low < NARROWEST[vital]:
        least = NARROWEST[vital]
        raise Invalid(f"아래 끝보다 {least:g} 이상 커야 합니다", f"must be {least:g} above the low end", field="high")
    for field, text, longest in (("clinician", clinician, 60), ("reason", reason, 400)):
        if not 0 < len(text.strip()) <= longest:
            raise Invalid(f"1~{longest}자로 적어 주세요", f"must be 1 to {longest} characters", field=field)


def _end(ranges: QuerySet[UsualRange]) -> int:
    return ranges.filter(ended_at=None).update(ended_at=clock.now())


def _record(tag: str, person: Person, actor: User | str, detail: dict[str, object]) -> None:
    audit.record(
        tag,
        actor=actor,
        subject=f"person:{person.ref}",
        purpose=Purpose.HEALTH_CHECK,
        detail=detail | {"refs": [person.ref]},
    )
