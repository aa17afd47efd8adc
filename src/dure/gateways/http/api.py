# SPDX-License-Identifier: Apache-2.0
"""``POST /readings``: a router that dure.web mounts. It stands in the OpenAPI document and answers wherever there is
no ASGI server; under one, :mod:`.door` is asked first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.security import HttpBearer

from dure.city.devices import digest_of
from dure.gateways.http.limits import body_of
from dure.gateways.http.schemas import BODY, Problem, ReadingsAnswer
from dure.gateways.http.take import JSON, take

router = Router(tags=["readings"])


class ShownKey(HttpBearer):
    """Takes note of the key; the intake knows whether it is one."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        return digest_of(token) if token else None


@router.post(
    "/readings",
    auth=ShownKey(),
    response={200: ReadingsAnswer, 422: ReadingsAnswer | Problem, frozenset({400, 401, 403, 413, 415, 503}): Problem},
    openapi_extra={"requestBody": BODY},
    summary="Send readings",
)
def post_readings(request: HttpRequest) -> HttpResponse:
    """One reading, or up to 10,000, in one request. The answer is sent when they are on disk; sending the same again
    changes nothing. A reading that is wrong is named with its field, and the others are stored. 422: none could be.
    503: nothing was stored; send all of it again after `Retry-After` seconds."""
    body = body_of(request)
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    answer = take(body, request.content_type or "", encoding, request.auth)  # type: ignore[attr-defined]
    return HttpResponse(answer.body, content_type=JSON, status=answer.status)
