# SPDX-License-Identifier: Apache-2.0
"""While the city waits for the citizen the law's clock stands (법 제22조 제1항, 영 제20조·제24조)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dure.city import audit, cases, clock, rules
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import require_open
from dure.city.errors import Conflict, Invalid
from dure.city.models import CaseStatus, User
from dure.services.complaints import masking, messages
from dure.services.complaints.deadlines import due_of, keep_due
from dure.services.complaints.models import Complaint, Message, MessageKind, Pause
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

ACTOR = "complaints"
LONGEST_REASON = 200


@transaction.atomic
def ask_citizen(
    complaint: Complaint, text: str, actor: User, *, until: datetime | None = None, client_id: UUID | None = None
) -> Message:
    """Ask for what is missing; the clock stands until they answer, at the longest until ``until`` (the rule's days).

    The same ``client_id`` again changes nothing. Raises Invalid (``text``, ``until``), Conflict (``case``) when it has
    ended or something is asked already, NotFound or NotAllowed.
    """
    if not text.strip():
        raise Invalid("무엇이 필요한지 적어 주세요", "say what is needed", field="text")
    audit.take_turn()
    complaint.refresh_from_db()
    case, now = complaint.case, clock.now()
    lock(case)
    if known := Message.objects.filter(client_id=client_id, complaint=complaint).first() if client_id else None:
        return known
    require_actor(actor, case)
    require_open(case)
    if complaint.pauses.filter(to_at=None).exists():
        raise Conflict("이미 시민의 답을 기다립니다", "the citizen is being waited for already", field="case")
    days = rules.load(DeskRules, SERVICE, complaint.area).ask_days
    until = until or now + timedelta(days=days)
    if until <= now:
        raise Invalid("지금보다 늦어야 합니다", "must be later than now", field="until")
    reason = masking.mask(text).text[:LONGEST_REASON]
    Pause.objects.create(complaint=complaint, from_at=now, until=until, reason=reason)
    keep_due(complaint, due_of(complaint), actor=actor)
    message = messages.say(
        complaint, MessageKind.QUESTION, messages.asked(complaint, text.strip(), until), at=now, by=actor,
        client_id=client_id,
    )  # fmt: skip
    if complaint.first_answered_at is None:
        complaint.first_answered_at = now
        complaint.save(update_fields=["first_answered_at"])
    if case.complaints.filter(withdrawn_at=None, answered_at=None).count() == 1:
        _wait(complaint, actor)
    detail = {"until": until.isoformat()}
    audit.record("complaints:citizen:asked", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return message


def _wait(complaint: Complaint, actor: User) -> None:
    case = complaint.case
    if case.status == CaseStatus.OPEN:
        cases.acknowledge(case, actor)
    if case.status != CaseStatus.WAITING:
        cases.change_status(case, CaseStatus.WAITING, actor=actor)


@transaction.atomic
def end_pause(complaint: Complaint, *, actor: User | str, at: datetime | None = None) -> bool:
    """The clock goes on, whether they have answered or not; False, and no change, when it was not standing."""
    audit.take_turn()
    lock(complaint.case)
    pause = complaint.pauses.filter(to_at=None).first()
    if pause is None:
        return False
    case = complaint.case
    pause.to_at = at or clock.now()
    pause.save(update_fields=["to_at"])
    keep_due(complaint, due_of(complaint), actor=ACTOR)
    if case.status == CaseStatus.WAITING:
        cases.change_status(case, CaseStatus.IN_PROGRESS, actor=actor)
    detail = {"from": pause.from_at.isoformat(), "to": pause.to_at.isoformat()}
    audit.record("complaints:clock:resumed", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return True


def end_overdue_pauses() -> int:
    """Citizens who did not answer in time: the clock goes on from when their time was over, and the case says so."""
    ended = 0
    for pause in list(Pause.objects.filter(to_at=None, until__lte=clock.now()).select_related("complaint__case")):
        complaint = pause.complaint
        with transaction.atomic():
            if end_pause(complaint, actor=ACTOR, at=pause.until):
                text = f"시민의 답이 없습니다 ({complaint.number}). 처리 기간이 다시 갑니다."
                cases.add_note(complaint.case, actor=ACTOR, text=text, data={"what": "unanswered_question"})
                ended += 1
    return ended
