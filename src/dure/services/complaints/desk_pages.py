# SPDX-License-Identifier: Apache-2.0
"""The desk's list: what waits, the gravest and soonest first, and one press to take it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from dure.city import cases
from dure.city.errors import NotFound
from dure.city.models import Role
from dure.city.roles import open_to, roles_of, user_of
from dure.services.complaints import assist, desk_list
from dure.services.complaints.actions.collective import of_many
from dure.services.complaints.board import closed
from dure.services.complaints.desk_list import Filters
from dure.services.complaints.models import Door

DESK = (Role.CALL_AGENT, Role.DESK_LEAD)
STAFF = (*DESK, Role.OFFICER)
MOST_OF_MANY = 8
"""Complaints of many that the lead is shown above the list."""
WHOSE = (
    ("", _("모두")),
    ("mine", _("내 것")),
    ("team", _("우리 팀")),
    ("nobody", _("맡은 이 없음")),
    ("sent", _("우리에게 온 이송")),
)


@require_safe
@open_to(*STAFF)
def desk(request: HttpRequest) -> HttpResponse:
    """What waits."""
    assist.warm()
    user, filters = user_of(request), Filters.of(request.GET.dict())
    page, rows = desk_list.page_of(desk_list.filtered(user, filters), request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows,
        "filters": filters,
        "whose": WHOSE,
        "doors": Door.choices,
        "figures": desk_list.figures(user),
        "closed": closed(),
        "may_receive": bool(roles_of(user) & set(DESK)),
        "of_many": of_many(user)[:MOST_OF_MANY] if Role.DESK_LEAD in roles_of(user) else (),
    }
    return render(request, "complaints/desk.html", context)


@require_POST
@open_to(*STAFF)
def take(request: HttpRequest, number: str) -> HttpResponse:
    """Take a case of the list: it is mine, and its page opens."""
    case = cases.access_case(user_of(request), number)
    complaint = case.complaints.order_by("pk").first()
    if complaint is None:
        raise NotFound("민원이 아닌 사건입니다", "this case is no complaint")
    cases.acknowledge(case, user_of(request))
    return redirect("complaints:complaint", complaint.number)
