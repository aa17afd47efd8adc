# SPDX-License-Identifier: Apache-2.0
"""The HTTP API: the readings' door and every service's ``api.router``, in one OpenAPI document."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from dure.city.errors import DureError, Invalid
from dure.gateways.http.api import router as readings_router
from dure.gateways.intake import UnknownKey

RETRY_SECONDS = 5
"""What a sender is asked to wait when nothing could be stored."""

api = NinjaAPI(
    title="Dure 두레",
    version="1",
    description="What machines say to the city, and ask of it. Errors name the field, in English and Korean.",
    urls_namespace="api",
)
api.add_router("", readings_router)
for app in settings.INSTALLED_APPS:
    if app.startswith("dure.services.") and find_spec(f"{app}.api"):
        api.add_router("", import_module(f"{app}.api").router)


@api.exception_handler(DureError)
def refuse(request: HttpRequest, error: DureError) -> HttpResponse:
    """The one shape of an error at every door."""
    response = JsonResponse(error.as_dict(), status=error.status)
    if error.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


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
