# SPDX-License-Identifier: Apache-2.0
"""A case goes from the desk to a department, and from one to another (영 제13조): never lost, never bounced for ever.

It is a department's when they accept. What nobody answers in time comes back to the desk. After so many departments
the lead decides, and what the lead decides cannot be refused.
"""

from __future__ import annotations

from django.db import transaction

from dure.city import audit, cases, clock, escalation, rules
from dure.city.case_flow import IN_HAND, lock
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import require_open
from dure.city.errors import Conflict, Invalid, NotAllowed
from dure.city.models import Case, CaseStatus, Level, Role, Team, User
from dure.city.roles import areas_of
from dure.city.working_time import add_working_hours
from dure.services.complaints import messages, plan
from dure.services.complaints.joining import department_of
from dure.services.complaints.models import (
    Complaint,
    Department,
    Judgement,
    MessageKind,
    Topic,
    Transfer,
    TransferState,
)
from dure.services.complaints.reasons import checked_reason
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE, desk_team

ACTOR = "complaints"


@transaction.atomic
def choose(complaint: Complaint, department: Department, topic: Topic | None, actor: User) -> None:
    """A person says whose it is and what about: what the program said stays beside it, and it learns from both.

    The complaint gets the topic and the department; sending it there is :func:`transfer`. Again changes nothing.
    Raises Invalid (``department``, ``topic``), NotFound or NotAllowed.
    """
    _check(department)
    if topic is not None and topic.retired_at is not None:
        raise Invalid("없어진 갈래입니다", "the topic is no more", field="topic")
    audit.take_turn()
    complaint.refresh_from_db()
    lock(complaint.case)
    require_actor(actor, complaint.case)
    judgement = Judgement.objects.get(complaint=complaint)
    chosen = (department.pk, topic.pk if topic else None)
    if judgement.chosen_at and (judgement.chosen_id, judgement.chosen_topic_id) == chosen:
        return
    judgement.chosen, judgement.chosen_topic = department, topic
    judgement.chosen_by, judgement.chosen_at = actor, clock.now()
    judgement.save()
    complaint.department, complaint.topic = department, topic
    complaint.save(update_fields=["department", "topic"])
    first = judgement.labels[0]["label"] if judgement.labels else None
    detail = {"department": department.code, "topic": topic.code if topic else None, "said": first}
    audit.record("complaints:complaint:sorted", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)


@transaction.atomic
def transfer(case: Case, department: Department, reason: str, actor: User) -> Transfer:
    """Send the case to ``department``, which has to say in time whether it takes it; citizens are told when it leaves
    the city. The desk may take back what nobody has answered yet.

    Raises Invalid (``department``, ``reason``), Conflict (``department``) when it is theirs already or unanswered,
    NotAllowed after the rule's number of departments for anybody but the lead.
    """
    _check(department)
    reason = checked_reason(reason)
    lock(case)
    require_actor(actor, case)
    require_open(case)
    desk = rules.load(DeskRules, SERVICE, case.area)
    before = department_of(case)
    if before is not None and before.pk == department.pk:
        raise Conflict("이미 그 부서의 일입니다", "it is that department's already", field="department")
    final = case.transfers.count() >= desk.most_transfers
    if final and not leads(actor, case):
        words = f"{desk.most_transfers}번 옮겨 다녔습니다. 민원실 책임자가 정합니다.", "the desk's lead decides now"
        raise NotAllowed(*words, field="department")
    _take_back(case, actor)
    now = clock.now()
    hours = desk.outside_hours if department.outside else desk.transfer_hours
    made = Transfer.objects.create(
        case=case, from_department=before, to_department=department, at=now, by=actor, reason=reason, final=final,
        answer_by=add_working_hours(now, hours),
    )  # fmt: skip
    for complaint in case.complaints.filter(withdrawn_at=None, answered_at=None):
        complaint.department = department
        complaint.save(update_fields=["department"])
        if department.outside:
            text = messages.sent_on(complaint, department)
            messages.say(complaint, MessageKind.TRANSFER, text, at=now, by=actor)
    cases.add_note(
        case, actor=actor, text=f"{department.name['ko']}(으)로 보냄: {reason}",
        data={"what": "transfer", "to": department.code, "final": final},
    )  # fmt: skip
    _give(case, department.team, actor)
    detail = {"to": department.code, "from": before.code if before else None, "final": final}
    audit.record("complaints:transfer:sent", actor=actor, subject=f"case:{case.number}", detail=detail)
    return made


@transaction.atomic
def accept(of: Transfer, actor: User) -> None:
    """It is the department's, and the actor has it in hand. Again changes nothing.

    Raises Conflict (``state``) after it was refused, NotAllowed for who is neither of the department nor the lead.
    """
    _answer(of, actor)
    if of.state == TransferState.ACCEPTED:
        return
    _require_sent(of)
    _close(of, TransferState.ACCEPTED, actor)
    if of.case.status == CaseStatus.OPEN:
        cases.acknowledge(of.case, actor)
    _record("accepted", of, actor)


@transaction.atomic
def refuse(of: Transfer, reason: str, actor: User) -> None:
    """It is not the department's: it goes back to the desk with why. Again changes nothing.

    Raises Invalid (``reason``), Conflict (``state``) after it was accepted or when the lead has decided, NotAllowed.
    """
    reason = checked_reason(reason)
    _answer(of, actor)
    if of.state == TransferState.REFUSED:
        return
    _require_sent(of)
    if of.final:
        words = "민원실 책임자가 정한 것이라 돌려보낼 수 없습니다", "the lead has decided; it cannot be refused"
        raise Conflict(*words, field="state")
    _close(of, TransferState.REFUSED, actor, reason)
    _back_to_desk(of, f"{of.to_department.name['ko']}에서 돌려보냄: {reason}", actor)
    _record("refused", of, actor)


def return_unanswered() -> int:
    """Transfers that nobody has answered in time come back to the desk, loudly; what the lead decided is the
    department's all the same, and is told to it again. Returns how many."""
    late = Transfer.objects.filter(state=TransferState.SENT, answer_by__lte=clock.now()).order_by("answer_by", "pk")
    return sum(_end_unanswered(one) for one in list(late.select_related("case")))


@transaction.atomic
def _end_unanswered(of: Transfer) -> bool:
    lock(of.case)
    of.refresh_from_db()
    case = of.case
    if of.state != TransferState.SENT or case.status == CaseStatus.CLOSED:
        return False
    if of.final:
        _close(of, TransferState.ACCEPTED, None)
        text = f"{of.to_department.name['ko']}에서 답이 없어 맡은 것으로 봅니다"
        cases.add_note(case, actor=ACTOR, text=text, data={"what": "unanswered", "to": of.to_department.code})
    else:
        _close(of, TransferState.REFUSED, None, "기한까지 답 없음")
        text = f"{of.to_department.name['ko']}에서 기한까지 답이 없어 민원실로 돌아왔습니다"
        _back_to_desk(of, text, ACTOR, what="unanswered")
    if case.level < Level.ATTENTION:
        cases.raise_level(case, Level.ATTENTION, actor=ACTOR)
    plan.ensure_plan(case.area, ACTOR)
    escalation.start(case)
    _record("unanswered", of, ACTOR)
    return True


def leads(user: User, case: Case) -> bool:
    """Whether ``user`` leads the desk in the case's area."""
    return areas_of(user, Role.DESK_LEAD).filter(pk=case.area_id).exists()


def _is_of_desk(user: User, case: Case) -> bool:
    return areas_of(user, Role.CALL_AGENT, Role.DESK_LEAD).filter(pk=case.area_id).exists()


def _answer(of: Transfer, actor: User) -> None:
    """Lock it; the actor must be of the department or lead the desk, whose agents answer for other institutions."""
    lock(of.case)
    of.refresh_from_db()
    require_actor(actor, of.case)
    theirs = of.to_department.team.members.filter(pk=actor.pk).exists()
    by_desk = leads(actor, of.case) or (of.to_department.outside and _is_of_desk(actor, of.case))
    if not theirs and not by_desk:
        raise NotAllowed("받은 부서만 답할 수 있습니다", "only the department may answer", field="state")


def _require_sent(of: Transfer) -> None:
    if of.state != TransferState.SENT:
        raise Conflict("이미 답한 이송입니다", "it was answered already", field="state")


def _close(of: Transfer, state: TransferState, actor: User | None, refusal: str = "") -> None:
    of.state, of.answered_at, of.answered_by, of.refusal = state, clock.now(), actor, refusal
    of.save(update_fields=["state", "answered_at", "answered_by", "refusal"])


def _back_to_desk(of: Transfer, text: str, actor: User | str, what: str = "refused") -> None:
    case = of.case
    case.complaints.filter(withdrawn_at=None, answered_at=None).update(department=None)
    cases.add_note(case, actor=actor, text=text, data={"what": what, "to": of.to_department.code})
    _give(case, desk_team(case.area), actor)


def _give(case: Case, team: Team, actor: User | str) -> None:
    """Another team's case is nobody's until it takes it. The actor may lose sight of it by this: it comes last."""
    if case.status in IN_HAND and case.status != CaseStatus.WAITING:
        cases.change_status(case, CaseStatus.OPEN, actor=actor)
    cases.assign(case, actor=actor, team=team)


def _take_back(case: Case, actor: User) -> None:
    """What is under way and unanswered: the desk may send it elsewhere; others wait for the answer."""
    pending = case.transfers.filter(state=TransferState.SENT).first()
    if pending is None:
        return
    if not _is_of_desk(actor, case):
        raise Conflict("보낸 곳의 답을 먼저 기다립니다", "the last transfer is not answered yet", field="department")
    _close(pending, TransferState.REFUSED, actor, "민원실에서 거둠")


def _check(department: Department) -> None:
    if department.retired_at is not None:
        raise Invalid("없어진 부서입니다", "the department is no more", field="department")


def _record(what: str, of: Transfer, actor: User | str) -> None:
    detail = {"to": of.to_department.code, "transfer": of.pk}
    audit.record(f"complaints:transfer:{what}", actor=actor, subject=f"case:{of.case.number}", detail=detail)
