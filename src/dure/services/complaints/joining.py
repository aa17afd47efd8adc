# SPDX-License-Identifier: Apache-2.0
"""Which complaints are of one thing, and which say again what was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
MOST_NEAR, MOST_LOOKED_AT = 30, 300
"""Complaints whose words are compared (one to three milliseconds each), and of how many the nearest are chosen."""
Likely = Mapping[str, Any]
"""``{"label": a topic's code, "p": 0–1}``."""


@dataclass(frozen=True)
class Where:
    """°E and °N, where somebody marked the place; ``house``: the digest of the house that they name, or ""."""

    lon: float | None = None
    lat: float | None = None
    house: str = ""

    @property
    def is_nowhere(self) -> bool:
        return not self.house and (self.lon is None or self.lat is None)


def named(number: str, topic: Topic | None) -> Case | None:
    """The open case that a citizen says theirs is about; only of a thing in the street that others have reported under
    the same topic, because they will be answered together."""
    if not number or topic is None or not topic.metres:
        return None
    found = Case.objects.filter(service=SERVICE, number=number, complaints__topic=topic)
    return found.exclude(status=CaseStatus.CLOSED).first()


def same_thing(masked: str, where: Where, topic: Topic | None, likely: Sequence[Likely], now: datetime) -> Case | None:
    """The case, open at ``now``, that is about the same thing: the one of the most evidence
    (dure.engines.language.similar), or None.

    ``topic``: where one is decided; else ``likely`` says what it may be. Topics of 0 metres are never joined, nor what
    surely is of one: a private matter is not answered with others.
    """
    joined = {one.code: one for one in Topic.objects.filter(metres__gt=0)}
    mine = topic.code if topic else next((one["label"] for one in likely if one["p"] >= similar.SURE), None)
    if not joined or where.is_nowhere or (mine and mine not in joined):
        return None
    near = _near(where, [topic] if topic else list(joined.values()), now)
    judged = dict(Judgement.objects.filter(complaint__in=near).values_list("complaint_id", "topics"))
    report = _report(("", masked, now), topic, likely, where)
    best, found = 0.0, None
    for one in near:
        theirs = Where(one.lon, one.lat, one.place_index)
        other = _report((str(one.pk), one.masked, one.received_at), one.topic, judged.get(one.pk, []), theirs)
        limits = _limits(report, other, joined)
        if limits is None:
            continue
        like = similar.likeness(other, report, limits)
        if like.same and like.evidence >= best and not _is_far_from_its_first(one.case, where, limits):
            best, found = like.evidence, one.case
    return found


def _report(said: tuple[str, str, datetime], topic: Topic | None, likely: Sequence[Likely], where: Where) -> Report:
    """``said``: its id, its masked text, when."""
    code, may_be = topic.code if topic else "", {one["label"]: one["p"] for one in likely}
    return Report(*said, code, where.lon, where.lat, likely=may_be, house=where.house)


def _limits(one: Report, other: Report, joined: Mapping[str, Topic]) -> Limits | None:
    """Of what was decided of either, else of what either is called, else of what they may be; None: never joined."""
    for codes in ((one.topic, other.topic), (one.called, other.called), (*one.topics, *other.topics)):
        if decided := [joined[code] for code in codes if code in joined]:
            return Limits(max(each.metres for each in decided), max(each.days for each in decided))
    return None


def _is_far_from_its_first(case: Case, where: Where, limits: Limits) -> bool:
    """Whether the case began more than twice the metres away: a street of broken lamps is no one thing."""
    first = case.complaints.exclude(lon=None).order_by("pk").first() if where.lon is not None else None
    return first is not None and _metres(first, where.lon or 0.0, where.lat or 0.0) > 2 * limits.metres


def _near(where: Where, topics: Sequence[Topic], now: datetime) -> list[Complaint]:
    """Complaints of cases that are open at ``now``, within reach of the widest topic or of the same house; the nearest
    of the newest."""
    place = Q(place_index=where.house) if where.house else Q(pk__in=())
    if where.lon is not None and where.lat is not None:
        place |= around(where.lon, where.lat, max(one.metres for one in topics))
    rows = Complaint.objects.filter(
        place,
        Q(case__closed_at=None) | Q(case__closed_at__gt=now),
        withdrawn_at=None,
        received_at__gte=now - timedelta(days=max(one.days for one in topics)),
        received_at__lte=now,
    )
    found = list(rows.select_related("case", "topic").order_by("-pk")[:MOST_LOOKED_AT])
    return sorted(found, key=lambda one: _distance(one, where))[:MOST_NEAR]


def _distance(one: Complaint, where: Where) -> float:
    """Metres; of the same house none."""
    if where.house and one.place_index == where.house:
        return 0.0
    return _metres(one, where.lon or 0.0, where.lat or 0.0)


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
