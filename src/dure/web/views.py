# SPDX-License-Identifier: Apache-2.0
"""Pages that belong to no service."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.i18n import set_language as django_set_language

from dure.city.roles import open_to_all, open_to_signed_in


@open_to_signed_in
def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    return render(request, "home.html")


@open_to_all
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch between Korean and English (POST ``language``, ``next``)."""
    return django_set_language(request)
