# SPDX-License-Identifier: Apache-2.0
"""What is seen before it is too late: little time left, a citizen who heard nothing for long, a question at night."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from dure.city import audit, cases, clock, escalation, rules
from dure.city.case_flow import lock
from dure.city.models import CaseStatus, Level
from dure.city.working_time import Calendar
from dure.engines.language.tokens import Tokenizer
from dure.services.complaints import assist, messages, plan
from dure.services.complaints.assist import Passage
from dure.services.complaints.joining import department_of
from dure.services.complaints.models import Complaint, Kind, MessageKind, MessageWay, Pause, Picture
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

ACTOR = "complaints"
AT_ONCE = 200
NEAR_SHARE = 1 / 3
"""A short period is near its end when a third of it is left, not when it begins."""
NIGHT = timedelta(hours=16)
"""How old a question may be that is answered at night."""
FEWEST_WORDS = 2
"""Content words of a question that a program answers: one alone may mean anything."""
ASKED = (Kind.QUESTION, Kind.OTHER)


def tell_near_due() -> int:
    """Complaints of which the rule's hours and no more than a third of the period are left, each told once a due time:
    on the case, and to its team. How many."""
    calendar, now = Calendar(), clock.now()
    near = calendar.add_working_hours(now, rules.load(DeskRules, SERVICE).near_due_hours)
    owed = Complaint.objects.filter(answered_at=None, withdrawn_at=None, near_told_at=None, due_at__lte=near)
    told = 0
    for complaint in owed.exclude(pk__in=Pause.objects.filter(to_at=None).values("complaint")).order_by("due_at")[
        :AT_ONCE
    ]:
        whole = calendar.working_minutes_between(complaint.received_at, complaint.due_at)
        if calendar.working_minutes_between(now, complaint.due_at) <= whole * NEAR_SHARE:
            told += _tell_near(complaint)
    return told


@transaction.atomic
def _tell_near(complaint: Complaint) -> bool:
    lock(complaint.case)
    complaint.refresh_from_db()
    case = complaint.case
    if complaint.near_told_at or complaint.answered_at or complaint.withdrawn_at or case.status == CaseStatus.CLOSED:
        return False
    complaint.near_told_at = clock.now()
    complaint.save(update_fields=["near_told_at"])
    data = {"what": "near_due", "complaint": complaint.number, "due_at": complaint.due_at.isoformat()}
    text = f"처리 기한이 가깝습니다 ({complaint.number}): {messages.day(complaint.due_at)}"
    cases.add_note(case, actor=ACTOR, text=text, data=data)
    if case.level < Level.ATTENTION:
        cases.raise_level(case, Level.ATTENTION, actor=ACTOR)
    plan.ensure_plan(case.area, ACTOR)
    escalation.start(case)
    return True


def tell_unsorted() -> int:
    """What nobody has looked at though the desk's time to send it on is over (영 제13조 제1항), each told once; how
    many."""
    calendar, now = Calendar(), clock.now()
    hours = rules.load(DeskRules, SERVICE).desk_hours
    unseen = Complaint.objects.filter(
        answered_at=None, withdrawn_at=None, judgement__chosen_at=None, case__transfers=None,
        case__status=CaseStatus.OPEN,
    )  # fmt: skip
    waiting = unseen.exclude(case__events__data__what="unsorted").order_by("received_at").select_related("case")
    late = [one for one in waiting[:AT_ONCE] if calendar.add_working_hours(one.received_at, hours) <= now]
    return sum(_tell_unsorted(one) for one in late)


@transaction.atomic
def _tell_unsorted(complaint: Complaint) -> bool:
    case = complaint.case
    lock(case)
    if case.status != CaseStatus.OPEN or case.events.filter(data__what="unsorted").exists():
        return False
    text = f"아직 맡을 부서가 정해지지 않았습니다 ({complaint.number})"
    cases.add_note(case, actor=ACTOR, text=text, data={"what": "unsorted", "complaint": complaint.number})
    plan.ensure_plan(case.area, ACTOR)
    escalation.start(case)
    return True


def tell_progress() -> int:
    """Citizens who wait for long are told every so often how it stands (영 제23조); how many."""
    since = clock.now() - timedelta(days=rules.load(DeskRules, SERVICE).progress_days)
    owed = Complaint.objects.filter(answered_at=None, withdrawn_at=None, received_at__lte=since)
    heard = owed.filter(messages__way=MessageWay.OUT, messages__at__gt=since).values("pk")
    return sum(_tell_progress(one) for one in owed.exclude(pk__in=heard).select_related("case")[:AT_ONCE])


@transaction.atomic
def _tell_progress(complaint: Complaint) -> bool:
    audit.take_turn()
    text = messages.progress(complaint, department_of(complaint.case))
    messages.say(complaint, MessageKind.INTERIM, text, at=clock.now(), automatic=True)
    audit.record("complaints:citizen:told", actor=ACTOR, subject=f"complaint:{complaint.number}")
    return True


def answer_at_night() -> int:
    """While offices are closed: questions to which a text that the city marked as safe surely fits get it at once, as
    it stands and with its source. A person answers all the same. Only where the city wants it so; how many."""
    desk, now = rules.load(DeskRules, SERVICE), clock.now()
    if not desk.safe_answers or Calendar().is_open(now):
        return 0
    asked = Complaint.objects.filter(
        received_at__gt=now - NIGHT, answered_at=None, withdrawn_at=None, first_answered_at=None, kind__in=ASKED,
        judgement__urgency=Level.INTEREST,
    )  # fmt: skip
    answered = 0
    for complaint in asked.order_by("pk")[:AT_ONCE]:
        found = assist.get().search(complaint.masked, on=clock.today(), top=1)
        if found and _is_safe(found[0], complaint, desk.safe_percent / 100):
            answered += _answer(complaint, found[0])
    return answered


def _is_safe(passage: Passage, complaint: Complaint, share: float) -> bool:
    """Whether the city lets this text go by itself, and it has at least so much of the question's words."""
    row = passage.row
    same_topic = complaint.topic_id is None or row.topic_id in (None, complaint.topic_id)
    if not row.safe or row.language != complaint.language or not same_topic:
        return False
    tokenizer = Tokenizer()
    asked = set(tokenizer.content(complaint.masked))
    has = set(tokenizer.content(f"{row.title}\n{row.text}"))
    return len(asked) >= FEWEST_WORDS and len(asked & has) >= share * len(asked)


@transaction.atomic
def _answer(complaint: Complaint, passage: Passage) -> bool:
    lock(complaint.case)
    complaint.refresh_from_db()
    if complaint.first_answered_at is not None or complaint.answered_at is not None:
        return False
    now = clock.now()
    complaint.first_answered_at = now
    complaint.save(update_fields=["first_answered_at"])
    with translation.override(complaint.language):
        text = _(
            "근무 시간이 아니어서 프로그램이 찾은 안내를 먼저 보냅니다. 사람이 근무 시간에 다시 봅니다.\n\n"
            "“%(title)s”\n%(text)s"
        ) % {"title": passage.row.title, "text": passage.row.text}
    messages.say(complaint, MessageKind.INTERIM, text, at=now, automatic=True)
    data = {"what": "night_answer", "text": passage.row.code, "complaint": complaint.number}
    cases.add_note(complaint.case, actor=ACTOR, text=f"밤에 스스로 안내함: {passage.row.title}", data=data)
    audit.record("complaints:citizen:told", actor=ACTOR, subject=f"complaint:{complaint.number}", detail=data)
    return True


def remove_old_pictures() -> int:
    """Photos of complaints that have ended for as long as the rule says; how many. Again removes nothing."""
    before = clock.now() - timedelta(days=rules.load(DeskRules, SERVICE).picture_days)
    removed = 0
    while part := _remove_some(before):
        removed += part
    return removed


@transaction.atomic
def _remove_some(before: datetime) -> int:
    audit.take_turn()
    ended = Picture.objects.filter(complaint__answered_at__lt=before) | Picture.objects.filter(
        complaint__withdrawn_at__lt=before
    )
    ids = list(ended.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if ids:
        Picture.objects.filter(pk__in=ids).delete()
        audit.record("complaints:picture:removed", actor=ACTOR, subject=audit.about("photo", ids), detail={"ids": ids})
    return len(ids)
