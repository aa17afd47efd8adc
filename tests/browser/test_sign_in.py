# SPDX-License-Identifier: Apache-2.0
"""Signing in: password, authenticator app, passkey; the language and the scheme; what is closed stays closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from tests.browser.chromium import PASSWORD, PHONE, confirm_password, type_password
from tests.factories import PASSWORD as FACTORY_PASSWORD

pytestmark = pytest.mark.browser
NewPage = Callable[..., Page]


def test_both_passwords_are_one() -> None:
    assert PASSWORD == FACTORY_PASSWORD


def code_of(secret: str) -> str:
    """What an authenticator app shows now for ``secret``."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_wrong_password_is_said_and_enters_nothing(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("planner")
    page.locator("#id_password").fill("not-the-password")
    page.locator("#sign_in button").click()
    expect(page.locator(".toast--error")).to_be_visible()
    page.goto("/board/")
    assert "/accounts/login/" in page.url


def test_signing_in_leads_back_to_the_page_that_was_asked_for(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/board/?level=3")
    page.locator("#id_login").fill("welfare_officer")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#sign_in button").click()
    page.wait_for_url("**/board/?level=3")


def test_passkey_is_registered_and_signs_in_alone(new_page: NewPage) -> None:
    page = new_page()
    type_password(page, "dispatcher")
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
    authenticator = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.locator("#id_name").fill("시험용 기기")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/2fa/recovery-codes/**")
    assert len(protocol.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("시험용 기기")

    page.goto("/accounts/logout/")
    page.locator("form[data-signs-out] button").click()
    page.wait_for_url("**/accounts/login/**")
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda address: "/accounts/" not in address)
    expect(page.locator(".menu")).to_be_visible()


def test_authenticator_app_is_turned_on_and_asked_for(new_page: NewPage) -> None:
    page = new_page()
    type_password(page, "driver")
    page.goto("/accounts/2fa/totp/activate/")
    confirm_password(page)
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("#id_code").fill(code_of(secret))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/2fa/recovery-codes/**")
    recovery = page.locator("#recovery_codes").input_value().split()
    assert len(recovery) == 10

    other = new_page(viewport=PHONE)
    type_password(other, "driver")
    assert "/2fa/authenticate/" in other.url
    other.locator("#id_code").fill("000000")
    other.locator("main form[action*=authenticate] button[type=submit]").first.click()
    expect(other.locator(".field__error")).to_be_visible()
    other.locator("#id_code").fill(recovery[0])
    other.locator("main form[action*=authenticate] button[type=submit]").first.click()
    other.wait_for_url(lambda address: "/accounts/" not in address)


@pytest.mark.parametrize(
    "address", ["/accounts/signup/", "/accounts/email/", "/accounts/password/reset/", "/accounts/password/set/"]
)
def test_doors_that_the_house_does_not_have(new_page: NewPage, address: str) -> None:
    answer = new_page().goto(address)
    assert answer is not None
    assert answer.status == 404


def test_language_is_switched_anywhere_and_kept(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Sign in to Dure")
    page.goto("/offline/")
    expect(page.locator("h1")).to_have_text("No connection")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("h1")).to_have_text("연결이 끊겼습니다")


def test_scheme_is_switched_and_kept(new_page: NewPage) -> None:
    page = new_page(color_scheme="light")
    page.goto("/accounts/login/")
    light = ground(page)
    page.locator("#scheme").click()
    assert ground(page) != light
    page.reload()
    assert ground(page) != light


def ground(page: Page) -> Any:
    """The colour that the page lies on."""
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_too_many_wrong_passwords_are_stopped(new_page: NewPage) -> None:
    page = new_page()
    for _ in range(6):
        page.goto("/accounts/login/")
        page.locator("#id_login").fill("network_officer")
        page.locator("#id_password").fill("guess")
        page.locator("#sign_in button").click()
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("network_officer")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#sign_in button").click()
    page.goto("/board/")
    assert "/accounts/login/" in page.url
