# SPDX-License-Identifier: Apache-2.0
"""One case: what it is, why, what has been done, and what can be done now. The same page for every service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.views.decorators.http import require_POST, require_safe

from dure.city import cases, follow_ups, outcomes, reviews
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import Case, CaseStatus, Finding, Role, User
from dure.city.roles import open_to, user_of
from dure.web import case_forms, thread_words
from dure.web.worklist import STAFF

Verb = Callable[[Case, User, dict[str, Any]], object]


def _acknowledge(case: Case, user: User, said: dict[str, Any]) -> None:
    cases.acknowledge(case, user, client_id=said["client_id"])


def _note(case: Case, user: User, said: dict[str, Any]) -> None:
    cases.add_note(case, actor=user, text=said["text"], client_id=said["client_id"])


def _call(case: Case, user: User, said: dict[str, Any]) -> None:
    reached = said["reached"] == "yes"
    cases.record_call(case, actor=user, reached=reached, text=said["text"], client_id=said["client_id"])


def _visit(case: Case, user: User, said: dict[str, Any]) -> None:
    reached = said["reached"] == "yes"
    cases.record_visit(case, actor=user, reached=reached, text=said["text"], client_id=said["client_id"])


def _assign(case: Case, user: User, said: dict[str, Any]) -> None:
    team = None if said["user"] else case.team
    cases.assign(case, actor=user, user=said["user"], team=team, client_id=said["client_id"])


def _overrule(case: Case, user: User, said: dict[str, Any]) -> None:
    cases.overrule(case, said["level"], actor=user, reason=said["reason"], client_id=said["client_id"])


def _follow_up(case: Case, user: User, said: dict[str, Any]) -> None:
    follow_ups.order(case, said["kind"], actor=user, client_id=said["client_id"])


def _cancel_follow_up(case: Case, user: User, said: dict[str, Any]) -> None:
    follow_ups.cancel(case, said["errand"], reason=said["reason"], actor=user, client_id=said["client_id"])


def _hand_over(case: Case, user: User, said: dict[str, Any]) -> None:
    cases.hand_over(case, target=said["target"], payload=said["payload"], actor=user, client_id=said["client_id"])


def _close(case: Case, user: User, said: dict[str, Any]) -> None:
    cases.close(case, actor=user, outcome=said["outcome"], text=said["text"], client_id=said["client_id"])


VERBS: dict[str, tuple[type[case_forms.ActionForm], Verb]] = {
    "acknowledge": (case_forms.AcknowledgeForm, _acknowledge),
    "note": (case_forms.NoteForm, _note),
    "call": (case_forms.CallForm, _call),
    "visit": (case_forms.VisitForm, _visit),
    "assign": (case_forms.AssignForm, _assign),
    "overrule": (case_forms.OverruleForm, _overrule),
    "follow_up": (case_forms.FollowUpForm, _follow_up),
    "cancel_follow_up": (case_forms.CancelFollowUpForm, _cancel_follow_up),
    "hand_over": (case_forms.HandOverForm, _hand_over),
    "close": (case_forms.CloseForm, _close),
}
"""What the address names, the form that must be filled in, and the verb of the record."""


@require_safe
@open_to(*STAFF)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case."""
    found = cases.access_case(user_of(request), number)
    if (review := reviews.review_of_case(found)) is not None:
        return redirect("review", ref=review.ref)
    return _page(request, found, {})


@require_POST
@open_to(*STAFF)
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one thing with a case; what is missing comes back on the same page, with all that was typed."""
    if verb not in VERBS:
        raise NotFound("그런 일은 할 수 없습니다", "there is no such action")
    found = cases.access_case(user_of(request), number)
    if reviews.review_of_case(found) is not None:
        raise Conflict("이 요구에는 답을 적어야 닫힙니다", "this request is closed by answering it")
    form_class, do = VERBS[verb]
    form = form_class(request.POST, case=found)
    if not form.is_valid():
        return _page(request, found, {verb: form}, status=422)
    try:
        do(found, user_of(request), form.cleaned_data)
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_language(request.LANGUAGE_CODE))
        return _page(request, found, {verb: form}, status=422)
    return redirect("case", number=number)


def _page(request: HttpRequest, case: Case, filled: dict[str, forms.Form], status: int = 200) -> HttpResponse:
    user = user_of(request)
    context = {
        "case": case,
        "outcome": outcomes.label(case.service, case.outcome) if case.outcome else "",
        "findings": case.findings.order_by("-level", "-found_at"),
        "picture": _picture(case),
        "follow_ups": follow_ups.open_of(case).exists(),
        "thread": thread_words.lines(case.service, cases.thread(user, case)),
        "panel": _panel(case),
        "forms": {verb: filled.get(verb) or form(case=case) for verb, (form, _) in VERBS.items()},
        "filled": next(iter(filled), ""),
        "is_open": case.status != CaseStatus.CLOSED,
        "may_acknowledge": CaseStatus.ACKNOWLEDGED in cases.ALLOWED_STATUS_CHANGES[CaseStatus(case.status)],
        "may_hand_over": CaseStatus.HANDOVER_READY in cases.ALLOWED_STATUS_CHANGES[CaseStatus(case.status)],
        "may_close": CaseStatus.CLOSED in cases.ALLOWED_STATUS_CHANGES[CaseStatus(case.status)],
    }
    response = render(request, "case.html", context, status=status)
    if Role.CARE_WORKER in request.roles:  # type: ignore[attr-defined]
        response.headers["Dure-Offline"] = "keep"  # read on stairs and in basements: see static/js/worker.js
    return response


def _picture(case: Case) -> Finding | None:
    """The newest finding that came with a day's picture."""
    for finding in case.findings.order_by("-found_at"):
        if {"usual", "yesterday", "today"} <= finding.evidence.keys():
            return finding
    return None


def _panel(case: Case) -> str:
    """The service's own part of the page, if it has one."""
    name = f"{case.service}/case_panel.html"
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return ""
    return name
