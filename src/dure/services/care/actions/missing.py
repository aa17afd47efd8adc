# SPDX-License-Identifier: Apache-2.0
"""Meters that speak and say nothing: readings without a value for longer than the city waits are a case about data.

What does not speak at all is the city's vigil's (dure.city.vigil); how long that waits for a meter is the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from dure.city import cases, clock, rules
from dure.city.models import Area, Case, CaseStatus, Device, Feed, Level, Quality, Reading
from dure.city.teams import team_for
from dure.services.care.actions.consents import agreed
from dure.services.care.actions.meters import ENGINE, TIME_ALLOWED
from dure.services.care.models import Enrolment, Outcome
from dure.services.care.rules import CareRules

NO_VALUES = "no_values"
WORTHLESS = (Quality.NO_VALUE, Quality.SUSPECT)


def watch_values() -> None:
    """Open one case for each area and feed with meters that have had no value for too long, close those that are over.
    Running it again changes nothing."""
    hours = rules.load(CareRules, "care").data_case_hours
    Device.objects.filter(series__power_of__ended_at=None, series__power_of__isnull=False).exclude(
        silent_after_minutes=hours * 60
    ).update(silent_after_minutes=hours * 60)
    found = set()
    for row in _without_values(timedelta(hours=hours)):
        area, feed = Area.objects.get(pk=row["household__area"]), Feed.objects.get(pk=row["power__device__feed"])
        about = f"{NO_VALUES}:{feed.code}:{area.code}"
        found.add(about)
        device = Device.objects.get(pk=row["first"]) if row["homes"] == 1 else None
        homes = row["homes"]
        title = {
            "ko": f"{hours}시간 넘게 값이 없는 계량기 {homes}대: {area.name}, {feed.name}",
            "en": f"{homes} meters of {feed.code!r} in {area.name} without a value for {hours} hours",
        }
        _open_once(about, area, title, device)
    _close_all_but(found)


def _without_values(wait: timedelta) -> Iterable[Any]:
    """Homes whose newest reading has no value to believe, and none of the readings of so long before it has."""
    since = clock.now() - wait
    believed = Reading.objects.filter(series=OuterRef("power"), at__gte=since, value__isnull=False)
    nothing = Q(power__latest__value=None) | Q(power__latest__quality__in=WORTHLESS)
    homes = Enrolment.objects.filter(
        agreed(),
        nothing,
        ~Exists(believed.exclude(quality__in=WORTHLESS)),
        ended_at=None,
        enrolled_at__lte=since,
        power__device__last_seen_at__gte=since,
    )
    return (
        homes.order_by()
        .values("household__area", "power__device__feed")
        .annotate(homes=Count("pk"), first=Min("power__device"))
    )


@transaction.atomic
def _open_once(about: str, area: Area, title: dict[str, str], device: Device | None) -> None:
    if _open_cases().filter(about=about).exists():
        return
    cases.open_case(
        service="care",
        kind=NO_VALUES,
        level=Level.ATTENTION,
        title=title,
        area=area,
        team=team_for("care", area),
        due_at=clock.now() + TIME_ALLOWED,
        actor=ENGINE,
        device=device,
        about=about,
    )


@transaction.atomic
def _close_all_but(found: Iterable[str]) -> None:
    for case in _open_cases().filter(status=CaseStatus.OPEN).exclude(about__in=list(found)):
        cases.close(case, actor=ENGINE, outcome=Outcome.DATA_FAULT)


def _open_cases() -> QuerySet[Case]:
    return Case.objects.filter(service="care", kind=NO_VALUES, closed_at=None)
