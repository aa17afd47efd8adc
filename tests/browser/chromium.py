# SPDX-License-Identifier: Apache-2.0
"""How Chromium is started and kept on this machine; used by the tests and by ``scripts/screenshots``."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, CDPSession, Page, Request, ViewportSize

from dure.city.clock import real_now

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without its windows: the same engine, at half the work of `chromium --headless`."""
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


def watch_requests(context: BrowserContext, outside: list[str]) -> None:
    """Remember every request that would leave this machine. It gets nowhere: ARGUMENTS let Chromium find no other
    host. (Stopping it here instead would make every request wait for us and turn the browser's own cache off.)"""

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.hostname not in HERE:
            outside.append(request.url)

    context.on("request", note)


def type_password(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in through the page, as a person does."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(username)
    page.locator("#id_password").fill(password)
    page.locator("#sign_in button").click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def code_of(secret: str) -> str:
    """What an authenticator app shows now for ``secret`` (RFC 6238: SHA-1, 30 seconds, six digits)."""
    moment = int(real_now().timestamp()) // 30
    digest = hmac.digest(base64.b32decode(secret), moment.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def type_code(page: Page, code: str) -> None:
    """The second step of signing in: a code of the app, or one of the codes on paper."""
    page.locator("#id_code").fill(code)
    with page.expect_navigation():
        page.locator("main form[action*=authenticate] button[type=submit]").first.click()


def type_code_of(page: Page, secret: str) -> str:
    """The code that the app shows now; typed again where its half minute ran out on the way. Returns the one taken."""
    for _attempt in range(4):
        code = code_of(secret)
        type_code(page, code)
        if "/2fa/authenticate/" not in page.url:
            return code
    raise AssertionError(page.locator("main").inner_text())


def add_passkey(page: Page, name: str) -> tuple[CDPSession, str]:
    """Register a passkey of a made authenticator, which lives as long as the page; it and its number."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = str(protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.locator("#id_name").fill(name)
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda address: "/webauthn/add/" not in address)
    return protocol, authenticator


def confirm_password(page: Page, password: str = PASSWORD) -> None:
    """Type the password once more where the page asks for it before the sign-in may be changed."""
    if "/reauthenticate/" in page.url:
        page.locator("#confirm input[name=password]").fill(password)
        page.locator("#confirm button").click()
        page.wait_for_url(lambda address: "/reauthenticate/" not in address)
