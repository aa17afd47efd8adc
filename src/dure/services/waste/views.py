# SPDX-License-Identifier: Apache-2.0
"""The dispatcher's page: every bin on the map and in a list, the fullest first."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dure.city.areas import city_geojson
from dure.city.roles import areas_of, open_to, user_of
from dure.services.waste import queries
from dure.services.waste.bin_outlook import shift_end
from dure.services.waste.queries import STAFF

A_PAGE = 100


@require_safe
@open_to(*STAFF)
def bins(request: HttpRequest) -> HttpResponse:
    """How full each bin is or (``when=end``) how likely it is full when the shift ends, what is wrong with it, and when
    it was last emptied."""
    lines = queries.lines_for(user_of(request), at_end=_at_end(request))
    context = {
        "page": Paginator(lines, A_PAGE).get_page(request.GET.get("page")),
        "figures": queries.figures(lines),
        "at_end": _at_end(request),
        "until": shift_end(),
    }
    return render(request, "waste/bins.html", context)


@require_safe
@open_to(*STAFF)
def points(request: HttpRequest) -> JsonResponse:
    """The bins for the map."""
    return JsonResponse(queries.map_points(queries.lines_for(user_of(request), at_end=_at_end(request))))


@require_safe
@open_to(*STAFF)
def areas(request: HttpRequest) -> JsonResponse:
    """The outlines of the reader's 행정동 that have bins, for the map."""
    with_bins = areas_of(user_of(request), *STAFF).filter(bins__retired_at=None, bins__isnull=False)
    return JsonResponse(city_geojson(with_bins.distinct()))


def _at_end(request: HttpRequest) -> bool:
    return request.GET.get("when") == "end"
