# SPDX-License-Identifier: Apache-2.0
"""Waste collection's forms."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from dure.services.waste.actions.reports import LONGEST
from dure.services.waste.models import ReportKind


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
