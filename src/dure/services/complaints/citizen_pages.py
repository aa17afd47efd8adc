# SPDX-License-Identifier: Apache-2.0
"""``/complain/``: anybody may tell the city something, without signing in."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock, rules
from dure.city.areas import area_at, city_geojson, valid_on
from dure.city.errors import DureError, Invalid
from dure.city.models import AreaLevel
from dure.city.roles import open_to_all
from dure.city.templatetags.dure import in_language
from dure.engines.language import urgency
from dure.services.complaints import citizen_cookie, joining, judging
from dure.services.complaints import citizen_limits as limits
from dure.services.complaints.actions import receiving
from dure.services.complaints.assist import Judged
from dure.services.complaints.citizen_forms import ComplainForm, TopicFields
from dure.services.complaints.citizen_nearby import Nearby, likely_topics, open_nearby
from dure.services.complaints.citizen_own import citizens_of, office_of
from dure.services.complaints.models import Complaint, Door, Topic
from dure.services.complaints.rules import DeskRules

PAGE = "page:complain"
MOST_ASKED_BYTES = 20_000
EMERGENCY = (
    ("119", gettext_lazy("불 · 구조 · 구급 · 가스")),
    ("112", gettext_lazy("범죄")),
    ("109", gettext_lazy("죽고 싶을 만큼 힘들 때")),
    ("1544-4500", gettext_lazy("가스안전공사")),
)
"""Whom to call first; 119 takes gas and electricity, too."""
DANGER_WORDS = (
    "살려", "불이 났", "불났", "불이야", "화재", "가스 냄새", "가스냄새", "가스가 새", "폭발", "쓰러져", "쓰러졌",
    "의식이 없", "숨을 못", "피를 흘", "칼을", "흉기", "갇혔", "감전", "자살", "죽고 싶", "뛰어내리", "help me",
    "on fire", "smell gas", "gas leak", "unconscious", "not breathing", "kill myself", "suicid", "want to die",
)  # fmt: skip
"""What the page itself knows without a connection; with one, dure.engines.language.urgency judges."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
@never_cache
def complain(request: HttpRequest) -> HttpResponse:
    """The form, and what was sent with it. The answer to a form that was taken is the page with number and PIN: sent
    again, it is the same page."""
    if request.method != "POST":
        response = _form_page(request, ComplainForm())
        if not request.user.is_authenticated:
            response.headers["Dure-Offline"] = "keep"
        return response
    form = ComplainForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    try:
        known = Complaint.objects.filter(client_id=form.cleaned_data["client_id"]).exists()
        if not known:  # what was taken already may be asked for again
            limits.count_complaint(request)
        complaint, pin = _receive(form)
    except DureError as error:
        _blame(form, error)
        return _form_page(request, form, status=error.status)
    where = request.build_absolute_uri(reverse("complain_follow"))
    response = render(request, "complaints/citizen_done.html", _receipt(complaint, pin) | {"where": where})
    citizen_cookie.remember(response, complaint)
    return response


@require_POST
@open_to_all
@never_cache
def hints(request: HttpRequest) -> JsonResponse:
    """While somebody types: topics, danger, the name of the place, and open cases near it. Nothing of it is kept."""
    limits.count_hint(request)
    text, topic, place = _asked(request)
    found: list[Nearby] = []
    if topic is not None and place is not None:
        found = open_nearby(topic, *place)
    area = area_at(*place, clock.today()) if place else None
    judged = judging.judge(text, topic=None, lon=None, lat=None) if text.strip() else Judged()
    return JsonResponse(
        {
            "topics": [one.code for one in likely_topics(text, judged)],
            "danger": judged.urgency >= urgency.DANGER,
            "place": area.full_name if area else "",
            "near": [{"case": one.case, "words": _near_words(one)} for one in found],
        }
    )


@require_safe
@open_to_all
@gzip_page
@cache_control(public=True, max_age=3600)
def areas(request: HttpRequest) -> JsonResponse:
    """The outlines of the city's 행정동, for the map."""
    return JsonResponse(city_geojson(valid_on(clock.today()).filter(level=AreaLevel.DONG)))


def _form_page(request: HttpRequest, form: ComplainForm, status: int = 200) -> HttpResponse:
    desk = rules.load(DeskRules, "complaints")
    topics = list(Topic.objects.filter(retired_at=None, public=True).order_by("code"))
    groups: dict[str, list[Topic]] = {}
    for topic in topics:
        groups.setdefault(in_language(topic.group), []).append(topic)
    chosen = form.data.get("topic", "")
    more = form.more
    context = {
        "form": form,
        "groups": sorted(groups.items()),
        "asked": [(one, more if more and one.code == chosen else TopicFields(one)) for one in topics if one.fields],
        "chosen": chosen,
        "contact_open": any(form.data.get(one) for one in ("name", "phone", "email")),
        "most_pictures": desk.most_pictures,
        "picture_days": desk.picture_days,
        "emergency": EMERGENCY,
        "danger_words": DANGER_WORDS,
    }
    return render(request, "complaints/citizen_complain.html", context, status=status)


def _receive(form: ComplainForm) -> tuple[Complaint, str]:
    said = form.cleaned_data
    given = ("topic", "name", "phone", "email", "address", "lon", "lat", "area", "client_id", "pictures")
    received = receiving.Received(
        door=Door.WEB,
        text=said["text"].strip() or _("같은 일을 알립니다."),
        language=said["language"],
        answers=said.get("answers", {}),
        joins=_case_nearby(said),
        **{name: said[name] for name in given},
    )
    return receiving.receive(received, actor=PAGE)


def _case_nearby(said: dict[str, Any]) -> str:
    """The case of "me too", if it is one that was offered: open, of the same topic and near."""
    if not said["join"] or said["topic"] is None or said["lon"] is None:
        return ""
    near = {one.case for one in open_nearby(said["topic"], said["lon"], said["lat"])}
    return str(said["join"]) if said["join"] in near else ""


def _blame(form: ComplainForm, error: DureError) -> None:
    words = error.in_language(get_language() or "ko")
    form.add_error(error.field if error.field in form.fields else None, words)


def _receipt(complaint: Complaint, pin: str) -> dict[str, Any]:
    judgement = getattr(complaint, "judgement", None)
    return {
        "complaint": complaint,
        "pin": pin,
        "office": office_of(joining.department_of(complaint.case)),
        "together": citizens_of(complaint),
        "danger": judgement is not None and judgement.urgency >= urgency.DANGER,
        "emergency": EMERGENCY,
    }


def _asked(request: HttpRequest) -> tuple[str, Topic | None, tuple[float, float] | None]:
    """What the page asks about. Raises Invalid."""
    try:
        said = json.loads(request.body[:MOST_ASKED_BYTES])
        text, code = str(said.get("text", "")), str(said.get("topic", ""))
        place = (float(said["lon"]), float(said["lat"])) if "lon" in said else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("읽을 수 없습니다", "is no question of the page") from error
    if place is not None and not (abs(place[0]) <= 180 and abs(place[1]) <= 90):
        raise Invalid("자리가 아닙니다", "must be degrees", field="lon")
    return text, Topic.objects.filter(code=code, retired_at=None, public=True).first(), place


def _near_words(one: Nearby) -> str:
    """In numbers only."""
    people = _("이미 %d명이 알렸습니다") % one.citizens
    since = date_format(localtime(one.since), _("n월 j일"))
    where = _("여기서 약 %d m") % max(10, round(one.metres, -1))
    return f"{people} · {where} · {_('%s부터') % since}"
