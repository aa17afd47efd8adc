# SPDX-License-Identifier: Apache-2.0
"""The officer's rules of monitoring: how long a departure must last, and how soon somebody must have dealt with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dure.city.models import Role
from dure.city.roles import everywhere, open_to, user_of
from dure.city.rule_form import RulesForm
from dure.services.monitoring.rules import MonitoringRules

KINDS = ((MonitoringRules, "monitoring"),)
GROUPS = (
    (_("얼마나 오래 벗어나야 알리나"), ("slots_outside", "slots_looked_at", "slot_minutes", "oldest_minutes")),
    (_("넘어짐과 도움 요청"), ("urgent_stale_hours", "urgent_again_minutes")),
    (_("사건 기한"), ("attention_due_minutes", "alert_due_minutes", "severe_due_minutes")),
    (_("평소와 기기"), ("learned_days", "battery_low_percent")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.WELFARE_OFFICER)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule of the city; whoever answers for the whole city sets them."""
    user = user_of(request)
    may = everywhere(user, Role.WELFARE_OFFICER)
    form = RulesForm((may and request.POST) or None, kinds=KINDS, groups=GROUPS)
    if may and request.method == "POST" and form.is_valid():
        form.keep(by=user)
        messages.success(request, gettext("규칙을 바꾸었습니다."))
        return redirect("monitoring:rules")
    status = 422 if form.errors else 200 if may or request.method != "POST" else 403
    return render(request, "monitoring/rules.html", {"form": form, "may": may}, status=status)
