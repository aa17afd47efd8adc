# SPDX-License-Identifier: Apache-2.0
"""Events and weather, told by the dispatcher before they come."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dure.city import clock
from dure.city.errors import Invalid
from dure.city.models import Area, Role, User
from dure.city.roles import areas_of, everywhere, open_to, user_of
from dure.services.waste.actions.influences import cancel, tell
from dure.services.waste.forms import InfluenceForm
from dure.services.waste.models import Influence
from dure.services.waste.queries import bins_in

SHOWN_PAST = timedelta(days=14)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.DISPATCHER)
def influences(request: HttpRequest) -> HttpResponse:
    """What is known of the coming days, and a form to add to it; whoever answers for the whole city fills it in."""
    user = user_of(request)
    may = everywhere(user, Role.DISPATCHER)
    areas = Area.objects.filter(bins__retired_at=None, bins__isnull=False, valid_to=None).distinct().order_by("code")
    form = InfluenceForm((may and request.POST) or None, areas=areas, bins=bins_in().order_by("code"))
    if may and request.method == "POST" and form.is_valid():
        try:
            tell(form.spec(), actor=user)
        except Invalid as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        else:
            messages.success(request, _("적었습니다. 다음 계획부터 헤아립니다."))
            return redirect("waste:influences")
    status = 422 if form.errors else 200 if may or request.method != "POST" else 403
    return render(request, "waste/influences.html", {"form": form, "may": may, **_known(user)}, status=status)


@require_POST
@open_to(Role.DISPATCHER)
def influence_cancel(request: HttpRequest, code: str) -> HttpResponse:
    """It will not be so after all."""
    user = user_of(request)
    if not everywhere(user, Role.DISPATCHER):
        return HttpResponse(status=403)
    one = get_object_or_404(Influence, code=code)
    cancel(one, actor=user)
    messages.success(request, _("%s: 거두었습니다.") % one.name)
    return redirect("waste:influences")


def _known(user: User) -> dict[str, list[Influence]]:
    """Those that the reader's areas are concerned by: to come or under way, and over."""
    now = clock.now()
    theirs = Q(area=None) | Q(area__in=areas_of(user, Role.DISPATCHER))
    found = Influence.objects.filter(theirs, cancelled_at=None, ends_at__gt=now - SHOWN_PAST).select_related("area")
    ordered = list(found.order_by("starts_at", "pk"))
    over = [one for one in ordered if one.ends_at <= now]
    return {"coming": [one for one in ordered if one not in over], "over": over}
