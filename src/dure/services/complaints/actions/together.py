# SPDX-License-Identifier: Apache-2.0
"""A person says which complaints are of one thing, and which is not: into one case, and out of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from dure.city import audit, cases, clock
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import require_open
from dure.city.errors import Conflict
from dure.city.models import Case, User
from dure.city.outcomes import CommonOutcome
from dure.services.complaints import joining
from dure.services.complaints.actions.receiving import keep_pace, title_of
from dure.services.complaints.models import Complaint, TransferState
from dure.services.complaints.teams import SERVICE, desk_team


@transaction.atomic
def join(complaint: Complaint, case: Case, actor: User | str) -> None:
    """``complaint`` is about what ``case`` is about: both are answered together. A case that nobody is left in ends.

    Again changes nothing. Raises Conflict (``case``) when either is closed, NotFound or NotAllowed.
    """
    left = _lock_both(complaint, case, actor)
    if left.pk == case.pk:
        return
    complaint.case, complaint.department = case, joining.department_of(case)
    complaint.save(update_fields=["case", "department"])
    _record_move("complaints:complaint:joined", complaint, left, actor)
    cases.add_note(case, actor=actor, text=f"민원을 합쳤습니다: {complaint.number}", data={"what": "joined"})
    keep_pace(case, complaint, left.level)
    if not left.complaints.exists():
        left.transfers.filter(state=TransferState.SENT).update(
            state=TransferState.REFUSED, answered_at=clock.now(), refusal=f"{case.number}에 합침"
        )
        cases.close(left, actor=actor, outcome=CommonOutcome.DUPLICATE, data={"joined": case.number})


@transaction.atomic
def part(complaint: Complaint, actor: User | str) -> Case:
    """``complaint`` is about something else than the others of its case: it gets one of its own, at the desk.

    Raises Conflict (``case``) when it is alone there or the case is closed, NotFound or NotAllowed.
    """
    left = _lock_both(complaint, complaint.case, actor)
    if left.complaints.count() < 2:
        raise Conflict("이 사건에는 이 민원뿐입니다", "it is alone in its case", field="case")
    now = clock.now()
    case = cases.open_case(
        service=SERVICE,
        kind=complaint.topic.code if complaint.topic else "complaint",
        level=complaint.judgement.urgency,
        title=title_of(complaint.topic, complaint.area),
        area=complaint.area,
        team=desk_team(complaint.area),
        due_at=max(complaint.due_at, now + timedelta(minutes=1)),
        actor=actor,
    )
    complaint.case = case
    complaint.save(update_fields=["case"])
    _record_move("complaints:complaint:parted", complaint, left, actor)
    return case


def _lock_both(complaint: Complaint, case: Case, actor: User | str) -> Case:
    """The complaint's case as it is now; both cases locked, open, and the actor's to act on."""
    audit.take_turn()
    complaint.refresh_from_db()
    both = {one.pk: one for one in (complaint.case, case)}
    for pk in sorted(both):
        lock(both[pk])
        require_actor(actor, both[pk])
        require_open(both[pk])
    if case.service != SERVICE:
        raise Conflict("민원이 아닌 사건입니다", "is no complaint's case", field="case")
    return complaint.case


def _record_move(tag: str, complaint: Complaint, left: Case, actor: User | str) -> None:
    detail = {"from": left.number, "to": complaint.case.number}
    audit.record(tag, actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
