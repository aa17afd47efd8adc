# SPDX-License-Identifier: Apache-2.0
"""Which complaints are of one thing, and which say again what was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Q

from dure.city.models import Case, CaseStatus
from dure.city.places import around
from dure.engines.language import similar
from dure.engines.language.similar import Limits, Report
from dure.engines.routing.travel import great_circle
from dure.services.complaints.models import Complaint, Department, Judgement, Topic, TransferState
from dure.services.complaints.teams import SERVICE

LIKE = 0.6
"""Shared pairs of letters (Dice) from which a text says the same as another; a person decides what follows."""
SAME_PLACE_METRES = 50
LIKELY_ENOUGH = 0.5
"""From here on the likeliest topic counts although nobody has decided it: agents can take one out of a case again."""
MOST_NEAR = 30
Likely = Mapping[str, Any]
"""``{"label": a topic's code, "p": 0–1}``."""


def named(number: str, topic: Topic | None) -> Case | None:
    """The open case that a citizen says theirs is about; only of a thing in the street that others have reported under
    the same topic, because they will be answered together."""
    if not number or topic is None or not topic.metres:
        return None
    found = Case.objects.filter(service=SERVICE, number=number, complaints__topic=topic)
    return found.exclude(status=CaseStatus.CLOSED).first()


def same_thing(
    masked: str, place: tuple[float, float], topic: Topic | None, likely: Sequence[Likely], now: datetime
) -> Case | None:
    """The open case about the same thing, the likest one (dure.engines.language.similar), or None.

    ``place``: °E, °N. ``topic``: where one is decided; else the likeliest of ``likely`` counts where it is likely
    enough, and with no topic at all the words must be alike, too. Topics of 0 metres are never joined.
    """
    lon, lat = place
    joined = {one.code: one for one in Topic.objects.filter(metres__gt=0)}
    mine = _topic_code(topic, likely)
    if not joined or (mine and mine not in joined):
        return None
    near = _near(lon, lat, [joined[mine]] if mine else list(joined.values()), now)
    judged = dict(Judgement.objects.filter(complaint__in=near).values_list("complaint_id", "topics"))
    report = Report("", masked, now, mine, lon, lat)
    best, found = 0.0, None
    for one in near:
        theirs = _topic_code(one.topic, judged.get(one.pk, []))
        of = joined.get(mine or theirs or (likely[0]["label"] if likely else ""))
        if of is None:
            continue
        other = Report(str(one.pk), one.masked, one.received_at, theirs, one.lon, one.lat)
        like = similar.likeness(other, report, Limits(of.metres, of.days))
        if like.same and like.score > best:
            best, found = like.score, one.case
    return found


def _near(lon: float, lat: float, topics: Sequence[Topic], now: datetime) -> list[Complaint]:
    """Complaints of cases that are open at ``now`` within reach of the widest topic, the newest first."""
    rows = Complaint.objects.filter(
        around(lon, lat, max(one.metres for one in topics)),
        withdrawn_at=None,
        received_at__gte=now - timedelta(days=max(one.days for one in topics)),
    ).filter(Q(case__closed_at=None) | Q(case__closed_at__gt=now))
    return list(rows.select_related("case", "topic").order_by("-pk")[:MOST_NEAR])


def _topic_code(topic: Topic | None, likely: Sequence[Likely]) -> str:
    """The topic's code, or that of the likeliest one where it is likely enough; else empty."""
    if topic is not None:
        return topic.code
    return str(likely[0]["label"]) if likely and likely[0]["p"] >= LIKELY_ENOUGH else ""


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
