# SPDX-License-Identifier: Apache-2.0
"""Signing in: password, authenticator app, passkey; the language and the scheme; what is closed stays closed.

The last of the browser's files by name: too many wrong passwords shut this machine out for a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import (
    PASSWORD,
    PHONE,
    add_passkey,
    code_of,
    confirm_password,
    type_code,
    type_code_of,
    type_password,
)
from tests.factories import PASSWORD as FACTORY_PASSWORD

pytestmark = pytest.mark.browser
NewPage = Callable[..., Page]


def test_both_passwords_are_one() -> None:
    assert PASSWORD == FACTORY_PASSWORD


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
    protocol, authenticator = add_passkey(page, "시험용 기기")
    assert "/2fa/recovery-codes/" in page.url
    assert len(protocol.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("시험용 기기")

    sign_out(page)
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda address: "/accounts/" not in address)
    expect(page.locator(".bar__end .menu")).to_be_visible()


def turn_app_on(page: Page, username: str) -> tuple[str, list[str]]:
    """Sign in, turn the authenticator app on as the page shows it; the secret and the codes on paper."""
    type_password(page, username)
    page.goto("/accounts/2fa/totp/activate/")
    confirm_password(page)
    secret = page.locator("#authenticator_secret").input_value()
    for _attempt in range(4):  # the half minute of a code may run out on the way
        page.locator("#id_code").fill(code_of(secret))
        with page.expect_navigation():
            page.locator("main form button[type=submit]").click()
        if "/totp/activate/" not in page.url:
            break
    page.wait_for_url("**/2fa/recovery-codes/**")
    return secret, page.locator("#recovery_codes").input_value().split()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("form[data-signs-out] button").click()
    page.wait_for_url("**/accounts/login/**")


def test_authenticator_app_is_asked_for_after_the_password(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    secret, _ = turn_app_on(page, "trade_officer")
    sign_out(page)
    type_password(page, "trade_officer")
    assert "/2fa/authenticate/" in page.url
    page.goto("/board/")
    assert "/2fa/authenticate/" in page.url
    type_code(page, "000000")
    expect(page.locator(".field__error")).to_be_visible()
    used = type_code_of(page, secret)
    page.goto("/board/")
    expect(page.locator("#board")).to_be_visible()

    other = new_page()
    type_password(other, "trade_officer")
    type_code(other, used)
    expect(other.locator(".field__error")).to_be_visible()


def test_code_on_paper_works_once_and_new_ones_replace_the_old(new_page: NewPage) -> None:
    page = new_page()
    _, codes = turn_app_on(page, "control_operator")
    assert len(set(codes)) == 10
    other = new_page(viewport=PHONE)
    type_password(other, "control_operator")
    type_code(other, codes[0])
    assert "/accounts/" not in other.url
    sign_out(other)
    type_password(other, "control_operator")
    type_code(other, codes[0])
    expect(other.locator(".field__error")).to_be_visible()

    page.goto("/accounts/2fa/recovery-codes/generate/")
    confirm_password(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/2fa/recovery-codes/")
    fresh = page.locator("#recovery_codes").input_value().split()
    assert set(fresh).isdisjoint(codes)
    type_code(other, codes[1])
    expect(other.locator(".field__error")).to_be_visible()
    type_code(other, fresh[0])
    assert "/accounts/" not in other.url


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
