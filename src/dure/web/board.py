# SPDX-License-Identifier: Apache-2.0
"""The board: the city on a map, the one list of work, and whether everything that should speak speaks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dure.city import clock, processes
from dure.city.areas import city_geojson
from dure.city.devices import silent_devices, silent_feeds
from dure.city.models import CaseStatus, Device, Feed, ProcessSign, User
from dure.city.roles import open_to, user_of
from dure.web import worklist
from dure.web.worklist import STAFF, Filters


@dataclass(frozen=True)
class Sign:
    """A process and whether it has said within its own time that it lives."""

    process: ProcessSign
    silent: bool


@dataclass(frozen=True)
class Figures:
    """The board's first line."""

    open: int
    late: int
    mine: int
    closed_today: int


@require_safe
@open_to(*STAFF)
def board(request: HttpRequest) -> HttpResponse:
    """Map, list and signs of life; with filters in the address, so that a view can be kept and sent on."""
    user = user_of(request)
    visible = worklist.open_cases(user)
    services = sorted(set(visible.order_by().values_list("service", flat=True)))
    loads = worklist.loads(user)
    known = {area.code: area for area in [*worklist.reading_areas(user), *(load.area for load in loads)]}
    filters = Filters(request.GET, services=services, areas=sorted(known.values(), key=lambda area: area.name))
    found = filters.applied_to(worklist.visible_cases(user), user)
    return render(
        request,
        "board.html",
        {
            "filters": filters,
            "page": worklist.page_of(found, request.GET.get("page")),
            "loads": loads,
            "counts": {load.area.code: {"open": load.open, "level": load.level} for load in loads},
            "figures": asdict(_figures(user)),
            "signs": _signs(),
            "silence": _silence(),
        },
    )


@require_safe
@open_to(*STAFF)
def areas(request: HttpRequest) -> JsonResponse:
    """The reader's 행정동 as GeoJSON."""
    return JsonResponse(city_geojson(worklist.reading_areas(user_of(request))))


@require_safe
@open_to(*STAFF)
def devices(request: HttpRequest) -> JsonResponse:
    """Devices of the street (never of a home) as GeoJSON points with their kind and whether they are silent."""
    public = Device.objects.filter(household=None, retired_at=None, lon__isnull=False, lat__isnull=False)
    rows = public.filter(Q(area=None) | Q(area__in=worklist.reading_areas(user_of(request)))).values_list(
        "code", "kind", "lon", "lat", "silent_since"
    )
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(lon or 0, 5), round(lat or 0, 5)]},
            "properties": {"code": code, "kind": kind, "silent": silent_since is not None},
        }
        for code, kind, lon, lat, silent_since in rows.iterator()
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _figures(user: User) -> Figures:
    visible, now = worklist.open_cases(user), clock.now()
    midnight = now.astimezone(clock.SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    closed = worklist.visible_cases(user).filter(status=CaseStatus.CLOSED, closed_at__gte=midnight)
    return Figures(
        open=visible.count(),
        late=visible.filter(due_at__lt=now).count(),
        mine=visible.filter(assignee=user).count(),
        closed_today=closed.filter(closed_at__lt=midnight + timedelta(days=1)).count(),
    )


def _signs() -> list[Sign]:
    quiet = {process.name for process in processes.silent()}
    return [Sign(process, process.name in quiet) for process in processes.signs()]


def _silence() -> dict[str, Any]:
    now = clock.now()
    return {
        "feeds": list(silent_feeds(now)),
        "feed_count": Feed.objects.count(),
        "devices": silent_devices(now).count(),
        "device_count": Device.objects.filter(retired_at=None).count(),
    }
