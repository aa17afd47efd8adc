# SPDX-License-Identifier: Apache-2.0
"""What a caller may have out: whose readings, findings and errands, opened under a purpose and on the audit chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from dure.city import audit, clock, people
from dure.city.devices import Holder
from dure.city.errors import Invalid, NotAllowed, NotFound
from dure.city.models import Device, Errand, Finding, Person, Reading, Series, User
from dure.city.people import Purpose
from dure.gateways.fhir.codes import BY_CODE, LOINC, OBSERVED, SERIES
from dure.gateways.fhir.export import Observed
from dure.gateways.fhir.parse import date_time
from dure.services.monitoring.kinds import NEEDS_TOO

FEED_KIND = "fhir"
"""Feeds of this kind are partners (a hospital): their key opens people who agree to health_watch. The key of any other
feed, or of a device, gets back only what its own devices said."""
PURPOSES = (Purpose.HEALTH_CHECK, Purpose.EMERGENCY)
MOST = 1_000
"""Resources of one answer."""
USUAL = 100

Caller = Holder | User


@dataclass(frozen=True)
class Page:
    """Which part of what was found: ``count`` from ``offset`` on."""

    count: int = USUAL
    offset: int = 0

    @classmethod
    def of(cls, count: str, offset: str) -> Page:
        """From what stands in the address. Raises Invalid naming ``_count`` or ``_offset``."""
        found = []
        for field, text, least, most in (("_count", count, 1, MOST), ("_offset", offset, 0, 10**9)):
            if not (text.isascii() and text.isdigit()) or not least <= int(text[:10]) <= most:
                raise Invalid(f"{least}~{most}이어야 합니다", f"must be {least} to {most}", field=field)
            found.append(int(text))
        return cls(*found)


def name_of(caller: Caller) -> str:
    """How the audit chain names a key."""
    if isinstance(caller, User):
        return caller.username
    return f"device:{caller.device.code}" if caller.device else f"feed:{caller.feed.code}"


def actor_of(caller: Caller) -> User | str:
    """Who acts: the officer, or the key by name."""
    return caller if isinstance(caller, User) else name_of(caller)


def open_person(caller: Caller, ref: UUID, purpose: str) -> Person:
    """The person, opened and audited: by a key under their consent, by an officer for a purpose that they name.

    Raises Invalid (``purpose``), NotAllowed, NotFound.
    """
    if isinstance(caller, User):
        if purpose not in PURPOSES:
            known = ", ".join(PURPOSES)
            raise Invalid(f"목적을 밝혀 주세요: {known}", f"say why: {known}", field="purpose")
        people.access_person(caller, ref, Purpose(purpose))
    else:
        people.access_as_process(name_of(caller), ref, Purpose.HEALTH_CHECK)
    return Person.objects.select_related("household__area").get(ref=ref)


def require_partner(caller: Caller) -> None:
    """Raise NotAllowed unless the caller is an officer or a partner's feed."""
    if isinstance(caller, Holder) and (caller.device is not None or caller.feed.kind != FEED_KIND):
        raise NotAllowed(f"‘{FEED_KIND}’ 공급원의 열쇠가 필요합니다", f"this needs a key of a {FEED_KIND!r} feed")


def speaks_for(caller: Caller, device: Device) -> bool:
    """Whether a key may send for the device, or have back what it said."""
    if isinstance(caller, User):
        return True
    return device.pk == caller.device.pk if caller.device else device.feed_id == caller.feed.pk


def observations(
    caller: Caller, person: Person, *, code: str, dates: Iterable[str], page: Page
) -> tuple[list[Observed], int]:
    """The person's readings, the newest first, and how many there are in all.

    ``code``: ``system|code``, a code alone, or "" for all; ``dates``: as FHIR has them, ``ge2026-11-01T00:00:00Z``.
    """
    names = [_named(code)] if code else list(OBSERVED)
    now = clock.now()
    names = [
        name for name in names if all(people.has_consent(person, needed, now) for needed in NEEDS_TOO.get(name, ()))
    ]
    series = Series.objects.filter(
        device__personal__person=person, device__personal__ended_at=None, name__in=names
    ).select_related("device__personal")
    known = {one.pk: one for one in series if _may_have(caller, one.device)}
    when = Q()
    for one in known.values():
        when |= Q(series=one.pk, at__gte=one.device.personal.since)
    found = Reading.objects.filter(when or Q(pk__in=()), *map(_date, dates)).order_by("-at", "series_id")
    rows = found[page.offset : page.offset + page.count]
    return [_observed(row, known[row.series_id], person.ref) for row in rows], found.count()


def one_observation(number: str) -> tuple[Observed, Device]:
    """The reading of that id, not yet opened to anybody. Raises NotFound."""
    pk, _, microseconds = number.partition("-")
    if pk.isascii() and pk.isdigit() and microseconds.isascii() and microseconds.isdigit():
        if len(pk) > 18 or len(microseconds) > 17:
            raise NotFound("그런 측정값이 없습니다", "there is no such reading")
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
        row = Reading.objects.filter(series=int(pk), at=at).first()
        series = Series.objects.filter(
            pk=pk, name__in=OBSERVED, device__personal__ended_at=None, device__personal__since__lte=at
        ).select_related("device__personal__person")
        if row is not None and (one := series.first()) is not None:
            return _observed(row, one, one.device.personal.person.ref), one.device
    raise NotFound("그런 측정값이 없습니다", "there is no such reading")


def may_have(caller: Caller, device: Device) -> bool:
    """Whether what the device said may go to the caller (whose person they have opened)."""
    return _may_have(caller, device)


def flags(person: Person, page: Page) -> tuple[list[Finding], int]:
    """What was noticed of the person, the newest first."""
    found = Finding.objects.filter(
        service="monitoring", household=person.household, evidence__person=str(person.ref)
    ).order_by("-found_at", "-pk")
    return list(found[page.offset : page.offset + page.count]), found.count()


def one_flag(number: str) -> tuple[Finding, UUID]:
    """The finding of that id and whom it is about, not yet opened to anybody. Raises NotFound."""
    finding = Finding.objects.filter(service="monitoring", pk=_pk(number)).first()
    if finding is None:
        raise NotFound("그런 발견이 없습니다", "there is no such flag")
    return finding, UUID(finding.evidence["person"])


def one_task(number: str) -> tuple[Errand, UUID]:
    """The errand of that id and for whom it is, not yet opened to anybody. Raises NotFound."""
    found = Errand.objects.filter(pk=_pk(number), case__about__startswith="person:").select_related("case").first()
    if found is None or found.case is None:
        raise NotFound("그런 일이 없습니다", "there is no such task")
    return found, UUID(found.case.about.removeprefix("person:"))


def _pk(number: str) -> int:
    """0, which nothing has, for what is no id."""
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0


def tasks(person: Person, page: Page) -> tuple[list[Errand], int]:
    """The errands ordered for the person from monitoring's cases, the newest first."""
    found: QuerySet[Errand] = Errand.objects.filter(
        case__household=person.household, case__about=f"person:{person.ref}"
    ).order_by("-ordered_at", "-pk")
    return list(found[page.offset : page.offset + page.count]), found.count()


def note(caller: Caller, what: str, person: Person, count: int) -> None:
    """Put on the audit chain how much of what went out or came in: ``what`` as in ``fhir:observation:exported``."""
    detail = {"refs": [person.ref], "count": count}
    audit.record(
        what, actor=actor_of(caller), subject=f"person:{person.ref}", purpose=Purpose.HEALTH_CHECK, detail=detail
    )


def _may_have(caller: Caller, device: Device) -> bool:
    if isinstance(caller, User) or (caller.device is None and caller.feed.kind == FEED_KIND):
        return True
    return speaks_for(caller, device)


def _named(code: str) -> str:
    system, bar, value = code.rpartition("|")
    known = [BY_CODE.get((one, value)) for one in ([system] if bar else [LOINC, SERIES])]
    found = next((one for one in known if one), None)
    if found is None:
        raise Invalid("모르는 코드입니다", "an unknown code", field="code")
    return found


_COMPARED = {"ge": "at__gte", "gt": "at__gt", "le": "at__lte", "lt": "at__lt", "eq": "at"}


def _date(text: str) -> Q:
    prefix, moment = (text[:2], text[2:]) if text[:2] in _COMPARED else ("eq", text)
    return Q(**{_COMPARED[prefix]: date_time(moment, "date")})


def _observed(row: Reading, series: Series, ref: UUID) -> Observed:
    return Observed(
        series.pk, series.name, series.device.code, ref, row.at, series.interval_minutes, row.value, row.quality
    )
