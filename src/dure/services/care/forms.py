# SPDX-License-Identifier: Apache-2.0
"""Care's forms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.city import clock
from dure.city.models import User
from dure.services.care.models import AwayReason, AwaySource
from dure.services.care.overview import WorkerLoad


class AwayForm(forms.Form):
    """From when until when a home is empty, and who said so. Sent twice it is the same stay."""

    starts = forms.DateTimeField(label=_("떠나시는 때"))
    until = forms.DateTimeField(label=_("돌아오시는 때"))
    reason = forms.ChoiceField(
        label=_("왜 비우시나요"),
        choices=AwayReason.choices,
        widget=forms.RadioSelect,
        initial=AwayReason.TRIP,
        required=False,
    )
    said_by = forms.ChoiceField(label=_("알려 주신 분"), choices=AwaySource.choices, widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        now = timezone.localtime(clock.now(), clock.SEOUL).replace(second=0, microsecond=0)
        for name, initial in (("starts", now), ("until", now.replace(hour=18, minute=0) + timedelta(days=1))):
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            self.fields[name].widget, self.fields[name].initial = widget, initial


COMES_HOME_AT = 20
"""Hour of the day (Korea) until which a stay lasts whose last day is chosen."""


class AwayUntilForm(forms.Form):
    """A stay that begins now, said by the elder or their family with two taps."""

    days = forms.TypedChoiceField(
        label=_("언제 돌아오시나요"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (0, _("오늘 저녁")),
            (1, _("내일 저녁")),
            (3, _("사흘 뒤")),
            (7, _("일주일 뒤")),
            (14, _("두 주 뒤")),
        ],
    )
    reason = forms.ChoiceField(
        label=_("왜 비우시나요"), choices=AwayReason.choices, widget=forms.RadioSelect, initial=AwayReason.TRIP
    )

    def until(self) -> datetime:
        """The evening of the chosen day."""
        now = timezone.localtime(clock.now(), clock.SEOUL)
        last = now + timedelta(days=self.cleaned_data["days"])
        return last.replace(hour=COMES_HOME_AT, minute=0, second=0, microsecond=0)


class WorkerForm(forms.Form):
    """Who looks after a person, each with how many they have."""

    worker = forms.ModelChoiceField(
        label=_("맡을 생활지원사"), queryset=User.objects.none(), required=False, empty_label=_("아직 아무도")
    )

    def __init__(self, *arguments: Any, loads: list[WorkerLoad], **options: Any) -> None:
        super().__init__(*arguments, **options)
        counts = {load.worker.pk: load.people for load in loads if load.worker}
        field: Any = self.fields["worker"]
        field.queryset = User.objects.filter(pk__in=counts).order_by("display_name", "username")
        field.label_from_instance = lambda user: gettext("%(name)s · %(n)d명") % {"name": user, "n": counts[user.pk]}
