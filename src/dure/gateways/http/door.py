# SPDX-License-Identifier: Apache-2.0
"""``POST /api/v1/readings`` beside Django's request handling, which costs a one-reading request several times what
its reading costs: a dozen hand-overs between threads, and a thread and a database connection of its own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from dure.city.devices import digest_of
from dure.city.errors import DureError
from dure.gateways.http.limits import TooMuch
from dure.gateways.http.take import JSON, Answer, error_headers, take
from dure.gateways.intake import UnknownKey

log = logging.getLogger(__name__)
PATH = "/api/v1/readings"
THREADS = 32
"""Requests whose readings can share a transaction. Those that lead one keep a database connection each."""

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

_threads = ThreadPoolExecutor(THREADS, "readings")


def is_ours(scope: Scope) -> bool:
    """Whether a connection is a request for this door."""
    return scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == PATH


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of this door."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    try:
        key = _shown_key(headers.get(b"authorization", ""))
        body = await _body(receive)
        content_type = headers.get(b"content-type", "").split(";")[0].strip().lower()
        encoding = headers.get(b"content-encoding", "").strip().lower()
        answer = await asyncio.get_running_loop().run_in_executor(_threads, _take, body, content_type, encoding, key)
    except _Gone:
        return
    except DureError as error:
        answer = Answer(error.status, json.dumps(error.as_dict()).encode())
    await _reply(send, answer)


class Failed(DureError):
    """A fault of ours."""

    status = 500


class _Gone(Exception):
    """The sender has left before its request was complete."""


def _shown_key(authorization: str) -> str:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise UnknownKey
    return digest_of(key.strip())


async def _body(receive: Receive) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        part = message.get("body", b"")
        size += len(part)
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooMuch
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _take(body: bytes, content_type: str, encoding: str, key: str) -> Answer:
    close_old_connections()
    try:
        return take(body, content_type, encoding, key)
    except DureError:
        raise
    except Exception as error:
        log.exception("readings could not be taken")
        raise Failed("서버 오류입니다", "the server failed; nothing is promised about what was sent") from error


async def _reply(send: Send, answer: Answer) -> None:
    headers = {
        "Content-Type": JSON,
        "Content-Length": str(len(answer.body)),
        "X-Content-Type-Options": "nosniff",
    } | error_headers(answer.status)
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})
