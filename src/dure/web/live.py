# SPDX-License-Identifier: Apache-2.0
"""Server-sent events: which cases changed, so that an open page asks again for what it shows.

One poller per process looks at the newest case event once a second and wakes every open page. A page is told
only the numbers of cases that its reader may see; what changed it fetches itself, through the same checks as ever.
A page knows the newest event from before it was made, and its stream begins there: nothing falls between the two.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable
from types import FrameType

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from dure.city.cases import visible_cases
from dure.city.errors import Invalid
from dure.city.models import CaseEvent, User
from dure.city.roles import open_to_signed_in

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
ALIVE_SECONDS = 15.0
"""A word this often keeps proxies from closing a quiet stream, and tells a page that it is not deaf."""
ALIVE = "event: alive\ndata: 1\n\n"
News = tuple[int, list[int]]
"""The newest event, and the ids of the cases that changed."""


class _Poller:
    """Looks for new case events while anybody listens. Belongs to one event loop, the server's."""

    def __init__(self) -> None:
        self.pages: set[asyncio.Queue[News | None]] = set()
        self.task: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def join(self, seen: int | None = None) -> asyncio.Queue[News | None]:
        """A queue of what changes, to the first page after ``seen``; ``None`` says that the server is stopping."""
        page: asyncio.Queue[News | None] = asyncio.Queue()
        self.pages.add(page)
        if self.task is None or self.task.done():
            self.loop = asyncio.get_running_loop()
            self.task = self.loop.create_task(self._watch(seen))
            _stop_with_the_server(self)
        return page

    def leave(self, page: asyncio.Queue[News | None]) -> None:
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

    async def _watch(self, newest: int | None) -> None:
        while True:
            try:
                newest, changed = await sync_to_async(_changed_since)(newest)
            except (DatabaseError, InterfaceError) as error:  # open pages must hear again when it is back
                log.warning("could not look for changed cases: %s", str(error).strip())
                changed = []
            for page in self.pages if changed else ():
                page.put_nowait((newest or 0, changed))
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


class LiveMiddleware:
    """Notes ``request.newest_event`` before a page of a signed-in reader is made."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and request.user.is_authenticated and request.accepts("text/html"):
            request.newest_event = _newest_event()  # type: ignore[attr-defined]
        return self.answer(request)


def _newest_event() -> int:
    newest: int | None = CaseEvent.objects.aggregate(newest=Max("id"))["newest"]
    return newest or 0


def _changed_since(event_id: int | None) -> News:
    """The newest event, and the cases that changed after another one (none when nothing is known yet)."""
    close_old_connections()
    newest = _newest_event()
    if event_id in (None, newest):
        return newest, []
    events = CaseEvent.objects.filter(id__gt=event_id, id__lte=newest)
    return newest, sorted(set(events.values_list("case_id", flat=True)))


async def _stream(user: User, seen: int | None) -> AsyncIterator[str]:
    page = _poller.join(seen)
    try:
        yield "retry: 3000\n\n"
        if seen is not None:
            yield await sync_to_async(_told)(user, *await sync_to_async(_changed_since)(seen))
        while True:
            try:
                news = await asyncio.wait_for(page.get(), ALIVE_SECONDS)
            except TimeoutError:
                yield ALIVE
                continue
            if news is None:
                return
            yield await sync_to_async(_told)(user, *news)
    finally:
        _poller.leave(page)


def _told(user: User, newest: int, changed: list[int]) -> str:
    """The event for a reader; its id is where the stream goes on after it was cut off."""
    visible = visible_cases(user).filter(id__in=changed).values_list("number", flat=True) if changed else []
    return f"id: {newest}\n" + (f"event: cases\ndata: {json.dumps(sorted(visible))}\n\n" if visible else ALIVE)


@open_to_signed_in
def live(request: HttpRequest) -> HttpResponse:
    """The stream of one page; ``after`` (or the browser's ``Last-Event-ID``) is the newest event that it knows of."""
    assert isinstance(request.user, User)  # noqa: S101 - open_to_signed_in has seen to it
    seen = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    if seen and not (seen.isascii() and seen.isdigit() and len(seen) < 19):
        raise Invalid(f"사건 기록의 번호가 아닙니다: {seen}", f"not the number of an event: {seen}", field="after")
    response = StreamingHttpResponse(
        _stream(request.user, int(seen) if seen else None), content_type="text/event-stream"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response  # type: ignore[return-value]
