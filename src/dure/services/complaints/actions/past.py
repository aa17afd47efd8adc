# SPDX-License-Identifier: Apache-2.0
"""Complaints that were answered before they came to this desk: taken over as they ended, and learned from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dure.city import audit, cases, clock, rules
from dure.city.duty import require_aware
from dure.city.errors import Invalid
from dure.city.models import Case, User
from dure.city.working_time import Calendar
from dure.engines.language.similar import LIKELY_ENOUGH
from dure.services.complaints import joining, messages
from dure.services.complaints.actions.receiving import (
    Prepared,
    Received,
    keep_judgement,
    prepare,
    received_before,
    row_of,
    title_of,
)
from dure.services.complaints.models import Complaint, Department, Kind, MessageKind, Outcome, Topic
from dure.services.complaints.periods import period_of
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE, desk_team


@dataclass(frozen=True)
class Ended:
    """``at``: when it was answered (aware). ``department``: whose answer it was, None for one that is not of this city;
    ``topic``: what they called it, where that is a topic here; ``text``: the answer itself, "" where nobody handed it
    over."""

    at: datetime
    department: Department | None = None
    text: str = ""
    topic: Topic | None = None

    def __repr__(self) -> str:
        """Without the text: it ends up in logs and tracebacks."""
        return f"<Ended {self.at:%Y-%m-%d}>"


def take_over(received: Received, ended: Ended, *, actor: User | str) -> Complaint:
    """Take in a complaint with its end. Nobody is rung or written to, and its case is closed from the beginning.

    The department that answered is what people chose for it, so the assistant learns from it. The same again changes
    nothing. Called outside transactions, as :func:`receive`, and raises as that does, besides Invalid (``ended_at``)
    for an end before the beginning or still to come.
    """
    if first := received_before(received):
        return first
    require_aware(ended.at, "ended_at")
    if not (received.received_at or clock.now()) <= ended.at <= clock.now():
        words = "접수보다 빠르거나 아직 오지 않은 때입니다", "is before it was received, or still to come"
        raise Invalid(*words, field="ended_at")
    prepared = prepare(received)
    with transaction.atomic():
        audit.take_turn()
        return received_before(received) or _keep(prepared, ended, actor)


def _keep(prepared: Prepared, ended: Ended, actor: User | str) -> Complaint:
    """In the turn on the chain: the complaint and what became of it."""
    given, judged = prepared.given, prepared.judged
    topic = ended.topic or prepared.topic or _topic_within(prepared, ended.department)
    kind = given.kind or (topic.kind if topic else Kind.OTHER)
    period = period_of(kind, topic, rules.load(DeskRules, SERVICE, prepared.area))
    due_at = period.ends(prepared.at, Calendar())
    case = _case_of_then(prepared, topic) or _closed_case(prepared, topic, ended, due_at, actor)
    complaint = row_of(prepared, case, topic, kind=kind, due_at=due_at)
    complaint.department = ended.department
    complaint.first_answered_at = complaint.answered_at = ended.at
    complaint.save()
    judgement = keep_judgement(complaint, judged, clock.now())
    if ended.department is not None:
        judgement.chosen, judgement.chosen_topic, judgement.chosen_at = ended.department, ended.topic, clock.now()
        judgement.save(update_fields=["chosen", "chosen_topic", "chosen_at"])
    if ended.text:
        messages.say(complaint, MessageKind.ANSWER, ended.text, at=ended.at)
    detail = {"case": case.number, "door": given.door, "ended": ended.at.isoformat()}
    audit.record("complaints:complaint:inherited", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return complaint


def _topic_within(prepared: Prepared, department: Department | None) -> Topic | None:
    """The likeliest topic of the department that answered, where it is likely enough."""
    likely = [one["label"] for one in prepared.judged.topics if one["p"] >= LIKELY_ENOUGH]
    own = Topic.objects.filter(code__in=likely, department=department, retired_at=None)
    return own.first() if department else None


def _case_of_then(prepared: Prepared, topic: Topic | None) -> Case | None:
    """The case about the same thing that was open when this came."""
    if prepared.danger:
        return None
    return joining.same_thing(prepared.masked, prepared.where, topic, prepared.judged.topics, prepared.at)


def _closed_case(prepared: Prepared, topic: Topic | None, ended: Ended, due_at: datetime, actor: User | str) -> Case:
    team = ended.department.team if ended.department else desk_team(prepared.area)
    placed = topic is not None and topic.placed
    case = cases.open_case(
        service=SERVICE,
        kind=topic.code if topic else "complaint",
        level=prepared.judged.urgency,
        title=title_of(topic, prepared.area),
        area=prepared.area,
        team=team,
        due_at=due_at,
        actor=actor,
        lon=prepared.given.lon if placed else None,
        lat=prepared.given.lat if placed else None,
        now=prepared.at,
    )
    cases.close(case, actor=actor, outcome=Outcome.DONE, now=ended.at)
    return case
