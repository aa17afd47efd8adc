# SPDX-License-Identifier: Apache-2.0
"""The page that a bin's QR code leads to: anybody may say what is wrong with it, without signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dure.city.errors import NotFound
from dure.city.roles import open_to_all
from dure.services.waste.actions.reports import TooManyReports, report
from dure.services.waste.forms import ReportForm
from dure.services.waste.models import Bin


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
@never_cache
def report_bin(request: HttpRequest, word: str) -> HttpResponse:
    """What is wrong with the bin of that word."""
    found = Bin.objects.filter(word=word.lower(), retired_at=None).select_related("area").first()
    if found is None:
        raise NotFound("그런 수거함이 없습니다", "there is no such bin")
    form = ReportForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                report(found, said["kind"], said["text"], client_id=said["client_id"])
                return redirect(f"{request.path}?sent=1")
            except TooManyReports as error:
                status = error.status
                form.add_error(None, error.in_language(request.LANGUAGE_CODE))
    context = {"bin": found, "form": form, "sent": "sent" in request.GET}
    return render(request, "waste/report.html", context, status=status)
