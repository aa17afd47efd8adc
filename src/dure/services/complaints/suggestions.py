# SPDX-License-Identifier: Apache-2.0
"""What the assistant offers while an agent types or listens: department, topic, urgency, like cases, passages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count

from dure.city import clock
from dure.city.models import Area, Case, Level, User
from dure.engines.language.abuse import Abuse, abuse
from dure.engines.language.similar import LIKELY_ENOUGH
from dure.services.complaints import assist, judging, masking
from dure.services.complaints.assist import Judged, Passage
from dure.services.complaints.desk_list import open_cases
from dure.services.complaints.models import Complaint, Department, Topic

LEAST = 4
"""Characters from which it is worth asking."""
SIMILAR_DAYS = 60
MOST_SIMILAR, MOST_PASSAGES = 4, 3
LEAST_ALIKE = 0.2
"""Under this likeness (0–1) a case is hardly of the same thing: soon after one another is not enough."""
SAME_AREA = 0.1
"""How much liker a case of the same 행정동 stands, where no point is known."""
LIKELY_PERCENT = round(100 * LIKELY_ENOUGH)
"""From here on the likeliest topic says how far like cases are looked for, as in joining."""
LEAST_BESIDE_BEST = 0.5
"""Passages with less than this share of the best one's score are about something else."""


@dataclass(frozen=True)
class Choice:
    """A candidate: its row and its probability in percent."""

    row: Any
    percent: int


@dataclass(frozen=True)
class LikeCase:
    """An open case like this one, how many citizens it has, and why it is like it."""

    case: Case
    complaint: Complaint
    citizens: int
    why: list[dict[str, str]]


@dataclass(frozen=True)
class Suggested:
    """Everything that is offered beside the typed words."""

    judged: Judged = field(default_factory=Judged)
    departments: list[Choice] = field(default_factory=list)
    topics: list[Choice] = field(default_factory=list)
    cases: list[LikeCase] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    parts: list[Department] = field(default_factory=list)
    abuse: list[Abuse] = field(default_factory=list)

    @property
    def level(self) -> Level:
        """How urgent, as a level of a case."""
        return Level(self.judged.urgency)


def suggest(
    user: User,
    text: str,
    *,
    topic: Topic | None = None,
    lon: float | None = None,
    lat: float | None = None,
    area: Area | None = None,
    without: Case | None = None,
) -> Suggested:
    """What is offered to ``user`` for these words (as they were said: they are masked first).

    ``area``: where they say it is. ``without``: the case that they are already of. Only cases that the user may see are
    among the like ones.
    """
    words = text.strip()
    if len(words) < LEAST:
        return Suggested()
    masked = masking.mask(words).text
    return suggest_masked(user, masked, topic=topic, lon=lon, lat=lat, area=area, without=without, heard=abuse(words))


def suggest_masked(
    user: User,
    masked: str,
    *,
    topic: Topic | None = None,
    lon: float | None = None,
    lat: float | None = None,
    area: Area | None = None,
    without: Case | None = None,
    heard: list[Abuse] | None = None,
) -> Suggested:
    """The same for words that are masked already."""
    with assist.get().at_once():
        return _suggested(user, masked, topic=topic, lon=lon, lat=lat, area=area, without=without, heard=heard or [])


def _suggested(
    user: User,
    masked: str,
    *,
    topic: Topic | None,
    lon: float | None,
    lat: float | None,
    area: Area | None,
    without: Case | None,
    heard: list[Abuse],
) -> Suggested:
    judged = judging.judge(masked, topic=topic, lon=lon, lat=lat)
    topics = choices(judged.topics, Topic)
    likely = topics[0].row if topics and topics[0].percent >= LIKELY_PERCENT else None
    return Suggested(
        judged=judged,
        departments=choices(judged.labels, Department),
        topics=topics,
        cases=like_cases(user, masked, topic=topic or likely, lon=lon, lat=lat, area=area, without=without),
        passages=passages_for(masked),
        parts=departments_of(judged.parts),
        abuse=heard,
    )


def choices(labels: list[dict[str, Any]], of: type[Department] | type[Topic]) -> list[Choice]:
    """Candidates as rows, in their order, without those that are no more or have no chance."""
    rows = {row.code: row for row in of.objects.filter(code__in=[one["label"] for one in labels], retired_at=None)}
    known = [Choice(rows[one["label"]], round(100 * one["p"])) for one in labels if one["label"] in rows]
    if len(known) > 1 and known[0].percent == known[-1].percent:
        return []  # it knows nothing of any
    return known[:1] + [one for one in known[1:] if one.percent]


def departments_of(parts: list[dict[str, Any]]) -> list[Department]:
    """Whose the matters of one complaint are, where they are several departments'."""
    codes = {one["label"] for one in parts}
    return list(Department.objects.filter(code__in=codes, retired_at=None)) if len(codes) > 1 else []


def passages_for(masked: str) -> list[Passage]:
    """What can be quoted, the nearest first."""
    found = assist.get().search(masked, top=MOST_PASSAGES)
    return [one for one in found if one.score >= LEAST_BESIDE_BEST * found[0].score]


def like_cases(
    user: User,
    masked: str,
    *,
    topic: Topic | None,
    lon: float | None,
    lat: float | None,
    area: Area | None,
    without: Case | None,
) -> list[LikeCase]:
    """Open cases with a complaint like this one, the likest first, each once; of two as like, that of ``area``."""
    since = clock.now() - timedelta(days=SIMILAR_DAYS)
    like = assist.get().similar(masked, lon=lon, lat=lat, topic=topic, since=since, top=4 * MOST_SIMILAR)
    like = [one for one in like if one.score >= LEAST_ALIKE]
    rows = (
        Complaint.objects.filter(pk__in=[one.complaint_id for one in like], case__in=open_cases(user))
        .exclude(case=without)
        .select_related("case__area", "topic")
        .defer(*assist.SEALED)
        .annotate(citizens=Count("case__complaints"))
        .in_bulk()
    )
    seen = [one for one in like if one.complaint_id in rows]
    seen.sort(key=lambda one: -one.score - SAME_AREA * (area is not None and rows[one.complaint_id].area_id == area.pk))
    found: dict[int, LikeCase] = {}
    for one in seen:
        row = rows[one.complaint_id]
        if row.case_id not in found and len(found) < MOST_SIMILAR:
            found[row.case_id] = LikeCase(row.case, row, row.citizens, one.why)
    return list(found.values())
