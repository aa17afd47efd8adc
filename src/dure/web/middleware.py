# SPDX-License-Identifier: Apache-2.0
"""What holds for every page: roles at hand, errors in words, and a page policy that loads nothing from outside."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dure.city.errors import DureError, NotAllowed
from dure.city.roles import roles_of

Answer = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
    "worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)


class RolesMiddleware:
    """Puts ``request.roles`` (a frozenset of Role) where pages can see it.

    A page that was made for one reader says so with what it sends (header ``Dure-User``): nothing that one person
    typed is taken as said by another who has signed in meanwhile in the same browser.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        request.roles = roles_of(request.user) if signed_in else frozenset()  # type: ignore[attr-defined,arg-type]
        if signed_in and request.headers.get("Dure-User", str(request.user.pk)) != str(request.user.pk):
            context = {"message": _("다른 분이 로그인해 있습니다"), "status": HTTPStatus.CONFLICT}
            answer = render(request, "error.html", context, status=HTTPStatus.CONFLICT)
            answer.headers["Dure-Refused"] = "reader"
            return answer
        return self.answer(request)


class ErrorsMiddleware:
    """Turns a DureError into its status: words on a page, JSON at the API, sign-in where that is what is missing."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DureError):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse(error.as_dict(), status=error.status)
        if isinstance(error, NotAllowed) and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        context = {"message": error.in_language(get_language() or "ko"), "status": error.status}
        if isinstance(error, NotAllowed):
            context["advice"] = _("맡은 역할로는 열리지 않는 화면입니다. 필요하시면 시스템 관리자에게 말씀해 주세요.")
        return render(request, "error.html", context, status=error.status)


class PolicyMiddleware:
    """Everything from this server, nothing from anywhere else, no script or style inside a page; and no lasting
    copy of what a signed-in reader saw."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
