# SPDX-License-Identifier: Apache-2.0
"""Automatic decisions, seen by those whom they are about, and what they ask about them (개인정보 보호법 제37조의2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock, outcomes, people, reviews
from dure.city.errors import DureError, Invalid, NotFound
from dure.city.models import Case, Finding, Person, ReviewKind, ReviewResult, Role, User
from dure.city.people import PersonRecord, Purpose
from dure.city.roles import open_to, roles_of, user_of
from dure.web.review_forms import AnswerForm, AskForm, ExtendForm, StaffAskForm

STAFF = (Role.CARE_WORKER, Role.WELFARE_OFFICER)
OWN = (Role.CITIZEN, Role.FAMILY)
DECISIONS_SHOWN = 30
ANSWERED_SHOWN = 30


@dataclass(frozen=True)
class Decision:
    """What an engine judged about a home, and what people made of it."""

    finding: Finding
    became: list[str]
    """How its cases ended, in words."""


@dataclass(frozen=True)
class Asker:
    """Somebody for whom the reader may ask: themselves, or a relative (of whom no decision is listed)."""

    record: PersonRecord
    person: Person
    own: bool
    decisions: list[Decision]


@require_safe
@open_to(*OWN)
def mine(request: HttpRequest) -> HttpResponse:
    """What was decided about me, what I asked, and what was answered."""
    return _mine(request)


@require_POST
@open_to(*OWN)
def ask_mine(request: HttpRequest) -> HttpResponse:
    """Ask about one decision (``finding``) or about all of a ``service``, for oneself or a relative (``person``)."""
    asker = next((one for one in _askers(user_of(request)) if str(one.person.ref) == request.POST.get("person")), None)
    if asker is None:
        raise NotFound("그런 분이 없습니다", "there is no such person")
    finding = _finding(asker, request.POST.get("finding", ""))
    service = finding.service if finding else request.POST.get("service", "")
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("무엇을 원하시는지 골라 주세요."))
        return redirect("my_decisions")
    review = reviews.ask(
        asker.person,
        service=service,
        kind=ReviewKind(form.cleaned_data["kind"]),
        text=form.cleaned_data["text"],
        finding=finding,
        actor=user_of(request),
    )
    last_day = f"{review.case.due_at.astimezone(clock.SEOUL):%Y-%m-%d}"
    messages.success(request, _("받았습니다. %s까지 사람이 답해 드립니다.") % last_day)
    return redirect("my_decisions")


@require_POST
@open_to(*OWN)
def withdraw_mine(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Take back what was asked."""
    review = reviews.reviews_by(user_of(request)).filter(ref=ref).first()
    if review is None:
        raise NotFound("그런 요구가 없습니다", "there is no such request")
    reviews.withdraw(review, actor=user_of(request))
    messages.success(request, _("요구를 거두셨습니다."))
    return redirect("my_decisions")


def _mine(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    askers = _askers(user)
    context = {
        "askers": [(asker, AskForm(auto_id=f"{asker.person.ref}_%s")) for asker in askers],
        "services": reviews.services(),
        "requests": reviews.open_reviews(user, reviews.reviews_by(user)),
        "kinds": ReviewKind.choices,
    }
    return render(request, "my_decisions.html", context)


def _askers(user: User) -> list[Asker]:
    """The reader, if they have a record, and the relatives who agree to it; each opening is on the chain."""
    found = []
    roles = roles_of(user)
    if user.person is not None and Role.CITIZEN in roles:
        found.append(Asker(people.access_own(user), user.person, True, _decisions(user.person)))
    if Role.FAMILY in roles:
        kin = Person.objects.filter(contacts__user=user).distinct()
        persons = {one.ref: one for one in kin.select_related("household__area")}
        for record in people.access_people(user, kin, Purpose.FAMILY):
            found.append(Asker(record, persons[record.ref], False, []))
    return found


def _decisions(person: Person) -> list[Decision]:
    found = _findings(person).prefetch_related(
        Prefetch("cases", Case.objects.exclude(outcome="").order_by("closed_at"))
    )
    return [
        Decision(one, [outcomes.label(case.service, case.outcome) for case in one.cases.all()])
        for one in found[:DECISIONS_SHOWN]
    ]


def _findings(person: Person) -> QuerySet[Finding]:
    about = Finding.objects.filter(household=person.household_id, service__in=reviews.services())
    return about.order_by("-found_at", "-pk")


def _finding(asker: Asker, number: str) -> Finding | None:
    if not number or not asker.own:
        return None
    found = _findings(asker.person).filter(pk=number).first() if number.isdecimal() else None
    if found is None:
        raise NotFound("그런 판단이 없습니다", "there is no such decision")
    return found


# ---------------------------------------------------------------- the staff


@require_safe
@open_to(*STAFF)
def listed(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, the latest first, and what was answered."""
    found = reviews.reviews_at_work(user_of(request))
    waiting = list(found.filter(case__closed_at=None))
    answered = list(found.exclude(case__closed_at=None).order_by("-case__closed_at")[:ANSWERED_SHOWN])
    return render(request, "reviews.html", {"waiting": waiting, "answered": answered})


@require_safe
@open_to(*STAFF)
def review(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One request: what was decided and why, what was said, and the answer."""
    return _page(request, ref)


@require_POST
@open_to(*STAFF)
def answer(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Answer it."""
    opened = reviews.access_review(user_of(request), ref)
    form = AnswerForm(request.POST, kind=opened.review.kind)
    if form.is_valid():
        said = form.cleaned_data
        try:
            reviews.answer(
                opened.review, result=ReviewResult(said["result"]), text=said["text"], actor=user_of(request)
            )
        except Invalid as error:
            form.add_error(error.field, error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("답을 적었습니다. 요구하신 분이 볼 수 있습니다."))
            return redirect("review", ref=ref)
    return _page(request, ref, answer_form=form, status=422)


@require_POST
@open_to(*STAFF)
def extend(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Take more time for it."""
    opened, form = reviews.access_review(user_of(request), ref), ExtendForm(request.POST)
    if form.is_valid():
        try:
            reviews.extend(opened.review, reason=form.cleaned_data["reason"], actor=user_of(request))
        except DureError as error:
            if error.status not in (409, 422):
                raise
            form.add_error("reason", error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("기한을 늘리고 까닭을 알렸습니다."))
            return redirect("review", ref=ref)
    return _page(request, ref, extend_form=form, status=422)


def _page(
    request: HttpRequest,
    ref: UUID,
    *,
    answer_form: AnswerForm | None = None,
    extend_form: ExtendForm | None = None,
    status: int = 200,
) -> HttpResponse:
    opened = reviews.access_review(user_of(request), ref)
    record = people.access_person(user_of(request), opened.review.person.ref, Purpose.CONSENT)
    context: dict[str, Any] = {
        "opened": opened,
        "review": opened.review,
        "record": record,
        "is_open": opened.review.case.closed_at is None,
        "answer_form": answer_form or AnswerForm(kind=opened.review.kind),
        "extend_form": extend_form or ExtendForm(),
        "extending": extend_form is not None,
    }
    return render(request, "review.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*STAFF)
def ask_for(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Write down what a person said to the staff."""
    user = user_of(request)
    record = people.access_person(user, ref, Purpose.CONSENT)
    person = Person.objects.select_related("household__area").get(ref=record.ref)
    form = StaffAskForm(request.POST or None, services=reviews.services(), findings=_findings(person))
    form.fields["finding"].label_from_instance = _in_words  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked = reviews.ask(
            person,
            service=said["service"],
            kind=ReviewKind(said["kind"]),
            text=said["text"],
            finding=said["finding"],
            actor=user,
        )
        messages.success(request, _("요구를 적었습니다."))
        return redirect("review", ref=asked.ref)
    context = {"record": record, "form": form, "back": request.headers.get("referer", "")}
    return render(request, "review_ask.html", context, status=422 if form.errors else 200)


def _in_words(finding: Finding) -> str:
    """A decision in one line of a choice."""
    return f"{finding.found_at.astimezone(clock.SEOUL):%Y-%m-%d %H:%M} {finding.get_level_display()}"
