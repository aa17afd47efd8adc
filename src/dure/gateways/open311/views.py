# SPDX-License-Identifier: Apache-2.0
"""The addresses of GeoReport v2. Errors are arrays, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dure.city import clock
from dure.city.devices import holder_of
from dure.city.errors import DureError, Invalid, NotAllowed, NotFound
from dure.city.models import AuditEntry
from dure.city.readings import available
from dure.city.roles import open_to_all
from dure.gateways.open311 import requests, services
from dure.gateways.open311.answers import TYPES, Refused, answer, refusal
from dure.gateways.open311.parameters import Reader, asked_of
from dure.gateways.open311.reports import report_of
from dure.services.complaints.actions.receiving import receive
from dure.services.complaints.models import Complaint, Door

KIND = "open311"
"""Apps are feeds of this kind; their keys are api_keys."""
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FIRST_CHANGESET = "2026-11-22T00:00:00+09:00"
PER_MINUTE = 60
"""Reports of all apps together; more are no citizens."""
View = Callable[..., HttpResponse]


class TooMany(DureError):
    """The door has had enough for this minute."""

    status = 429

    def __init__(self) -> None:
        super().__init__("신고가 몰렸습니다. 잠시 뒤에 다시 보내 주세요", "too many reports at once; send again later")


class TooLarge(DureError):
    """A body that no report needs."""

    status = 413

    def __init__(self) -> None:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        super().__init__(f"{size} MiB까지 보낼 수 있습니다", f"at most {size} MiB in one request")


def speaks_georeport(*methods: str) -> Callable[[View], View]:
    """A view that answers what it refuses with an array of errors in the form that was asked for."""

    def speak(view: View) -> View:
        @csrf_exempt
        @open_to_all
        @require_http_methods(methods)
        @wraps(view)
        def speaking(request: HttpRequest, form: str = "xml", **parts: Any) -> HttpResponse:
            if form not in TYPES:
                return refusal("xml", Refused(NotFound("xml이나 json입니다", "xml or json", field="format")), "en")
            try:
                with available():
                    _check_jurisdiction(request.GET.get("jurisdiction_id", ""))
                    return view(request, form, **parts)
            except Refused as refused:
                return refusal(form, refused, language_of(request))
            except DureError as error:
                return refusal(form, Refused(error), language_of(request))

        return speaking

    return speak


def language_of(request: HttpRequest) -> str:
    """The caller's language, as ``Accept-Language`` says it."""
    return str(getattr(request, "LANGUAGE_CODE", "ko"))


@speaks_georeport("GET", "HEAD")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the endpoint is, in which forms it answers, and when the services last changed."""
    english = not language_of(request).startswith("ko")
    changed = AuditEntry.objects.filter(tag__startswith="complaints:topic:").aggregate(last=Max("at"))["last"]
    changeset = changed.astimezone(clock.SEOUL).isoformat(timespec="seconds") if changed else FIRST_CHANGESET
    endpoint = {
        "specification": SPECIFICATION,
        "url": request.build_absolute_uri("/open311/v2"),
        "changeset": changeset,
        "type": "test" if settings.DURE_SIMULATION else "production",
        "formats": ["text/xml", "application/json"],
    }
    content = {
        "changeset": changeset,
        "contact": "The complaint desk of the city hall" if english else "시청 민원 창구",
        "key_service": (
            "Ask the city's administrator, who makes a key with `dure keys feed CODE --kind open311`"
            if english
            else "시의 시스템 관리자가 dure keys feed 코드 --kind open311 로 만들어 드립니다"
        ),
        "endpoints": [endpoint],
    }
    return answer(form, "discovery", content)


@speaks_georeport("GET", "HEAD")
def service_list(request: HttpRequest, form: str) -> HttpResponse:
    """What may be reported."""
    language = language_of(request)
    return answer(form, "services", [services.service(topic, language) for topic in services.offered()])


@speaks_georeport("GET", "HEAD")
def service_definition(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """What a report of one service also says."""
    return answer(form, "service_definition", services.definition(services.find(code), language_of(request)))


@speaks_georeport("GET", "HEAD", "POST")
def request_list(request: HttpRequest, form: str) -> HttpResponse:
    """GET: the requests of the last 90 days, or others. POST: a new one, with an api_key."""
    return _create(request, form) if request.method == "POST" else _listed(request, form)


@speaks_georeport("GET", "HEAD")
def one_request(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """How far one request is."""
    complaint = requests.public().filter(number=number).first()
    if complaint is None:
        raise NotFound("그런 접수 번호가 없습니다", f"there is no request {number[:40]!r}", field="service_request_id")
    extended = Reader(request.GET).flag("extensions")
    return answer(form, "service_requests", [requests.request_of(complaint, language_of(request), extended=extended)])


@speaks_georeport("GET", "HEAD")
def request_of_token(request: HttpRequest, form: str, token: UUID) -> HttpResponse:
    """Every request gets its number at once; a token (which ``extensions=true`` tells) finds it again."""
    known = Complaint.objects.filter(door=Door.OPEN311, client_id=token).only("number").first()
    if known is None:
        raise NotFound("그런 토큰이 없습니다", "there is no such token", field="token")
    return answer(form, "service_requests", [{"service_request_id": known.number, "token": str(token)}])


@speaks_georeport("GET", "HEAD", "POST")
def nothing(request: HttpRequest, form: str, rest: str) -> HttpResponse:
    """Any other address here is none, and says so as the rest does."""
    raise NotFound("그런 주소가 없습니다", "there is no such resource")


def _listed(request: HttpRequest, form: str) -> HttpResponse:
    asked = asked_of(request.GET.dict())
    reader = Reader(request.GET)
    if reader.flag("just_count"):
        return answer(form, "service_requests", [{"count": requests.count(asked)}])
    language, extended = language_of(request), reader.flag("extensions")
    made = [requests.request_of(one, language, extended=extended) for one in requests.found(asked)]
    return answer(form, "service_requests", made)


def _create(request: HttpRequest, form: str) -> HttpResponse:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Invalid("폼으로 보내 주세요", "send application/x-www-form-urlencoded", field="Content-Type")
    try:
        sent = request.POST
    except (RequestDataTooBig, TooManyFieldsSent) as error:
        raise TooLarge from error
    _check_jurisdiction(sent.get("jurisdiction_id", ""))
    feed = _feed(sent.get("api_key", ""))
    key = request.headers.get("Idempotency-Key", "")[:200]
    report = report_of(sent, feed, key, language_of(request))
    known = Complaint.objects.filter(client_id=report.client_id).exists()
    minute = Complaint.objects.filter(door=Door.OPEN311, received_at__gt=clock.now() - timedelta(minutes=1))
    if not known and minute.count() >= PER_MINUTE:
        raise TooMany
    complaint, pin = receive(report, actor=f"feed:{feed}")
    made: dict[str, Any] = {
        "service_request_id": complaint.number,
        # Who sends the same words again without a number of their own may be somebody else.
        "service_notice": None if known and not key else _notice(complaint.number, pin, language_of(request)),
        "account_id": None,
    }
    if Reader(sent).flag("extensions"):
        made["extended_attributes"] = {"token": str(report.client_id)}
    return answer(form, "service_requests", [made])


def _notice(number: str, pin: str, language: str) -> str:
    """How the citizen follows it by themselves."""
    if language.startswith("ko"):
        return f"접수 번호 {number}, 비밀번호 {pin}. 시 누리집의 ‘내 민원 보기’에서 덧붙이거나 취하할 수 있습니다."
    return f"Number {number}, PIN {pin}. With these you can add to it or withdraw it on the city's site."


def _feed(key: str) -> str:
    holder = holder_of(key) if key else None
    if holder is None or holder.feed.kind != KIND:
        raise NotAllowed("api_key가 없거나 맞지 않습니다", "the api_key is missing or not valid", field="api_key")
    return holder.feed.code


def _check_jurisdiction(given: str) -> None:
    """One city, so it need not be named; another one is not here."""
    ours = settings.DURE_OPEN311_JURISDICTION
    if ours and given and given != ours:
        raise NotFound("그런 관할이 없습니다", f"the jurisdiction here is {ours}", field="jurisdiction_id")
