# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from dure.web import live

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

    async def listen() -> list[int] | None:
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
        assert asyncio.run(listen()) == [41]
    assert asked[:3] == [None, 7, 7]
    assert "the database is locked" in caplog.text
