# SPDX-License-Identifier: Apache-2.0
"""Care's pages: the worker's people on a phone, one person, and the officer's board."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.city import clock, reviews
from dure.city.errors import DureError, Invalid
from dure.city.models import Role
from dure.city.roles import open_to, user_of
from dure.services.care import loads, overview, queries, watch
from dure.services.care.actions import away as aways
from dure.services.care.actions.enrolment import give_to
from dure.services.care.day_plan import missed_today
from dure.services.care.forms import AwayForm, WorkerForm
from dure.services.care.models import AwayReason, AwaySource
from dure.services.care.queries import PersonPage

STAFF = (Role.CARE_WORKER, Role.WELFARE_OFFICER)


@require_safe
@open_to(Role.CARE_WORKER)
def today(request: HttpRequest) -> HttpResponse:
    """My people today: who first, and why."""
    people = queries.my_people(user_of(request))
    waiting = [one for one in people if one.case is not None]
    calm = [one for one in people if one.case is None and one.known]
    unknown = [one for one in people if one.case is None and not one.known]
    left_out = queries.people_left_out(user_of(request))
    missed = missed_today([one.enrolment.person_id for one in people])
    context = {
        "waiting": waiting,
        "calm": calm,
        "unknown": unknown,
        "stopped": not watch.goes_on(),
        "left_out": left_out,
        "overload": loads.too_many_of(user_of(request)),
        "missed": [(one, missed[one.enrolment.person_id]) for one in people if one.enrolment.person_id in missed],
    }
    return _kept(render(request, "care/today.html", context))


@require_safe
@open_to(*STAFF)
def person(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One person: how to reach them, today against the usual day, what is open, what was."""
    return _kept(_person_page(request, queries.person_page(user_of(request), ref)))


def _person_page(request: HttpRequest, page: PersonPage, status: int = 200, **forms: Form) -> HttpResponse:
    context = {
        "page": page,
        "away_form": forms.get("away") or AwayForm(),
        "worker_form": forms.get("worker")
        or WorkerForm(loads=page.workers, initial={"worker": page.enrolment.worker_id}),
    }
    return render(request, "care/person.html", context, status=status)


def _kept(response: HttpResponse) -> HttpResponse:
    """Let the phone keep the page for a reload without connection (web/static/js/worker.js)."""
    response.headers["Dure-Offline"] = "keep"
    return response


@require_POST
@open_to(*STAFF)
def away(request: HttpRequest, ref: UUID) -> HttpResponse:
    """“I am away”, told to the worker."""
    page = queries.person_page(user_of(request), ref)
    form = AwayForm(request.POST)
    if form.is_valid():
        try:
            aways.declare_away(
                page.enrolment.household,
                starts_at=form.cleaned_data["starts"],
                ends_at=form.cleaned_data["until"],
                said_by=AwaySource(form.cleaned_data["said_by"]),
                reason=AwayReason(form.cleaned_data["reason"] or AwayReason.TRIP),
                actor=user_of(request),
            )
        except DureError as error:
            form.add_error("until" if error.field == "until" else "starts", error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("외출을 적었습니다. 그때까지 알림을 멈춥니다."))
            return redirect("care:person", ref=ref)
    return _person_page(request, page, status=422, away=form)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def worker(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Another worker looks after this person."""
    page = queries.person_page(user_of(request), ref)
    form = WorkerForm(request.POST, loads=page.workers)
    if form.is_valid():
        try:
            give_to(page.enrolment, form.cleaned_data["worker"], actor=user_of(request))
        except Invalid as error:
            form.add_error("worker", error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("맡는 이를 바꾸었습니다. 열린 사건도 함께 넘겼습니다."))
            return redirect("care:person", ref=ref)
    return _person_page(request, page, status=422, worker=form)


@require_POST
@open_to(*STAFF)
def back(request: HttpRequest, ref: UUID) -> HttpResponse:
    """They are back: alarms work again."""
    page = queries.person_page(user_of(request), ref)
    if page.away is not None:
        aways.returned(page.away, at=clock.now(), actor=user_of(request))
        messages.success(request, _("돌아오신 것으로 적었습니다. 알림이 다시 켜졌습니다."))
    return redirect("care:person", ref=ref)


@require_safe
@open_to(Role.WELFARE_OFFICER)
def board(request: HttpRequest) -> HttpResponse:
    """Budget against actual alarms, cases by state and age, who does not report, whose consent runs out."""
    user = user_of(request)
    context = {
        "board": overview.board(user),
        "overload": loads.overload(user),
        "late_reviews": reviews.late_reviews(user),
    }
    return render(request, "care/board.html", context)
