# SPDX-License-Identifier: Apache-2.0
"""When the law's clock stands: while the city waits for the citizen (법 제22조 제1항, 영 제24조), while somebody goes
and looks (영 제17조 제4항), while experts examine, people are heard and so on (영 제20조, 행정절차법 시행령 제11조)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dure.city import audit, cases, clock, rules
from dure.city.case_flow import lock
from dure.city.cases.access import require_actor
from dure.city.cases.beginning import require_open
from dure.city.errors import Conflict, Invalid, NotFound, require_one_of
from dure.city.models import CaseStatus, User
from dure.city.working_time import Calendar
from dure.services.complaints import masking, messages
from dure.services.complaints.deadlines import due_of, keep_due
from dure.services.complaints.models import Complaint, Kind, Message, MessageKind, Pause, PauseGround
from dure.services.complaints.reasons import LONGEST_REASON, checked_reason
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

ACTOR = "complaints"
OFFICE_GROUNDS = tuple(one for one in PauseGround if one != PauseGround.CITIZEN)
"""What the city does itself meanwhile; for the citizen's answer there is :func:`ask_citizen`."""
LONGEST_PAUSE = timedelta(days=365)
MOST_TIMES = {PauseGround.CITIZEN: 2, PauseGround.INSPECTION: 1}
"""How often it may be prolonged: 영 제24조 제2항, 영 제17조 제4항 단서. The law sets no number for the others."""


@transaction.atomic
def ask_citizen(
    complaint: Complaint, text: str, actor: User, *, until: datetime | None = None, client_id: UUID | None = None
) -> Message:
    """Ask for what is missing; the clock stands until they answer, at the longest until ``until`` (the rule's days, the
    first not counted: 영 제24조 제4항).

    The same ``client_id`` again changes nothing. Raises Invalid (``text``, ``until``), Conflict (``case``) when it has
    ended or something is asked already, NotFound or NotAllowed.
    """
    if not text.strip():
        raise Invalid("무엇이 필요한지 적어 주세요", "say what is needed", field="text")
    audit.take_turn()
    complaint.refresh_from_db()
    lock(complaint.case)
    if known := Message.objects.filter(client_id=client_id, complaint=complaint).first() if client_id else None:
        return known
    days = rules.load(DeskRules, SERVICE, complaint.area).ask_days
    until = until or Calendar().civil_end(clock.now(), days)
    _begin(complaint, PauseGround.CITIZEN, masking.mask(text).text[:LONGEST_REASON], until, actor)
    message = messages.say(
        complaint, MessageKind.QUESTION, messages.asked(complaint, text.strip(), until), at=clock.now(), by=actor,
        client_id=client_id,
    )  # fmt: skip
    if complaint.first_answered_at is None:
        complaint.first_answered_at = clock.now()
        complaint.save(update_fields=["first_answered_at"])
    if complaint.case.complaints.filter(withdrawn_at=None, answered_at=None).count() == 1:
        _wait(complaint, actor)
    detail = {"until": until.isoformat()}
    audit.record("complaints:citizen:asked", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return message


@transaction.atomic
def pause(complaint: Complaint, ground: str, reason: str, until: datetime | None, actor: User) -> Pause:
    """The city inspects, has something examined, hears somebody …: that time does not count for any of the case's
    complaints that the ground is for, and their citizens are told. The same of the same person again changes nothing.

    ``until``: at the longest; None for an inspection: as long as the rule lets it last. Raises Invalid (``ground``,
    ``reason``, ``until``; inspections are for grievances and last 14 days at most), Conflict (``ground``) when it
    stands for that already, (``case``) when it has ended, NotFound or NotAllowed.
    """
    require_one_of([str(one) for one in OFFICE_GROUNDS], ground, "ground")
    reason = checked_reason(reason)
    audit.take_turn()
    complaint.refresh_from_db()
    lock(complaint.case)
    if known := complaint.pauses.filter(to_at=None, ground=ground, reason=reason, by=actor).first():
        return known
    made = _begin_office(complaint, PauseGround(ground), reason, until, actor)
    for other in complaint.case.complaints.filter(answered_at=None, withdrawn_at=None).exclude(pk=complaint.pk):
        with suppress(Invalid, Conflict):  # no grievance, inspected before, or standing for that already
            _begin_office(other, PauseGround(ground), reason, made.until, actor)
    return made


@transaction.atomic
def prolong(of: Pause, until: datetime, reason: str, actor: User) -> Pause:
    """It takes longer than was said: the citizen's answer (twice at most), an inspection (once, by seven days at most)
    or another ground. The citizen is told. The same again changes nothing.

    Raises Invalid (``until``, ``reason``), Conflict (``ground``) when it is over or was prolonged too often, NotFound
    or NotAllowed.
    """
    reason = checked_reason(reason)
    audit.take_turn()
    complaint = of.complaint
    lock(complaint.case)
    of.refresh_from_db()
    require_actor(actor, complaint.case)
    ground = PauseGround(of.ground)
    if of.to_at is not None or of.until is None:
        raise Conflict("이미 끝났습니다", "it is over", field="ground")
    if of.prolonged and (of.until, of.reason) == (until, reason):
        return of
    if of.prolonged >= MOST_TIMES.get(ground, of.prolonged + 1):
        raise Conflict("더 늘릴 수 없습니다", "it cannot be prolonged again", field="ground")
    if until <= of.until or until > clock.now() + LONGEST_PAUSE:
        raise Invalid("앞서 말한 때보다 늦어야 합니다", "must be later than was said", field="until")
    more = rules.load(DeskRules, SERVICE, complaint.area).inspection_more_days
    if ground == PauseGround.INSPECTION and until > Calendar().civil_end(of.until, more):
        raise Invalid(f"{more}일까지 늘릴 수 있습니다", f"by {more} days at most", field="until")
    for one in (of, *_together_with(of)):
        one.until, one.reason, one.prolonged = until, reason, one.prolonged + 1
        one.save(update_fields=["until", "reason", "prolonged"])
        keep_due(one.complaint, due_of(one.complaint), actor=actor)
        _tell(one.complaint, one, actor)
        _record("prolonged", one.complaint, actor, one)
    return of


@transaction.atomic
def end_pause(
    complaint: Complaint,
    *,
    actor: User | str,
    ground: str = PauseGround.CITIZEN,
    at: datetime | None = None,
) -> bool:
    """What the clock stood for is over; it goes on unless it stands for something else, too. False, and no change, when
    it was not standing for that."""
    audit.take_turn()
    lock(complaint.case)
    of = complaint.pauses.filter(to_at=None, ground=ground).first()
    if of is None:
        return False
    case = complaint.case
    if isinstance(actor, User):
        require_actor(actor, case)
    of.complaint = complaint
    for one in (of, *_together_with(of)):
        one.to_at = at or clock.now()
        one.save(update_fields=["to_at"])
        keep_due(one.complaint, due_of(one.complaint), actor=ACTOR)
        _record("resumed", one.complaint, actor, one)
    if ground == PauseGround.CITIZEN and case.status == CaseStatus.WAITING:
        cases.change_status(case, CaseStatus.IN_PROGRESS, actor=actor)
    return True


def end_overdue_pauses() -> int:
    """Citizens who did not answer in time, and what the city did not end in time: the clock goes on from when the time
    was over, and the case says so."""
    ended = 0
    for of in list(Pause.objects.filter(to_at=None, until__lte=clock.now()).select_related("complaint__case")):
        complaint = of.complaint
        with transaction.atomic():
            if end_pause(complaint, actor=ACTOR, ground=of.ground, at=of.until):
                asked = of.ground == PauseGround.CITIZEN
                what = "시민의 답이 없습니다" if asked else f"{PauseGround(of.ground).label}: 말한 때가 지났습니다"
                text = f"{what} ({complaint.number}). 처리 기간이 다시 갑니다."
                data = {"what": "unanswered_question" if asked else "pause_over", "ground": of.ground}
                cases.add_note(complaint.case, actor=ACTOR, text=text, data=data)
                ended += 1
    return ended


def pause_of(complaint: Complaint, number: int) -> Pause:
    """One of its pauses that stands. Raises NotFound."""
    found = complaint.pauses.filter(pk=number, to_at=None).first()
    if found is None:
        raise NotFound("멈춘 것이 없습니다", "the clock does not stand for that")
    return found


def _together_with(of: Pause) -> list[Pause]:
    """Those of the case's other complaints that began with it: one inspection, one pause for each citizen."""
    if of.ground == PauseGround.CITIZEN:
        return []
    same = Pause.objects.filter(complaint__case=of.complaint.case_id, ground=of.ground, from_at=of.from_at, to_at=None)
    return list(same.exclude(pk=of.pk).select_related("complaint__case"))


def _begin_office(complaint: Complaint, ground: PauseGround, reason: str, until: datetime | None, actor: User) -> Pause:
    if ground == PauseGround.INSPECTION:
        until = _inspected_until(complaint, until)
    if until is None:
        raise Invalid("언제까지인지 적어 주세요", "say until when", field="until")
    made = _begin(complaint, ground, reason, until, actor)
    _tell(complaint, made, actor)
    _record("paused", complaint, actor, made)
    return made


def _begin(complaint: Complaint, ground: PauseGround, reason: str, until: datetime, actor: User) -> Pause:
    """With the case locked: the clock stands from now on."""
    require_actor(actor, complaint.case)
    require_open(complaint.case)
    if complaint.answered_at or complaint.withdrawn_at:
        raise Conflict("이미 마친 민원입니다", "it has ended", field="case")
    if complaint.pauses.filter(to_at=None, ground=ground).exists():
        citizen = ground == PauseGround.CITIZEN
        words = "이미 시민의 답을 기다립니다" if citizen else "이미 그 까닭으로 멈춰 있습니다"
        raise Conflict(words, "the clock stands for that already", field="case" if citizen else "ground")
    now = clock.now()
    if not now < until <= now + LONGEST_PAUSE:
        raise Invalid("지금보다 늦고 한 해 안이어야 합니다", "must be later than now, within a year", field="until")
    made = Pause.objects.create(complaint=complaint, ground=ground, by=actor, from_at=now, until=until, reason=reason)
    keep_due(complaint, due_of(complaint), actor=actor)
    return made


def _inspected_until(complaint: Complaint, until: datetime | None) -> datetime:
    """Raises Invalid for what the law does not let be inspected outside the period."""
    if complaint.kind != Kind.GRIEVANCE:
        words = "실지조사 기간은 고충 민원에서만 뺍니다", "only a grievance's inspection is left out"
        raise Invalid(*words, field="ground")
    if complaint.pauses.filter(ground=PauseGround.INSPECTION).exists():
        raise Invalid("실지조사는 이미 했습니다", "it was inspected already", field="ground")
    days = rules.load(DeskRules, SERVICE, complaint.area).inspection_days
    longest = Calendar().civil_end(clock.now(), days)
    if until is not None and until > longest:
        raise Invalid(f"{days}일까지입니다", f"{days} days at most", field="until")
    return until or longest


def _tell(complaint: Complaint, of: Pause, actor: User) -> None:
    text = messages.paused(complaint, of)
    messages.say(complaint, MessageKind.INTERIM, text, at=clock.now(), by=actor)


def _wait(complaint: Complaint, actor: User) -> None:
    case = complaint.case
    if case.status == CaseStatus.OPEN:
        cases.acknowledge(case, actor)
    if case.status != CaseStatus.WAITING:
        cases.change_status(case, CaseStatus.WAITING, actor=actor)


def _record(what: str, complaint: Complaint, actor: User | str, of: Pause) -> None:
    detail = {
        "ground": of.ground, "from": of.from_at.isoformat(), "until": of.until and of.until.isoformat(),
        "to": of.to_at and of.to_at.isoformat(),
    }  # fmt: skip
    audit.record(f"complaints:clock:{what}", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
