# SPDX-License-Identifier: Apache-2.0
"""The officer's rules: every threshold that care goes by, with its unit, its source, its default and who changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dure.city import retention
from dure.city import rules as city_rules
from dure.city.models import Role, RuleSetting, User
from dure.city.retention import RetentionRules
from dure.city.roles import everywhere, open_to, user_of
from dure.services.care import overview
from dure.services.care.rules import CareRules

KINDS: tuple[tuple[type[Any], str], ...] = ((CareRules, "care"), (RetentionRules, retention.SERVICE))
"""Rules, and the service under which each kind is kept. No two have a rule of one name."""
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
"""The rules in the order in which a person thinks of them; what is in no group comes last."""

Shown = tuple[forms.BoundField, RuleSetting | None]
"""A rule and the setting that holds, None where it is as it was at first."""


class RulesForm(forms.Form):
    """Every rule in its own unit, within its bounds."""

    def __init__(self, *arguments: Any, homes: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        korean = (translation.get_language() or "ko").startswith("ko")
        self.set_before: dict[str, RuleSetting] = {}
        self._kinds: dict[str, tuple[type[Any], str]] = {}
        for kind, service in KINDS:
            current = city_rules.load(kind, service)
            self.set_before |= city_rules.settings_of(service)
            for one in fields(kind):
                note, value = one.metadata, getattr(current, one.name)
                self._kinds[one.name] = kind, service
                self.fields[one.name] = (forms.IntegerField if one.type in (int, "int") else forms.FloatField)(
                    label=f"{note['ko'] if korean else note['en']} ({gettext(note['unit'])})",
                    help_text=_help(one.name, gettext(note["source"]), one.default, value, homes),
                    min_value=note["least"],
                    max_value=note["most"],
                    initial=int(value) if value == int(value) else value,
                )

    def groups(self) -> list[tuple[str, list[Shown]]]:
        """The rules under their headings."""
        grouped = {name for _title, names in GROUPS for name in names}
        other = tuple(name for name in self.fields if name not in grouped)
        return [(str(title), list(self._shown(names))) for title, names in (*GROUPS, (_("그 밖"), other))]

    def _shown(self, names: tuple[str, ...]) -> Iterator[Shown]:
        for name in names:
            yield self[name], self.set_before.get(name)

    @transaction.atomic
    def keep(self, *, by: User) -> None:
        """Set the rules that differ from what held."""
        for name in self.changed_data:
            city_rules.set_rule(*self._kinds[name], name, self.cleaned_data[name], by=by)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.WELFARE_OFFICER)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule of the city; whoever answers for the whole city sets them."""
    user = user_of(request)
    may = everywhere(user, Role.WELFARE_OFFICER)
    form = RulesForm((may and request.POST) or None, homes=overview.enrolments_of(user).count())
    if may and request.method == "POST" and form.is_valid():
        form.keep(by=user)
        messages.success(request, gettext("규칙을 바꾸었습니다."))
        return redirect("care:rules")
    status = 422 if form.errors else 200 if may or request.method != "POST" else 403
    return render(request, "care/rules.html", {"form": form, "may": may}, status=status)


def _help(name: str, source: str, default: Any, value: float, homes: int) -> str:
    """Where the default comes from and what it is; for a budget also what the rule means for this city."""
    said = [source, gettext("처음 값 %s") % f"{default:g}"]
    if name.endswith("_per_1000") and homes:
        said.insert(0, _how_often(value * homes / 1000, homes))
    return " · ".join(said)


def _how_often(a_day: float, homes: int) -> str:
    if a_day >= 1:
        return gettext("지금 %(homes)d댁이면 하루 약 %(n)d건") % {"homes": homes, "n": round(a_day)}
    return gettext("지금 %(homes)d댁이면 약 %(n)d일에 한 건") % {"homes": homes, "n": round(1 / a_day)}
