# SPDX-License-Identifier: Apache-2.0
"""Joint handling (법 제20조, 복합 민원 법 제31조): other departments give their opinion, one answers."""

from __future__ import annotations

from django.db import transaction

from dure.city import audit, cases, clock, rules
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import require_open
from dure.city.errors import Conflict, Invalid, NotAllowed
from dure.city.models import Case, User
from dure.city.working_time import add_working_hours
from dure.services.complaints import masking
from dure.services.complaints.actions.transfers import leads
from dure.services.complaints.models import Department, Partner
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

LONGEST_PART = 400


@transaction.atomic
def ask_partner(case: Case, department: Department, part: str, actor: User) -> Partner:
    """Ask ``department`` for its ``part``, masked, in time for the answer. Asking again changes nothing.

    Raises Invalid (``part``, ``department``), NotFound, NotAllowed, Conflict.
    """
    part = masking.mask(part.strip()).text
    if not 0 < len(part) <= LONGEST_PART:
        words = f"1~{LONGEST_PART}자로 적어 주세요", f"must be 1 to {LONGEST_PART} characters"
        raise Invalid(*words, field="part")
    if department.retired_at is not None or department.team_id == case.team_id:
        raise Invalid("다른 부서를 고르세요", "choose another department", field="department")
    lock(case)
    require_actor(actor, case)
    require_open(case)
    if known := case.partners.filter(department=department).first():
        return known
    now = clock.now()
    hours = rules.load(DeskRules, SERVICE, case.area).partner_hours
    due_at = min(add_working_hours(now, hours), max(case.due_at, now))
    made = Partner.objects.create(
        case=case, department=department, part=part, asked_at=now, asked_by=actor, due_at=due_at
    )
    detail = {"department": department.code, "due_at": due_at.isoformat()}
    audit.record("complaints:partner:asked", actor=actor, subject=f"case:{case.number}", detail=detail)
    return made


@transaction.atomic
def give_opinion(of: Partner, text: str, actor: User) -> None:
    """What the partner says to its part; the last word counts until the case is answered.

    Raises Invalid (``text``), NotAllowed for who is neither of the department nor the lead, Conflict when it is over.
    """
    if not text.strip():
        raise Invalid("의견을 적어 주세요", "say something", field="text")
    lock(of.case)
    of.refresh_from_db()
    if not leads(actor, of.case) and not of.department.team.members.filter(pk=actor.pk).exists():
        raise NotAllowed("물은 부서만 답할 수 있습니다", "only the department asked may answer", field="text")
    if of.case.closed_at is not None:
        raise Conflict("이미 답한 사건입니다", "the case is closed", field="status")
    of.opinion, of.given_at, of.given_by = text.strip(), clock.now(), actor
    of.save(update_fields=["opinion", "given_at", "given_by"])
    name = of.department.name["ko"]
    cases.add_note(of.case, actor=SERVICE, text=f"{name}에서 의견을 냈습니다", data={"what": "opinion"})
    detail = {"department": of.department.code}
    audit.record("complaints:partner:answered", actor=actor, subject=f"case:{of.case.number}", detail=detail)
