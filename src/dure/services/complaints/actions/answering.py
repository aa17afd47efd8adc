# SPDX-License-Identifier: Apache-2.0
"""The end of a complaint: the answer to everybody of the case, more time for it, repeated ones, and a second look."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.city import audit, cases, clock, rules
from dure.city.case_flow import lock, sent_before
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import require_open
from dure.city.errors import Conflict, Invalid, require_one_of
from dure.city.models import Case, CaseEventKind, User
from dure.city.working_time import Calendar
from dure.engines.language.mask import unmask
from dure.services.complaints import access, messages
from dure.services.complaints.actions import committee
from dure.services.complaints.deadlines import LOOKED_AGAIN, due_of, keep_due, running
from dure.services.complaints.models import (
    Complaint,
    Draft,
    DraftState,
    Extension,
    Kind,
    Message,
    MessageKind,
    Outcome,
    TransferState,
)
from dure.services.complaints.reasons import checked_reason
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

OUTCOMES = (Outcome.DONE, Outcome.EXPLAINED, Outcome.PLANNED, Outcome.CANNOT, Outcome.SENT_ON, Outcome.NOT_A_COMPLAINT)
"""How an answer may end a case; the others have verbs of their own."""


def waiting(case: Case) -> QuerySet[Complaint]:
    """The complaints of ``case`` to which an answer is owed."""
    return case.complaints.filter(answered_at=None, withdrawn_at=None).order_by("pk")


def version_of(case: Case) -> int:
    """Grows with every word that a citizen of the case adds, and with every citizen: what an answer was written for."""
    return sum(waiting(case).values_list("version", flat=True))


@transaction.atomic
def answer(
    case: Case,
    text: str,
    actor: User,
    outcome: str,
    *,
    draft: Draft | None = None,
    expected_version: int | None = None,
    client_id: UUID | None = None,
) -> list[Message]:
    """Answer everybody who waits in the case, each with their own names and numbers in the place of the marks, and
    close it; what is refused comes with the way to object (법 제27조 제2항). The same ``client_id`` changes nothing.

    Raises Invalid (``text``, ``outcome``), Conflict (``version``) when somebody has said more since
    ``expected_version`` (:func:`version_of`) or the draft was made, (``partners``) while an opinion is owed in time,
    (``committee``) where the law wants it heard first, NotFound or NotAllowed.
    """
    require_one_of(OUTCOMES, outcome, "outcome")
    text = text.strip()
    if not text:
        raise Invalid("답을 적어 주세요", "write the answer", field="text")
    lock(case)
    if sent_before(case, client_id, actor, CaseEventKind.OUTCOME):
        return list(Message.objects.filter(complaint__case=case, kind=MessageKind.ANSWER))
    require_actor(actor, case)
    require_open(case)
    owed = list(waiting(case))
    _require_fresh(case, owed, draft, expected_version)
    _require_opinions(case)
    for complaint in owed:
        committee.require_for_answer(complaint)
    now = clock.now()
    told = []
    for complaint in owed:
        words = unmask(text, access.vault_of(complaint))
        if outcome == Outcome.CANNOT:
            words = f"{words}\n\n{messages.remedy(complaint)}"
        number = uuid5(client_id, complaint.number) if client_id else None
        told.append(messages.say(complaint, MessageKind.ANSWER, words, at=now, by=actor, client_id=number))
        _settle(complaint)
    if draft is not None:
        draft.state, draft.by, draft.decided_at, draft.final = DraftState.SENT, actor, now, text
        draft.save(update_fields=["state", "by", "decided_at", "final"])
    _end_transfer(case, actor)
    detail = {"complaints": [one.number for one in owed], "outcome": outcome, "draft": draft.pk if draft else None}
    audit.record("complaints:answer:sent", actor=actor, subject=f"case:{case.number}", detail=detail)
    cases.close(case, actor=actor, outcome=outcome, client_id=client_id)
    return told


@transaction.atomic
def tell(complaint: Complaint, text: str, actor: User, *, client_id: UUID | None = None) -> Message:
    """A word in between; the case goes on. The same ``client_id`` again changes nothing.

    Raises Invalid (``text``), NotFound or NotAllowed.
    """
    if not text.strip():
        raise Invalid("글을 적어 주세요", "write something", field="text")
    lock(complaint.case)
    if known := Message.objects.filter(client_id=client_id, complaint=complaint).first() if client_id else None:
        return known
    require_actor(actor, complaint.case)
    now = clock.now()
    words = unmask(text.strip(), access.vault_of(complaint))
    message = messages.say(complaint, MessageKind.INTERIM, words, at=now, by=actor, client_id=client_id)
    if complaint.first_answered_at is None:
        complaint.first_answered_at = now
        complaint.save(update_fields=["first_answered_at"])
    audit.record("complaints:citizen:told", actor=actor, subject=f"complaint:{complaint.number}")
    return message


@transaction.atomic
def extend(complaint: Complaint, days: int, reason: str, agreed: bool, actor: User) -> Extension:
    """Make the period longer by working ``days``, tell the citizen why and until when (영 제21조): once by as much as
    the period itself, once more only if they agreed; an objection's once (법 제35조 제2항).

    Raises Invalid (``days``, ``reason``, ``agreed``), Conflict (``days``) after those or when it is too late, NotFound
    or NotAllowed.
    """
    reason = checked_reason(reason)
    lock(complaint.case)
    complaint.refresh_from_db()
    require_actor(actor, complaint.case)
    require_open(complaint.case)
    now, before = clock.now(), complaint.due_at
    since, period = running(complaint)
    most = period.working_days(since, Calendar())
    earlier = complaint.extensions.filter(at__gte=since).count()
    if earlier >= (2 if since == complaint.received_at else 1):
        raise Conflict("더 늘릴 수 없습니다", "it cannot be extended again", field="days")
    if before < now:
        raise Conflict("기한이 지나 늘릴 수 없습니다", "it is late already", field="days")
    if not 1 <= days <= most:
        raise Invalid(f"1~{most}일이어야 합니다", f"must be 1 to {most}", field="days")
    if earlier and not agreed:
        raise Invalid("다시 늘리려면 민원인이 동의해야 합니다", "again only if the citizen agrees", field="agreed")
    made = Extension.objects.create(
        complaint=complaint, at=now, by=actor, days=days, reason=reason, agreed=agreed, due_before=before,
        due_after=before,
    )  # fmt: skip
    made.due_after = due_of(complaint)
    made.save(update_fields=["due_after"])
    keep_due(complaint, made.due_after, actor=actor)
    messages.say(complaint, MessageKind.EXTENSION, messages.extended(complaint, reason), at=now, by=actor)
    detail = {"days": days, "agreed": agreed, "due_at": made.due_after.isoformat()}
    audit.record("complaints:clock:extended", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return made


@transaction.atomic
def end_repeated(complaint: Complaint, actor: User) -> Message:
    """End what the same person has said three times and was answered twice (법 제23조 제1항); a person decides it.

    Raises Conflict (``repeats``) for what the law does not let end so, (``committee``) for a complaint of many to which
    the committee has not agreed, NotFound or NotAllowed.
    """
    lock(complaint.case)
    complaint.refresh_from_db()
    require_actor(actor, complaint.case)
    require_open(complaint.case)
    desk = rules.load(DeskRules, SERVICE, complaint.area)
    same = _of_one_kind(complaint)
    answered = same.exclude(answered_at=None).count()
    if complaint.kind == Kind.APPLICATION or same.count() < desk.repeat_times or answered < desk.repeat_told:
        words = (
            f"같은 민원이 {desk.repeat_times}번, 답이 {desk.repeat_told}번 있어야 하고 법정 민원이 아니어야 합니다",
            f"needs {desk.repeat_times} of them, {desk.repeat_told} answered, and no statutory application",
        )
        raise Conflict(*words, field="repeats")
    committee.require_for_ending(complaint)
    text = messages.ended_as_repeated(complaint)
    message = messages.say(complaint, MessageKind.ANSWER, text, at=clock.now(), by=actor)
    _settle(complaint)
    detail = {"same": same.count(), "answered": answered}
    audit.record("complaints:complaint:repeated", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    if not waiting(complaint.case).exists():
        _end_transfer(complaint.case, actor)
        cases.close(complaint.case, actor=actor, outcome=Outcome.REPEATED)
    return message


@transaction.atomic
def say_repeats(complaint: Complaint, of: Complaint | None, actor: User) -> None:
    """A person says which complaint this one repeats, or that it repeats none (promise 4). Again changes nothing.

    Raises Invalid (``of``) for another person's or its own, NotFound or NotAllowed.
    """
    lock(complaint.case)
    complaint.refresh_from_db()
    require_actor(actor, complaint.case)
    head = of and (of.repeats or of)
    if head is not None and (head.pk == complaint.pk or head.reporter_index != complaint.reporter_index):
        raise Invalid("같은 사람의 앞선 민원이어야 합니다", "must be an earlier one of the same person", field="of")
    if complaint.repeats_id != (head.pk if head else None):
        complaint.repeats = head
        complaint.save(update_fields=["repeats"])
        detail = {"of": head.number if head else None}
        subject = f"complaint:{complaint.number}"
        audit.record("complaints:complaint:compared", actor=actor, subject=subject, detail=detail)


@transaction.atomic
def look_again(case: Case, reason: str, actor: User) -> None:
    """It was closed too early: a person takes it in hand again, and an answer is owed to its citizens once more.

    Raises as :func:`dure.city.cases.reopen`.
    """
    lock(case)
    desk = rules.load(DeskRules, SERVICE, case.area)
    due_at = Calendar().legal_due(clock.now(), days=desk.objection_days)
    cases.reopen(case, actor=actor, reason=reason, due_at=due_at)
    cases.add_note(case, actor=actor, text="답을 다시 합니다", data={"what": LOOKED_AGAIN})
    owed = case.complaints.filter(withdrawn_at=None)
    owed.update(answered_at=None, due_at=due_at, near_told_at=None)
    detail = {"complaints": list(owed.values_list("number", flat=True))}
    audit.record("complaints:answer:taken_back", actor=actor, subject=f"case:{case.number}", detail=detail)


def _require_fresh(case: Case, owed: list[Complaint], draft: Draft | None, expected: int | None) -> None:
    words = "그사이 시민이 글을 더했습니다. 다시 읽어 주세요.", "somebody has said more meanwhile; read it again"
    if expected is not None and version_of(case) != expected:
        raise Conflict(*words, field="version")
    if draft is None:
        return
    of = next((one for one in owed if one.pk == draft.complaint_id), None)
    if of is None:
        raise Invalid("이 사건의 초안이 아닙니다", "is no draft of this case", field="draft")
    if draft.version != of.version:
        raise Conflict(*words, field="version")


def _require_opinions(case: Case) -> None:
    owed = case.partners.filter(given_at=None, due_at__gt=clock.now()).select_related("department").first()
    if owed is not None:
        name = owed.department.name
        words = f"{name['ko']}의 의견을 기다립니다", f"the opinion of {name['en']} is awaited"
        raise Conflict(*words, field="partners")


def _settle(complaint: Complaint) -> None:
    now = clock.now()
    complaint.answered_at = now
    complaint.first_answered_at = complaint.first_answered_at or now
    complaint.save(update_fields=["answered_at", "first_answered_at"])
    complaint.pauses.filter(to_at=None).update(to_at=now)


def _end_transfer(case: Case, actor: User) -> None:
    """Who answers has taken it: the department's, or the desk's again."""
    pending = case.transfers.filter(state=TransferState.SENT).select_related("to_department__team").first()
    if pending is None:
        return
    theirs = pending.to_department.team.members.filter(pk=actor.pk).exists()
    pending.state = TransferState.ACCEPTED if theirs else TransferState.REFUSED
    pending.refusal = "" if theirs else "민원실에서 답함"
    pending.answered_at, pending.answered_by = clock.now(), actor
    pending.save(update_fields=["state", "refusal", "answered_at", "answered_by"])


def _of_one_kind(complaint: Complaint) -> QuerySet[Complaint]:
    """The complaint, the one that it repeats, and the others that repeat that one."""
    head = complaint.repeats_id or complaint.pk
    return Complaint.objects.filter(Q(pk=head) | Q(repeats=head) | Q(pk=complaint.pk), withdrawn_at=None)
