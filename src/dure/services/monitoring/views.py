# SPDX-License-Identifier: Apache-2.0
"""Monitoring's pages: who is watched, one person's figures and ranges, and the devices."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.city.errors import DureError, NotFound
from dure.city.models import Role
from dure.city.roles import open_to, user_of
from dure.engines.vitals import Vital
from dure.services.monitoring import queries
from dure.services.monitoring.actions import devices as device_verbs
from dure.services.monitoring.actions import ranges
from dure.services.monitoring.forms import GiveForm, RangeForm
from dure.services.monitoring.models import PersonalDevice, UsualRange
from dure.services.monitoring.queries import STAFF, PersonPage


@require_safe
@open_to(*STAFF)
def people(request: HttpRequest) -> HttpResponse:
    """Who is watched: those with something open first."""
    page, lines = queries.people_page(user_of(request), request.GET.get("page"))
    return render(request, "monitoring/people.html", {"page": page, "lines": lines})


@require_safe
@open_to(*STAFF)
def person(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One person: the newest figures, the last day, what is usual and who says so, the devices."""
    return _page(request, queries.person_page(user_of(request), ref))


@require_safe
@open_to(*STAFF)
def devices(request: HttpRequest) -> HttpResponse:
    """Whose devices live, and whose battery runs out."""
    page, lines = queries.device_page(user_of(request), request.GET.get("page"))
    return render(request, "monitoring/devices.html", {"page": page, "lines": lines})


@require_POST
@open_to(Role.WELFARE_OFFICER)
def set_range(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A clinician's range, kept with name, reason and last day."""
    page = queries.person_page(user_of(request), ref)
    form = RangeForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            ranges.set_range(
                page.person,
                Vital(said["sign"]),
                low=said["low"],
                high=said["high"],
                clinician=said["clinician"],
                reason=said["reason"],
                valid_until=form.valid_until,
                actor=user_of(request),
            )
        except DureError as error:
            field = "last_day" if error.field == "valid_until" else error.field
            form.add_error(field if field in form.fields else None, error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("범위를 바꾸었습니다. 지금부터 이 범위로 살핍니다."))
            return redirect("monitoring:person", ref=ref)
    return _page(request, page, status=422, range=form)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def end_range(request: HttpRequest, ref: UUID, number: int) -> HttpResponse:
    """Back to what the person's own weeks, or the published figures, say."""
    page = queries.person_page(user_of(request), ref)
    kept = UsualRange.objects.filter(pk=number, person=page.person).select_related("person__household__area").first()
    if kept is None:
        raise NotFound("그런 범위가 없습니다", "there is no such range")
    ranges.end_range(kept, actor=user_of(request))
    messages.success(request, _("의료진이 정한 범위를 그만 씁니다."))
    return redirect("monitoring:person", ref=ref)


@require_POST
@open_to(*STAFF)
def give(request: HttpRequest, ref: UUID) -> HttpResponse:
    """This person wears this device from now on."""
    page = queries.person_page(user_of(request), ref)
    form = GiveForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            device_verbs.give(
                page.person, feed=said["feed"], code=said["code"], kind=said["kind"], actor=user_of(request)
            )
        except DureError as error:
            form.add_error(
                error.field if error.field in form.fields else None, error.in_language(request.LANGUAGE_CODE)
            )
        else:
            messages.success(request, _("기기를 맡겼습니다. 값이 오면 여기에 나타납니다."))
            return redirect("monitoring:person", ref=ref)
    return _page(request, page, status=422, give=form)


@require_POST
@open_to(*STAFF)
def take_back(request: HttpRequest, ref: UUID, code: str) -> HttpResponse:
    """This person no longer wears it."""
    page = queries.person_page(user_of(request), ref)
    given = PersonalDevice.objects.filter(person=page.person, device__code=code, ended_at=None)
    found = given.select_related("device", "person__household__area").first()
    if found is None:
        raise NotFound("그런 기기가 없습니다", "there is no such device")
    device_verbs.take_back(found, actor=user_of(request))
    messages.success(request, _("기기를 거두었습니다."))
    return redirect("monitoring:person", ref=ref)


def _page(request: HttpRequest, page: PersonPage, status: int = 200, **forms: Form) -> HttpResponse:
    context = {
        "page": page,
        "range_form": forms.get("range") or RangeForm(),
        "give_form": forms.get("give") or GiveForm(),
    }
    return render(request, "monitoring/person.html", context, status=status)
