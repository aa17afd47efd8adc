# SPDX-License-Identifier: Apache-2.0
"""Waste collection's forms."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dure.city import clock
from dure.city.models import Area
from dure.services.waste.actions.influences import FARTHEST_M, MOST_PERCENT, InfluenceSpec
from dure.services.waste.actions.reports import LONGEST
from dure.services.waste.models import Bin, InfluenceKind, ReportKind


class ReportForm(forms.Form):
    """What a passer-by sees at a bin."""

    kind = forms.ChoiceField(
        label=_("어떤가요"),
        choices=ReportKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("하나를 골라 주세요"), "invalid_choice": _("하나를 골라 주세요")},
    )
    text = forms.CharField(
        label=_("더 알려 주실 것 (안 적으셔도 됩니다)"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class InfluenceForm(forms.Form):
    """An event or the weather: when, where, and how many times the usual is to be expected."""

    name = forms.CharField(label=_("이름"), max_length=80)
    kind = forms.ChoiceField(
        label=_("종류"), choices=InfluenceKind.choices, widget=forms.RadioSelect, initial=InfluenceKind.EVENT
    )
    starts_at = forms.DateTimeField(label=_("언제부터"))
    ends_at = forms.DateTimeField(label=_("언제까지"))
    percent = forms.IntegerField(
        label=_("평소의 몇 %"),
        help_text=_("100은 평소만큼, 300은 세 배, 50은 절반입니다. 모르면 지난 비슷한 날의 수거량을 견주어 보세요."),
        min_value=0,
        max_value=MOST_PERCENT,
        initial=200,
    )

    def __init__(self, *arguments: Any, areas: QuerySet[Area], bins: QuerySet[Bin], **options: Any) -> None:
        super().__init__(*arguments, **options)
        now = timezone.localtime(clock.now(), clock.SEOUL).replace(minute=0, second=0, microsecond=0)
        tomorrow = now.replace(hour=10) + timedelta(days=1)
        for name, initial in (("starts_at", tomorrow), ("ends_at", tomorrow.replace(hour=22))):
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            self.fields[name].widget, self.fields[name].initial = widget, initial
        choice = partial(forms.ModelChoiceField, required=False, to_field_name="code")
        self.fields["area"] = choice(areas, label=_("지역"), empty_label=_("도시 모두"))
        self.fields["near"] = choice(bins, label=_("이 수거함 둘레만"), empty_label=_("지역을 따름"))
        self.fields["radius_m"] = forms.IntegerField(
            label=_("둘레 (m)"), min_value=1, max_value=FARTHEST_M, initial=300, required=False
        )

    def spec(self) -> InfluenceSpec:
        """What was filled in; a bin's surroundings go before its area."""
        said = self.cleaned_data
        near, area = said["near"], said["area"]
        place = (near.lon, near.lat, said["radius_m"]) if near else (None, None, None)
        return InfluenceSpec(
            said["name"], said["starts_at"], said["ends_at"], said["percent"], said["kind"],
            area.code if area and not near else None, *place,
        )  # fmt: skip
