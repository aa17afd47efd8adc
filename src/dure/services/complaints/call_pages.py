# SPDX-License-Identifier: Apache-2.0
"""A new complaint at the desk: the agent types or a call is heard, and the assistant offers what it knows meanwhile."""

from __future__ import annotations

import math
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock, phones
from dure.city.areas import area_at
from dure.city.errors import Invalid
from dure.city.models import Area, AreaLevel, User
from dure.city.roles import areas_of, open_to, user_of
from dure.services.complaints import live_calls, suggestions
from dure.services.complaints.actions import handling, receiving
from dure.services.complaints.actions.receiving import Received
from dure.services.complaints.desk_list import departments
from dure.services.complaints.desk_pages import DESK, STAFF
from dure.services.complaints.models import Complaint, Department, Door, Kind, Topic

BORN_HERE = "complaints-new"
"""In the session: the complaint that this agent has just taken in, whose PIN they read to the citizen until they do
the next thing with it. (A page by the outbox is asked for twice, so it cannot go with the first showing.)"""
AT_THE_DESK = (Door.PHONE, Door.VISIT)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*DESK)
def new(request: HttpRequest) -> HttpResponse:
    """The page on which a call is written down; POST takes it in."""
    user = user_of(request)
    if request.method == "POST":
        complaint = _take_in(user, request.POST)
        request.session[BORN_HERE] = complaint.number
        return redirect("complaints:complaint", complaint.number)
    ref = request.GET.get("call", "")
    call = live_calls.access_call(user, _uuid(ref, "call")) if ref else None
    context = {
        "calls": live_calls.calls_for(user),
        "call": call,
        "caller": phones.spaced(call.caller) if call and call.caller else "",
        "departments": departments(),
        "topics": Topic.objects.filter(retired_at=None).select_related("department"),
        "areas": dongs(user),
        "kinds": Kind.choices,
        "doors": [(one.value, one.label) for one in AT_THE_DESK],
        "languages": (("ko", "한국어"), ("en", "English")),
        "suggested": suggestions.Suggested(),
    }
    return render(request, "complaints/new.html", context)


@require_POST
@open_to(*STAFF)
def suggest(request: HttpRequest) -> HttpResponse:
    """What is offered for these words, as a part of a page. They are posted: no address and no log has them."""
    user, lon, lat = user_of(request), _degrees(request.POST, "lon"), _degrees(request.POST, "lat")
    place = area_at(lon, lat, clock.today()) if lon is not None and lat is not None else None
    suggested = suggestions.suggest(
        user,
        request.POST.get("text", "")[: receiving.LONGEST],
        topic=_topic(request.POST.get("topic", "")),
        lon=lon,
        lat=lat,
        area=place or _area(user, request.POST.get("area", "")),
    )
    context = {"suggested": suggested, "typing": True, "place": place, "placed": lon is not None}
    return render(request, "complaints/suggested.html", context)


@require_safe
@open_to(*DESK)
def call_lines(request: HttpRequest, ref: UUID) -> JsonResponse:
    """What was heard of my call ``?after=`` so many lines."""
    after = request.GET.get("after", "0")
    heard = live_calls.heard_since(user_of(request), ref, int(after) if after.isdecimal() else 0)
    return JsonResponse({"lines": heard.lines, "heard": heard.heard, "ended": heard.call.ended_at is not None})


def dongs(user: User) -> QuerySet[Area]:
    """Where the agent may take complaints in."""
    return areas_of(user, *STAFF).filter(level=AreaLevel.DONG, valid_to=None).order_by("name")


def _take_in(user: User, form: QueryDict) -> Complaint:
    """Receive it, then what the agent has chosen; sending again does neither twice."""
    topic, department = _topic(form.get("topic", "")), _department(form.get("department", ""))
    received = Received(
        door=form.get("door", Door.PHONE),
        text=form.get("text", ""),
        client_id=client_id_of(form),
        language=form.get("language", "ko"),
        topic=topic,
        kind=form.get("kind") or None,
        name=form.get("name", ""),
        phone=form.get("phone", ""),
        email=form.get("email", ""),
        address=form.get("address", ""),
        lon=_degrees(form, "lon"),
        lat=_degrees(form, "lat"),
        area=_area(user, form.get("area", "")),
        joins=form.get("joins", ""),
    )
    if received.door not in AT_THE_DESK:
        raise Invalid("전화나 방문이어야 합니다", "must be phone or visit", field="door")
    complaint, _pin = receiving.receive(received, actor=user)
    if department is not None and complaint.judgement.chosen_at is None:
        handling.choose(complaint, department, topic, user)
    if form.get("call"):
        live_calls.became(user, _uuid(form.get("call", ""), "call"), complaint)
    return complaint


def _topic(code: str) -> Topic | None:
    return Topic.objects.filter(code=code, retired_at=None).select_related("department").first() if code else None


def _department(code: str) -> Department | None:
    if not code:
        return None
    found = departments().filter(code=code).first()
    if found is None:
        raise Invalid("그런 부서가 없습니다", "there is no such department", field="department")
    return found


def _area(user: User, code: str) -> Area | None:
    if not code:
        return None
    found = dongs(user).filter(code=code).first()
    if found is None:
        raise Invalid("그런 동이 없습니다", "there is no such area", field="area")
    return found


def _degrees(form: QueryDict, name: str) -> float | None:
    text = form.get(name, "")
    try:
        degrees = float(text) if text else None
    except ValueError:
        degrees = math.nan
    if degrees is not None and not abs(degrees) <= 180:
        raise Invalid("자리가 아닙니다", "must be degrees", field=name)
    return degrees


def client_id_of(form: QueryDict) -> UUID:
    """The number with which a form was born."""
    return _uuid(form.get("client_id", ""), "client_id")


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("번호가 없습니다. 화면을 새로 고쳐 주세요.", "must be a UUID", field=field) from None
