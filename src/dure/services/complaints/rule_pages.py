# SPDX-License-Identifier: Apache-2.0
"""The lead's rules and calendar: every period of the desk with its source in the law, and the days off by which they
are counted."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from dure.city import clock, holidays
from dure.city.errors import Invalid, NotFound
from dure.city.holidays import LONGEST_NAME, YEARS
from dure.city.models import Role, User
from dure.city.roles import everywhere, open_to, user_of
from dure.city.rule_form import rules_page
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE

GROUPS = (
    (
        _("처리 기간"),
        (
            "law_question_days",
            "question_days",
            "suggestion_days",
            "grievance_days",
            "application_days",
            "other_hours",
            "danger_minutes",
            "near_due_hours",
        ),
    ),
    (_("부서로 보내기"), ("desk_hours", "transfer_hours", "outside_hours", "most_transfers", "partner_hours")),
    (_("시민에게"), ("ask_days", "progress_days", "object_days", "objection_days", "repeat_times", "repeat_told")),
    (_("밤"), ("safe_answers", "safe_percent")),
    (_("번호와 비밀번호"), ("pin_tries", "pin_minutes")),
    (_("사진"), ("most_pictures", "picture_days")),
    (_("누리집의 한도"), ("page_from_address", "page_in_a_minute")),
)
CLOSED = "closed"
KEEPERS = (Role.DESK_LEAD, Role.ADMINISTRATOR)


class DayForm(forms.Form):
    """A day on which the city closes, or works although the law's list has it."""

    day = forms.DateField(label=_("날"), widget=forms.DateInput(attrs={"type": "date"}))
    ko = forms.CharField(label=_("이름 (한국어)"), max_length=LONGEST_NAME)
    en = forms.CharField(label=_("이름 (영어)"), max_length=LONGEST_NAME)
    off = forms.ChoiceField(
        label=_("그날은"),
        choices=[(CLOSED, _("문을 닫음")), ("works", _("법정 공휴일이지만 일함"))],
        initial=CLOSED,
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.DESK_LEAD)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule of the desk; whoever leads it in the whole city sets them."""
    return rules_page(
        request,
        "complaints:rules",
        "complaints/rules.html",
        role=Role.DESK_LEAD,
        kinds=[(DeskRules, SERVICE)],
        groups=GROUPS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*KEEPERS)
def days_off(request: HttpRequest) -> HttpResponse:
    """The days off of a year, and a form to set one; whoever answers for the whole city fills it in."""
    user = user_of(request)
    may = _may(user)
    form = DayForm((may and request.POST) or None)
    if may and request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            holidays.set_day(said["day"], {"ko": said["ko"], "en": said["en"]}, off=said["off"] == CLOSED, actor=user)
        except Invalid as wrong:
            field = (wrong.field or "").removeprefix("name.")
            form.add_error(field if field in form.fields else None, wrong.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, gettext("적었습니다. 지금부터 정하는 기한이 이 달력으로 셉니다."))
            return _to_year(said["day"].year)
    year = _year(request)
    context = {"form": form, "may": may, "days": holidays.days_of(year), "year": year, "years": _around(year)}
    status = 422 if form.errors else 200 if may or request.method != "POST" else 403
    return render(request, "complaints/holidays.html", context, status=status)


@require_POST
@open_to(*KEEPERS)
def clear_day(request: HttpRequest, day: str) -> HttpResponse:
    """The law's list holds for that day again."""
    user = user_of(request)
    if not _may(user):
        return HttpResponse(status=403)
    try:
        cleared = date.fromisoformat(day)
    except ValueError as error:
        raise NotFound("그런 날이 없습니다", "there is no such day") from error
    holidays.clear_day(cleared, actor=user)
    messages.success(request, gettext("법의 달력대로 되돌렸습니다."))
    return _to_year(cleared.year)


def _may(user: User) -> bool:
    return everywhere(user, *KEEPERS)


def _to_year(year: int) -> HttpResponse:
    return redirect(f"{reverse('complaints:holidays')}?year={year}")


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and int(asked[:5]) in YEARS else clock.today().year


def _around(year: int) -> list[int]:
    return [one for one in (year - 1, year, year + 1) if one in YEARS]
