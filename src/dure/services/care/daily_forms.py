# SPDX-License-Identifier: Apache-2.0
"""Forms of daily care: a routine, a template, the voice of the calls."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dure.city.models import Person, Series
from dure.services.care.actions.daily import LONGEST_TEXT, MOST_MINUTES, Spec
from dure.services.care.day_plan import DAYS, Item
from dure.services.care.models import EVERY_DAY, ConfirmBy, RoutineKind, RoutineTemplate

SENSORS = ("pill_box", "door", "motion")
"""Kinds of devices that can tell that something was done."""


class RoutineForm(forms.Form):
    """What, when, on which days, and how it is confirmed."""

    kind = forms.ChoiceField(label=_("종류"), choices=RoutineKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("무엇"), max_length=LONGEST_TEXT, help_text=_("예: 혈압약, 아침 식사, 복지관 체조"))
    dose = forms.CharField(label=_("얼마나 (없으면 비움)"), max_length=LONGEST_TEXT, required=False)
    at = forms.TimeField(label=_("몇 시"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    weekdays = forms.MultipleChoiceField(
        label=_("요일"), choices=list(DAYS.items()), widget=forms.CheckboxSelectMultiple, initial=list(EVERY_DAY)
    )
    on_holidays = forms.BooleanField(label=_("공휴일에도 합니다"), required=False, initial=True)
    confirm_by = forms.ChoiceField(
        label=_("확인하는 방법"), choices=ConfirmBy.choices, widget=forms.RadioSelect, initial=ConfirmBy.CALL
    )
    repeats = forms.IntegerField(
        label=_("다시 여쭙는 횟수 (비우면 도시 규칙)"), min_value=0, max_value=6, required=False
    )
    gap_minutes = forms.IntegerField(
        label=_("다시 여쭙기까지 (분, 비우면 도시 규칙)"), min_value=1, max_value=MOST_MINUTES, required=False
    )

    def spec(self) -> Spec:
        """What was typed, as the verbs take it."""
        said = self.cleaned_data
        return Spec(
            kind=RoutineKind(said["kind"]),
            title=said["title"],
            at=said["at"],
            dose=said["dose"],
            weekdays="".join(said["weekdays"]),
            on_holidays=said["on_holidays"],
            confirm_by=ConfirmBy(said["confirm_by"]),
            repeats=said["repeats"],
            gap_minutes=said["gap_minutes"],
        )


class PersonRoutineForm(RoutineForm):
    """A routine of one person: with their own sensors, and a last day."""

    series = forms.ModelChoiceField(
        label=_("감지기"), queryset=Series.objects.none(), required=False, empty_label=_("쓰지 않음")
    )
    to_day = forms.DateField(
        label=_("마지막 날 (없으면 비움)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *arguments: Any, person: Person, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field: Any = self.fields["series"]
        home = Series.objects.filter(device__household=person.household_id, device__kind__in=SENSORS)
        field.queryset = home.select_related("device").order_by("device__code", "name")
        field.label_from_instance = lambda one: f"{one.device.code} · {one.name}"

    @classmethod
    def of(cls, item: Item, *arguments: Any) -> PersonRoutineForm:
        """The form of a routine that there is, as it stands."""
        routine = item.routine
        kept = ("kind", "at", "on_holidays", "confirm_by", "repeats", "gap_minutes")
        initial = {name: getattr(routine, name) for name in kept}
        initial |= {"title": item.title, "dose": item.dose, "weekdays": list(routine.weekdays)}
        initial |= {"series": routine.series_id, "to_day": routine.to_day}
        return cls(*arguments, person=routine.person, initial=initial)


class TemplateItemForm(RoutineForm):
    """A routine of a template, which knows no home and no sensor."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field: Any = self.fields["confirm_by"]
        field.choices = [one for one in ConfirmBy.choices if one[0] != ConfirmBy.SENSOR]


class NewTemplateForm(TemplateItemForm):
    """A template's name and its first item."""

    name = forms.CharField(label=_("틀의 이름"), max_length=60)


class ApplyForm(forms.Form):
    """Which template to give a person."""

    template = forms.ModelChoiceField(
        label=_("일과 틀"), queryset=RoutineTemplate.objects.filter(ended_at=None).order_by("name"), empty_label=None
    )


class PauseForm(forms.Form):
    """Until when a routine rests."""

    until = forms.DateField(label=_("이날까지 쉼"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class VoiceForm(forms.Form):
    """How fast and how high the calls speak to one person; empty: as the city set it."""

    words_per_minute = forms.IntegerField(
        label=_("빠르기 (낱말/분, 비우면 도시 규칙)"), min_value=80, max_value=300, required=False
    )
    pitch = forms.IntegerField(label=_("높이 (0~99, 비우면 도시 규칙)"), min_value=0, max_value=99, required=False)
