# SPDX-License-Identifier: Apache-2.0
"""Asking about an automatic decision, and answering."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dure.city.models import Finding, ReviewKind, ReviewResult
from dure.city.reviews import LONGEST_TEXT
from dure.web.templatetags.components import service_name


class AskForm(forms.Form):
    """What is asked, about one decision or all of a service."""

    kind = forms.ChoiceField(label=_("무엇을 원하시나요"), choices=ReviewKind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("하실 말씀 (없으면 비움)"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StaffAskForm(AskForm):
    """The same for somebody else: which decision, and of which service if of all."""

    service = forms.ChoiceField(label=_("서비스"))
    finding = forms.ModelChoiceField(
        label=_("어느 판단"), queryset=Finding.objects.none(), required=False, empty_label=_("이 서비스의 모든 판단")
    )

    def __init__(self, *arguments: Any, services: tuple[str, ...], findings: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["service"].choices = [(one, service_name(one)) for one in services]  # type: ignore[attr-defined]
        self.fields["finding"].queryset = findings  # type: ignore[attr-defined]
        self.order_fields(["service", "finding", "kind", "text"])


class AnswerForm(forms.Form):
    """What came of it, in plain words."""

    result = forms.ChoiceField(label=_("결과"), choices=ReviewResult.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("쉬운 말로 적는 답"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("요구하신 분이 그대로 읽습니다. 무엇을 보고 왜 그렇게 판단했는지, 이제 어떻게 되는지 적어 주세요."),
    )

    def __init__(self, *arguments: Any, kind: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if kind != ReviewKind.EXPLANATION:
            known = [one for one in ReviewResult.choices if one[0] != ReviewResult.EXPLAINED]
            self.fields["result"].choices = known  # type: ignore[attr-defined]


class ExtendForm(forms.Form):
    """Why it takes longer; the person reads it."""

    reason = forms.CharField(
        label=_("늦어지는 까닭"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )
