# SPDX-License-Identifier: Apache-2.0
"""What a citizen fills in: a complaint with what its topic asks besides, and what they say to it later."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dure.city import clock, phones
from dure.city.areas import area_at, valid_on
from dure.city.errors import Invalid
from dure.city.models import AreaLevel
from dure.city.templatetags.dure import in_language
from dure.services.complaints.actions.receiving import MOST_PICTURE_BYTES
from dure.services.complaints.models import Topic

LONGEST = 4_000
"""Characters of a complaint: two sheets of paper; Open311 takes as many."""
LONGEST_ANSWER = 400
RATINGS = (
    (5, _("매우 만족")),
    (4, _("만족")),
    (3, _("보통")),
    (2, _("불만")),
    (1, _("매우 불만")),
)


class TopicFields(forms.Form):
    """What a topic asks besides (``Topic.fields``); names in the page begin with ``more-<topic's code>-``."""

    def __init__(self, topic: Topic, data: Any = None) -> None:
        super().__init__(data, prefix=f"more-{topic.code}")
        for spec in topic.fields:
            self.fields[spec["code"]] = _asked(spec)

    def answers(self) -> dict[str, Any]:
        """What was answered, as JSON knows it; a time in ISO 8601."""
        return {code: _plain(value) for code, value in self.cleaned_data.items() if value not in (None, "", [])}


def _asked(spec: dict[str, Any]) -> forms.Field:
    given: dict[str, Any] = {"label": in_language(spec["name"]), "required": bool(spec.get("required"))}
    values = [(one["key"], in_language(one["name"])) for one in spec.get("values", [])]
    match spec["type"]:
        case "number":
            return forms.FloatField(**given, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))
        case "datetime":
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return forms.DateTimeField(**given, widget=widget)
        case "one":
            return forms.ChoiceField(**given, choices=values, widget=forms.RadioSelect)
        case "many":
            return forms.MultipleChoiceField(**given, choices=values, widget=forms.CheckboxSelectMultiple)
    return forms.CharField(**given, max_length=LONGEST_ANSWER)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


class PictureForm(forms.Form):
    """Photos: made small by the page (``picture``, data addresses) or as the phone took them (``photo``, files)."""

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        data, files = cast(QueryDict, self.data), self.files.getlist("photo") if self.files else []
        try:
            said["pictures"] = [
                *(_decoded(one) for one in data.getlist("picture")),
                *(_read(one) for one in files),
            ]
        except binascii.Error:
            self.add_error(None, _("사진을 읽을 수 없습니다"))
        return said


def _decoded(picture: str) -> bytes:
    return base64.b64decode(picture.rpartition(",")[2], validate=True)


def _read(photo: UploadedFile) -> bytes:
    """No more than shows that it is too large."""
    return bytes(photo.read(MOST_PICTURE_BYTES + 1))


class ComplainForm(PictureForm):
    """One complaint. ``join``: the case that somebody pressed "me too" at; then words are not needed."""

    text = forms.CharField(
        label=_("무슨 일인가요?"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    topic = forms.ModelChoiceField(Topic.objects.none(), required=False, to_field_name="code")
    join = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    address = forms.CharField(
        label=_("주소나 찾아갈 말"),
        required=False,
        max_length=200,
        help_text=_("예: 두레로 12 건너편 버스 정류장"),
    )
    area = forms.ModelChoiceField(
        valid_on(clock.today()).none(),
        label=_("동네"),
        required=False,
        to_field_name="code",
        empty_label=_("모르겠어요"),
    )
    name = forms.CharField(
        label=_("이름"),
        required=False,
        max_length=60,
        help_text=_("담당자가 부를 이름입니다."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("전화번호"),
        required=False,
        max_length=30,
        help_text=_("담당자가 여쭐 것이 있을 때만 겁니다."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("전자우편"),
        required=False,
        max_length=200,
        help_text=_("처리 결과를 여기로도 보내 드립니다."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(label=_("안내를 읽었고, 연락처를 이렇게 쓰는 데 동의합니다"), required=False)
    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    language = forms.ChoiceField(choices=[("ko", "ko"), ("en", "en")], initial=get_language, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        open_topics = Topic.objects.filter(retired_at=None, public=True)
        dongs = valid_on(clock.today()).filter(level=AreaLevel.DONG).order_by("name")
        self.fields["topic"].queryset = open_topics  # type: ignore[attr-defined]
        self.fields["area"].queryset = dongs  # type: ignore[attr-defined]
        self.more: TopicFields | None = None

    def clean_phone(self) -> str:
        """As it is dialled."""
        written: str = self.cleaned_data["phone"]
        if not written:
            return ""
        try:
            return phones.normalise(written)
        except Invalid as error:
            raise forms.ValidationError(_in_reader_language(error)) from error

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        self._require_words(said)
        self._require_place(said)
        if any(said.get(one) for one in ("name", "phone", "email")) and not said.get("consent"):
            self.add_error("consent", _("연락처를 적으셨다면 이곳에 표시해 주세요. 지우고 보내셔도 됩니다."))
        if topic := said.get("topic"):
            self.more = TopicFields(topic, self.data)
            if self.more.is_valid():
                said["answers"] = self.more.answers()
            else:
                self.add_error(None, _("고르신 갈래에서 더 여쭙는 것이 있습니다. 아래에서 답해 주세요."))
        return said

    def _require_words(self, said: dict[str, Any]) -> None:
        if not said.get("text", "").strip() and not said.get("join") and "text" not in self.errors:
            self.add_error("text", _("무슨 일인지 한 줄이라도 적어 주세요"))

    def _require_place(self, said: dict[str, Any]) -> None:
        lon, lat, topic = said.get("lon"), said.get("lat"), said.get("topic")
        if (lon is None) != (lat is None):
            said["lon"] = said["lat"] = lon = lat = None
        if lon is not None and lat is not None:
            said["area"] = None  # the place says it, whatever was chosen before
            if area_at(lon, lat, clock.today()) is None:
                self.add_error("address", _("표시하신 자리가 우리 시 밖입니다. 다시 표시해 주세요."))
        elif topic is not None and topic.placed and not said.get("address"):
            self.add_error("address", _("어디인지 지도에 표시하거나 말로 적어 주세요"))


class FollowForm(forms.Form):
    """Number and PIN, as they stood on the receipt."""

    number = forms.CharField(
        label=_("접수 번호"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    pin = forms.CharField(
        label=_("비밀번호"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class PressForm(forms.Form):
    """Something that is only pressed."""

    client_id = forms.UUIDField()


class WordsForm(PressForm, PictureForm):
    """More words, or why one does not agree; a photo may come with it."""

    text = forms.CharField(max_length=LONGEST, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not said.get("text", "").strip() and not said.get("pictures"):
            self.add_error("text", _("한 줄이라도 적어 주세요"))
        return said


class RateForm(PressForm):
    """How content they are, 5 (very) to 1."""

    rating = forms.TypedChoiceField(choices=RATINGS, coerce=int)


def _in_reader_language(error: Invalid) -> str:
    return error.in_language(get_language() or "ko")
