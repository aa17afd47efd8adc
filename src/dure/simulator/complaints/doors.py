# SPDX-License-Identifier: Apache-2.0
"""The two doors by which the made city's citizens complain: the city's page, as a browser sees it, and Open311."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Protocol

import httpx

from dure.simulator.complaints.citizens import Complaint
from dure.simulator.doors import ANSWERS_WITHIN, DoorClosed

PAGE = "/complain/"
REPORTS = "/open311/v2/requests.json"
TRIES_AGAIN = 30.0
"""Real seconds after which somebody whom the door had too much of comes again."""
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_NUMBER = re.compile(r'data-number="([^"]+)"')
_LOOPBACK = ("127.0.0.1", "localhost")


class Door(Protocol):
    """Takes a complaint; its number, or "" where it was refused. Raises DoorClosed where trying again could help."""

    name: str

    def tell(self, one: Complaint) -> str: ...


class Page:
    """The form of ``/complain/``, which takes only so many from one address: where the platform is on this machine,
    each citizen comes from their own."""

    name = "web"

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url, self._transport = url.rstrip("/"), transport

    def tell(self, one: Complaint) -> str:
        with httpx.Client(base_url=self._url, timeout=ANSWERS_WITHIN, transport=self._way(one)) as client:
            try:
                page = _checked(client.get(PAGE))
                token = _TOKEN.search(page.text)
                if token is None:
                    return ""
                form = _form(one) | {"csrfmiddlewaretoken": token[1]}
                number = _NUMBER.search(
                    _checked(client.post(PAGE, data=form, headers={"Referer": f"{self._url}{PAGE}"})).text
                )
            except httpx.TransportError as error:
                raise DoorClosed(f"{type(error).__name__}: {error}") from error
        return number[1] if number else ""

    def _way(self, one: Complaint) -> httpx.BaseTransport | None:
        if self._transport is not None or httpx.URL(self._url).host not in _LOOPBACK:
            return self._transport
        return httpx.HTTPTransport(local_address=f"127.{1 + one.ref.int % 200}.{one.ref.int // 200 % 250}.7")


class App:
    """An app that reports by Open311 with the city's key."""

    name = "open311"

    def __init__(self, url: str, key: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=ANSWERS_WITHIN, transport=transport)
        self._key = key

    def tell(self, one: Complaint) -> str:
        said = one.written
        form = {
            "api_key": self._key,
            "service_code": one.topic,
            "lat": str(one.lat),
            "long": str(one.lon),
            "description": said.text,
        }
        form |= {"phone": said.phone} if one.gives_phone else {}
        headers = {"Idempotency-Key": str(one.ref), "Accept-Language": said.language}
        try:
            answer = _checked(self._client.post(REPORTS, data=form, headers=headers))
        except httpx.TransportError as error:
            raise DoorClosed(f"{type(error).__name__}: {error}") from error
        return str(answer.json()[0]["service_request_id"]) if answer.is_success else ""

    def close(self) -> None:
        self._client.close()


def _form(one: Complaint) -> dict[str, str]:
    said = one.written
    form = {"client_id": str(one.ref), "text": said.text, "topic": one.topic, "language": said.language}
    if one.lon is not None:
        form |= {"lon": str(one.lon), "lat": str(one.lat)}
    elif one.thing:
        form["address"] = one.street
    if one.gives_phone:
        form |= {"phone": said.phone, "consent": "on"}
    return form


def _checked(response: httpx.Response) -> httpx.Response:
    """Raises DoorClosed for what may be otherwise in a while."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise DoorClosed("too many", TRIES_AGAIN)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise DoorClosed(f"{response.request.method} {response.request.url.path}: {response.status_code}")
    return response
