# SPDX-License-Identifier: Apache-2.0
"""A fault shows itself: a feed, a device or a process that stops speaking becomes a case (promise 6).

Devices of one feed that fall silent in one area are one case, not one each; a silent feed is one case and its
devices none. The case closes itself when everything it is about speaks again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from dure.city import cases, clock, processes
from dure.city.devices import silent_devices, silent_feeds
from dure.city.models import Area, Case, CaseStatus, Device, Feed, Level
from dure.city.outcomes import CommonOutcome
from dure.city.teams import team_for

ACTOR = "city:vigil"
SERVICE = "city"
SILENT = "silent"
TIME_ALLOWED = timedelta(hours=24)


def watch_silence() -> None:
    """Open cases for what fell silent, close those of what speaks again. Running it again changes nothing."""
    now = clock.now()
    whole_city = Area.objects.filter(parent=None, valid_to=None).order_by("code").first()
    if whole_city is None:
        return
    silent = {
        **_silent_feeds(now, whole_city),
        **_silent_devices(now, whole_city),
        **_silent_processes(whole_city),
    }
    for about, (service, area, title, device) in silent.items():
        _open_once(about, service, area, title, device)
    _close_all_but(silent)


Silence = tuple[str, Area, dict[str, str], Device | None]
"""Service, area, title, and the device where it is a single one."""


def _silent_feeds(now: datetime, whole_city: Area) -> dict[str, Silence]:
    feeds = list(silent_feeds(now))
    Feed.objects.filter(pk__in=[feed.pk for feed in feeds], silent_since=None).update(silent_since=now)
    return {
        f"feed:{feed.code}": (
            feed.service or SERVICE,
            whole_city,
            {"ko": f"공급원 ‘{feed.name}’에서 값이 오지 않음", "en": f"Feed {feed.code!r} is silent"},
            None,
        )
        for feed in feeds
    }


def _silent_devices(now: datetime, whole_city: Area) -> dict[str, Silence]:
    devices = list(silent_devices(now).select_related("feed", "area", "household__area"))
    Device.objects.filter(pk__in=[device.pk for device in devices], silent_since=None).update(silent_since=now)
    groups: dict[tuple[str, Area], list[Device]] = defaultdict(list)
    for device in devices:
        area = device.household.area if device.household else device.area or whole_city
        groups[device.feed.code, area].append(device)
    return {
        f"devices:{feed}:{area.code}": (
            group[0].feed.service or SERVICE,
            area,
            {
                "ko": f"값이 오지 않는 기기: {area.name}, {group[0].feed.name}",
                "en": f"Silent devices of {feed!r} in {area.name}",
            },
            group[0] if len(group) == 1 else None,
        )
        for (feed, area), group in groups.items()
    }


def _silent_processes(whole_city: Area) -> dict[str, Silence]:
    return {
        f"process:{sign.name}": (
            SERVICE,
            whole_city,
            {"ko": f"프로세스 ‘{sign.name}’이 멈춤", "en": f"Process {sign.name!r} has stopped"},
            None,
        )
        for sign in processes.silent()
    }


@transaction.atomic
def _open_once(about: str, service: str, area: Area, title: dict[str, str], device: Device | None) -> None:
    if _open_cases().filter(about=about).exists():
        return
    cases.open_case(
        service=service,
        kind=SILENT,
        level=Level.ATTENTION,
        title=title,
        area=area,
        team=team_for(service, area),
        due_at=clock.now() + TIME_ALLOWED,
        actor=ACTOR,
        device=device,
        about=about,
    )


def _close_all_but(silent: Iterable[str]) -> None:
    for case in _open_cases().exclude(about__in=list(silent)):
        cases.close(case, actor=ACTOR, outcome=CommonOutcome.SPEAKS_AGAIN)


def _open_cases() -> QuerySet[Case]:
    return Case.objects.filter(kind=SILENT).exclude(status=CaseStatus.CLOSED).exclude(about="")
