# SPDX-License-Identifier: Apache-2.0
"""Pages of daily care: a person's day for their carers, and the templates of the city."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock
from dure.city.errors import DureError, NotFound
from dure.city.models import Role
from dure.city.people import Person
from dure.city.roles import open_to, user_of
from dure.services.care.actions import daily
from dure.services.care.actions.enrolment import set_voice
from dure.services.care.actions.occasions import confirm_routine
from dure.services.care.daily_forms import (
    ApplyForm,
    NewTemplateForm,
    PauseForm,
    PersonRoutineForm,
    TemplateItemForm,
    VoiceForm,
)
from dure.services.care.day_plan import Item, day_plan, routine_of
from dure.services.care.models import ConfirmedHow, Enrolment, RoutineTemplate

STAFF = (Role.CARE_WORKER, Role.WELFARE_OFFICER)


@require_safe
@open_to(*STAFF)
def plan(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One person's day: what is planned, what came of it, who confirmed how."""
    return _plan_page(request, ref)


def _plan_page(request: HttpRequest, ref: UUID, status: int = 200, **forms: Form) -> HttpResponse:
    held = day_plan(user_of(request), ref)
    person = _person(ref)
    enrolment = Enrolment.objects.filter(person=person).first()
    voice = {"words_per_minute": enrolment.voice_words_per_minute, "pitch": enrolment.voice_pitch} if enrolment else {}
    context = {
        "plan": held,
        "form": forms.get("add") or PersonRoutineForm(person=person),
        "adding": "add" in forms,
        "apply_form": forms.get("apply") or ApplyForm(auto_id="apply_%s"),
        "templates": RoutineTemplate.objects.filter(ended_at=None).exists(),
        "voice_form": forms.get("voice") or VoiceForm(auto_id="voice_%s", initial=voice),
        "voicing": "voice" in forms,
    }
    return render(request, "care/plan.html", context, status=status)


@require_POST
@open_to(*STAFF)
def add(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A new routine."""
    day_plan(user_of(request), ref)  # whoever may not know of the person gets no further
    form = PersonRoutineForm(request.POST, person=_person(ref))
    if form.is_valid():
        said = form.cleaned_data
        try:
            daily.add_routine(
                _person(ref), form.spec(), actor=user_of(request), to_day=said["to_day"], series=said["series"]
            )
        except DureError as error:
            _refuse(form, error, request)
        else:
            messages.success(request, _("일과를 더했습니다."))
            return redirect("care:plan", ref=ref)
    return _plan_page(request, ref, status=422, add=form)


@require_POST
@open_to(*STAFF)
def apply(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Give a person the routines of a template."""
    day_plan(user_of(request), ref)
    form = ApplyForm(request.POST, auto_id="apply_%s")
    if form.is_valid():
        try:
            made = len(daily.apply_template(form.cleaned_data["template"], _person(ref), actor=user_of(request)))
        except DureError as error:
            _refuse(form, error, request)
        else:
            messages.success(request, ngettext("일과 %d개를 더했습니다.", "일과 %d개를 더했습니다.", made) % made)
            return redirect("care:plan", ref=ref)
    return _plan_page(request, ref, status=422, apply=form)


@require_POST
@open_to(*STAFF)
def voice(request: HttpRequest, ref: UUID) -> HttpResponse:
    """How the calls speak to this person."""
    day_plan(user_of(request), ref)
    form = VoiceForm(request.POST, auto_id="voice_%s")
    enrolment = Enrolment.objects.filter(person__ref=ref).select_related("person__household__area").first()
    if enrolment is None:
        raise NotFound("안부 확인 대상이 아닙니다", "this person is not enrolled in care")
    if not form.is_valid():
        return _plan_page(request, ref, status=422, voice=form)
    said = form.cleaned_data
    set_voice(enrolment, words_per_minute=said["words_per_minute"], pitch=said["pitch"], actor=user_of(request))
    messages.success(request, _("전화 목소리를 바꾸었습니다."))
    return redirect("care:plan", ref=ref)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*STAFF)
def routine(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One routine, to change, rest or end."""
    item = routine_of(user_of(request), ref)
    if request.method != "POST":
        return _routine_page(request, item, PersonRoutineForm.of(item))
    form = PersonRoutineForm.of(item, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            daily.change_routine(
                item.routine, form.spec(), actor=user_of(request), to_day=said["to_day"], series=said["series"]
            )
        except DureError as error:
            _refuse(form, error, request)
        else:
            messages.success(request, _("일과를 바꾸었습니다."))
            return redirect("care:plan", ref=item.routine.person.ref)
    return _routine_page(request, item, form, status=422)


def _routine_page(
    request: HttpRequest, item: Item, form: PersonRoutineForm, *, pause: PauseForm | None = None, status: int = 200
) -> HttpResponse:
    week = {"until": clock.today() + timedelta(days=7)}
    context = {"item": item, "form": form, "pause_form": pause or PauseForm(initial=week), "pausing": pause is not None}
    return render(request, "care/routine.html", context, status=status)


@require_POST
@open_to(*STAFF)
def pause(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Let a routine rest until the end of a day, or (``again``) take it up again."""
    item = routine_of(user_of(request), ref)
    until: datetime | None = None
    form = PauseForm(request.POST)
    if "again" not in request.POST:
        if not form.is_valid():
            return _routine_page(request, item, PersonRoutineForm.of(item), pause=form, status=422)
        until = datetime.combine(form.cleaned_data["until"] + timedelta(days=1), time(), clock.SEOUL)
    try:
        daily.pause_routine(item.routine, until, actor=user_of(request))
    except DureError as error:
        _refuse(form, error, request)
        return _routine_page(request, item, PersonRoutineForm.of(item), pause=form, status=422)
    messages.success(request, _("일과를 쉽니다.") if until else _("일과를 다시 합니다."))
    return redirect("care:plan", ref=item.routine.person.ref)


@require_POST
@open_to(*STAFF)
def end(request: HttpRequest, ref: UUID) -> HttpResponse:
    """It is done no more."""
    item = routine_of(user_of(request), ref)
    daily.end_routine(item.routine, actor=user_of(request))
    messages.success(request, _("일과를 그만둡니다."))
    return redirect("care:plan", ref=item.routine.person.ref)


@require_POST
@open_to(*STAFF)
def done(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A carer saw, or was told, that it was done today."""
    item = routine_of(user_of(request), ref)
    confirm_routine(item.routine, how=ConfirmedHow.STAFF, actor=user_of(request))
    messages.success(request, _("하신 것으로 적었습니다."))
    return redirect("care:plan", ref=item.routine.person.ref)


# ---------------------------------------------------------------- templates


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.WELFARE_OFFICER)
def templates(request: HttpRequest) -> HttpResponse:
    """The city's templates, and a new one."""
    form = NewTemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = daily.set_template(form.cleaned_data["name"], [form.spec()], actor=user_of(request))
        except DureError as error:
            _refuse(form, error, request)
        else:
            return redirect("care:template", number=made.pk)
    found = RoutineTemplate.objects.filter(ended_at=None).prefetch_related("items").order_by("name")
    context = {"found": found, "form": form}
    return render(request, "care/templates.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.WELFARE_OFFICER)
def template(request: HttpRequest, number: int) -> HttpResponse:
    """One template: its items, one more, one less."""
    held = _template(number)
    items = list(held.items.all())
    removing = request.POST.get("remove", "")
    form = TemplateItemForm(None if removing else request.POST or None)
    if request.method == "POST" and (removing or form.is_valid()):
        specs = [daily.spec_of(one) for one in items if str(one.pk) != removing]
        try:
            daily.set_template(
                held.name, specs if removing else [*specs, form.spec()], actor=user_of(request), template=held
            )
        except DureError as error:
            if removing:
                raise
            _refuse(form, error, request)
        else:
            messages.success(request, _("일과 틀을 바꾸었습니다."))
            return redirect("care:template", number=held.pk)
    context = {"template": held, "items": items, "form": form}
    return render(request, "care/template.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def end_template(request: HttpRequest, number: int) -> HttpResponse:
    """The template is offered no more; who has its routines keeps them."""
    daily.end_template(_template(number), actor=user_of(request))
    messages.success(request, _("일과 틀을 그만 씁니다. 이미 받은 분의 일과는 그대로입니다."))
    return redirect("care:templates")


def _template(number: int) -> RoutineTemplate:
    found = RoutineTemplate.objects.filter(pk=number, ended_at=None).first()
    if found is None:
        raise NotFound("그런 일과 틀이 없습니다", "there is no such template")
    return found


def _refuse(form: Form, error: DureError, request: HttpRequest) -> None:
    field = (error.field or "").rsplit(".", maxsplit=1)[-1]
    form.add_error(field if field in form.fields else None, error.in_language(request.LANGUAGE_CODE))


def _person(ref: UUID) -> Person:
    return Person.objects.select_related("household__area").get(ref=ref)
