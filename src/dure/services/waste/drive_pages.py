# SPDX-License-Identifier: Apache-2.0
"""The driver's page: the next stop, what came of it, and what follows. It works without a connection: the page is kept
by the service worker, what is pressed waits in the outbox (web/static/js), and waste/drive.js goes on to the next stop.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from dure.city import clock
from dure.city.errors import Invalid, NotFound
from dure.city.models import Errand, Role, User
from dure.city.roles import open_to, user_of
from dure.services.waste import driving
from dure.services.waste.actions import collecting, photos
from dure.services.waste.models import CouldNot, Pickup, Turn

FOUND = {"empty": 0.0, "half": 50.0, "full": 100.0, "over": 120.0}
LEVELS = (("empty", _("비었음")), ("half", _("반")), ("full", _("가득")), ("over", _("넘침")))
"""What a driver sees at a glance: in percent, and in words."""
ENDED_SHOWN = 3
"""Stops of which something was said that are shown, and can be taken back."""


@require_safe
@open_to(Role.DRIVER)
@gzip_page
def drive(request: HttpRequest) -> HttpResponse:
    """My turn: the next stop and what follows. It carries every stop's card for when there is no connection (80 stops:
    240 kB), and comes anew with every press: packed, it is a twentieth of that."""
    turn = driving.turn_of_driver(user_of(request))
    sheet = driving.sheet_of(turn) if turn else None
    context = {
        "sheet": sheet,
        "levels": LEVELS,
        "reasons": CouldNot.choices,
        "ended": sheet.ended[:ENDED_SHOWN] if sheet else [],
    }
    response = render(request, "waste/drive.html", context)
    response.headers["Dure-Offline"] = "keep"
    return response


@require_safe
@open_to(Role.DRIVER)
def drive_version(request: HttpRequest) -> JsonResponse:
    """A word that is another one when the page would be: asked for often, so it is short."""
    turn = driving.turn_of_driver(user_of(request))
    return JsonResponse({"version": driving.sheet_of(turn).version if turn else ""})


@require_POST
@open_to(Role.DRIVER)
def say(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """What came of a stop. A phone whose clock is wrong is believed as far as it can be: nothing is lost by it."""
    errand = Errand.objects.filter(pk=number, service="waste", pickup__isnull=False).first()
    if errand is None or verb not in VERBS:
        raise NotFound("그런 수거가 없습니다", "there is no such stop")
    turn = Pickup.objects.select_related("turn__round").get(pk=errand.pk).turn
    said = {"at": _time(request.POST, turn), "client_id": _client_id(request.POST)}
    VERBS[verb](errand, user_of(request), request.POST, said)
    return _answer(request)


@require_POST
@open_to(Role.DRIVER)
def say_turn(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """The truck leaves (``start``), is ``back``, or goes no further (``broken``)."""
    turn = Turn.objects.select_related("round", "truck").filter(pk=number).first()
    if turn is None or verb not in TURN_VERBS:
        raise NotFound("그런 운행이 없습니다", "there is no such turn")
    TURN_VERBS[verb](turn, user_of(request), at=_time(request.POST, turn))
    return _answer(request)


@require_safe
@open_to(Role.DISPATCHER, Role.DRIVER)
def stop(request: HttpRequest, number: int) -> HttpResponse:
    """All that was said of one stop, with what was written and the photos."""
    words, pictures = photos.told_of(user_of(request), number)
    held = driving.stop_of(Errand.objects.get(pk=number))
    return render(request, "waste/stop.html", {"stop": held, "words": words, "photos": pictures})


@require_safe
@open_to(Role.DISPATCHER, Role.DRIVER)
def photo(request: HttpRequest, number: int) -> HttpResponse:
    """A photo from a stop."""
    return HttpResponse(photos.access_photo(user_of(request), number), content_type="image/jpeg")


def _collected(errand: Errand, user: User, form: QueryDict, said: dict[str, Any]) -> None:
    collecting.collected(errand, user, found=FOUND.get(form.get("found", "")), **said)


def _could_not(errand: Errand, user: User, form: QueryDict, said: dict[str, Any]) -> None:
    collecting.could_not(errand, user, reason=form.get("reason", ""), note=form.get("note", ""), **said)


def _unloaded(errand: Errand, user: User, form: QueryDict, said: dict[str, Any]) -> None:
    kg = form.get("kg", "").strip()
    if kg and not (kg.isascii() and kg.isdigit() and len(kg) < 7):
        raise Invalid("kg을 숫자로 적어 주세요", "give whole kilograms", field="kg")
    collecting.unloaded(errand, user, kg=int(kg) if kg else None, **said)


def _undone(errand: Errand, user: User, form: QueryDict, said: dict[str, Any]) -> None:
    collecting.undo(errand, user, **said)


def _photo(errand: Errand, user: User, form: QueryDict, said: dict[str, Any]) -> None:
    """``picture``: the file as a data address or bare base64, made small by the phone."""
    try:
        picture = base64.b64decode(form.get("picture", "").rpartition(",")[2], validate=True)
    except binascii.Error as error:
        raise Invalid("사진을 읽을 수 없습니다", "is no base64", field="picture") from error
    photos.keep_photo(errand, user, picture, **said)


VERBS: dict[str, Callable[[Errand, User, QueryDict, dict[str, Any]], None]] = {
    "collected": _collected,
    "could-not": _could_not,
    "unloaded": _unloaded,
    "undone": _undone,
    "photo": _photo,
}
TURN_VERBS: dict[str, Callable[..., None]] = {
    "start": collecting.start,
    "back": collecting.back,
    "broken": collecting.stranded,
}


def _time(form: QueryDict, turn: Turn) -> datetime:
    """When it was pressed; now where the phone does not say it."""
    try:
        at = datetime.fromisoformat(form.get("at", ""))
    except ValueError:
        return clock.now()
    return collecting.within_bounds(turn, at) if at.tzinfo is not None else clock.now()


def _client_id(form: QueryDict) -> UUID:
    try:
        return UUID(form.get("client_id", ""))
    except ValueError:
        raise Invalid("번호가 없습니다. 화면을 새로 고쳐 주세요.", "must be a UUID", field="client_id") from None


def _answer(request: HttpRequest) -> HttpResponse:
    """The outbox needs no page: it asks for what has changed."""
    return HttpResponse(status=204) if "Dure-User" in request.headers else redirect("waste:drive")
