# SPDX-License-Identifier: Apache-2.0
"""Roles × routes: every page of the platform says who may open it, and real requests find that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from dure.city.models import Role
from tests.factories import City, make_user

OTHERS = {
    "allauth.": "signing in and the own account: allauth asks for what each page needs",
    "ninja.": "the HTTP API: keys of feeds and devices, tests of its own",
}
"""Modules whose views carry no roles, and why."""
SAMPLES: dict[str, Any] = {
    "str": "2026-999999",
    "slug": "note",
    "int": 1,
    "uuidstr": UUID("00000000-0000-4000-8000-000000000000"),
    "uuid": UUID("00000000-0000-4000-8000-000000000000"),
    "path": "x",
}
"""A value for each kind of part of an address; nothing in the made city has it."""


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every address (with samples filled in) and its view."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + address_of(entry))
        elif isinstance(entry, URLPattern) and entry.callback is not None:
            yield prefix + address_of(entry), entry.callback


def address_of(entry: URLPattern | URLResolver) -> str:
    """The part of the address; a route by regular expression stands for itself and is no page of ours."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda part: str(SAMPLES[part[1] or "str"]), str(entry.pattern))


def is_of_others(view: Callable[..., Any]) -> bool:
    module = getattr(view, "func", view).__module__  # ninja's own pages are partial functions
    return any(module.startswith(other) for other in OTHERS)


OWN = [
    (address, view)
    for address, view in routes(get_resolver())
    if not is_of_others(view) and not address.startswith(("^", "accounts/^"))
]


def test_there_are_routes_to_walk() -> None:
    addresses = {address for address, _ in OWN}
    assert {"", "board/", "live/", "cases/2026-999999/", "cases/2026-999999/note/"} <= addresses


def test_every_view_says_who_may_open_it() -> None:
    silent = [address for address, view in OWN if not hasattr(view, "roles")]
    assert silent == [], "say @open_to(…), @open_to_signed_in or @open_to_all"


def answer(client: Client, address: str) -> tuple[int, str]:
    """The status and where it leads; by POST where the page takes nothing else."""
    response: Any = client.get(f"/{address}")
    if response.status_code == 405:
        response = client.post(f"/{address}")
    if response.streaming and not response.is_async:
        b"".join(response.streaming_content)  # read to its end, which closes the file
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_routes_hold_for_every_role(city: City, role: Role) -> None:
    client = Client()
    client.force_login(city.users[role], backend="django.contrib.auth.backends.ModelBackend")
    for address, view in OWN:
        roles: frozenset[Role] | None = getattr(view, "roles", None)
        status, location = answer(client, address)
        if roles is not None and role not in roles:
            assert status == 403, f"/{address}: {status}"
        else:
            assert status != 403, f"/{address}: turned away"
            assert status < 500 or address in {"readyz"}, address
            assert "/login/" not in location, address


@pytest.mark.django_db
def test_visitor_is_asked_to_sign_in_wherever_it_is_not_open_to_all() -> None:
    for address, view in OWN:
        status, location = answer(Client(), address)
        if getattr(view, "roles", None) is None:
            assert "/login/" not in location, address
            assert status < 500 or address in {"readyz"}, address
        else:
            assert (status, "/login/" in location) == (302, True), f"/{address}: {status}"


@pytest.mark.django_db
def test_somebody_without_a_role_sees_the_first_page_and_nothing_else(city: City) -> None:
    client = Client()
    client.force_login(make_user("newcomer"), backend="django.contrib.auth.backends.ModelBackend")
    for address, view in OWN:
        roles = getattr(view, "roles", None)
        if roles is not None and roles != frozenset(Role):
            assert answer(client, address)[0] == 403, address
    assert answer(client, "")[0] == 200
