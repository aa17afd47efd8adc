# SPDX-License-Identifier: Apache-2.0
"""The ASGI application: Django, the readings' door, and a sign of life for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
pages = get_asgi_application()

from dure.city import processes  # noqa: E402 - after Django is set up
from dure.gateways.http import door  # noqa: E402
from dure.services.complaints import assist  # noqa: E402
from dure.web.health import door_counts  # noqa: E402

log = logging.getLogger(__name__)
NAME = os.environ.get("DURE_PROCESS", "web")
SIGN_EVERY_SECONDS = 10.0

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Everything but the server's start and stop, and readings, is Django's."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif door.is_ours(scope):
        await door.door(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    signing = asyncio.create_task(_sign())
    await send({"type": "lifespan.startup.complete"})
    assist.warm()
    await receive()
    signing.cancel()
    with suppress(asyncio.CancelledError):
        await signing
    await sync_to_async(_leave)()
    await send({"type": "lifespan.shutdown.complete"})


async def _sign() -> None:
    while True:
        await sync_to_async(_sign_once)()
        await asyncio.sleep(SIGN_EVERY_SECONDS)


def _sign_once() -> None:
    """A database that is away for a while must not end the signs for good."""
    close_old_connections()
    try:
        processes.alive(NAME, {"readings": door_counts()})
    except Exception:
        log.exception("could not write the sign of life")


def _leave() -> None:
    try:
        processes.leave(NAME)
    except Exception:
        log.exception("could not take the sign of life back")
