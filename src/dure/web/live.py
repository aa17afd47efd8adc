# SPDX-License-Identifier: Apache-2.0
"""Server-sent events: which cases changed, so that an open page asks again for what it shows.

One poller per process looks at the newest case event once a second and wakes every open page. A page is told
only the numbers of cases that its reader may see; what changed it fetches itself, through the same checks as ever.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import threading
from collections.abc import AsyncIterator
from types import FrameType

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from dure.city.cases import visible_cases
from dure.city.models import CaseEvent, User
from dure.city.roles import open_to_signed_in

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
ALIVE_SECONDS = 15.0
"""A comment this often keeps proxies from closing a quiet stream."""


class _Poller:
    """Looks for new case events while anybody listens. Belongs to one event loop, the server's."""

    def __init__(self) -> None:
        self.pages: set[asyncio.Queue[list[int] | None]] = set()
        self.task: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def join(self) -> asyncio.Queue[list[int] | None]:
        """A queue of the ids of changed cases; ``None`` says that the server is stopping."""
        page: asyncio.Queue[list[int] | None] = asyncio.Queue()
        self.pages.add(page)
        if self.task is None or self.task.done():
            self.loop = asyncio.get_running_loop()
            self.task = self.loop.create_task(self._watch())
            _stop_with_the_server(self)
        return page

    def leave(self, page: asyncio.Queue[list[int] | None]) -> None:
        self.pages.discard(page)
        if not self.pages and self.task is not None:
            self.task.cancel()
            self.task = None

    def stop(self) -> None:
        """End every stream: a server that is told to stop waits for its open answers. Safe in a signal handler."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        for page in self.pages:
            page.put_nowait(None)

    async def _watch(self) -> None:
        newest: int | None = None
        while True:
            try:
                newest, changed = await sync_to_async(_changed_since)(newest)
            except (DatabaseError, InterfaceError) as error:  # open pages must hear again when it is back
                log.warning("could not look for changed cases: %s", str(error).strip())
                changed = []
            for page in self.pages if changed else ():
                page.put_nowait(changed)
            await asyncio.sleep(POLL_SECONDS)


_poller = _Poller()
_chained: set[int] = set()


def _stop_with_the_server(poller: _Poller) -> None:
    """End the streams on the signals that stop the server, then let the server's own handler do its work."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in {signal.SIGTERM, signal.SIGINT} - _chained:
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, before: object = before) -> None:
            poller.stop()
            if callable(before):
                before(number, frame)

        signal.signal(number, stop)
        _chained.add(number)


def _changed_since(event_id: int | None) -> tuple[int, list[int]]:
    """The newest event, and the cases that changed after another one (none when nothing is known yet)."""
    close_old_connections()
    newest = CaseEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
    if event_id in (None, newest):
        return newest, []
    events = CaseEvent.objects.filter(id__gt=event_id, id__lte=newest)
    return newest, sorted(set(events.values_list("case_id", flat=True)))


def _numbers_for(user: User, changed: list[int]) -> list[str]:
    visible: list[str] = list(visible_cases(user).filter(id__in=changed).values_list("number", flat=True))
    return sorted(visible)


async def _stream(user: User) -> AsyncIterator[str]:
    page = _poller.join()
    try:
        yield "retry: 3000\n\n"
        while True:
            try:
                changed = await asyncio.wait_for(page.get(), ALIVE_SECONDS)
            except TimeoutError:
                yield ": alive\n\n"
                continue
            if changed is None:
                return
            numbers = await sync_to_async(_numbers_for)(user, changed)
            if numbers:
                yield f"event: cases\ndata: {json.dumps(numbers)}\n\n"
    finally:
        _poller.leave(page)


@open_to_signed_in
def live(request: HttpRequest) -> HttpResponse:
    """The stream of one page."""
    assert isinstance(request.user, User)  # noqa: S101 - open_to_signed_in has seen to it
    response = StreamingHttpResponse(_stream(request.user), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response  # type: ignore[return-value]
