# SPDX-License-Identifier: Apache-2.0
"""``/complain/follow/``: one's own complaint, for whoever has its number and PIN.

Neither stands in any address; the pages are kept by no cache and by no service worker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city.errors import DureError, Invalid, NotFound
from dure.city.roles import open_to_all
from dure.services.complaints import citizen_cookie
from dure.services.complaints import citizen_limits as limits
from dure.services.complaints.access import picture_of
from dure.services.complaints.actions import citizen
from dure.services.complaints.citizen_forms import RATINGS, FollowForm, PressForm, RateForm, WordsForm
from dure.services.complaints.citizen_own import own_view
from dure.services.complaints.models import Complaint, Door


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
@never_cache
def follow(request: HttpRequest) -> HttpResponse:
    """By number and PIN, or for a while after them."""
    if request.method == "POST":
        return _prove(request)
    complaint = citizen_cookie.followed(request)
    if complaint is None:
        return render(request, "complaints/citizen_prove.html", {"form": FollowForm()})
    return _own_page(request, complaint)


@require_POST
@open_to_all
@never_cache
def say(request: HttpRequest, verb: str) -> HttpResponse:
    """Add words, withdraw, rate, object."""
    complaint = citizen_cookie.followed(request)
    if complaint is None:
        return redirect("complain_follow")
    if verb not in VERBS:
        raise NotFound("그런 일은 없습니다", "there is no such thing to do")
    try:
        limits.count_words(request)
        VERBS[verb](request, complaint)
    except DureError as error:
        typed = {verb: request.POST.get("text", "")}
        words = error.in_language(request.LANGUAGE_CODE)
        return _own_page(request, complaint, status=error.status, errors=[words], typed=typed)
    return redirect("complain_follow")


@require_POST
@open_to_all
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Close it on this device."""
    response = redirect("complain_follow")
    citizen_cookie.forget(response)
    return response


@require_safe
@open_to_all
@never_cache
def picture(request: HttpRequest, number: int) -> HttpResponse:
    """A photo that came with one's own complaint."""
    complaint = citizen_cookie.followed(request)
    if complaint is None:
        raise NotFound("그런 사진이 없습니다", "there is no such photo")
    return HttpResponse(picture_of(complaint, number), content_type="image/jpeg")


def _prove(request: HttpRequest) -> HttpResponse:
    form = FollowForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            limits.count_proof(request)
            said = form.cleaned_data
            complaint = citizen.prove(said["number"].strip().upper(), said["pin"].strip(), Door.WEB)
        except DureError as error:
            status = error.status
            form.add_error(None, error.in_language(request.LANGUAGE_CODE))
        else:
            response = redirect("complain_follow")
            citizen_cookie.remember(response, complaint)
            return response
    return render(request, "complaints/citizen_prove.html", {"form": form}, status=status)


def _own_page(
    request: HttpRequest,
    complaint: Complaint,
    *,
    status: int = 200,
    errors: list[str] | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    context = {
        "own": own_view(complaint),
        "errors": errors or [],
        "typed": typed or {},
        "ratings": RATINGS,
        "minutes": citizen_cookie.MINUTES,
    }
    response = render(request, "complaints/citizen_follow.html", context, status=status)
    citizen_cookie.remember(response, complaint)
    return response


def _add(request: HttpRequest, complaint: Complaint) -> None:
    said = _valid(WordsForm(request.POST, request.FILES))
    text = said["text"].strip() or _("사진을 더합니다.")
    citizen.add_words(complaint, text, client_id=said["client_id"], pictures=said["pictures"])


def _withdraw(request: HttpRequest, complaint: Complaint) -> None:
    citizen.withdraw(complaint, client_id=_valid(PressForm(request.POST))["client_id"])


def _rate(request: HttpRequest, complaint: Complaint) -> None:
    said = _valid(RateForm(request.POST))
    citizen.rate(complaint, said["rating"], client_id=said["client_id"])


def _object(request: HttpRequest, complaint: Complaint) -> None:
    said = _valid(WordsForm(request.POST))
    citizen.object_to(complaint, said["text"].strip(), client_id=said["client_id"])


VERBS: dict[str, Callable[[HttpRequest, Complaint], None]] = {
    "add": _add,
    "withdraw": _withdraw,
    "rate": _rate,
    "object": _object,
}


def _valid(form: Any) -> dict[str, Any]:
    """What the form says. Raises Invalid with its first complaint."""
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        return said
    words = str(next(iter(form.errors.values()))[0])
    raise Invalid(words, words)
