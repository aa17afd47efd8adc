# SPDX-License-Identifier: Apache-2.0
"""A fault shows itself: a feed, a device or a process that stops speaking becomes a case (promise 6).

Devices of one feed that fall silent in one area are one case, not one each; a silent feed is one case and its
devices none. The case closes itself when everything it is about speaks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min, QuerySet, Value
from django.db.models.functions import Coalesce

from dure.city import audit, cases, clock, processes
from dure.city.devices import silent_devices, silent_feeds
from dure.city.models import Area, Case, Device, Feed, Level
from dure.city.outcomes import CommonOutcome
from dure.city.teams import team_for

ACTOR = "city:vigil"
SERVICE = "city"
SILENT = "silent"
TIME_ALLOWED = timedelta(hours=24)


def watch_silence() -> None:
    """Open cases for what fell silent, close those of what speaks again. Running it again changes nothing."""
    now = clock.now()
    whole_city = _whole_city()
    if whole_city is None:
        return
    silent = {
        **_silent_feeds(now, whole_city),
        **_silent_devices(now, whole_city),
        **_silent_processes(whole_city),
    }
    _settle(silent)


def watch_processes() -> None:
    """As :func:`watch_silence`, of processes alone: two short queries."""
    whole_city = _whole_city()
    if whole_city is not None:
        _settle(_silent_processes(whole_city), "process:")


Silence = tuple[str, Area, dict[str, str], Device | None]
"""Service, area, title, and the device where it is a single one."""


def _whole_city() -> Area | None:
    return Area.objects.filter(parent=None, valid_to=None).order_by("code").first()


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
    """Counted by the database: when a network fails, half of a city's devices may be silent."""
    devices = silent_devices(now)
    devices.order_by().filter(silent_since=None).update(silent_since=now)
    place = Coalesce("household__area", "area", Value(whole_city.pk))
    groups = devices.order_by().values("feed", place=place).annotate(n=Count("pk"), first=Min("pk"))
    rows = list(groups)
    feeds = Feed.objects.in_bulk([row["feed"] for row in rows])
    areas = Area.objects.in_bulk([row["place"] for row in rows])
    single = Device.objects.in_bulk([row["first"] for row in rows if row["n"] == 1])
    found: dict[str, Silence] = {}
    for row in rows:
        feed, area = feeds[row["feed"]], areas[row["place"]]
        title = {
            "ko": f"값이 오지 않는 기기: {area.name}, {feed.name}",
            "en": f"Silent devices of {feed.code!r} in {area.name}",
        }
        found[f"devices:{feed.code}:{area.code}"] = (feed.service or SERVICE, area, title, single.get(row["first"]))
    return found


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
    audit.take_turn()  # two lanes may see the same silence
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


def _settle(silent: Mapping[str, Silence], about: str = "") -> None:
    """Cases for these, and none for others whose subject begins with ``about``."""
    for subject, (service, area, title, device) in silent.items():
        _open_once(subject, service, area, title, device)
    for case in _open_cases().filter(about__startswith=about).exclude(about__in=list(silent)):
        cases.close(case, actor=ACTOR, outcome=CommonOutcome.SPEAKS_AGAIN)


def _open_cases() -> QuerySet[Case]:
    return Case.objects.filter(kind=SILENT, closed_at=None).exclude(about="")
