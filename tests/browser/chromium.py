# SPDX-License-Identifier: Apache-2.0
"""How Chromium is started and kept on this machine; used by the tests and by ``scripts/screenshots``."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route, ViewportSize

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
HERE = {"localhost", "127.0.0.1"}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PASSWORD = "a-password-for-tests"
"""As in tests.factories, which cannot be imported without Django."""


def keep_inside(context: BrowserContext, outside: list[str]) -> None:
    """Abort every request that would leave this machine, and remember it."""

    def decide(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"data", "blob"} or address.hostname in HERE:
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", decide)


def type_password(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in through the page, as a person does."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(username)
    page.locator("#id_password").fill(password)
    page.locator("#sign_in button").click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def confirm_password(page: Page, password: str = PASSWORD) -> None:
    """Type the password once more where the page asks for it before the sign-in may be changed."""
    if "/reauthenticate/" in page.url:
        page.locator("#confirm input[name=password]").fill(password)
        page.locator("#confirm button").click()
        page.wait_for_url(lambda address: "/reauthenticate/" not in address)
