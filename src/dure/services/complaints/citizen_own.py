# SPDX-License-Identifier: Apache-2.0
"""One citizen's own complaint, as they see it who have its number and PIN: where it is, who has it, by when, and what
was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from dure.city import clock, rules
from dure.city.models import CaseStatus
from dure.services.complaints import joining, messages
from dure.services.complaints.access import ComplaintRecord, access_as_citizen
from dure.services.complaints.models import (
    Complaint,
    Department,
    Extension,
    MessageKind,
    MessageWay,
    PauseGround,
    TransferState,
)
from dure.services.complaints.rules import DeskRules


@dataclass(frozen=True)
class Step:
    """One of the steps that every complaint goes through; ``state``: done, now or later."""

    name: str
    state: str
    at: datetime | None = None
    words: str = ""

    @property
    def state_words(self) -> str:
        """For who does not see the line."""
        return {"done": _("마침"), "now": _("지금"), "later": _("아직")}[self.state]


@dataclass(frozen=True)
class Said:
    """One message; ``mine``: by the citizen."""

    mine: bool
    what: str
    at: datetime
    text: str
    automatic: bool


@dataclass(frozen=True)
class Office:
    """Who has it: a department with its telephone, never a person."""

    name: str
    phone: str = ""


@dataclass(frozen=True)
class Own:
    """All that the page shows. ``due_at`` None: nothing is owed any more; ``paused``: the citizen is waited for;
    ``stands_for``: what else the clock stands for."""

    number: str
    now: str
    steps: list[Step]
    office: Office
    due_at: datetime | None
    late: bool
    paused: bool
    stands_for: list[str]
    together: int
    extensions: list[Extension]
    messages: list[Said]
    pictures: tuple[int, ...]
    can_add: bool
    can_withdraw: bool
    can_rate: bool
    can_object: bool


def own_view(complaint: Complaint) -> Own:
    """The complaint with its words opened, for whoever proved to have its PIN; on the chain before.

    Raises RuntimeError inside a transaction.
    """
    record = access_as_citizen(complaint)
    ended = complaint.answered_at or complaint.withdrawn_at
    grounds = [] if ended else [PauseGround(one.ground) for one in complaint.pauses.filter(to_at=None)]
    department = joining.department_of(complaint.case)
    steps = _steps(complaint, department, grounds)
    answered = complaint.answered_at is not None and complaint.withdrawn_at is None
    return Own(
        number=complaint.number,
        now=next((step.words or step.name for step in steps if step.state == "now"), steps[-1].name),
        steps=steps,
        office=office_of(department),
        due_at=None if ended else complaint.due_at,
        late=not ended and not grounds and complaint.due_at < clock.now(),
        paused=PauseGround.CITIZEN in grounds,
        stands_for=[str(one.label) for one in grounds if one != PauseGround.CITIZEN],
        together=citizens_of(complaint),
        extensions=list(complaint.extensions.order_by("at")),
        messages=_messages(record),
        pictures=record.pictures,
        can_add=not ended,
        can_withdraw=not ended,
        can_rate=answered and complaint.rating is None,
        can_object=answered and clock.now() <= _object_until(complaint),
    )


def office_of(department: Department | None) -> Office:
    """Who has it, in the reader's language; the desk until it was given to a department."""
    return Office(messages.named(department), department.phone) if department else Office(_("민원실"))


def citizens_of(complaint: Complaint) -> int:
    """How many have said the same and not withdrawn it."""
    return Complaint.objects.filter(case=complaint.case_id, withdrawn_at=None).count()


def _object_until(complaint: Complaint) -> datetime:
    days = rules.load(DeskRules, "complaints", complaint.area).object_days
    return (complaint.answered_at or clock.now()) + timedelta(days=days)


def _steps(complaint: Complaint, department: Department | None, grounds: list[PauseGround]) -> list[Step]:
    begun = [Step(_("접수"), "done", complaint.received_at)]
    if complaint.objected_at:
        begun.append(Step(_("이의"), "done", complaint.objected_at))
    if complaint.withdrawn_at:
        return [*begun, Step(_("거두셨습니다"), "now", complaint.withdrawn_at)]
    given = Step(_("담당 부서"), "done", words=office_of(department).name)
    if complaint.answered_at:
        return [*begun, given, Step(_("결과를 알려 드렸습니다"), "now", complaint.answered_at)]
    last = Step(_("결과 알림"), "later")
    if department is None and not grounds:
        sought = Step(_("담당 부서"), "now", words=_("맡을 부서를 정하고 있습니다"))
        return [*begun, sought, Step(_("살펴보기"), "later"), last]
    return [*begun, given, Step(_("살펴보기"), "now", words=_work(complaint, grounds)), last]


def _work(complaint: Complaint, grounds: list[PauseGround]) -> str:
    if PauseGround.CITIZEN in grounds:
        return _("여쭌 것에 답해 주시기를 기다립니다")
    if grounds:
        return str(grounds[0].label)
    if complaint.case.transfers.filter(state=TransferState.SENT).exists():
        return _("담당 부서에 보냈습니다. 맡을지 곧 정합니다")
    if complaint.case.status == CaseStatus.OPEN:
        return _("담당 부서가 받았습니다. 곧 살펴봅니다")
    return _("담당 부서가 살펴보고 있습니다")


def _messages(record: ComplaintRecord) -> list[Said]:
    """Without the receipt, in which the PIN stands: a page may be left open."""
    first = Said(True, _("처음 알린 글"), record.complaint.received_at, record.text, automatic=False)
    return [
        first,
        *(
            Said(
                one.way == MessageWay.IN,
                str(one.kind.label),
                one.at,
                "" if one.kind == MessageKind.WITHDRAWAL else one.text,
                one.automatic,
            )
            for one in record.messages
            if one.kind != MessageKind.RECEIPT
        ),
    ]
