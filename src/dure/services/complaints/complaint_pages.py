# SPDX-License-Identifier: Apache-2.0
"""One complaint at work: what the citizen said, what the assistant offers, and everything that can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.city import cases, outcomes, phones
from dure.city.errors import Invalid, NotFound
from dure.city.models import User
from dure.city.roles import open_to, user_of
from dure.services.complaints import drafting, law_pages, numbers, ready_texts, suggestions, topic_answers
from dure.services.complaints.access import ComplaintRecord, Said, access_complaint, access_picture
from dure.services.complaints.actions import handling, protection, together
from dure.services.complaints.actions.answering import OUTCOMES
from dure.services.complaints.call_pages import BORN_HERE, client_id_of
from dure.services.complaints.desk_list import SERVICE, departments, of_same_person, open_cases
from dure.services.complaints.desk_pages import STAFF
from dure.services.complaints.joining import department_of
from dure.services.complaints.law_clock import clocks
from dure.services.complaints.models import (
    Complaint,
    Concern,
    ConcernStage,
    Department,
    Draft,
    DraftState,
    Topic,
    Transfer,
    TransferState,
)

LATEST = 6
"""Of the words between citizen and city, so many are shown unfolded."""
Verb = Callable[[Complaint, User, QueryDict], str]


@require_safe
@open_to(*STAFF)
def complaint(request: HttpRequest, number: str) -> HttpResponse:
    """The working page. Opening it is on the chain, with the purpose."""
    user = user_of(request)
    record = access_complaint(user, number)
    pin = numbers.pin_for(record.complaint.client_id) if request.session.get(BORN_HERE) == number else ""
    context = _context(user, record) | law_pages.context(record.complaint, user)
    return render(request, "complaints/complaint.html", context | {"pin": pin})


@require_safe
@open_to(*STAFF)
def picture(request: HttpRequest, number: int) -> HttpResponse:
    """A photo that came with a complaint."""
    return HttpResponse(access_picture(user_of(request), number), content_type="image/jpeg")


@require_POST
@open_to(*STAFF)
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One of VERBS; what cannot be done is said in words, and what was typed stays where it was typed."""
    if verb not in VERBS:
        raise NotFound("그런 일은 할 수 없습니다", "there is no such action")
    user = user_of(request)
    found = Complaint.objects.select_related("case", "department", "topic").filter(number=number).first()
    if found is None or not cases.visible_cases(user).filter(pk=found.case_id).exists():
        raise NotFound("그런 민원이 없습니다", "there is no such complaint")
    messages.success(request, VERBS[verb](found, user, request.POST))
    request.session.pop(BORN_HERE, None)
    if not cases.visible_cases(user).filter(pk=Complaint.objects.get(pk=found.pk).case_id).exists():
        return redirect("complaints:desk")  # it went to another department
    return redirect("complaints:complaint", number)


def _context(user: User, record: ComplaintRecord) -> dict[str, Any]:
    of = record.complaint
    fields = of.topic.fields if of.topic else []
    said = _said(record)
    case, judgement = of.case, getattr(of, "judgement", None)
    sent = case.transfers.filter(state=TransferState.SENT).select_related("from_department", "to_department").first()
    draft = of.drafts.filter(state=DraftState.OFFERED, version=of.version).order_by("-pk").first()
    closed = case.closed_at is not None
    return {
        "record": record,
        "earlier": said[:-LATEST],
        "said": said[-LATEST:],
        "answers": topic_answers.in_words(fields, record.answers),
        "phone": phones.spaced(record.phone) if record.phone else "",
        "complaint": of,
        "case": case,
        "clock": clocks(Complaint.objects.filter(pk=of.pk).prefetch_related("pauses"))[of.pk],
        "judgement": judgement,
        "suggested": suggestions.Suggested()
        if closed
        else suggestions.suggest_masked(
            user, of.masked, topic=of.topic, lon=of.lon, lat=of.lat, area=of.area, without=case
        ),
        "others": case.complaints.exclude(pk=of.pk).order_by("pk"),
        "same_person": of_same_person(user, of),
        "department": department_of(case),
        "departments": departments(),
        "topics": Topic.objects.filter(retired_at=None).select_related("department"),
        "transfer": sent,
        "may_accept": sent is not None and sent.to_department.team.members.filter(pk=user.pk).exists(),
        "refused": case.transfers.filter(state=TransferState.REFUSED).select_related("to_department"),
        "partners": case.partners.select_related("department"),
        "owed": case.partners.filter(department__team__members=user, given_at=None).first(),
        "concerns": of.concerns.order_by("pk"),
        "concern_stages": [(str(one), one.label) for one in ConcernStage if one != ConcernStage.SEEN],
        "outcomes": [(one.value, one.label) for one in OUTCOMES],
        "draft": draft,
        "draft_text": ready_texts.text_of(draft),
        "sources": ready_texts.sources_of(draft),
        "templates": ready_texts.templates_for(record),
        "version": handling.version_of(case),
        "is_open": not closed,
        "outcome": outcomes.label(SERVICE, case.outcome) if case.outcome else "",
        "join_address": not closed,
    }


def _said(record: ComplaintRecord) -> list[Said]:
    """What was said, without the PIN of the receipt: with it somebody of the city could speak as the citizen."""
    pin = numbers.pin_for(record.complaint.client_id)
    return [replace(one, text=one.text.replace(pin, "•" * len(pin))) for one in record.messages]


def _choose(of: Complaint, user: User, form: QueryDict) -> str:
    department = _department(form) if form.get("department") else of.department
    topic = _topic(form.get("topic", "")) or of.topic
    if department is None and topic is not None:
        department = topic.department
    if department is None:
        raise Invalid("부서를 고르세요", "choose a department", field="department")
    handling.choose(of, department, topic, user)
    return _("고쳤습니다. 도우미가 배웠습니다.")


def _join(of: Complaint, user: User, form: QueryDict) -> str:
    case = open_cases(user).filter(number=form.get("case", "")).first()
    if case is None:
        raise NotFound("그런 열린 사건이 없습니다", "there is no such open case")
    together.join(of, case, user)
    return _("한 사건으로 합쳤습니다.")


def _part(of: Complaint, user: User, form: QueryDict) -> str:
    together.part(of, user)
    return _("따로 떼어 냈습니다.")


def _transfer(of: Complaint, user: User, form: QueryDict) -> str:
    to = _department(form)
    handling.transfer(of.case, to, form.get("reason", ""), user)
    return _("넘겼습니다. 그 부서가 받을지 답할 때까지 지켜봅니다.")


def _accept(of: Complaint, user: User, form: QueryDict) -> str:
    handling.accept(_under_way(of), user)
    return _("받았습니다. 이제 우리 부서의 일입니다.")


def _refuse(of: Complaint, user: User, form: QueryDict) -> str:
    handling.refuse(_under_way(of), form.get("reason", ""), user)
    return _("돌려보냈습니다.")


def _ask(of: Complaint, user: User, form: QueryDict) -> str:
    handling.ask_citizen(of, form.get("text", ""), user, client_id=client_id_of(form))
    return _("시민에게 물었습니다. 답할 때까지 기한이 멈춥니다.")


def _tell(of: Complaint, user: User, form: QueryDict) -> str:
    handling.tell(of, form.get("text", ""), user, client_id=client_id_of(form))
    return _("알렸습니다.")


def _compare(of: Complaint, user: User, form: QueryDict) -> str:
    earlier = next((one for one in of_same_person(user, of) if one.number == form.get("of")), None)
    if earlier is None and form.get("of"):
        raise NotFound("그런 앞선 민원이 없습니다", "there is no such earlier complaint")
    handling.say_repeats(of, earlier, user)
    return _("적었습니다.")


def _again(of: Complaint, user: User, form: QueryDict) -> str:
    if of.case.closed_at is not None:  # sent again, it is in hand already
        handling.look_again(of.case, form.get("reason", ""), user)
    return _("다시 열었습니다. 시민에게 다시 답해야 합니다.")


def _repeated(of: Complaint, user: User, form: QueryDict) -> str:
    handling.end_repeated(of, user)
    return _("반복 민원으로 끝내고 시민에게 알렸습니다.")


def _opinion(of: Complaint, user: User, form: QueryDict) -> str:
    partner = of.case.partners.filter(pk=form.get("partner") or 0).first()
    if partner is None:
        raise NotFound("물어 온 것이 없습니다", "nothing was asked")
    handling.give_opinion(partner, form.get("text", ""), user)
    return _("의견을 보냈습니다.")


def _extend(of: Complaint, user: User, form: QueryDict) -> str:
    handling.extend(of, _days(form), form.get("reason", ""), form.get("agreed") == "on", user)
    return _("기한을 늘리고 시민에게 알렸습니다.")


def _partner(of: Complaint, user: User, form: QueryDict) -> str:
    handling.ask_partner(of.case, _department(form), form.get("part", ""), user)
    return _("의견을 물었습니다.")


def _draft(of: Complaint, user: User, form: QueryDict) -> str:
    made = drafting.draft_for(of, user)
    return _("초안을 만들었습니다. 읽고 고쳐서 보내세요.") if made.sentences else _("근거를 찾지 못해 초안이 없습니다.")


def _answer(of: Complaint, user: User, form: QueryDict) -> str:
    draft = Draft.objects.filter(complaint=of, pk=form.get("draft") or 0).first()
    version = form.get("version", "")
    handling.answer(
        of.case, form.get("text", ""), user, form.get("outcome", ""), draft=draft, client_id=client_id_of(form),
        expected_version=int(version) if version.isdecimal() else None,
    )  # fmt: skip
    return _("답했습니다.")


def _concern(of: Complaint, user: User, form: QueryDict) -> str:
    concern = Concern.objects.filter(complaint=of, pk=form.get("concern") or 0).first()
    if concern is None:
        raise NotFound("그런 기록이 없습니다", "there is no such record")
    protection.decide(concern, form.get("stage", ""), actor=user)
    return _("적었습니다.")


VERBS: dict[str, Verb] = {
    "choose": _choose,
    "join": _join,
    "part": _part,
    "transfer": _transfer,
    "accept": _accept,
    "refuse": _refuse,
    "ask": _ask,
    "tell": _tell,
    "compare": _compare,
    "repeated": _repeated,
    "again": _again,
    "opinion": _opinion,
    "extend": _extend,
    "partner": _partner,
    "draft": _draft,
    "answer": _answer,
    "concern": _concern,
    **law_pages.VERBS,
}


def _under_way(of: Complaint) -> Transfer:
    found = of.case.transfers.filter(state=TransferState.SENT).first()
    if found is None:
        raise NotFound("넘어온 일이 없습니다", "no hand-over is under way")
    return found


def _department(form: QueryDict) -> Department:
    found = departments().filter(code=form.get("department", "")).first()
    if found is None:
        raise Invalid("부서를 고르세요", "choose a department", field="department")
    return found


def _topic(code: str) -> Topic | None:
    return Topic.objects.filter(code=code, retired_at=None).select_related("department").first() if code else None


def _days(form: QueryDict) -> int:
    days = form.get("days", "")
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        raise Invalid("날수를 숫자로 적어 주세요", "is no whole number", field="days")
    return int(days)
