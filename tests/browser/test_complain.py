# SPDX-License-Identifier: Apache-2.0
"""A citizen in the street at night: words, place and photo by telephone, in a cellar without connection, and what
becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import cut_off, korean_words, violations
from tests.browser.chromium import PHONE
from tests.browser.desk_cast import ANSWERED
from tests.browser.test_driver import picture
from tests.gateways.running import wait_until

pytestmark = pytest.mark.browser
HERE = {"latitude": 37.2501, "longitude": 127.0847}
KEPT = "caches.open('dure-pages').then(pages => pages.keys()).then(all => all.length > 0)"
WORDS = "집 앞 가로등이 며칠째 꺼져 있어요"


def look(page: Page) -> None:
    """Nothing that axe-core finds, nothing cut off, nothing wider than the telephone."""
    assert violations(page) == []
    assert cut_off(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def citizen(new_page: Callable[..., Page]) -> Page:
    """Somebody with a telephone that knows where it is."""
    page = new_page(viewport=PHONE, has_touch=True, geolocation=HERE, permissions=["geolocation"])
    page.goto("/complain/")
    return page


def test_report_from_a_cellar_is_kept_sent_once_and_followed(new_page: Callable[..., Page]) -> None:
    page = citizen(new_page)
    type_report(page)
    look(page)
    wait_until(lambda: page.evaluate(KEPT), "the page is kept")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("html[data-kept]")).to_have_count(1)
    expect(page.locator("#id_text")).to_have_value(WORDS)
    expect(page.locator("#chosen")).to_have_text("가로등 고장")
    expect(page.locator("[data-photos] img")).to_have_count(1)
    page.get_by_role("button", name="보내기", exact=True).tap()
    expect(page.locator("#waiting")).to_be_visible()
    look(page)
    page.context.set_offline(False)
    number, pin = received(page)
    follow(page, number, pin)
    neighbour_joins(citizen(new_page))
    page.locator("summary", has_text="거두기").tap()
    page.get_by_role("button", name="민원 거두기").tap()
    expect(page.locator("#where-it-is")).to_have_text("거두셨습니다")


def type_report(page: Page) -> None:
    """Words, their topic with what it asks, the place, a photo; words of danger are answered at once."""
    page.locator("#id_text").fill("가스 냄새가")
    expect(page.locator("#danger")).to_be_visible()
    page.locator("#id_text").fill(WORDS)
    expect(page.locator("#danger")).to_be_hidden()
    page.locator("#suggested button", has_text="가로등 고장").tap()
    page.locator("[data-more=lamp] label", has_text="꺼짐").tap()
    page.get_by_role("button", name="지금 내 자리").tap()
    expect(page.locator("#place b")).to_contain_text("보람동")
    page.locator("[data-shrinks]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.locator("[data-photos] img")).to_have_count(1)


def received(page: Page) -> tuple[str, str]:
    """Number and PIN, large on the page; nothing is left on the device but them."""
    expect(page.locator("h1")).to_have_text("접수했습니다")
    look(page)
    number, pin = (page.locator(one).inner_text() for one in ("#number", "#pin"))
    assert re.fullmatch(r"C-2026-\d{6} \d{8}", f"{number} {pin}")
    assert page.evaluate("localStorage.getItem('dure.complain.draft')") is None
    return number, pin


def follow(page: Page, number: str, pin: str) -> None:
    """See it, add to it, leave, come back by number and PIN; the phone keeps no copy of it."""
    page.get_by_role("link", name="어떻게 되고 있는지 보기").tap()
    expect(page.locator("h1")).to_have_text(number)
    assert number not in page.url
    expect(page.locator(".photos img")).to_be_visible()
    look(page)
    page.locator("#add-text").fill("기둥 번호는 12번입니다")
    page.get_by_role("button", name="덧붙이기").tap()
    expect(page.locator(".talk")).to_contain_text("기둥 번호는 12번입니다")
    page.get_by_role("button", name="나가기").tap()
    page.get_by_label("접수 번호").fill(number)
    page.get_by_label("비밀번호").fill(pin)
    page.get_by_role("button", name="보기", exact=True).tap()
    expect(page.locator(".talk")).to_contain_text(WORDS)
    urls = page.evaluate("caches.open('dure-pages').then(pages => pages.keys()).then(all => all.map(one => one.url))")
    assert [one for one in urls if "follow" in one] == []


def neighbour_joins(page: Page) -> None:
    """Another telephone, by the map: the same lamp is offered without anybody's words, and joined by one press."""
    page.locator("#topics summary").tap()
    page.locator("#topics label", has_text="가로등 고장").tap()
    page.locator("[data-more=lamp] label", has_text="꺼짐").tap()
    page.locator("[data-map]").tap()
    page.locator("#place-map[data-drawn]").wait_for(state="attached")
    page.locator("#place-map").evaluate("holder => holder.cityMap.jumpTo({center: [127.08472, 37.2501], zoom: 15})")
    assert violations(page) == []
    page.get_by_role("button", name="이 자리로").tap()
    expect(page.locator("#near")).to_contain_text("이미 1명이 알렸습니다")
    assert WORDS not in page.content()
    look(page)
    page.get_by_role("button", name="나도 알리기").tap()
    expect(page.locator("#done")).to_contain_text("모두 2명")


def test_answer_is_rated_and_objected_to_in_english(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE, has_touch=True, locale="en-GB")
    page.goto("/complain/")
    page.locator("#id_text").fill("When is old furniture taken?")
    page.locator("[name=client_id]").evaluate("(field, id) => (field.value = id)", ANSWERED)
    page.get_by_role("button", name="Send", exact=True).tap()
    page.get_by_role("link", name="See how it stands").tap()
    expect(page.locator("#where-it-is")).to_have_text("Answered")
    assert korean_words(page, set()) == []
    look(page)
    page.locator("label", has_text="Not content at all").tap()
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(page.get_by_text("Are you content")).to_be_hidden()
    page.locator("summary", has_text="I do not agree").tap()
    page.locator("#object-text").fill("On Tuesday nobody came")
    page.get_by_role("button", name="Object", exact=True).tap()
    expect(page.locator(".talk")).to_contain_text("On Tuesday nobody came")
    expect(page.locator(".way")).to_contain_text("Objection")
