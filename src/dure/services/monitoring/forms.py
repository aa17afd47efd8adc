# SPDX-License-Identifier: Apache-2.0
"""Monitoring's forms."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dure.city import clock
from dure.city.devices import CODE
from dure.city.models import Feed
from dure.services.monitoring.kinds import KINDS
from dure.services.monitoring.models import SignOf

USUAL_DAYS = 90


class RangeForm(forms.Form):
    """A clinician's range: which sign, from where to where, who says so, why, and until when."""

    sign = forms.ChoiceField(label=gettext_lazy("어떤 수치인가요"), choices=SignOf.choices)
    low = forms.FloatField(label=gettext_lazy("아래 끝"))
    high = forms.FloatField(label=gettext_lazy("위 끝"))
    clinician = forms.CharField(label=gettext_lazy("정한 의료진 (이름과 소속)"), max_length=60)
    reason = forms.CharField(label=gettext_lazy("까닭"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    last_day = forms.DateField(
        label=gettext_lazy("언제까지 (그날까지)"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="range_%s")
        self.fields["last_day"].initial = clock.today() + timedelta(days=USUAL_DAYS)
        for name in ("low", "high"):
            self.fields[name].widget.attrs |= {"step": "any", "inputmode": "decimal"}

    @property
    def valid_until(self) -> datetime:
        """The first moment after the last day in Korea."""
        day: date = self.cleaned_data["last_day"]
        return datetime.combine(day, time(), clock.SEOUL).astimezone(UTC) + timedelta(days=1)


class GiveForm(forms.Form):
    """A device for this person: what it is, who sends for it, and the code on it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("어떤 기기인가요"), choices=[(name, kind.label) for name, kind in KINDS.items()]
    )
    feed = forms.ModelChoiceField(label=gettext_lazy("값을 보내는 곳"), queryset=Feed.objects.none(), empty_label=None)
    code = forms.CharField(label=gettext_lazy("기기 코드"), max_length=64)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="give_%s")
        self.fields["feed"].queryset = Feed.objects.filter(service="monitoring").order_by("name")  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        """As it can stand in a topic."""
        code: str = self.cleaned_data["code"].strip()
        if not CODE.fullmatch(code):
            raise forms.ValidationError(_("영문자, 숫자, . _ : - 만 쓸 수 있습니다"))
        return code
