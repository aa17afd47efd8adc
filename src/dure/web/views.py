# SPDX-License-Identifier: Apache-2.0
"""Pages that belong to no service."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus
from pathlib import Path

from django.db import OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.i18n import set_language as django_set_language

from dure.city.errors import NotFound
from dure.city.models import Role
from dure.city.roles import open_to_all, open_to_signed_in
from dure.web.shell import ways

log = logging.getLogger(__name__)
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "55P03", "40001", "40P01"}
"""SQLite's error names and PostgreSQL's states: lock_not_available, serialization_failure, deadlock_detected."""
IN_ONE_HAND = {Role.CARE_WORKER, Role.CITIZEN, Role.DRIVER, Role.FAMILY}
WORKER = Path(__file__).parent / "static/js/worker.js"


@open_to_signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Straight to the first page of a reader who has only one, or who holds the page in one hand; a choice for
    everybody else."""
    roles: frozenset[Role] = request.roles  # type: ignore[attr-defined]
    found = ways(request, roles)
    straight = len(found) == 1 or (found and roles <= IN_ONE_HAND)
    return redirect(found[0].address) if straight else render(request, "home.html")


@open_to_all
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch between Korean and English (POST ``language``, ``next``)."""
    return django_set_language(request)


@open_to_all
def offline(request: HttpRequest) -> HttpResponse:
    """What a phone shows where there is neither a connection nor a kept page."""
    return render(request, "offline.html")


@open_to_all
def service_worker(request: HttpRequest) -> FileResponse:
    """The service worker, served from the root because a worker rules only what lies below its own address."""
    return FileResponse(WORKER.open("rb"), content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@open_to_all
def closed(request: HttpRequest) -> HttpResponse:
    """A door that there is, but not in this house."""
    raise NotFound("그런 화면이 없습니다", "there is no such page")


def refused(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """403, also for a form without its token (``reason`` is Django's)."""
    if reason:
        log.warning("%s: %s", request.path, reason)
        advice = _("화면을 새로 고친 뒤 다시 해 보세요. 적으신 것은 저장되지 않았습니다.")
        return _error(request, 403, _("오래된 화면이라 받지 않았습니다"), advice)
    return _error(request, 403, _("이 화면을 볼 권한이 없습니다"), "")


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    return _error(request, 404, _("그런 화면이 없습니다"), _("주소를 다시 확인해 주세요."))


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database was only busy: nothing of the failure itself is shown; it is in the log."""
    if _is_busy(sys.exc_info()[1]):
        status, message = 503, _("지금 기록이 몹시 바쁩니다")
        advice = _("하신 일은 저장되지 않았습니다. 잠시 뒤 다시 해 보세요.")
    else:
        status, message = 500, _("이쪽에 문제가 생겼습니다")
        advice = _("잠시 뒤 다시 해 보세요. 하시던 일은 저장되지 않았을 수 있습니다.")
    try:
        answer = _error(request, status, message, advice)
    except Exception:
        log.exception("the page of a failure needs what has failed, too: it is shown without the shell")
        page = render_to_string("failed.html", {"message": message, "advice": advice, "status": status})
        answer = HttpResponse(page, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "5"
    return answer


def _is_busy(error: BaseException | None) -> bool:
    """Whether others kept the database so long that it gave up; its transaction left nothing behind."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    return (getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", "")) in BUSY


def _error(request: HttpRequest, status: int, message: str, advice: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        problem = {"field": None, "message": HTTPStatus(status).phrase, "message_ko": message}
        return JsonResponse(problem, status=status)
    return render(request, "error.html", {"message": message, "advice": advice, "status": status}, status=status)
