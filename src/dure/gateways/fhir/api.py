# SPDX-License-Identifier: Apache-2.0
"""``/api/v1/fhir/…``: a router that dure.web mounts. Errors are OperationOutcomes that name the element to blame."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from ninja import Query, Router
from ninja.security import django_auth

from dure.city import follow_ups
from dure.city.bearer import MachineKey
from dure.city.errors import Conflict, DureError, Invalid, NotAllowed, NotFound
from dure.city.models import Device, Person, Quality
from dure.gateways.checks import Columns, Refusal, microseconds
from dure.gateways.fhir import export, parse, search
from dure.gateways.fhir.export import Observed, Resource
from dure.gateways.fhir.parse import SentObservation
from dure.gateways.fhir.search import Caller, Page
from dure.gateways.intake import Intake, Submission
from dure.services.monitoring.actions.outside import asked_outside, noticed_outside, taken_back_outside

JSON = "application/fhir+json"
_RESOURCE = {"content": {JSON: {"schema": {"type": "object", "required": ["resourceType"]}}}}
_REFUSED = {
    "description": "Refused; the element to blame is in `issue[0].expression`",
    "content": _RESOURCE["content"] | {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
READ: dict[str, Any] = {
    "responses": {200: {"description": "A FHIR R4 resource"} | _RESOURCE, "4XX": _REFUSED, "503": _REFUSED}
}
CREATE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {JSON: {"schema": {"type": "object"}}}},
    "responses": READ["responses"] | {201: {"description": "It is new, and on disk"} | _RESOURCE},
}
ELEMENTS = {
    "device": "Observation.device.identifier",
    "series": "Observation.code",
    "at": "Observation.effectiveDateTime",
    "value": "Observation.valueQuantity.value",
    "quality": "Observation.status",
}
"""What a door's refusal names, as the element of the resource."""

INTERACTIONS = {
    "Observation": ("read", "search-type", "create"),
    "Flag": ("search-type", "create"),
    "Task": ("search-type", "create"),
}
COUNT = Query(str(search.USUAL), alias="_count")
OFFSET = Query("0", alias="_offset")
router = Router(tags=["fhir"], auth=[MachineKey(), django_auth])
intake = Intake("fhir")
View = Callable[..., HttpResponse]


def speaks_fhir(view: View) -> View:
    """Answer our errors as OperationOutcomes."""

    @wraps(view)
    def speaking(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        try:
            return view(request, *arguments, **options)
        except DureError as error:
            return _answer(export.outcome(error), error.status)

    return speaking


@router.get("/fhir/metadata", auth=None, openapi_extra=READ, summary="What this FHIR server can do")
def metadata(request: HttpRequest) -> HttpResponse:
    """The CapabilityStatement."""
    search_params = {
        "Observation": [("patient", "reference"), ("code", "token"), ("date", "date")],
        "Flag": [("patient", "reference")],
        "Task": [("patient", "reference")],
    }
    return _answer(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-11-22",
            "kind": "instance",
            "implementation": {"description": "Dure 두레", "url": _base(request)},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"description": "Authorization: Bearer <device or feed key>, or an officer's session"},
                    "resource": [
                        {
                            "type": kind,
                            "interaction": [{"code": code} for code in INTERACTIONS[kind]],
                            "searchParam": [{"name": name, "type": type_} for name, type_ in params],
                        }
                        for kind, params in search_params.items()
                    ],
                }
            ],
        }
    )


@router.get("/fhir/Observation", openapi_extra=READ, summary="Readings of a person")
@speaks_fhir
def search_observations(
    request: HttpRequest,
    patient: str = "",
    code: str = "",
    purpose: str = "",
    *,
    count: str = COUNT,
    offset: str = OFFSET,
) -> HttpResponse:
    """The newest first; ``date`` (``ge``, ``gt``, ``le``, ``lt``) may stand several times.
    An officer names ``purpose``."""
    caller, person, page = _begin(request, patient, purpose, Page.of(count, offset))
    dates = request.GET.getlist("date")
    found, total = search.observations(caller, person, code=code, dates=dates, page=page)
    search.note(caller, "fhir:observation:exported", person, len(found))
    return _found(request, [export.observation(one) for one in found], total, page)


@router.get("/fhir/Observation/{number}", openapi_extra=READ, summary="One reading")
@speaks_fhir
def read_observation(request: HttpRequest, number: str, purpose: str = "") -> HttpResponse:
    """By the id that a search or a creation gave."""
    caller = _caller(request)
    one, device = search.one_observation(number)
    person = search.open_person(caller, one.patient, purpose)
    if not search.may_have(caller, device):
        raise NotFound("그런 측정값이 없습니다", "there is no such reading")
    search.note(caller, "fhir:observation:exported", person, 1)
    return _answer(export.observation(one))


@router.post("/fhir/Observation", openapi_extra=CREATE, summary="Send a reading")
@speaks_fhir
def create_observation(request: HttpRequest, purpose: str = "") -> HttpResponse:
    """Through the same checks as every reading; sent again it changes nothing. 201 when it is on disk."""
    caller = _caller(request)
    sent = parse.observation(parse.resource(request.body, "Observation"))
    device = Device.objects.filter(code=sent.device).select_related("feed", "personal__person").first()
    if device is None or not search.speaks_for(caller, device):
        raise NotAllowed(
            "이 열쇠로 보낼 수 있는 기기가 아닙니다", "this key may not speak for this device", field=ELEMENTS["device"]
        )
    person = _wearer(device)
    if person is None or sent.patient not in (None, person.ref):
        raise Invalid("그분의 기기가 아닙니다", "is not whose device this is", field="Observation.subject")
    search.open_person(caller, person.ref, purpose)
    series = device.series.filter(name=sent.series).first()
    stored = _store(sent, device)
    search.note(caller, "fhir:observation:imported", person, int(stored))
    assert series is not None  # noqa: S101 - or it would not have been stored
    kept = export.observation(
        Observed(
            series.pk, sent.series, device.code, person.ref, sent.at, series.interval_minutes, sent.value, sent.quality
        )
    )
    return _created(request, kept, new=stored)


@router.get("/fhir/Flag", openapi_extra=READ, summary="What was noticed of a person")
@speaks_fhir
def search_flags(
    request: HttpRequest, patient: str = "", purpose: str = "", count: str = COUNT, offset: str = OFFSET
) -> HttpResponse:
    """Active ones are open findings. For partners' feeds and officers."""
    search.require_partner(_caller(request))
    caller, person, page = _begin(request, patient, purpose, Page.of(count, offset))
    found, total = search.flags(person, page)
    search.note(caller, "fhir:flag:exported", person, len(found))
    return _found(request, [export.flag(one, person.ref) for one in found], total, page)


@router.post("/fhir/Flag", openapi_extra=CREATE, summary="Tell what was noticed of a person")
@speaks_fhir
def create_flag(request: HttpRequest, purpose: str = "") -> HttpResponse:
    """Becomes a finding, and from medium priority on a case; the same identifier with ``inactive`` ends it."""
    caller = _caller(request)
    search.require_partner(caller)
    sent = parse.flag(parse.resource(request.body, "Flag"))
    person = search.open_person(caller, sent.patient, purpose)
    finding, new = noticed_outside(
        person,
        number=sent.number,
        text=sent.text,
        level=sent.level,
        ended=sent.ended,
        actor=search.actor_of(caller),
    )
    search.note(caller, "fhir:flag:imported", person, int(new))
    return _created(request, export.flag(finding, person.ref), new=new)


@router.get("/fhir/Task", openapi_extra=READ, summary="Help ordered for a person")
@speaks_fhir
def search_tasks(
    request: HttpRequest, patient: str = "", purpose: str = "", count: str = COUNT, offset: str = OFFSET
) -> HttpResponse:
    """The errands of the person's monitoring cases. For partners' feeds and officers."""
    search.require_partner(_caller(request))
    caller, person, page = _begin(request, patient, purpose, Page.of(count, offset))
    found, total = search.tasks(person, page)
    search.note(caller, "fhir:task:exported", person, len(found))
    return _found(request, [export.task(one, person.ref, _words(one.kind)) for one in found], total, page)


@router.post("/fhir/Task", openapi_extra=CREATE, summary="Ask for help for a person")
@speaks_fhir
def create_task(request: HttpRequest, purpose: str = "") -> HttpResponse:
    """Orders a follow-up on the person's case; the same identifier with ``cancelled`` takes it back."""
    caller = _caller(request)
    search.require_partner(caller)
    sent = parse.task(parse.resource(request.body, "Task"))
    person = search.open_person(caller, sent.patient, purpose)
    actor = search.actor_of(caller)
    if sent.cancelled:
        errand, new = taken_back_outside(person, number=sent.number, why=sent.why, actor=actor), False
    else:
        errand, new = asked_outside(person, number=sent.number, kind=sent.kind, actor=actor)
    search.note(caller, "fhir:task:imported", person, int(new))
    return _created(request, export.task(errand, person.ref, _words(errand.kind)), new=new)


def _caller(request: HttpRequest) -> Caller:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


def _begin(request: HttpRequest, patient: str, purpose: str, page: Page) -> tuple[Caller, Person, Page]:
    """Who asks, of whom (opened and audited), and for which part."""
    caller = _caller(request)
    return caller, search.open_person(caller, parse.number_of_patient(patient, "patient"), purpose), page


def _wearer(device: Device) -> Person | None:
    given = getattr(device, "personal", None)
    return given.person if given is not None and given.ended_at is None else None


def _store(sent: SentObservation, device: Device) -> bool:
    """Through the intake of every door; whether the reading is new. Raises Invalid or Conflict naming the element."""
    missing = sent.value is None
    columns = Columns(
        index=np.array([0]),
        device=[sent.device],
        series=[sent.series],
        at=np.array([microseconds(sent.at)], np.int64),
        value=np.array([np.nan if sent.value is None else sent.value]),
        missing=np.array([missing]),
        quality=np.array([Quality.NO_VALUE if missing else sent.quality], np.int16),
        feed=[device.feed.code],
    )
    taken = intake.take(Submission(columns, lambda _: f"Observation {sent.series} of {sent.device}"))
    for refusal in taken.rejected:
        raise Invalid(refusal.message_ko, refusal.message, field=_element(refusal))
    for refusal in taken.conflicts:
        raise Conflict(refusal.message_ko, refusal.message, field=_element(refusal))
    return taken.stored == 1


def _element(refusal: Refusal) -> str:
    return ELEMENTS.get(refusal.field, refusal.field)


def _words(kind: str) -> str:
    """The kind of an errand in English."""
    known = follow_ups.KINDS.get(kind)
    with override("en"):
        return str(known.label) if known else kind


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/api/v1/fhir")


def _found(request: HttpRequest, resources: list[Resource], total: int, page: Page) -> HttpResponse:
    links = {"self": request.build_absolute_uri()}
    if page.offset + len(resources) < total and resources:
        asked = request.GET.copy()
        asked["_offset"] = str(page.offset + len(resources))
        links["next"] = f"{request.build_absolute_uri(request.path)}?{urlencode(list(asked.lists()), doseq=True)}"
    return _answer(export.bundle(resources, total=total, base=_base(request), links=links))


def _created(request: HttpRequest, resource: Resource, *, new: bool) -> HttpResponse:
    answer = _answer(resource, 201 if new else 200)
    answer.headers["Location"] = f"{_base(request)}/{resource['resourceType']}/{resource['id']}"
    return answer


def _answer(resource: Resource, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(resource, ensure_ascii=False), content_type=JSON, status=status)
