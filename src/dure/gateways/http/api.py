# SPDX-License-Identifier: Apache-2.0
"""``POST /readings``: a router that dure.web mounts."""

from __future__ import annotations

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.security import HttpBearer

from dure.city.devices import digest_of, holder_of_digest
from dure.city.errors import DureError, NotAllowed
from dure.gateways.http.parse import Parsed, TooMuch, from_arrow, from_json
from dure.gateways.http.schemas import ARROW, BODY, Problem, ReadingsAnswer
from dure.gateways.intake import Intake, Submission, Taken, UnknownKey

router = Router(tags=["readings"])
intake = Intake("http")


class NotThisType(DureError):
    """A body in a format that this door does not read."""

    status = 415


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
    key: str = request.auth  # type: ignore[attr-defined]
    try:
        columns, text = _parse(request)
    except DureError:
        if holder_of_digest(key) is None:
            raise UnknownKey from None
        raise
    taken = intake.take(Submission(columns, text, key))
    if taken.foreign:
        raise NotAllowed(
            "이 열쇠로 보낼 수 있는 기기가 아닙니다", "this key may not speak for this device", field="device"
        )
    return _answer(taken)


def _parse(request: HttpRequest) -> Parsed:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise TooMuch from error
    if request.content_type == ARROW:
        return from_arrow(body)
    if request.content_type == "application/json":
        return from_json(body)
    raise NotThisType("읽을 수 없는 형식입니다", f"application/json or {ARROW}", field="Content-Type")


def _answer(taken: Taken) -> HttpResponse:
    content = {
        "stored": taken.stored,
        "duplicates": taken.duplicates,
        "conflicts": taken.conflicts,
        "rejected": taken.rejected,
    }
    nothing = taken.stored == taken.duplicates == 0
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=422 if nothing else 200)
