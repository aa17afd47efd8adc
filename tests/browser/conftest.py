# SPDX-License-Identifier: Apache-2.0
"""A real Chromium against a real server. Nothing but this machine can be reached from the pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM, DESKTOP, keep_inside, type_password
from tests.browser.city_server import CityServer

SignIn = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests; gone before other tests, whose database calls its event loop would stop."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}: install Debian's chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityServer]:
    """The made city, served."""
    folder = tmp_path_factory.mktemp("browser-city")
    with CityServer(folder) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_page(browser: Browser, server: CityServer) -> Iterator[Callable[..., Page]]:
    """Make pages in contexts of their own. At the end: no request went outside, and no page reported an error."""
    contexts: list[BrowserContext] = []
    outside: list[str] = []
    faults: list[str] = []

    def make(**options: Any) -> Page:
        settings: dict[str, Any] = {"locale": "ko-KR", "viewport": DESKTOP, "base_url": server.url} | options
        context = browser.new_context(**settings)
        context.set_default_timeout(20_000)
        keep_inside(context, outside)
        context.on("weberror", lambda error: _note(faults, "error", str(error.error)))
        context.on("console", lambda message: _note(faults, message.type, message.text))
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert outside == []
    assert faults == []


LEFT_TOO_EARLY = ("Failed to load resource", "Worker failed to load")
"""What Chromium reports of requests that a page left behind; whether something loaded is for each test to judge."""


def _note(faults: list[str], kind: str, text: str) -> None:
    """What breaks the page policy or a script is a fault."""
    if "Content Security Policy" in text or (kind == "error" and not any(said in text for said in LEFT_TOO_EARLY)):
        faults.append(text)


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """Who has signed in already, by the real page; kept so that not every test types a password."""
    return {}


@pytest.fixture
def signed_in(new_page: Callable[..., Page], sessions: dict[str, Any]) -> SignIn:
    """A page of somebody who is signed in: ``signed_in("care_worker", viewport=PHONE)``."""

    def enter(username: str, **options: Any) -> Page:
        if username not in sessions:
            page = new_page()
            type_password(page, username)
            sessions[username] = page.context.storage_state()
        return new_page(storage_state=sessions[username], **options)

    return enter
