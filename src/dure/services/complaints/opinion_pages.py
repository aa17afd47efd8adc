# SPDX-License-Identifier: Apache-2.0
"""What other departments have asked an officer's: masked words only, for the case is not theirs."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.city.errors import NotFound
from dure.city.models import Role, User
from dure.city.roles import open_to, user_of
from dure.services.complaints.actions.handling import give_opinion
from dure.services.complaints.models import Partner


@require_safe
@open_to(Role.OFFICER)
def opinions(request: HttpRequest) -> HttpResponse:
    """The parts of open cases that the reader's departments are asked about, the soonest due first."""
    asked = _asked(user_of(request)).prefetch_related("case__complaints").select_related("case", "department")
    return render(request, "complaints/opinions.html", {"asked": asked.order_by("given_at", "due_at")})


@require_POST
@open_to(Role.OFFICER)
def opinion(request: HttpRequest, number: int) -> HttpResponse:
    """Say what the department thinks; until the case is answered the last word counts."""
    of = _asked(user_of(request)).filter(pk=number).first()
    if of is None:
        raise NotFound("물어 온 것이 없습니다", "nothing was asked")
    give_opinion(of, request.POST.get("text", ""), user_of(request))
    messages.success(request, _("의견을 보냈습니다."))
    return redirect("complaints:opinions")


def _asked(user: User) -> QuerySet[Partner]:
    return Partner.objects.filter(department__team__members=user, case__closed_at=None)
