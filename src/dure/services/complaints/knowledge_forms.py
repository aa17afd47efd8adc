# SPDX-License-Identifier: Apache-2.0
"""Forms for what the city may quote, and for the texts that agents use again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dure.city.templatetags.dure import in_language
from dure.services.complaints.actions.knowledge import (
    FILLED_IN,
    LANGUAGES,
    LONGEST_SYNONYMS,
    LONGEST_TEMPLATE,
    LONGEST_TEXT,
    TemplateSpec,
    TextSpec,
)
from dure.services.complaints.models import Department, Source, Template, Text, Topic

IN_LANGUAGE = {"ko": _("한국어"), "en": _("영어")}


class _Chosen(forms.ModelChoiceField):
    """A department or a topic, by its name in the reader's language."""

    def __init__(self, model: type[Department] | type[Topic], label: Any, empty: Any) -> None:
        super().__init__(
            model._default_manager.none(), label=label, required=False, to_field_name="code", empty_label=empty
        )

    def label_from_instance(self, obj: Any) -> str:
        return in_language(obj.name)


class TextForm(forms.Form):
    """A text. ``seen``: when the one that its reader saw was changed, so that another's change is not lost."""

    title = forms.CharField(label=_("제목"), max_length=200)
    text = forms.CharField(label=_("글"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 10}))
    source = forms.ChoiceField(label=_("무엇"), choices=Source.choices)
    department = _Chosen(Department, _("부서"), _("정하지 않음"))
    topic = _Chosen(Topic, _("갈래"), _("정하지 않음"))
    language = forms.ChoiceField(label=_("말"), choices=[(one, IN_LANGUAGE[one]) for one in LANGUAGES])
    valid_from = forms.DateField(label=_("시행일"), required=False, help_text=_("비우면 언제부터든 씁니다."))
    valid_to = forms.DateField(
        label=_("마지막 날"), required=False, help_text=_("이 날이 지나면 지금의 답으로 쓰지 않습니다.")
    )
    link = forms.URLField(label=_("주소"), required=False, max_length=400, assume_scheme="https")
    safe = forms.BooleanField(
        label=_("밤에 사람 없이 답으로 보내도 됩니다"),
        required=False,
        help_text=_("규칙에서 밤의 답을 켰을 때만 보냅니다."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["department"].queryset = Department.objects.filter(retired_at=None)  # type: ignore[attr-defined]
        self.fields["topic"].queryset = Topic.objects.filter(retired_at=None)  # type: ignore[attr-defined]
        for name in ("valid_from", "valid_to"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def spec(self, code: str) -> TextSpec:
        """What was filled in."""
        chosen = {name: _code(self.cleaned_data[name]) for name in ("department", "topic")}
        said: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name != "seen"} | chosen
        return TextSpec(code=code, **said)


def values_of(text: Text) -> dict[str, Any]:
    """What the form shows of a text."""
    names = ("title", "text", "source", "language", "valid_from", "valid_to", "link", "safe")
    shown = {name: getattr(text, name) for name in names}
    return shown | {"department": text.department, "topic": text.topic, "seen": text.changed_at.isoformat()}


class SynonymForm(forms.Form):
    """Words that mean the same."""

    words = forms.CharField(
        label=_("같은 뜻의 말"), max_length=LONGEST_SYNONYMS, help_text=_("예: 쓰레기봉투 = 종량제봉투")
    )


class TemplateForm(forms.Form):
    """A text that agents use again, in both languages. ``seen`` as of a text."""

    code = forms.SlugField(label=_("코드"), max_length=40, help_text=_("영문자·숫자와 - _. 나중에 바꾸지 못합니다."))
    name_ko = forms.CharField(label=_("이름 (한국어)"), max_length=80)
    name_en = forms.CharField(label=_("이름 (영어)"), max_length=80)
    text_ko = forms.CharField(
        label=_("글 (한국어)"), max_length=LONGEST_TEMPLATE, widget=forms.Textarea(attrs={"rows": 5})
    )
    text_en = forms.CharField(
        label=_("글 (영어)"), max_length=LONGEST_TEMPLATE, widget=forms.Textarea(attrs={"rows": 5, "lang": "en"})
    )
    department = _Chosen(Department, _("부서"), _("모든 부서"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, known: Template | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["department"].queryset = Department.objects.filter(retired_at=None)  # type: ignore[attr-defined]
        filled = ", ".join(f"{{{name}}}" for name in FILLED_IN)
        for name in ("text_ko", "text_en"):
            self.fields[name].help_text = _("채워지는 것: %s") % filled
        if known is not None:
            self.fields["code"].disabled = True

    def spec(self) -> TemplateSpec:
        """What was filled in."""
        said = self.cleaned_data
        name, text = ({one: said[f"{kind}_{one}"] for one in LANGUAGES} for kind in ("name", "text"))
        return TemplateSpec(said["code"], name, text, _code(said["department"]))


def values_of_template(template: Template) -> dict[str, Any]:
    """What the form shows of a template."""
    shown = {f"{name}_{one}": getattr(template, name)[one] for name in ("name", "text") for one in LANGUAGES}
    return shown | {
        "code": template.code, "department": template.department, "seen": template.changed_at.isoformat(),
    }  # fmt: skip


def _code(chosen: Department | Topic | None) -> str:
    return chosen.code if chosen else ""
