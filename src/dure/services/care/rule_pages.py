# SPDX-License-Identifier: Apache-2.0
"""The officer's rules: every threshold that care goes by, with its unit, its source, its default and who changed it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dure.city import retention
from dure.city.models import Role
from dure.city.retention import RetentionRules
from dure.city.roles import open_to, user_of
from dure.city.rule_form import rules_page
from dure.services.care import overview
from dure.services.care.rules import CareRules

KINDS: tuple[tuple[type[Any], str], ...] = ((CareRules, "care"), (RetentionRules, retention.SERVICE))
GROUPS = (
    (_("알림 예산"), ("attention_per_1000", "alert_per_1000", "severe_per_1000")),
    (_("사건 기한"), ("attention_due_minutes", "alert_due_minutes", "severe_due_minutes")),
    (_("자동 전화"), ("call_rings_seconds", "call_answer_seconds", "voice_words_per_minute", "voice_pitch")),
    (
        _("일과 돌봄"),
        (
            "daily_grace_minutes",
            "daily_repeats",
            "daily_gap_minutes",
            "daily_before_hours",
            "missed_medicine_level",
            "missed_greeting_level",
            "missed_other_level",
        ),
    ),
    (_("받지 못한 값"), ("rejected_days", "rejected_most")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.WELFARE_OFFICER)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule of the city; whoever answers for the whole city sets them."""
    user = user_of(request)
    homes = overview.enrolments_of(user).count()

    def meaning(name: str, value: float) -> str:
        return _how_often(value * homes / 1000, homes) if name.endswith("_per_1000") and homes else ""

    return rules_page(
        request, "care:rules", "care/rules.html", role=Role.WELFARE_OFFICER, kinds=KINDS, groups=GROUPS, note=meaning
    )


def _how_often(a_day: float, homes: int) -> str:
    """What a budget means for this city."""
    if a_day >= 1:
        return gettext("지금 %(homes)d댁이면 하루 약 %(n)d건") % {"homes": homes, "n": round(a_day)}
    return gettext("지금 %(homes)d댁이면 약 %(n)d일에 한 건") % {"homes": homes, "n": round(1 / a_day)}
