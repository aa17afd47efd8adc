# SPDX-License-Identifier: Apache-2.0
"""Care's forms."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.city import clock
from dure.city.models import User
from dure.services.care.models import AwayReason, AwaySource
from dure.services.care.overview import WorkerLoad
from dure.services.care.rules import CareRules

RULE_GROUPS = (
    (_("알림 예산"), ("attention_per_1000", "alert_per_1000", "severe_per_1000")),
    (_("사건 기한"), ("attention_due_minutes", "alert_due_minutes", "severe_due_minutes")),
    (_("자동 전화"), ("call_rings_seconds", "call_answer_seconds", "voice_words_per_minute", "voice_pitch")),
    (
        _("일과 돌봄"),
        (
            "daily_grace_minutes",
            "daily_repeats",
            "daily_gap_minutes",
            "daily_before_hours",
            "missed_medicine_level",
            "missed_greeting_level",
            "missed_other_level",
        ),
    ),
    (
        _("그 밖"),
        ("people_per_worker", "data_case_hours", "away_most_days", "consent_notice_days"),
    ),
)
"""The rules in the order in which a person thinks of them; every rule is in one group."""


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


class RulesForm(forms.Form):
    """Every rule of care in its own unit, within its bounds, with where the default comes from."""

    def __init__(self, *arguments: Any, current: CareRules, homes: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        korean = (translation.get_language() or "ko").startswith("ko")
        for one in fields(CareRules):
            note = one.metadata
            kind = forms.IntegerField if one.type == "int" else forms.FloatField
            value = getattr(current, one.name)
            self.fields[one.name] = kind(
                label=f"{note['ko'] if korean else note['en']} ({gettext(note['unit'])})",
                help_text=_help(one.name, gettext(note["source"]), one.default, value, homes),
                min_value=note["least"],
                max_value=note["most"],
                initial=int(value) if value == int(value) else value,
            )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(str(title), [self[name] for name in names]) for title, names in RULE_GROUPS]

    def changed(self) -> dict[str, float]:
        """The rules that were set differently from what held."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _help(name: str, source: str, default: Any, value: float, homes: int) -> str:
    """Where the default comes from; for a budget also what it means for this city."""
    said = [source]
    if value != default:
        said.insert(0, gettext("처음 값 %s") % f"{default:g}")
    if name.endswith("_per_1000") and homes:
        said.insert(0, _how_often(value * homes / 1000, homes))
    return " · ".join(said)


def _how_often(a_day: float, homes: int) -> str:
    if a_day >= 1:
        return gettext("지금 %(homes)d댁이면 하루 약 %(n)d건") % {"homes": homes, "n": round(a_day)}
    return gettext("지금 %(homes)d댁이면 약 %(n)d일에 한 건") % {"homes": homes, "n": round(1 / a_day)}
