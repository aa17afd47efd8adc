# SPDX-License-Identifier: Apache-2.0
"""``/api/v1/fhir/…``: a router that dure.web mounts. Errors are OperationOutcomes that name the element to blame."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.security import django_auth

from dure.city import follow_ups
from dure.city.bearer import MachineKey
from dure.city.errors import DureError, NotFound
from dure.city.models import Person
from dure.gateways.fhir import bundles, codes, export, parse, search, taking
from dure.gateways.fhir.export import Resource
from dure.gateways.fhir.search import Caller, Page
from dure.services.monitoring.queries import words_of_sender

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
BUNDLE: dict[str, Any] = {"requestBody": CREATE["requestBody"], "responses": READ["responses"]}
INTERACTIONS = {
    "Observation": ("read", "search-type", "create"),
    "Flag": ("read", "search-type", "create"),
    "Task": ("read", "search-type", "create"),
    "CodeSystem": ("read",),
}
COUNT = Query(str(search.USUAL), alias="_count")
OFFSET = Query("0", alias="_offset")
router = Router(tags=["fhir"], auth=[MachineKey(), django_auth])
View = Callable[..., HttpResponse]


def speaks_fhir(view: View) -> View:
    """Answer our errors as OperationOutcomes."""

    @wraps(view)
    def speaking(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        try:
            return view(request, *arguments, **options)
        except bundles.Refused as refused:
            return _answer(export.outcome(*refused.errors), refused.status)
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
        "CodeSystem": [],
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
                    "interaction": [{"code": kind} for kind in bundles.TYPES],
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
    return _create(request, "Observation", purpose)


@router.post("/fhir", openapi_extra=BUNDLE, summary="Send many resources")
@speaks_fhir
def take_bundle(request: HttpRequest, purpose: str = "") -> HttpResponse:
    """A Bundle of up to 500 resources to create. A batch keeps what is right and names the fault of the others; a
    transaction keeps all or nothing."""
    return _answer(bundles.take(_caller(request), request.body, purpose, _base(request)))


@router.get("/fhir/CodeSystem/{name}", auth=None, openapi_extra=READ, summary="Codes of our own")
@speaks_fhir
def read_code_system(request: HttpRequest, name: str) -> HttpResponse:
    """What they mean: ``series``, ``finding``, ``follow-up``, ``quality``."""
    systems = {
        "series": (codes.SERIES, {series: one.words for series, one in codes.OBSERVED.items()}),
        "finding": (codes.FINDING, codes.FOUND),
        "follow-up": (codes.FOLLOW_UP, {kind: taking.words_of(kind) for kind in follow_ups.KINDS}),
        "quality": (codes.QUALITY, codes.QUALITIES),
    }
    if name not in systems:
        raise NotFound("그런 코드 체계가 없습니다", "there is no such code system")
    return _answer(export.code_system(name, *systems[name]))


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
    return _found(request, [export.flag(one, person.ref, words_of_sender(one)) for one in found], total, page)


@router.get("/fhir/Flag/{number}", openapi_extra=READ, summary="One thing that was noticed")
@speaks_fhir
def read_flag(request: HttpRequest, number: str, purpose: str = "") -> HttpResponse:
    """By the id that a search or a creation gave. For partners' feeds and officers."""
    search.require_partner(caller := _caller(request))
    finding, ref = search.one_flag(number)
    person = search.open_person(caller, ref, purpose)
    search.note(caller, "fhir:flag:exported", person, 1)
    return _answer(export.flag(finding, ref, words_of_sender(finding)))


@router.post("/fhir/Flag", openapi_extra=CREATE, summary="Tell what was noticed of a person")
@speaks_fhir
def create_flag(request: HttpRequest, purpose: str = "") -> HttpResponse:
    """Becomes a finding, and from medium priority on a case; the same identifier with ``inactive`` ends it."""
    return _create(request, "Flag", purpose)


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
    return _found(request, [export.task(one, person.ref, taking.words_of(one.kind)) for one in found], total, page)


@router.get("/fhir/Task/{number}", openapi_extra=READ, summary="One help that was ordered")
@speaks_fhir
def read_task(request: HttpRequest, number: str, purpose: str = "") -> HttpResponse:
    """By the id that a search or a creation gave. For partners' feeds and officers."""
    search.require_partner(caller := _caller(request))
    errand, ref = search.one_task(number)
    person = search.open_person(caller, ref, purpose)
    search.note(caller, "fhir:task:exported", person, 1)
    return _answer(export.task(errand, ref, taking.words_of(errand.kind)))


@router.post("/fhir/Task", openapi_extra=CREATE, summary="Ask for help for a person")
@speaks_fhir
def create_task(request: HttpRequest, purpose: str = "") -> HttpResponse:
    """Orders a follow-up on the person's case; the same identifier with ``cancelled`` takes it back."""
    return _create(request, "Task", purpose)


def _caller(request: HttpRequest) -> Caller:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


def _begin(request: HttpRequest, patient: str, purpose: str, page: Page) -> tuple[Caller, Person, Page]:
    """Who asks, of whom (opened and audited), and for which part."""
    caller = _caller(request)
    return caller, search.open_person(caller, parse.number_of_patient(patient, "patient"), purpose), page


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/api/v1/fhir")


def _found(request: HttpRequest, resources: list[Resource], total: int, page: Page) -> HttpResponse:
    links = {"self": request.build_absolute_uri()}
    if page.offset + len(resources) < total and resources:
        asked = request.GET.copy()
        asked["_offset"] = str(page.offset + len(resources))
        links["next"] = f"{request.build_absolute_uri(request.path)}?{urlencode(list(asked.lists()), doseq=True)}"
    return _answer(export.bundle(resources, total=total, base=_base(request), links=links))


def _create(request: HttpRequest, kind: str, purpose: str) -> HttpResponse:
    caller = _caller(request)
    opened = taking.Opener(caller, purpose).open(parse.resource(request.body, kind))
    (kept,) = taking.keep(caller, [opened])
    if isinstance(kept, DureError):
        raise kept
    answer = _answer(kept.resource, 201 if kept.new else 200)
    answer.headers["Location"] = f"{_base(request)}/{kind}/{kept.resource['id']}"
    return answer


def _answer(resource: Resource, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(resource, ensure_ascii=False), content_type=JSON, status=status)
