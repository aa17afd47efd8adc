# SPDX-License-Identifier: Apache-2.0
"""The HTTP API: the readings' door and every service's ``api.router``, in one OpenAPI document."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from dure.city.errors import DureError, Invalid
from dure.gateways.chat.api import router as chat_router
from dure.gateways.fhir.api import router as fhir_router
from dure.gateways.http.api import router as readings_router
from dure.gateways.http.take import error_headers
from dure.gateways.intake import UnknownKey
from dure.gateways.lorawan.api import router as lorawan_router
from dure.gateways.onem2m.api import router as onem2m_router
from dure.web.api_page import ApiPage


class Api(NinjaAPI):
    """Its document says of every operation that it may refuse, in the one shape of an error."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                answers = {str(status): answer for status, answer in operation["responses"].items()}
                answers.setdefault("4XX", {"description": "Refused", "content": problem})
                answers.setdefault("503", {"description": "Not now", "content": problem})
                operation["responses"] = answers
        return schema


api = Api(
    title="Dure 두레",
    version="1",
    description="What machines say to the city, and ask of it. Errors name the field, in English and Korean.",
    urls_namespace="api",
    docs=ApiPage(),
)
api.add_router("", readings_router)
api.add_router("", fhir_router)
api.add_router("", lorawan_router)
api.add_router("", onem2m_router)
api.add_router("", chat_router)
for app in settings.INSTALLED_APPS:
    if app.startswith("dure.services.") and find_spec(f"{app}.api"):
        api.add_router("", import_module(f"{app}.api").router)


@api.exception_handler(DureError)
def refuse(request: HttpRequest, error: DureError) -> HttpResponse:
    """The one shape of an error at every door."""
    return JsonResponse(error.as_dict(), status=error.status, headers=error_headers(error.status))


@api.exception_handler(AuthenticationError)
def ask_for_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No key, or no valid one."""
    return refuse(request, UnknownKey())


@api.exception_handler(ValidationError)
def name_the_field(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first thing that is wrong with a request that a schema describes."""
    first = error.errors[0]
    field = str(first["loc"][-1]) if first.get("loc") else None
    return refuse(request, Invalid("형식이 맞지 않습니다", str(first.get("msg", "is not valid")), field=field))


@api.exception_handler(HttpError)
def say_why(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses, such as a body that is no JSON."""
    problem = {"field": None, "message": error.message, "message_ko": "요청을 읽을 수 없습니다"}
    return JsonResponse(problem, status=error.status_code)
