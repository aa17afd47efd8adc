# SPDX-License-Identifier: Apache-2.0
"""A real Chromium against a real server. Nothing but this machine can be reached from the pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.axe import axe_source
from tests.browser.chromium import (
    ARGUMENTS,
    CHROMIUM,
    DESKTOP,
    add_passkey,
    confirm_password,
    type_code_of,
    type_password,
    watch_requests,
)
from tests.browser.city_server import CityServer
from tests.browser.pages import KEYED, SECRET, Place, address_of

SignIn = Callable[..., Page]
PATIENCE = 40_000
"""Real milliseconds that an act or an expectation is waited for: other tests run beside, on two cores."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests; gone before other tests, whose database calls its event loop would stop."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}: install Debian's chromium-headless-shell")
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
    made = Made(browser, server.url)
    yield lambda **options: made.context(**options).new_page()
    made.close()
    made.judge()


@dataclass
class Made:
    """Contexts over one server, and what their pages did that they should not."""

    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def context(self, **options: Any) -> BrowserContext:
        """A new one."""
        settings: dict[str, Any] = {"locale": "ko-KR", "viewport": DESKTOP, "base_url": self.url} | options
        context = self.browser.new_context(**settings)
        context.set_default_timeout(PATIENCE)
        watch_requests(context, self.outside)
        context.on("weberror", lambda error: _note(self.faults, "error", str(error.error)))
        context.on("console", lambda message: _note(self.faults, message.type, message.text))
        self.contexts.append(context)
        return context

    def judge(self) -> None:
        """No request went outside, and no page reported an error."""
        found = (list(self.outside), list(self.faults))
        self.outside.clear()
        self.faults.clear()
        assert found == ([], [])

    def close(self) -> None:
        """Close them all."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()


LEFT_TOO_EARLY = ("Failed to load resource", "Worker failed to load", "Failed to fetch")
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
            sign_in(page, username)
            sessions[username] = page.context.storage_state()
        return new_page(storage_state=sessions[username], **options)

    return enter


def sign_in(page: Page, username: str) -> None:
    """By password, and with the code where one is asked for."""
    type_password(page, username)
    if "/2fa/authenticate/" in page.url:
        type_code_of(page, SECRET)


class Lookers:
    """Pages for looking only: one for each language, which is handed from reader to reader, so that what all pages
    share is loaded once."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.made = Made(browser, url)
        self.known: dict[str, str] = {}
        """What LINKS found in this city."""
        self.pages: dict[str, Page] = {}
        self.readers: dict[str, str | None] = {}
        self.cookies: dict[str | None, Any] = {None: []}

    def page(self, username: str | None, locale: str = "ko-KR", *, half_way: bool = False) -> Page:
        """The page of ``username`` (None: a visitor), who goes from place to place with it; ``half_way``: a new one, on
        which the password is typed and the code is not."""
        if half_way:
            page = self.made.context(locale=locale).new_page()
            type_password(page, str(username))
            return page
        if locale not in self.pages:
            context = self.made.context(locale=locale, service_workers="block")
            context.add_init_script(axe_source())
            self.pages[locale], self.readers[locale] = context.new_page(), None
        page = self.pages[locale]
        self._hand_to(username, locale)
        page.set_viewport_size(DESKTOP)
        page.emulate_media()
        return page

    def _hand_to(self, username: str | None, locale: str) -> None:
        """The one page of a language shows what this reader sees, from the next place on."""
        before = self.readers[locale]
        if username == before:
            return
        if username not in self.cookies:
            self.cookies[username] = self._sign_in(str(username))
        context = self.pages[locale].context
        self.cookies[before] = context.cookies()
        context.clear_cookies()
        context.add_cookies(self.cookies[username])
        self.readers[locale] = username

    def _sign_in(self, username: str) -> Any:
        page = self.made.context().new_page()
        sign_in(page, username)
        if username == KEYED:
            add_passkey(page, "내 휴대전화")
        cookies = page.context.cookies()
        if username != KEYED:  # whose authenticator lives as long as the page
            page.context.close()
        return cookies

    def open(self, place: Place, locale: str = "ko-KR") -> Page:
        """The place, as its reader sees it."""
        address = address_of(place, self.page, self.known)
        page = self.page(place.user, locale, half_way=place.half_way)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == place.expects, f"{place.name}: {answer.status}"
        if not place.name.startswith("reauthenticate"):
            confirm_password(page)
        return page


@pytest.fixture(scope="module")
def lookers(browser: Browser, server: CityServer) -> Iterator[Lookers]:
    """For the checks of every page of ``server``."""
    found = Lookers(browser, server.url)
    yield found
    found.made.close()
