# SPDX-License-Identifier: Apache-2.0
"""Putting somebody on duty, on several days and for several weeks at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.city import clock
from dure.city.models import Team, User

MOST_WEEKS = 52


class ShiftForm(forms.Form):
    """Who, on which days of the week that is shown, from when to when, for how many weeks."""

    user = forms.ModelChoiceField(label=_("누가"), queryset=User.objects.none(), empty_label=None)
    days = forms.MultipleChoiceField(label=_("어느 날"), widget=forms.CheckboxSelectMultiple)
    starts = forms.TimeField(label=_("시작"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=_("끝"),
        help_text=_("시작보다 이르거나 같으면 다음 날의 그 시각입니다."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    weeks = forms.IntegerField(
        label=_("몇 주 동안"), help_text=_("1이면 이 주만입니다."), min_value=1, max_value=MOST_WEEKS, initial=1
    )

    def __init__(self, *arguments: Any, team: Team, monday: date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["user"].queryset = team.members.filter(is_active=True).order_by("display_name", "username")  # type: ignore[attr-defined]
        week = [monday + timedelta(days=n) for n in range(7)]
        self.fields["days"].choices = [(day.isoformat(), date_format(day, gettext("j일 (D)"))) for day in week]  # type: ignore[attr-defined]

    def stretches(self) -> Iterator[tuple[datetime, datetime]]:
        """Every shift that a valid form asks for, in order of time within each day of the week."""
        known = self.cleaned_data
        for text in known["days"]:
            for week in range(known["weeks"]):
                day = date.fromisoformat(text) + timedelta(weeks=week)
                starts = datetime.combine(day, known["starts"], clock.SEOUL)
                ends = datetime.combine(day, known["ends"], clock.SEOUL)
                yield starts, ends if ends > starts else ends + timedelta(days=1)
