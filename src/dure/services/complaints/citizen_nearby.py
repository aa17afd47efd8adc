# SPDX-License-Identifier: Apache-2.0
"""What others have said already near a place, in numbers only; and which topics some words may be of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from dure.city import clock
from dure.city.models import CaseStatus
from dure.city.places import around
from dure.engines.routing.travel import great_circle
from dure.services.complaints.assist import Judged
from dure.services.complaints.models import Complaint, Topic

MOST_NEAR = 3
MOST_TOPICS = 4


@dataclass(frozen=True)
class Nearby:
    """An open case about the same topic: how many said it, since when, how far it is. Nobody's words."""

    case: str
    citizens: int
    since: datetime
    metres: int


def open_nearby(topic: Topic, lon: float, lat: float) -> list[Nearby]:
    """Open cases of ``topic`` no further than ``topic.metres`` and no older than ``topic.days``, the nearest first;
    none where reports of the topic are never of one thing (0 metres)."""
    if not topic.metres:
        return []
    rows = (
        Complaint.objects.filter(around(lon, lat, topic.metres), topic=topic, withdrawn_at=None)
        .exclude(case__status=CaseStatus.CLOSED)
        .values("case__number", "case_id")
        .annotate(first=Min("received_at"), last=Max("received_at"), lon=Min("lon"), lat=Min("lat"))
        .filter(last__gte=clock.now() - timedelta(days=topic.days))
    )
    counted = Complaint.objects.filter(case__in=[row["case_id"] for row in rows], withdrawn_at=None).values("case_id")
    citizens = dict(counted.annotate(n=Count("pk")).values_list("case_id", "n"))
    found = [
        Nearby(
            row["case__number"], citizens[row["case_id"]], row["first"],
            round(float(great_circle(lon, lat, row["lon"], row["lat"]))),
        )
        for row in rows
    ]  # fmt: skip
    near = [one for one in found if one.metres <= topic.metres]
    return sorted(near, key=lambda one: one.metres)[:MOST_NEAR]


def likely_topics(text: str, judged: Judged) -> list[Topic]:
    """Topics that the words name (their keywords), then those that the assistant takes them for."""
    known = {one.code: one for one in Topic.objects.filter(retired_at=None, public=True).order_by("code")}
    named = [code for code, one in known.items() if any(word and word in text for word in one.keywords)]
    likely = [one["label"] for one in judged.topics]
    return [known[code] for code in dict.fromkeys([*named, *likely]) if code in known][:MOST_TOPICS]
