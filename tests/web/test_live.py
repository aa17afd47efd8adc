# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import cast

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connections
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client

from dure.city import cases
from dure.city.models import CaseEvent, Role
from dure.web import live
from tests.city.casework import open_care_case
from tests.factories import City, make_user

PATIENCE_SECONDS = 30.0


def test_open_pages_hear_again_when_the_database_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: Iterator[tuple[int, list[int]] | OperationalError] = iter(
        [(7, []), OperationalError("the database is locked"), (8, [41])]
    )
    asked: list[int | None] = []

    def changed_since(event_id: int | None) -> tuple[int, list[int]]:
        asked.append(event_id)
        look = next(looks, (8, []))
        if isinstance(look, OperationalError):
            raise look
        return look

    async def listen() -> live.News | None:
        poller = live._Poller()
        page = poller.join()
        try:
            return await asyncio.wait_for(page.get(), PATIENCE_SECONDS)
        finally:
            poller.leave(page)

    monkeypatch.setattr(live, "_changed_since", changed_since)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(live, "_stop_with_the_server", lambda poller: None)
    with caplog.at_level(logging.WARNING):
        assert asyncio.run(listen()) == (8, [41])
    assert asked[:3] == [None, 7, 7]
    assert "the database is locked" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_stream_begins_where_the_page_was_made(city: City) -> None:
    """A case that is opened between a page's making and its listening is told of, and again to whoever was cut off."""
    reader = make_user("local", Role.WELFARE_OFFICER, area=city.dongs[0])
    page = Client()
    page.force_login(reader)
    before = page.get("/board/").context["newest_event"]
    case = open_care_case(city.dongs[0], city.team)
    newest = CaseEvent.objects.latest("id").pk
    cases.add_note(open_care_case(city.dongs[1], city.team), actor="tests", text="남의 동")  # not for this reader

    async def first_words(after: str, **headers: str) -> list[str]:
        client = AsyncClient()
        await client.aforce_login(reader)
        answer = cast("StreamingHttpResponse", await client.get(f"/live/?after={after}", headers=headers))
        words = cast("AsyncIterator[bytes]", answer.streaming_content)
        said = [(await anext(words)).decode() for _ in range(2)]
        await sync_to_async(connections.close_all)()  # of the thread in which the stream looked
        return said

    told = f'event: cases\ndata: ["{case.number}"]'
    assert told in asyncio.run(first_words(str(before)))[1]
    assert told in asyncio.run(first_words("", **{"Last-Event-ID": str(newest - 1)}))[1]
    assert "event: alive" in asyncio.run(first_words(str(newest)))[1]


@pytest.mark.django_db
def test_where_to_begin_must_be_the_number_of_an_event(city: City, client: Client) -> None:
    client.force_login(city.users[Role.CARE_WORKER])
    for wrong in ("x", "-1", "²", "9" * 30):
        assert client.get(f"/live/?after={wrong}").status_code == 422
