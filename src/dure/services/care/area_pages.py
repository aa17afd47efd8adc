# SPDX-License-Identifier: Apache-2.0
"""The officer's page of alarm budgets by area: what is allowed, what was given, and an area's own budget."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dure.city import rules as city_rules
from dure.city.models import Area, Role, User
from dure.city.roles import areas_of, open_to, user_of
from dure.services.care.area_budgets import DAYS, area_budgets
from dure.services.care.habit_state import BUDGETS
from dure.services.care.rules import CareRules


class BudgetForm(forms.Form):
    """An area's own alarms per 1,000 homes and day."""

    def __init__(self, *arguments: Any, area: Area, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.area, current = area, city_rules.load(CareRules, "care", area)
        korean = (translation.get_language() or "ko").startswith("ko")
        for one in fields(CareRules):
            if one.name in BUDGETS:
                note = one.metadata
                self.fields[one.name] = forms.FloatField(
                    label=note["ko"] if korean else note["en"],
                    min_value=note["least"],
                    max_value=note["most"],
                    initial=getattr(current, one.name),
                )

    def clean(self) -> dict[str, Any]:
        """A graver level may not have more alarms than a lighter one."""
        cleaned = super().clean() or {}
        given = [cleaned.get(name) for name in BUDGETS]
        if None not in given and given != sorted(given, key=float, reverse=True):  # type: ignore[arg-type]
            raise forms.ValidationError(_("무거운 수준의 예산은 가벼운 수준보다 클 수 없습니다."))
        return cleaned

    @transaction.atomic
    def keep(self, *, by: User) -> None:
        """Set all three from now on: the area is steered by a budget of its own."""
        for name in BUDGETS:
            city_rules.set_rule(CareRules, "care", name, self.cleaned_data[name], by=by, area=self.area)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.WELFARE_OFFICER)
def areas(request: HttpRequest) -> HttpResponse:
    """Allowed against given by area and level; ``?of=`` an area's code opens the form for its own budget."""
    user, form = user_of(request), None
    if code := request.GET.get("of"):
        area = get_object_or_404(areas_of(user, Role.WELFARE_OFFICER), code=code, valid_to=None)
        form = BudgetForm(request.POST or None, area=area)
        if request.method == "POST" and form.is_valid():
            form.keep(by=user)
            messages.success(request, _("이 지역의 알림 예산을 정했습니다."))
            return redirect("care:areas")
    status = 422 if form is not None and form.errors else 200
    context = {"areas": area_budgets(user), "days": DAYS, "form": form}
    return render(request, "care/areas.html", context, status=status)
