# SPDX-License-Identifier: Apache-2.0
"""Complaints as Open311 requests, for everybody's eyes.

Listed is what came through this door, and of the other doors only what lies at a public place (a lamp, a bin) under a
public topic, by the topic's name alone. A citizen's own words go out only where they were sent through this door under
a public topic, masked, with … in the place of each mark; never the reporter, the address they wrote, the
photo or what staff wrote. Where the topic is not public (any more), the topic's name and the times are all there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dure.city import clock
from dure.city.models import CaseEvent, CaseStatus
from dure.city.places import around
from dure.engines.routing.travel import great_circle
from dure.gateways.open311.services import said
from dure.services.complaints.models import Complaint, Door, Outcome

MOST = 1000
SPAN = timedelta(days=90)
"""Of latitude, on a sphere of 6,371 km."""
_MARK = re.compile(r"⟦[A-Z]+_\d+⟧")
DETAILED = {
    CaseStatus.OPEN: "RECEIVED",
    CaseStatus.ACKNOWLEDGED: "IN_PROCESS",
    CaseStatus.IN_PROGRESS: "IN_PROCESS",
    CaseStatus.WAITING: "PENDING",
    CaseStatus.CLOSED: "PROCESSED",
}
"""CitySDK's words; every other status is one of being in process."""
IS_OPEN = Q(case__closed_at=None, withdrawn_at=None)
REJECTED = (Outcome.CANNOT, Outcome.NOT_A_COMPLAINT, Outcome.REPEATED)


@dataclass(frozen=True)
class Asked:
    """What a caller wants to see. ``near``: latitude and longitude (degrees) and metres."""

    numbers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    detailed: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    updated_after: datetime | None = None
    near: tuple[float, float, float] | None = None
    page: int = 1
    size: int = MOST


def public() -> QuerySet[Complaint]:
    """Every complaint that may be seen here, the newest first, with ``updated_at``."""
    things = Q(topic__public=True, topic__placed=True, lon__isnull=False, withdrawn_at=None)
    newest = CaseEvent.objects.filter(case=OuterRef("case")).order_by("-at").values("at")[:1]
    updated = Coalesce(F("case__closed_at"), Subquery(newest), F("received_at"), output_field=DateTimeField())
    return (
        Complaint.objects.filter(Q(door=Door.OPEN311) | things)
        .filter(topic__isnull=False)
        .select_related("case", "topic", "department", "area")
        .defer("text", "vault", "reporter", "address")
        .annotate(updated_at=updated)
        .order_by("-received_at", "-pk")
    )


def found(asked: Asked) -> Iterator[Complaint]:
    """The page that was asked for, of at most 1,000. ``numbers`` put everything else aside."""
    rows = _matching(asked)
    first = (asked.page - 1) * asked.size
    if asked.near is None:
        yield from rows[first : first + asked.size]
        return
    inside = 0
    for one in rows.iterator(chunk_size=MOST):
        if not is_near(one, asked.near):
            continue
        inside += 1
        if inside > first:
            yield one
        if inside == first + asked.size:
            return


def count(asked: Asked) -> int:
    """How many there are, whatever the page."""
    rows = _matching(asked)
    near = asked.near
    return rows.count() if near is None else sum(is_near(one, near) for one in rows.iterator(chunk_size=MOST))


def _matching(asked: Asked) -> QuerySet[Complaint]:
    if asked.numbers:
        return public().filter(number__in=asked.numbers)
    rows = public().filter(**_window(asked))
    if asked.codes:
        rows = rows.filter(topic__code__in=asked.codes)
    if asked.statuses:
        rows = rows.filter(_any(IS_OPEN if one == "open" else ~IS_OPEN for one in asked.statuses))
    if asked.detailed:
        rows = rows.filter(_any(_is_detailed(one) for one in asked.detailed))
    if asked.updated_after:
        rows = rows.filter(Q(updated_at__gte=asked.updated_after))
    if asked.near:
        lat, lon, metres = asked.near
        rows = rows.filter(around(lon, lat, metres), topic__public=True, topic__placed=True)
    return rows


def _window(asked: Asked) -> dict[str, datetime]:
    """At most 90 days: the newest, unless the caller says where they begin or end."""
    if asked.since and asked.until:
        return {"received_at__gte": asked.since, "received_at__lte": asked.until}
    if asked.since:
        return {"received_at__gte": asked.since, "received_at__lte": asked.since + SPAN}
    until = asked.until or clock.now()
    return {"received_at__gte": until - SPAN, "received_at__lte": until}


def _any(choices: Iterator[Q]) -> Q:
    either = next(choices)
    for one in choices:
        either |= one
    return either


def _is_detailed(word: str) -> Q:
    rejected = Q(case__outcome__in=REJECTED)
    if word == "REJECTED":
        return rejected
    if word == "IN_PROCESS":
        others = [status for status, known in DETAILED.items() if known != "IN_PROCESS"]
        return ~Q(case__status__in=others)
    return Q(case__status__in=[status for status, known in DETAILED.items() if known == word]) & ~rejected


def is_near(complaint: Complaint, near: tuple[float, float, float]) -> bool:
    """Whether its place lies within so many metres."""
    lat, lon, metres = near
    if complaint.lat is None or complaint.lon is None:
        return False
    return float(great_circle(complaint.lon, complaint.lat, lon, lat)) <= metres


def request_of(complaint: Complaint, language: str, *, extended: bool = False) -> dict[str, Any]:
    """One request as the specification writes it."""
    topic, case = complaint.topic, complaint.case
    if topic is None:
        raise ValueError(f"complaint {complaint.number} has no topic and is not for here")
    placed = topic.public and topic.placed
    made: dict[str, Any] = {
        "service_request_id": complaint.number,
        "status": "closed" if case.closed_at or complaint.withdrawn_at else "open",
        "status_notes": str(Outcome(case.outcome).label) if case.outcome else None,
        "service_name": said(topic.name, language),
        "service_code": topic.code,
        "description": _description(complaint, language),
        "agency_responsible": said(complaint.department.name, language) if complaint.department else None,
        "service_notice": None,
        "requested_datetime": _w3(complaint.received_at),
        "updated_datetime": _w3(complaint.updated_at),  # type: ignore[attr-defined]
        "expected_datetime": _w3(complaint.due_at),
        "address": ", ".join(reversed(complaint.area.full_name.split())) if placed else None,
        "address_id": None,
        "zipcode": None,
        "lat": complaint.lat if placed else None,
        "long": complaint.lon if placed else None,
        "media_url": None,
    }
    if extended:
        made["extended_attributes"] = {"detailed_status": detailed_status(case.status, case.outcome)}
    return made


def detailed_status(status: str, outcome: str) -> str:
    """CitySDK's word for how far it is."""
    return "REJECTED" if outcome in REJECTED else DETAILED.get(CaseStatus(status), "IN_PROCESS")


def _description(complaint: Complaint, language: str) -> str | None:
    topic = complaint.topic
    if topic is not None and topic.public and complaint.door == Door.OPEN311 and not complaint.withdrawn_at:
        return _MARK.sub("…", complaint.masked)[:4000]
    return said(topic.name, language) if topic else None


def _w3(at: datetime) -> str:
    return at.astimezone(clock.SEOUL).isoformat(timespec="seconds")
