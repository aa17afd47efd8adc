# SPDX-License-Identifier: Apache-2.0
"""What a person can do with a case, one form a verb. Each carries the number that makes sending twice harmless."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dure.city import follow_ups, outcomes
from dure.city.models import Case, Errand, Level, Team, User
from dure.web import thread_words


class ActionForm(forms.Form):
    """``client_id`` is made when the form is drawn."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, prefix=None, auto_id=f"{type(self).__name__.lower()}_%s")
        self.case = case


class AcknowledgeForm(ActionForm):
    """I have seen it and take it."""


class NoteForm(ActionForm):
    """Something the next one should know."""

    text = forms.CharField(label=_("메모"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class CallForm(ActionForm):
    """A call that a person made."""

    reached = forms.ChoiceField(
        label=_("통화"), choices=[("yes", _("통화했음")), ("no", _("받지 않음"))], widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("들은 것"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class VisitForm(CallForm):
    """A visit that a person made."""

    reached = forms.ChoiceField(
        label=_("방문"), choices=[("yes", _("만났음")), ("no", _("만나지 못함"))], widget=forms.RadioSelect
    )
    text = forms.CharField(label=_("본 것"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class AssignForm(ActionForm):
    """To a person of the team, or back to the team."""

    user = forms.ModelChoiceField(label=_("맡을 사람"), queryset=User.objects.none(), required=False)

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, case=case)
        field = self.fields["user"]
        field.queryset = Team.objects.get(pk=case.team_id).members.filter(is_active=True).order_by("display_name")  # type: ignore[attr-defined]
        field.empty_label = _("팀이 함께")  # type: ignore[attr-defined]
        field.initial = case.assignee_id


class OverruleForm(ActionForm):
    """A person judges otherwise than the engine did, and says why."""

    level = forms.TypedChoiceField(label=_("수준"), choices=Level.choices, coerce=int, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("까닭"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, case=case)
        self.fields["level"].initial = case.level


class FollowUpForm(ActionForm):
    """What helps afterwards; one button a kind, with a window that needs no asking."""

    kind = forms.ChoiceField(
        label=_("후속 지원"), choices=[(name, one.label) for name, one in follow_ups.KINDS.items()]
    )


class CancelFollowUpForm(ActionForm):
    """Nobody needs to go any more, and why."""

    errand = forms.ModelChoiceField(label=_("후속 지원"), queryset=Errand.objects.none(), empty_label=None)
    reason = forms.CharField(label=_("까닭"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, case=case)
        field: Any = self.fields["errand"]
        field.queryset = Errand.objects.filter(case=case)  # also of those that are over: sent twice is not wrong
        field.widget.choices = [(one.pk, thread_words.follow_up_line(one)) for one in follow_ups.open_of(case)]


class HandOverForm(ActionForm):
    """To an outside system, with what it must know."""

    target = forms.ChoiceField(label=_("받는 곳"), choices=[("119", _("119 구급"))])
    payload = forms.CharField(
        label=_("알릴 내용"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("사시는 분과 주소, 연락처는 저절로 함께 갑니다."),
    )

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, case=case)
        newest = case.findings.order_by("-level", "-found_at").first()
        self.fields["payload"].initial = newest.reason["ko"] if newest else ""  # the ambulance reads Korean


class CloseForm(ActionForm):
    """How it ended."""

    outcome = forms.ChoiceField(label=_("결과"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("남길 말"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, case=case)
        self.fields["outcome"].choices = outcomes.choices(case.service)  # type: ignore[attr-defined]
