# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is said in words, with a way on, and shows nothing of the failure itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import look_over
from tests.browser.city_server import CityServer
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser
LANGUAGES = {"ko": "ko-KR", "en": "en-GB"}


@contextmanager
def broken(server: CityServer, damage: str, repair: str) -> Iterator[None]:
    """The city's database with ``damage`` done to it (both are SQL)."""
    with closing(sqlite3.connect(server.folder / "dure.sqlite3", timeout=20)) as database:
        database.execute(damage)
        database.commit()
        try:
            yield
        finally:
            database.execute(repair)
            database.commit()


def says(page: Page, status: int, words: str, language: str) -> None:
    """The error stands on the page, which is as good as any other."""
    expect(page.locator("h1")).to_have_text(words)
    expect(page.locator("main .number")).to_have_text(str(status))
    look_over(page, language)


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "이쪽에 문제가 생겼습니다"), ("en", "Something went wrong on our side")]
)
def test_real_failure_is_a_page_of_the_house_that_shows_nothing_of_it(
    signed_in: SignIn, server: CityServer, language: str, words: str
) -> None:
    page = signed_in("welfare_officer", locale=LANGUAGES[language])
    with broken(server, "ALTER TABLE city_finding RENAME TO lost", "ALTER TABLE lost RENAME TO city_finding"):
        page.goto("/board/")
        answer = page.goto(str(page.locator("[data-row]").first.get_attribute("href")))
        assert answer is not None
        assert answer.status == 500
        assert "city_finding" not in answer.text()
        says(page, 500, words, language)
        expect(page.locator(".bar__end .menu")).to_be_visible()
    assert "no such table: city_finding" in server.said(), "the log has what the page has not"
    page.reload()
    expect(page.locator(".case")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "이쪽에 문제가 생겼습니다"), ("en", "Something went wrong on our side")]
)
def test_failure_that_takes_the_shell_with_it_is_still_a_page(
    signed_in: SignIn, server: CityServer, language: str, words: str
) -> None:
    page = signed_in("welfare_officer", locale=LANGUAGES[language])
    with broken(server, "ALTER TABLE django_session RENAME TO lost", "ALTER TABLE lost RENAME TO django_session"):
        answer = page.goto("/board/")
        assert answer is not None
        assert answer.status == 500
        says(page, 500, words, language)
    page.get_by_role("link").click()
    expect(page.locator(".bar__end .menu")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "오래된 화면이라 받지 않았습니다"), ("en", "This page was too old to be taken")]
)
def test_form_without_its_token_is_refused_in_words(signed_in: SignIn, language: str, words: str) -> None:
    page = signed_in("welfare_officer", locale=LANGUAGES[language])
    page.goto("/")
    page.context.clear_cookies(name="csrftoken")
    with page.expect_navigation() as left:
        page.get_by_role("button", name="English" if language == "ko" else "한국어").click()
    assert left.value.status == 403
    says(page, 403, words, language)
