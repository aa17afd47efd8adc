# SPDX-License-Identifier: Apache-2.0
"""Care's forms."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from dure.city import clock
from dure.services.care.models import AwaySource
from dure.services.care.rules import CareRules


class AwayForm(forms.Form):
    """Until when a home is empty, and who said so."""

    until = forms.DateTimeField(
        label=_("돌아오시는 때"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    said_by = forms.ChoiceField(label=_("알려 주신 분"), choices=AwaySource.choices)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        evening = timezone.localtime(clock.now(), clock.SEOUL).replace(hour=18, minute=0, second=0, microsecond=0)
        self.fields["until"].initial = evening + timedelta(days=1)


class RulesForm(forms.Form):
    """Every rule of care in its own unit, within its bounds, with where the default comes from."""

    def __init__(self, *arguments: Any, current: CareRules, **options: Any) -> None:
        super().__init__(*arguments, **options)
        korean = (translation.get_language() or "ko").startswith("ko")
        for one in fields(CareRules):
            note = one.metadata
            kind = forms.IntegerField if one.type == "int" else forms.FloatField
            self.fields[one.name] = kind(
                label=f"{note['ko'] if korean else note['en']} ({note['unit']})",
                help_text=note["source"],
                min_value=note["least"],
                max_value=note["most"],
                initial=getattr(current, one.name),
            )

    def changed(self) -> dict[str, float]:
        """The rules that were set differently from what held."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
