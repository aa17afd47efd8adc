# SPDX-License-Identifier: Apache-2.0
"""The network servers' webhooks: ``POST /lorawan/chirpstack?event=up`` and ``POST /lorawan/tts``, with a feed's key."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from dure.city.readings import available
from dure.gateways.http.api import ShownKey
from dure.gateways.http.limits import body_of
from dure.gateways.http.schemas import ANSWERS, OBJECT
from dure.gateways.http.take import JSON, check_key, told
from dure.gateways.intake import Intake
from dure.gateways.lorawan.envelopes import Reader, from_chirpstack, from_the_things_stack, no_uplink
from dure.gateways.lorawan.taking import submission_of

router = Router(tags=["lorawan"])
intake = Intake("lorawan")


@router.post(
    "/lorawan/chirpstack",
    auth=ShownKey(),
    response=ANSWERS,
    openapi_extra={"requestBody": OBJECT},
    summary="Uplinks from ChirpStack",
)
def from_chirpstack_server(request: HttpRequest) -> HttpResponse:
    """ChirpStack v4's HTTP integration, JSON. Events other than `?event=up` are answered and not kept. A frame that
    cannot be decoded is answered 200 too, with the reason, and kept as rejected: the server must not stop sending the
    others."""
    return _take(request, from_chirpstack if request.GET.get("event", "up") == "up" else no_uplink)


@router.post(
    "/lorawan/tts",
    auth=ShownKey(),
    response=ANSWERS,
    openapi_extra={"requestBody": OBJECT},
    summary="Uplinks from The Things Stack",
)
def from_things_stack_server(request: HttpRequest) -> HttpResponse:
    """The Things Stack v3's webhook, JSON. What is no uplink is answered and not kept. A frame that cannot be decoded
    is answered 200 too, with the reason, and kept as rejected: the server must not stop sending the others."""
    return _take(request, from_the_things_stack)


def _take(request: HttpRequest, reader: Reader) -> HttpResponse:
    key: str = request.auth  # type: ignore[attr-defined]
    check_key(key)
    sent = reader(body_of(request))
    with available():
        submission = submission_of([sent] if sent else [], key)
    return HttpResponse(told(intake.take(submission)), content_type=JSON)
