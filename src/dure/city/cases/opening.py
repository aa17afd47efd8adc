# SPDX-License-Identifier: Apache-2.0
"""Opening a case: its number, and what it must have."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from dure.city import audit, clock
from dure.city.case_flow import CaseTag, write
from dure.city.duty import require_aware
from dure.city.errors import Invalid, NotAllowed
from dure.city.models import Area, Case, CaseEventKind, CaseNumber, Device, Finding, Household, Level, Team, User

from .access import may_act_in


@transaction.atomic
def open_case(
    *,
    service: str,
    kind: str,
    level: int,
    title: dict[str, str],
    area: Area,
    team: Team,
    due_at: datetime,
    actor: User | str,
    household: Household | None = None,
    device: Device | None = None,
    about: str = "",
    finding: Finding | None = None,
    lon: float | None = None,
    lat: float | None = None,
    now: datetime | None = None,
) -> Case:
    """Open a case with its number, its team and its due time (all required; the plan is begun by escalation.start).

    Parameters
    ----------
    title
        ``{"ko": …, "en": …}`` without personal data.
    about
        What the case is about where that is neither a home nor a device: ``feed:ami``, ``process:worker``.
    lon, lat
        Degrees east and north of a public place; never of a home.
    """
    at = now or clock.now()
    _check(service=service, kind=kind, level=level, title=title, due_at=due_at, at=at, lon=lon, lat=lat)
    if isinstance(actor, User) and not may_act_in(actor, service, area):
        raise NotAllowed("이 지역에서 이 일을 할 권한이 없습니다", "you may not open this service's cases here")
    audit.take_turn()
    case = Case.objects.create(
        number=_next_number(at),
        service=service,
        kind=kind,
        level=level,
        title=title,
        area=area,
        team=team,
        due_at=due_at,
        opened_at=at,
        household=household,
        device=device,
        about=about,
        lon=lon,
        lat=lat,
    )
    if finding is not None:
        case.findings.add(finding)
    opened = {"status": case.status, "level": int(level), "team_id": team.pk, "due_at": due_at.isoformat()}
    data = {"changed": {name: [None, value] for name, value in opened.items()}, "finding": finding and finding.pk}
    write(case, CaseEventKind.OPENED, CaseTag.OPENED, actor=actor, at=at, data=data)
    return case


def _next_number(at: datetime) -> str:
    """``2026-000123``: the year in Korea and the next number of it."""
    year = at.astimezone(clock.SEOUL).year
    CaseNumber.objects.get_or_create(year=year)
    CaseNumber.objects.filter(year=year).update(last=F("last") + 1)
    return f"{year}-{CaseNumber.objects.get(year=year).last:06d}"


def _check(
    *,
    service: str,
    kind: str,
    level: int,
    title: dict[str, str],
    due_at: datetime,
    at: datetime,
    lon: float | None,
    lat: float | None,
) -> None:
    for field, value, longest in (("service", service, 20), ("kind", kind, 40)):
        if not 0 < len(value) <= longest:
            raise Invalid(f"1~{longest}자여야 합니다", f"must be 1 to {longest} characters", field=field)
    check_level(level)
    for language in ("ko", "en"):
        if not title.get(language, "").strip():
            field = f"title.{language}"
            raise Invalid("제목을 한국어와 영어로 적어야 합니다", "give it in Korean and English", field=field)
    check_due(due_at, at)
    for field, degrees, most in (("lon", lon, 180), ("lat", lat, 90)):
        if (lon is None) != (lat is None) or (degrees is not None and not -most <= degrees <= most):
            raise Invalid("경도와 위도를 함께, 범위 안에서", f"give lon and lat, within ±{most}°", field=field)


def check_level(level: int) -> None:
    if level not in Level.values:
        raise Invalid("1~4여야 합니다", "must be 1 to 4", field="level")


def check_due(due_at: datetime, at: datetime) -> None:
    require_aware(due_at, "due_at")
    if due_at <= at:
        raise Invalid("지금보다 늦어야 합니다", "must be later than now", field="due_at")
