# SPDX-License-Identifier: Apache-2.0
"""Which complaints are of one thing, and which say again what was said before."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from math import cos, radians

from dure.city.models import Case, CaseStatus
from dure.engines.routing.travel import great_circle
from dure.services.complaints.models import Complaint, Department, Topic, TransferState
from dure.services.complaints.teams import SERVICE

METRES_PER_DEGREE = 111_195
LIKE = 0.6
"""Shared pairs of letters (Dice) from which a text says the same as another; a person decides what follows."""
SAME_PLACE_METRES = 50


def named(number: str, topic: Topic | None) -> Case | None:
    """The open case that a citizen says theirs is about; only of a thing in the street that others have reported under
    the same topic, because they will be answered together."""
    if not number or topic is None or not topic.metres:
        return None
    found = Case.objects.filter(service=SERVICE, number=number, complaints__topic=topic)
    return found.exclude(status=CaseStatus.CLOSED).first()


def same_thing(topic: Topic | None, lon: float | None, lat: float | None, now: datetime) -> Case | None:
    """The open case about the same thing: of the same topic, as near and as recent as the topic says; the nearest."""
    if topic is None or not topic.metres or lon is None or lat is None:
        return None
    north = topic.metres / METRES_PER_DEGREE
    east = north / max(cos(radians(lat)), 0.01)
    near = Complaint.objects.filter(
        topic=topic,
        withdrawn_at=None,
        received_at__gte=now - timedelta(days=topic.days),
        lon__range=(lon - east, lon + east),
        lat__range=(lat - north, lat + north),
    ).exclude(case__status=CaseStatus.CLOSED)
    measured = [(_metres(one, lon, lat), one.pk, one.case) for one in near.select_related("case")]
    within = [found for found in measured if found[0] <= topic.metres]
    return min(within, key=lambda found: found[:2])[2] if within else None


def repeated(complaint: Complaint) -> Complaint | None:
    """The first of the same person's complaints that says the same at the same place (법 제23조), if there is one."""
    if not complaint.reporter_index:
        return None
    earlier = Complaint.objects.filter(reporter_index=complaint.reporter_index, withdrawn_at=None)
    for one in earlier.exclude(pk=complaint.pk).order_by("-received_at", "-pk")[:50]:
        if _same_place(one, complaint) and likeness(one.masked, complaint.masked) >= LIKE:
            return one.repeats or one
    return None


def likeness(one: str, other: str) -> float:
    """How much of the pairs of letters two texts share (Dice), 0–1."""
    pairs, others = ({a + b for a, b in pairwise("".join(text.split()))} for text in (one, other))
    return 2 * len(pairs & others) / (len(pairs) + len(others)) if pairs and others else float(one == other)


def department_of(case: Case) -> Department | None:
    """Which department has the case: that of the last transfer that was not refused; None: the desk."""
    last = case.transfers.exclude(state=TransferState.REFUSED).select_related("to_department__team").last()
    return last.to_department if last is not None and last.to_department.team_id == case.team_id else None


def _same_place(one: Complaint, other: Complaint) -> bool:
    if other.lon is None or other.lat is None or one.lon is None:
        return True
    return _metres(one, other.lon, other.lat) <= SAME_PLACE_METRES


def _metres(complaint: Complaint, lon: float, lat: float) -> float:
    """How far a complaint that has a place is from another."""
    return float(great_circle(lon, lat, complaint.lon or 0, complaint.lat or 0))
