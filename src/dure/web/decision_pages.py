# SPDX-License-Identifier: Apache-2.0
"""The officer's page: what programs decided about people and why, with what people found beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dure.city import reviews
from dure.city.models import AreaLevel, Level
from dure.city.roles import areas_of, open_to, user_of
from dure.web.decisions import OVERSEER, Wanted, decisions_of
from dure.web.templatetags.components import service_name


def _day() -> forms.DateField:
    return forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2199, 12, 31))],
    )


class WantedForm(forms.Form):
    """What is asked for; an impossible choice is an error of its field and shows everything."""

    service = forms.ChoiceField(label=_("서비스"), required=False)
    area = forms.ChoiceField(label=_("지역"), required=False)
    level = forms.TypedChoiceField(
        label=_("수준"), required=False, coerce=int, empty_value=None, choices=[("", _("모두")), *Level.choices]
    )
    since = _day()
    until = _day()
    overturned = forms.BooleanField(label=_("사람이 뒤집은 것만"), required=False)

    def __init__(self, *arguments: Any, areas: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        services = [(name, service_name(name)) for name in reviews.services()]
        self.fields["service"].choices = [("", _("모두")), *services]  # type: ignore[attr-defined]
        self.fields["area"].choices = [("", _("모두")), *areas]  # type: ignore[attr-defined]
        self.fields["since"].label, self.fields["until"].label = _("이날부터"), _("이날까지")

    def wanted(self) -> Wanted:
        """What was understood."""
        self.is_valid()
        return Wanted(**self.cleaned_data)


@require_safe
@open_to(OVERSEER)
def decisions(request: HttpRequest) -> HttpResponse:
    """Decisions by area, level and day, and how often people judged otherwise."""
    user = user_of(request)
    dongs = areas_of(user, OVERSEER).filter(level=AreaLevel.DONG, valid_to=None).order_by("name")
    form = WantedForm(request.GET, areas=list(dongs.values_list("code", "name")))
    found = decisions_of(user, form.wanted(), request.GET.get("page"))
    return render(request, "decisions.html", {"form": form, "found": found, "page": found.page})
