# SPDX-License-Identifier: Apache-2.0
"""The officer's rules of monitoring: how long a departure must last, and how soon somebody must have dealt with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dure.city.models import Role
from dure.city.roles import open_to
from dure.city.rule_form import rules_page
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
    return rules_page(
        request, "monitoring:rules", "monitoring/rules.html", role=Role.WELFARE_OFFICER, kinds=KINDS, groups=GROUPS
    )
