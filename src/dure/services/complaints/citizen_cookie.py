# SPDX-License-Identifier: Apache-2.0
"""Who has shown the PIN of a complaint may look at it for a while: a signed cookie that only its pages are sent.

It holds the number alone: neither the PIN nor anything personal. It ends with the browser, when they leave, or MINUTES
(of real time) after their last press, whichever is first.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dure.services.complaints.models import Complaint

NAME = "dure-follow"
MINUTES = 20


def remember(response: HttpResponse, complaint: Complaint) -> None:
    """Let this browser look at the complaint from now on."""
    response.set_signed_cookie(
        NAME, complaint.number, salt=NAME, path=reverse("complain_follow"), httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def followed(request: HttpRequest) -> Complaint | None:
    """The complaint that this browser may look at."""
    age = timedelta(minutes=MINUTES)
    number = request.get_signed_cookie(NAME, default=None, salt=NAME, max_age=age)
    return Complaint.objects.select_related("case__team", "area").filter(number=number).first()


def forget(response: HttpResponse) -> None:
    """No longer."""
    response.delete_cookie(NAME, path=reverse("complain_follow"), samesite="Strict")
