# SPDX-License-Identifier: Apache-2.0
"""Nothing that was typed on the road is lost, nothing is sent twice, and nothing stays behind after signing out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE, type_password
from tests.browser.city_server import CityServer
from tests.browser.conftest import SignIn
from tests.browser.test_case import open_case
from tests.gateways.running import wait_until

pytestmark = pytest.mark.browser


def write_note(page: Page, text: str) -> None:
    page.get_by_role("link", name="메모", exact=True).tap()
    page.locator("#do-note textarea").fill(text)
    page.locator("#do-note button").tap()


def kept(page: Page) -> int:
    count: int = page.evaluate("JSON.parse(localStorage.getItem('dure.outbox') ?? '[]').length")
    return count


def test_note_typed_offline_is_sent_once_when_back(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    address = open_case(page, "acknowledged")
    page.context.set_offline(True)
    write_note(page, "지하라 연결이 안 됨")
    expect(page.locator("[data-outbox-says]")).to_have_text("저장됨 · 연결되면 보냅니다")
    assert kept(page) == 1
    page.locator("#do-note button").tap()
    assert kept(page) == 1
    page.context.set_offline(False)
    expect(page.locator(".thread__text", has_text="지하라 연결이 안 됨")).to_have_count(1)
    expect(page.locator("[data-outbox-says]")).to_have_text("보냈습니다")
    page.goto(address)
    assert page.locator(".thread__text", has_text="지하라 연결이 안 됨").count() == 1
    assert kept(page) == 0


def test_two_things_written_without_connection_are_both_sent(signed_in: SignIn) -> None:
    """The second is not the first again, although it stands in the same form."""
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    open_case(page, "acknowledged")
    page.context.set_offline(True)
    write_note(page, "두 번 걸었음")
    expect(page.locator("[data-outbox-says]")).to_be_visible()
    page.locator("#do-note textarea").fill("이웃이 아침에 보았다고 함")
    page.locator("#do-note button").tap()
    page.context.set_offline(False)
    for text in ("두 번 걸었음", "이웃이 아침에 보았다고 함"):
        expect(page.locator(".thread__text", has_text=text)).to_have_count(1)
    wait_until(lambda: kept(page) == 0, "the phone knows what the thread does")


def test_draft_that_another_tab_has_sent_is_not_taken_for_what_is_written_there_now(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    address = open_case(page, "acknowledged")
    page.get_by_role("link", name="메모", exact=True).tap()
    page.locator("#do-note textarea").fill("먼저 쓴 것")
    other = page.context.new_page()
    other.goto(address)
    page.locator("#do-note button").tap()
    expect(page.locator(".thread__text", has_text="먼저 쓴 것")).to_have_count(1)
    other.locator("#do-note textarea").fill("나중에 쓴 것")
    other.locator("#do-note button").tap()
    expect(other.locator(".thread__text", has_text="나중에 쓴 것")).to_have_count(1)


def test_what_one_typed_is_not_taken_as_said_by_another(signed_in: SignIn) -> None:
    """Somebody else has signed in meanwhile in the same browser."""
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    address = open_case(page, "acknowledged")
    page.get_by_role("link", name="메모", exact=True).tap()
    page.locator("#do-note textarea").fill("생활지원사가 쓴 글")
    somebody_else: Any = signed_in("welfare_officer").context.cookies()
    page.context.add_cookies(somebody_else)
    page.locator("#do-note button").tap()
    expect(page.locator("[data-outbox-says]")).to_contain_text("다른 분이 로그인해 있어")
    expect(page.locator("#do-note textarea")).to_have_value("생활지원사가 쓴 글")
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator("#case-thread")).not_to_contain_text("생활지원사가 쓴 글")


def test_answer_lost_on_the_way_does_not_double_the_note(signed_in: SignIn) -> None:
    """The server got it, the phone did not hear of it: the second sending changes nothing."""
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    address = open_case(page, "acknowledged")

    def swallow_the_answer(route: object) -> None:
        route.fetch(max_redirects=0)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/note/", swallow_the_answer, times=1)
    write_note(page, "한 번만 남아야 하는 메모")
    expect(page.locator("[data-outbox-says]")).to_have_text("저장됨 · 연결되면 보냅니다")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".thread__text", has_text="한 번만 남아야 하는 메모")).to_have_count(1)
    expect(page.locator("[data-outbox-says]")).to_have_text("보냈습니다")
    page.goto(address)
    assert page.locator(".thread__text", has_text="한 번만 남아야 하는 메모").count() == 1


def test_draft_is_there_after_the_phone_was_restarted(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    address = open_case(page, "acknowledged")
    page.get_by_role("link", name="메모", exact=True).tap()
    page.locator("#do-note textarea").fill("쓰다 만 글")
    page.close()
    page = page.context.new_page()
    page.goto(address)
    expect(page.locator("#do-note textarea")).to_have_value("쓰다 만 글")
    expect(page.locator("#do-note textarea")).to_be_visible()


def test_refused_note_says_why_and_stays(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    open_case(page, "acknowledged")
    write_note(page, "   ")
    expect(page.locator("[data-outbox-says=error]")).to_be_visible()
    assert kept(page) == 0


def test_nothing_stays_after_signing_out(signed_in: SignIn, new_page: object, server: CityServer) -> None:
    page = new_page(viewport=PHONE, has_touch=True)  # type: ignore[operator]
    type_password(page, "care_worker")
    open_case(page, "acknowledged")
    page.get_by_role("link", name="메모", exact=True).tap()
    page.locator("#do-note textarea").fill("남의 눈에 띄면 안 되는 글")
    page.context.set_offline(True)
    page.locator("#do-note button").tap()
    expect(page.locator("[data-outbox-says]")).to_be_visible()
    page.context.set_offline(False)
    page.route("**/note/", lambda route: route.abort())
    page.goto("/accounts/logout/")
    expect(page.locator("p[data-unsent]")).to_be_visible()
    page.locator("form[data-signs-out] button").tap()
    page.wait_for_url("**/accounts/login/**")
    left = page.evaluate("Object.keys(localStorage).filter(key => key !== 'dure.scheme')")
    assert left == []
    assert page.evaluate("caches.keys()") in ([], ["dure-parts"])


def test_without_connection_a_page_says_so_and_opens_by_itself_when_it_is_back(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    page.goto("/board/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_have_text("연결이 끊겼습니다")
    expect(page.locator("#city-clock")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.locator("#map")).to_be_visible()
