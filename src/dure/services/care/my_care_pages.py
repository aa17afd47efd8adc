# SPDX-License-Identifier: Apache-2.0
"""The elder's own page: what is watched, by whom, since when, on which consent, who looked; to stop; to be away."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock, people
from dure.city.errors import DureError, NotFound
from dure.city.models import ConsentPurpose, Role, User
from dure.city.oversight import who_looked
from dure.city.roles import open_to, user_of
from dure.services.care.actions.away import away_at, declare_away, returned
from dure.services.care.actions.consents import How, SaidBy, take_back
from dure.services.care.consent_pages import Standing, standings
from dure.services.care.forms import AwayUntilForm
from dure.services.care.life import last_sign_of_life
from dure.services.care.models import AwayReason, AwaySource, Enrolment

EVERYTHING = "all"
"""Stands in an address for every consent at once."""
LOOKS_SHOWN = 30
STOPS = {
    ConsentPurpose.POWER_WATCH: gettext_lazy(
        "전기를 쓰시는 것을 더 보지 않습니다. 댁에서 무슨 일이 있어도 저희가 알 수 없습니다."
    ),
    ConsentPurpose.PHONE_WATCH: gettext_lazy("전화를 쓰시는 것을 더 보지 않습니다."),
    ConsentPurpose.AI_CALL: gettext_lazy("자동 전화가 더 울리지 않습니다. 걱정되는 일이 있으면 사람이 전화합니다."),
    ConsentPurpose.FAMILY_SHARE: gettext_lazy("가족이 잘 지내시는지 더 볼 수 없습니다."),
    ConsentPurpose.HEALTH_WATCH: gettext_lazy("건강 정보를 더 보지 않습니다."),
    ConsentPurpose.DAILY_CARE: gettext_lazy("약과 식사 같은 일과를 더 여쭙지 않습니다."),
}
"""What stops with each consent, said to the one who stops it."""


@require_safe
@open_to(Role.CITIZEN)
def my_care(request: HttpRequest) -> HttpResponse:
    """How I am watched over."""
    return _page(request)


@require_POST
@open_to(Role.CITIZEN)
def my_away(request: HttpRequest) -> HttpResponse:
    """I am away until then."""
    enrolment = _own(user_of(request))
    form = AwayUntilForm(request.POST)
    if form.is_valid():
        try:
            declare_away(
                enrolment.household,
                starts_at=clock.now(),
                ends_at=form.until(),
                said_by=AwaySource.ELDER,
                reason=AwayReason(form.cleaned_data["reason"]),
                actor=user_of(request),
            )
        except DureError as error:
            form.add_error(None, error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("잘 다녀오세요. 그때까지 알림을 멈춥니다."))
            return redirect("care:my_care")
    return _page(request, form, status=422)


@require_POST
@open_to(Role.CITIZEN)
def my_back(request: HttpRequest) -> HttpResponse:
    """I am home again."""
    enrolment = _own(user_of(request))
    away = away_at([enrolment.household_id], clock.now()).get(enrolment.household_id)
    if away is not None:
        returned(away, at=clock.now(), actor=user_of(request))
        messages.success(request, _("잘 돌아오셨습니다. 다시 살핍니다."))
    return redirect("care:my_care")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.CITIZEN)
def my_stop(request: HttpRequest, purpose: str) -> HttpResponse:
    """First what would stop, and then that it is stopped. ``all``: every consent that holds."""
    if purpose != EVERYTHING and purpose not in ConsentPurpose.values:
        raise NotFound("그런 동의가 없습니다", "there is no such consent")
    user = user_of(request)
    enrolment = _own(user)
    chosen = [one for one in standings(enrolment) if one.holds and purpose in (EVERYTHING, one.purpose)]
    if not chosen:
        messages.info(request, _("이미 그만두셨습니다."))
        return redirect("care:my_care")
    if request.method != "POST":
        stops = [(one, STOPS.get(one.purpose) or _("이 동의로 하던 일을 그만둡니다.")) for one in chosen]
        return render(request, "care/my_stop.html", {"stops": stops})
    _stop(enrolment, chosen, user)
    messages.warning(request, _("그만두었습니다. 다시 시작하고 싶으시면 담당자에게 말씀해 주세요."))
    return redirect("care:my_care")


@transaction.atomic
def _stop(enrolment: Enrolment, chosen: list[Standing], user: User) -> None:
    for one in chosen:
        take_back(enrolment, one.purpose, said_by=SaidBy.SELF, how=How.ONLINE, actor=user)


def _own(user: User) -> Enrolment:
    """The reader's own enrolment. Raises NotFound for an account without one."""
    found = Enrolment.objects.filter(person=user.person_id, ended_at=None) if user.person_id else None
    enrolment = found.select_related("household__area", "person", "worker").first() if found else None
    if enrolment is None:
        raise NotFound("안부 확인 대상이 아닙니다", "you are not enrolled in care")
    return enrolment


def _page(request: HttpRequest, form: AwayUntilForm | None = None, status: int = 200) -> HttpResponse:
    user = user_of(request)
    try:
        enrolment = _own(user)
    except NotFound:
        return render(request, "care/my_care.html", {"enrolment": None})
    record = people.access_own(user)
    found = standings(enrolment)
    looks = who_looked(user)
    context = {
        "enrolment": enrolment,
        "held": [one for one in found if one.holds],
        "over": [one for one in found if one.newest and not one.holds],
        "readers": [one for one in record.contacts if one.has_page],
        "looks": looks[:LOOKS_SHOWN],
        "more_looks": max(0, len(looks) - LOOKS_SHOWN),
        "sign_at": last_sign_of_life(enrolment),
        "away": away_at([enrolment.household_id], clock.now()).get(enrolment.household_id),
        "form": form or AwayUntilForm(),
    }
    return render(request, "care/my_care.html", context, status=status)
