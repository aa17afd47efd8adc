# SPDX-License-Identifier: Apache-2.0
"""``POST /onem2m`` (a subscription's ``nu``) and ``POST /onem2m/{cse}/{ae}/{container}``, with a feed's key."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from dure.gateways.http.api import ShownKey
from dure.gateways.http.limits import body_of
from dure.gateways.http.schemas import ANSWERS, OBJECT
from dure.gateways.http.take import JSON, check_key, told
from dure.gateways.intake import Intake, Taken
from dure.gateways.onem2m.instances import read, submission_of

router = Router(tags=["onem2m"])
intake = Intake("onem2m")
OK, CREATED = "2000", "2001"
"""oneM2M response status codes (TS-0004 §6.6.2)."""


@router.post(
    "/onem2m", auth=ShownKey(), response=ANSWERS, openapi_extra={"requestBody": OBJECT}, summary="oneM2M notifications"
)
def notify(request: HttpRequest) -> HttpResponse:
    """Where a oneM2M platform notifies of new content instances (`m2m:sgn`). A subscription that asks to be confirmed
    is. A value that is wrong is answered 200 with the reason and kept as rejected; the others are stored."""
    return _take(request, "", OK)


@router.post(
    "/onem2m/{cse}/{ae}/{container}",
    auth=ShownKey(),
    response=ANSWERS,
    openapi_extra={"requestBody": OBJECT},
    summary="A oneM2M content instance",
)
def create(request: HttpRequest, cse: str, ae: str, container: str) -> HttpResponse:
    """One content instance (`m2m:cin`) of the device that the AE is named after. A value that is wrong is answered 200
    with the reason and kept as rejected; the others are stored."""
    return _take(request, f"{cse}/{ae}/{container}", CREATED)


def _take(request: HttpRequest, path: str, status: str) -> HttpResponse:
    key: str = request.auth  # type: ignore[attr-defined]
    check_key(key)
    body = body_of(request)
    instance = read(body, path)
    taken = intake.take(submission_of(instance, body, key)) if instance else Taken(0, 0)
    answer = HttpResponse(told(taken), content_type=JSON)
    answer["X-M2M-RSC"] = status
    if request_number := request.headers.get("X-M2M-RI"):
        answer["X-M2M-RI"] = request_number
    return answer
