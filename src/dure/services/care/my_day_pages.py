# SPDX-License-Identifier: Apache-2.0
"""The elder's own page: today's plan in large letters, with a button for what is done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.city.errors import NotFound
from dure.city.models import Role
from dure.city.roles import open_to, user_of
from dure.services.care.actions.occasions import confirm_routine
from dure.services.care.day_plan import own_day_plan
from dure.services.care.models import ConfirmedHow, Routine


@require_safe
@open_to(Role.CITIZEN)
def my_day(request: HttpRequest) -> HttpResponse:
    """My day."""
    user = user_of(request)
    plan = own_day_plan(user) if user.person_id else None
    return render(request, "care/my_day.html", {"plan": plan})


@require_POST
@open_to(Role.CITIZEN)
def my_done(request: HttpRequest, ref: UUID) -> HttpResponse:
    """I have done it."""
    user = user_of(request)
    own = Routine.objects.filter(ref=ref, ended_at=None, person=user.person_id)
    routine = own.select_related("person__household__area").first() if user.person_id else None
    if routine is None:
        raise NotFound("그런 일과가 없습니다", "there is no such routine")
    confirm_routine(routine, how=ConfirmedHow.BUTTON, actor=user)
    messages.success(request, _("잘하셨습니다. 하신 것으로 적었습니다."))
    return redirect("care:my_day")
