# SPDX-License-Identifier: Apache-2.0
"""Complaints of many (다수인관련민원, 법 제2조 제6호, 제24조): the program sees them, a person decides, the lead is
told."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from dure.city import audit, cases, clock, escalation
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.errors import Invalid
from dure.city.models import CaseStatus, Level, User
from dure.services.complaints import plan
from dure.services.complaints.models import Collective, CollectiveStage, Complaint
from dure.services.complaints.signers import MANY, signers
from dure.services.complaints.teams import SERVICE

ACTOR = "complaints"


@transaction.atomic
def see(complaint: Complaint, masked: str) -> Collective | None:
    """Many seem to say this together: it is flagged, and the case's people are told. Once a complaint; what a person
    has decided stays."""
    said = signers(masked)
    if not said.are_many or Collective.objects.filter(complaint=complaint).exists():
        return None
    audit.take_turn()
    row = Collective.objects.create(
        complaint=complaint, seen_at=clock.now(), words=list(said.words), signers=said.people,
        households=said.households,
    )  # fmt: skip
    _tell(complaint, f"여러 사람이 함께 낸 민원으로 보입니다 ({complaint.number}): {', '.join(said.words)}")
    detail = {"signers": said.people, "households": said.households}
    audit.record("complaints:collective:seen", actor=ACTOR, subject=f"complaint:{complaint.number}", detail=detail)
    return row


@transaction.atomic
def decide(complaint: Complaint, stage: str, signed: int | None, households: int | None, actor: User) -> Collective:
    """A person says that five people or more have signed it for five households or more, or that they have not; also
    where the program saw nothing. Again changes nothing.

    Raises Invalid (``stage``, ``signers``, ``households``), NotFound or NotAllowed.
    """
    if stage not in (CollectiveStage.CONFIRMED, CollectiveStage.DISMISSED):
        raise Invalid("정할 것을 고르세요", "choose what it is", field="stage")
    if stage == CollectiveStage.CONFIRMED:
        for name, number in (("signers", signed), ("households", households)):
            if number is None or number < MANY:
                raise Invalid(f"{MANY} 이상이어야 합니다 (법 제2조 제6호)", f"must be at least {MANY}", field=name)
    audit.take_turn()
    complaint.refresh_from_db()
    lock(complaint.case)
    require_actor(actor, complaint.case)
    row = Collective.objects.filter(complaint=complaint).first() or Collective(complaint=complaint, seen_at=clock.now())
    confirmed = stage == CollectiveStage.CONFIRMED
    wanted = (stage, signed, households) if confirmed else (stage, row.signers, row.households)
    if row.pk and (row.stage, row.signers, row.households) == wanted:
        return row
    row.stage, row.signers, row.households = wanted
    row.by, row.decided_at = actor, clock.now()
    row.save()
    if confirmed:
        _tell(complaint, f"다수인 관련 민원입니다 ({complaint.number}): {signed}명, {households}세대")
    detail = {"stage": stage, "signers": row.signers, "households": row.households}
    audit.record("complaints:collective:decided", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return row


def of_many(user: User) -> QuerySet[Collective]:
    """Those open ones that ``user`` may see and that nobody has found to be none, the first to come first."""
    visible = cases.visible_cases(user).filter(service=SERVICE, closed_at=None)
    rows = Collective.objects.exclude(stage=CollectiveStage.DISMISSED).filter(complaint__case__in=visible)
    return rows.select_related("complaint__case").order_by("complaint__received_at", "complaint")


def _tell(complaint: Complaint, text: str) -> None:
    """On the case, and to its team by its plan; the lead finds it first on the desk's page until the case is closed."""
    case = complaint.case
    if case.status == CaseStatus.CLOSED:
        return
    cases.add_note(case, actor=ACTOR, text=text, data={"what": "collective", "complaint": complaint.number})
    plan.ensure_plan(case.area, ACTOR)
    escalation.start(case)
    if case.level < Level.ATTENTION:
        cases.raise_level(case, Level.ATTENTION, actor=ACTOR)
