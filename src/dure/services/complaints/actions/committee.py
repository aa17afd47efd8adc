# SPDX-License-Identifier: Apache-2.0
"""The city's committee for complaints (민원조정위원회, 법 제34조, 영 제38조): asked, and what it said is kept.

The law wants it heard before a complaint of many is ended (영 제26조) and on an objection to a refused application
(영 제38조 제1항 제2호), unless it may be left out (영 제38조 제2항). It advises; the city decides (영 제39조).
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import translation

from dure.city import audit, cases, clock
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.errors import Conflict, Invalid, NotAllowed, require_one_of
from dure.city.models import User
from dure.services.complaints import masking
from dure.services.complaints.actions.transfers import leads
from dure.services.complaints.models import (
    Collective,
    CollectiveStage,
    CommitteeReview,
    Complaint,
    Decision,
    Kind,
    Matter,
)
from dure.services.complaints.reasons import checked_reason

LONGEST_OPINION = 4_000


@transaction.atomic
def ask_committee(complaint: Complaint, matter: str, reason: str, actor: User) -> CommitteeReview:
    """Put it before the committee; asking again while it has not said changes nothing. ``reason`` is kept masked.

    Raises Invalid (``matter``, ``reason``), NotFound or NotAllowed.
    """
    require_one_of(Matter.values, matter, "matter")
    reason = checked_reason(masking.mask(reason.strip()).text)
    lock(complaint.case)
    complaint.refresh_from_db()
    require_actor(actor, complaint.case)
    if known := complaint.reviews.filter(matter=matter, decision="").first():
        return known
    made = CommitteeReview.objects.create(
        complaint=complaint, matter=matter, reason=reason, asked_at=clock.now(), asked_by=actor
    )
    _record("asked", made, actor)
    return made


@transaction.atomic
def record_review(
    of: CommitteeReview, decision: str, opinion: str, actor: User, *, held_on: date | None = None
) -> CommitteeReview:
    """What the committee said on that day, or why it was left out; the desk's lead writes it down, once; the same
    again changes nothing.

    Raises Invalid (``decision``, ``opinion``, ``held_on``), Conflict (``decision``) when it was written down, NotFound
    or NotAllowed.
    """
    require_one_of(Decision.values, decision, "decision")
    opinion = opinion.strip()
    if not 0 < len(opinion) <= LONGEST_OPINION:
        words = f"1~{LONGEST_OPINION}자로 적어 주세요", f"must be 1 to {LONGEST_OPINION} characters"
        raise Invalid(*words, field="opinion")
    if (held_on is None) != (decision == Decision.OMITTED) or (held_on and held_on > clock.today()):
        raise Invalid("회의한 날을 적어 주세요", "say on which day it met", field="held_on")
    case = of.complaint.case
    lock(case)
    of.refresh_from_db()
    require_actor(actor, case)
    if not leads(actor, case):
        raise NotAllowed("민원실 책임자가 적습니다", "the desk's lead writes it down", field="decision")
    if of.decision and (of.decision, of.held_on, of.recorded_by) == (decision, held_on, actor):
        return of
    if of.decision:
        raise Conflict("이미 적었습니다", "it was written down already", field="decision")
    of.decision, of.opinion, of.held_on = decision, opinion, held_on
    of.recorded_at, of.recorded_by = clock.now(), actor
    of.save()
    with translation.override("ko"):
        text = f"민원조정위원회: {Matter(of.matter).label} – {Decision(decision).label}"
    cases.add_note(case, actor=actor, text=text, data={"what": "committee", "matter": of.matter, "decision": decision})
    _record("recorded", of, actor)
    return of


def require_for_ending(complaint: Complaint) -> None:
    """Raises Conflict (``committee``) where a complaint of many is to be ended and the committee has not agreed, or
    nobody has decided yet whether it is one."""
    many = Collective.objects.filter(complaint=complaint).exclude(stage=CollectiveStage.DISMISSED).first()
    if many is None:
        return
    if many.stage == CollectiveStage.SEEN:
        words = "다수인 관련 민원인지 먼저 정하세요", "decide first whether it is a complaint of many"
        raise Conflict(*words, field="committee")
    agreed = (Decision.AGREED, Decision.OMITTED)
    if not complaint.reviews.filter(matter=Matter.ENDING, decision__in=agreed).exists():
        words = (
            "다수인 관련 민원은 민원조정위원회의 심의를 거쳐 마칩니다 (영 제26조)",
            "the committee has to agree first",
        )
        raise Conflict(*words, field="committee")


def require_for_answer(complaint: Complaint) -> None:
    """Raises Conflict (``committee``) where an objection to a refused application is answered and the committee was
    neither heard nor left out."""
    if complaint.objected_at is None or complaint.kind != Kind.APPLICATION:
        return
    if not complaint.reviews.filter(matter=Matter.OBJECTION).exclude(decision="").exists():
        words = "이의는 민원조정위원회의 심의를 거쳐 답합니다 (영 제38조)", "the committee has to be heard first"
        raise Conflict(*words, field="committee")


def _record(what: str, of: CommitteeReview, actor: User) -> None:
    detail = {"matter": of.matter, "decision": of.decision}
    subject = f"complaint:{of.complaint.number}"
    audit.record(f"complaints:committee:{what}", actor=actor, subject=subject, detail=detail)
