# SPDX-License-Identifier: Apache-2.0
"""What a citizen does with their own complaint: prove that it is theirs, add, withdraw, rate, object."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction

from dure.city import audit, cases, clock, escalation, rules
from dure.city.case_flow import IN_HAND, lock
from dure.city.errors import Conflict, DureError, Invalid, NotFound
from dure.city.models import CaseStatus, Level
from dure.city.pictures import made_anew
from dure.city.plain_text import plain
from dure.city.working_time import Calendar
from dure.engines.language.urgency import urgency
from dure.services.complaints import access, masking, messages, numbers, plan
from dure.services.complaints.actions import collective, protection
from dure.services.complaints.actions.pauses import end_pause
from dure.services.complaints.actions.receiving import LONGEST, MOST_PICTURE_BYTES, title_of
from dure.services.complaints.deadlines import keep_case_due
from dure.services.complaints.models import Complaint, Message, MessageKind, Outcome, Picture
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE, desk_team

ACTOR = "citizen"
STARS = range(1, 6)
NO_PIN = "0" * 64
"""What a PIN is compared with where there is no such complaint."""


class TooManyTries(DureError):
    """The PIN was wrong too often; it is closed for a while."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "비밀번호를 여러 번 틀려 잠시 닫았습니다. 나중에 다시 하거나 민원실에 전화해 주세요.",
            "the PIN was wrong too often; try again later or telephone the desk",
            field="pin",
        )


def prove(number: str, pin: str, at_door: str) -> Complaint:
    """The complaint of that number, for whoever knows its PIN. Called outside transactions.

    Whether there is no such complaint or the PIN is another, the answer is the same; both are on the chain.
    Raises NotFound (``pin``), TooManyTries, RuntimeError inside a transaction.
    """
    with transaction.atomic(durable=True):
        audit.take_turn()
        found = Complaint.objects.select_for_update(no_key=True).filter(number=number.strip().upper()[:20]).first()
        fits = numbers.fits(found.pin if found else NO_PIN, found.number if found else "", pin)
        closed = found is not None and found.pin_closed_until is not None and clock.now() < found.pin_closed_until
        proved = found is not None and fits and not closed
        if found is not None and not closed:
            _count_try(found, fits=fits)
        tag = f"complaints:pin:{'accepted' if proved else 'refused'}"
        subject = f"complaint:{found.number}" if found else "complaint:unknown"
        audit.record(tag, actor=ACTOR, subject=subject, detail={"door": at_door, "closed": closed})
    if closed:
        raise TooManyTries
    if found is None or not proved:
        raise NotFound("번호나 비밀번호가 맞지 않습니다", "the number or the PIN is not right", field="pin")
    return found


def _count_try(complaint: Complaint, *, fits: bool) -> None:
    desk = rules.load(DeskRules, SERVICE)
    complaint.pin_failures = 0 if fits else complaint.pin_failures + 1
    if complaint.pin_failures >= desk.pin_tries:
        complaint.pin_failures = 0
        complaint.pin_closed_until = clock.now() + timedelta(minutes=desk.pin_minutes)
    complaint.save(update_fields=["pin_failures", "pin_closed_until"])


def add_words(complaint: Complaint, text: str, *, client_id: UUID, pictures: Sequence[bytes] = ()) -> Message:
    """The citizen says more (법 제22조 제2항): whoever has the case is told, what waited for them goes on, and drafts
    made before are stale. Danger and rough words in it are heard as in a new complaint. The same ``client_id`` again
    changes nothing.

    Raises Conflict (``case``) for a complaint that has ended, Invalid (``text``, ``pictures``).
    """
    text = _checked(text)
    jpegs = [made_anew(one, most_bytes=MOST_PICTURE_BYTES) for one in pictures]
    with transaction.atomic():
        if known := _begin(complaint, client_id):
            return known
        _require_open(complaint)
        _require_room(complaint, len(jpegs))
        vault = access.vault_of(complaint)
        masked = masking.mask(text, vault)
        complaint.masked = f"{complaint.masked}\n{masked.text}"
        complaint.vault = json.dumps(masked.vault, ensure_ascii=False)
        complaint.version += 1
        complaint.save(update_fields=["masked", "vault", "version"])
        now = clock.now()
        message = messages.hear(complaint, MessageKind.ADDED, text, at=now, client_id=client_id)
        for place, jpeg in enumerate(jpegs):
            Picture.objects.create(
                complaint=complaint, at=now, client_id=uuid5(client_id, f"picture:{place}"),
                jpeg=base64.b64encode(jpeg).decode(),
            )  # fmt: skip
        _note(complaint, f"시민이 덧붙였습니다 ({complaint.number})", "added")
        end_pause(complaint, actor=ACTOR)
        _heed(complaint, masked.text, text)
        _record("added", complaint, {"version": complaint.version, "pictures": len(jpegs)})
    return message


@transaction.atomic
def withdraw(complaint: Complaint, *, client_id: UUID) -> None:
    """The citizen takes it back (법 제22조 제2항). A case that nobody is left in ends. Again changes nothing.

    Raises Conflict (``case``) after it was answered.
    """
    if _begin(complaint, client_id) or complaint.withdrawn_at is not None:
        return
    if complaint.answered_at is not None:
        raise Conflict("이미 답한 민원입니다", "it was answered already", field="case")
    now = clock.now()
    complaint.withdrawn_at = now
    complaint.save(update_fields=["withdrawn_at"])
    complaint.pauses.filter(to_at=None).update(to_at=now)
    messages.hear(complaint, MessageKind.WITHDRAWAL, messages.withdrawn(complaint), at=now, client_id=client_id)
    _record("withdrawn", complaint)
    case = complaint.case
    if case.status == CaseStatus.CLOSED:
        return
    if case.complaints.filter(withdrawn_at=None, answered_at=None).exists():
        _note(complaint, f"시민이 취하했습니다 ({complaint.number})", "withdrawn")
        keep_case_due(case, actor=ACTOR)
    else:
        cases.close(case, actor=ACTOR, outcome=Outcome.WITHDRAWN)


@transaction.atomic
def rate(complaint: Complaint, stars: int, *, client_id: UUID) -> None:
    """How content they are with the answer, 1 to 5; the last word counts. The same again changes nothing.

    Raises Invalid (``rating``), Conflict (``case``) before it was answered.
    """
    if stars not in STARS:
        raise Invalid("1~5여야 합니다", "must be 1 to 5", field="rating")
    audit.take_turn()
    complaint.refresh_from_db()
    if complaint.answered_at is None:
        raise Conflict("아직 답하지 않은 민원입니다", "it was not answered yet", field="case")
    if complaint.rating != stars:
        complaint.rating = stars
        complaint.save(update_fields=["rating"])
        _record("rated", complaint, {"rating": stars, "client_id": str(client_id)})


@transaction.atomic
def object_to(complaint: Complaint, text: str, *, client_id: UUID) -> Message:
    """The citizen does not accept the answer: the desk looks at it again in a case of its own, so that the others who
    were answered with them are not bothered. The same ``client_id`` again changes nothing.

    Raises Invalid (``text``), Conflict (``case``) before it was answered, after it was withdrawn or too late.
    """
    text = _checked(text)
    if known := _begin(complaint, client_id):
        return known
    desk, now = rules.load(DeskRules, SERVICE, complaint.area), clock.now()
    if complaint.answered_at is None or complaint.withdrawn_at is not None:
        raise Conflict("답한 민원에만 이의를 말할 수 있습니다", "only an answer can be objected to", field="case")
    if now > complaint.answered_at + timedelta(days=desk.object_days):
        words = f"답을 받고 {desk.object_days}일이 지났습니다", f"more than {desk.object_days} days after the answer"
        raise Conflict(*words, field="case")
    before, due_at = complaint.case, Calendar().legal_due(now, days=desk.objection_days)
    case = cases.open_case(
        service=SERVICE,
        kind=before.kind,
        level=Level.ATTENTION,
        title=title_of(complaint.topic, complaint.area),
        area=complaint.area,
        team=desk_team(complaint.area),
        due_at=due_at,
        actor=ACTOR,
        lon=before.lon,
        lat=before.lat,
    )
    masked = masking.mask(text, access.vault_of(complaint))
    complaint.case, complaint.due_at, complaint.near_told_at = case, due_at, None
    complaint.objected_at, complaint.answered_at, complaint.rating = now, None, None
    complaint.masked = f"{complaint.masked}\n{masked.text}"
    complaint.vault = json.dumps(masked.vault, ensure_ascii=False)
    complaint.version += 1
    complaint.save()
    message = messages.hear(complaint, MessageKind.OBJECTION, text, at=now, client_id=client_id)
    _note(complaint, f"이의입니다. 앞선 사건: {before.number}", "objected")
    _heed(complaint, masked.text, text)
    cases.add_note(before, actor=ACTOR, text=f"이의가 있어 다시 봅니다: {case.number}", data={"what": "objected"})
    _record("objected", complaint, {"before": before.number, "case": case.number})
    return message


def _checked(text: str) -> str:
    text = plain(text).strip()
    if not 0 < len(text) <= LONGEST:
        raise Invalid(f"1~{LONGEST}자로 적어 주세요", f"must be 1 to {LONGEST} characters", field="text")
    return text


def _begin(complaint: Complaint, client_id: UUID) -> Message | None:
    """In the turn on the chain, with the case locked and the complaint as it is now: what this request left before.

    Raises Conflict (``client_id``) when the number is another's.
    """
    audit.take_turn()
    complaint.refresh_from_db()
    lock(complaint.case)
    known = Message.objects.filter(client_id=client_id).first()
    if known is not None and known.complaint_id != complaint.pk:
        raise Conflict("이미 다른 기록에 쓰인 번호입니다", "this number belongs to another entry", field="client_id")
    return known


def _require_open(complaint: Complaint) -> None:
    ended = complaint.answered_at or complaint.withdrawn_at
    if ended or complaint.case.status == CaseStatus.CLOSED:
        words = "이미 마친 민원입니다. 이의를 말하거나 새로 내 주세요", "it has ended; object, or complain anew"
        raise Conflict(*words, field="case")


def _require_room(complaint: Complaint, more: int) -> None:
    most = rules.load(DeskRules, SERVICE, complaint.area).most_pictures
    if more and complaint.pictures.count() + more > most:
        raise Invalid(f"사진은 모두 {most}장까지입니다", f"at most {most} photos in all", field="pictures")


def _heed(complaint: Complaint, masked: str, text: str) -> None:
    """Words that come later are heard as the first ones were: danger rings whoever is on duty, and rough words are
    kept."""
    said = urgency(masked)
    if said.level >= Level.SEVERE:
        _ring(complaint)
    elif said.level > complaint.case.level:
        cases.raise_level(complaint.case, said.level, actor=ACTOR)
    protection.see(complaint, text, actor=ACTOR)
    collective.see(complaint, masked)


def _ring(complaint: Complaint) -> None:
    """From the plan's first step, though somebody has the case in hand: they took it before that was said."""
    case = complaint.case
    plan.ensure_plan(case.area, ACTOR)
    escalation.start(case)
    if case.status in IN_HAND:
        cases.change_status(case, CaseStatus.OPEN, actor=ACTOR)
    else:
        escalation.given_back(case)
    cases.raise_level(case, Level.SEVERE, actor=ACTOR)
    soon = clock.now() + timedelta(minutes=rules.load(DeskRules, SERVICE, complaint.area).danger_minutes)
    if soon < case.due_at:
        cases.set_due(case, soon, actor=ACTOR)


def _note(complaint: Complaint, text: str, what: str) -> None:
    data = {"what": what, "complaint": complaint.number}
    cases.add_note(complaint.case, actor=ACTOR, text=text, data=data)


def _record(what: str, complaint: Complaint, detail: dict[str, object] | None = None) -> None:
    subject = f"complaint:{complaint.number}"
    audit.record(f"complaints:complaint:{what}", actor=ACTOR, subject=subject, detail=detail or {})
