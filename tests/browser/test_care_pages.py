# SPDX-License-Identifier: Apache-2.0
"""Care's pages in both languages, both schemes and both sizes; large enough for a hand; there without connection."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.care_city import CROWDED, IDLE, LONG_NAME, OFFICER, WORKER, CareServer
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import SignIn
from tests.browser.test_pages import AXE, LOCALES, violations

pytestmark = pytest.mark.browser

AT_HOME = "#calm li:not(:has(.tag)) a"
FIRST = "article a[href^='/care/people/']"
PLACES = {
    "today": (WORKER, "/care/today/", ""),
    "today-crowded": (CROWDED, "/care/today/", ""),
    "today-nobody": (IDLE, "/care/today/", ""),
    "person": (WORKER, "/care/today/", FIRST),
    "person-calm": (WORKER, "/care/today/", f"#calm li:has-text('{LONG_NAME}') a"),
    "case": (WORKER, "/care/today/", "article a[href^='/cases/']"),
    "board": (OFFICER, "/care/board/", ""),
    "person-of-officer": (OFFICER, "/care/board/", "[aria-labelledby=unassigned] a"),
    "rules": (OFFICER, "/care/rules/", ""),
    "phone": (None, "/care/phone/", ""),
    "call": (None, "/care/phone/", "#ringing a"),
}
"""Name: who, where they begin, and the link that leads on."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CareServer]:
    """Care's city on a Monday morning, standing still enough to be looked at."""
    folder = tmp_path_factory.mktemp("care-city")
    with CareServer(folder, speed=0.02) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """Sign-ins of this server."""
    return {}


@pytest.fixture
def axe() -> str:
    if not AXE.exists():
        pytest.skip("no axe-core: run 'npm ci' first")
    return AXE.read_text()


def visit(name: str, signed_in: SignIn, new_page: Callable[..., Page], **options: Any) -> Page:
    user, address, link = PLACES[name]
    page = signed_in(user, **options) if user else new_page(**options)
    answer = page.goto(address)
    if link:
        answer = page.goto(str(page.locator(link).first.get_attribute("href")))
    assert answer is not None
    assert answer.status == 200
    return page


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", PLACES)
def test_page_is_accessible_and_fits(
    signed_in: SignIn, new_page: Callable[..., Page], axe: str, name: str, language: str
) -> None:
    page = visit(name, signed_in, new_page, locale=LOCALES[language])
    assert page.locator("html").get_attribute("lang") == language
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page, axe) == [], f"{size['width']} px, {scheme}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the page is {wide} px wider than a window of {size['width']} px"


@pytest.mark.parametrize("name", PLACES)
def test_english_page_says_nothing_in_korean(signed_in: SignIn, new_page: Callable[..., Page], name: str) -> None:
    """Names of people, of areas and of relations stay as they were written; the page's own words do not."""
    page = visit(name, signed_in, new_page, locale="en-GB")
    words = page.evaluate(
        "[...document.querySelectorAll('main h1, main h2, main label, main legend, main th[scope=col], main dt, "
        "main summary, main button, main .button, main .tag, main .level, main .status, main caption, nav a')]"
        ".map(part => part.innerText.trim()).filter(text => /[가-힣]/.test(text))"
    )
    names = page.evaluate(
        "[...document.querySelectorAll('.who b, .who a, h1, .thumb .button')].map(p => p.innerText.trim())"
    )
    allowed = {*names, "딸"} if "person" in name or "today" in name else set()
    assert [text for text in words if not any(name in text for name in allowed)] == []


@pytest.mark.parametrize("name", ["today", "person", "person-calm", "case", "call"])
def test_page_of_the_hand_is_large(signed_in: SignIn, new_page: Callable[..., Page], name: str) -> None:
    """Sentences are of 18 px and more, whatever can be tapped is 48 px and more each way."""
    page = visit(name, signed_in, new_page, viewport=PHONE, has_touch=True)
    small_text = page.evaluate(
        "[...document.querySelectorAll('main p, main dd, main li, main .button, main summary, main label')]"
        ".filter(part => part.checkVisibility() && part.innerText.trim() && !part.querySelector('small'))"
        ".filter(part => !part.closest('.chart, .unseen, .toasts'))"
        ".filter(part => parseFloat(getComputedStyle(part).fontSize) < 18).map(part => part.outerHTML.slice(0, 120))"
    )
    assert small_text == []
    small_targets = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main summary, main input:not([type=hidden])')]"
        ".filter(part => part.checkVisibility() && !part.closest('.unseen, .case__line'))"
        ".map(part => [part.outerHTML.slice(0, 120), part.getBoundingClientRect()])"
        ".filter(([html, box]) => box.height < 47.5 || box.width < 47.5)"
        ".map(([html, box]) => `${html} ${box.width}×${box.height}`)"
    )
    assert small_targets == []


def test_what_comes_first_is_under_the_thumb(signed_in: SignIn) -> None:
    """Calling and opening the gravest case lie in the lowest third of the screen, wherever the page stands."""
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    gravest = page.locator("article").first
    for scrolled in (0, 400):
        page.evaluate("y => scrollTo(0, y)", scrolled)
        for link in page.locator(".thumb a").all():
            box = link.bounding_box()
            assert box is not None
            assert box["y"] > PHONE["height"] * 0.66
            assert box["y"] + box["height"] < PHONE["height"]
    assert page.locator(".thumb b").inner_text().endswith(gravest.locator("h2 a").inner_text())
    assert page.locator(".thumb a[href^='tel:']").get_attribute("href") == gravest.locator(
        "a[href^='tel:']"
    ).get_attribute("href")


def test_someone_is_found_in_a_long_list_without_telling_the_server(signed_in: SignIn) -> None:
    page = signed_in(CROWDED, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    everybody = page.locator("#calm > li").count()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#find").fill(LONG_NAME[:4])
    expect(page.locator("#calm > li:visible")).to_have_count(1)
    expect(page.locator("#calm > li:visible")).to_contain_text(LONG_NAME)
    page.locator("#find").fill("아무도 아닌 이름")
    expect(page.locator("#none")).to_be_visible()
    page.locator("#find").fill("")
    expect(page.locator("#calm > li:visible")).to_have_count(everybody)
    assert [address for address in asked if "/care/" in address] == []


def test_todays_people_and_a_case_are_there_without_connection(signed_in: SignIn) -> None:
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.locator(".thumb .button--first").tap()
    page.wait_for_url("**/cases/**")
    page.go_back()
    name = page.locator("article h2 a").first.inner_text()
    expect(page.locator("#no-connection")).to_be_hidden()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("article h2 a").first).to_have_text(name)
    expect(page.locator("#no-connection")).to_be_visible()
    page.locator(".thumb .button--first").tap()
    page.wait_for_url("**/cases/**")
    expect(page.locator(".case__why")).to_contain_text(name)
    page.context.set_offline(False)
    expect(page.locator("#no-connection")).to_be_hidden()


def test_stay_away_typed_without_connection_is_kept_once(signed_in: SignIn) -> None:
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    page.goto(str(page.locator(AT_HOME).nth(0).get_attribute("href")))
    page.locator(".thumb a[href='#do-away']").tap()
    page.locator("#id_until").fill("2026-11-05T18:00")
    page.get_by_role("radio", name="가족").tap()
    page.context.set_offline(True)
    page.locator("#do-away button").tap()
    expect(page.locator("[data-outbox-says]")).to_have_text("저장됨 · 연결되면 보냅니다")
    page.context.set_offline(False)
    expect(page.locator("#away")).to_contain_text("11월 5일 18:00까지 비어 있다고")
    expect(page.locator("[data-outbox-says]")).to_have_text("보냈습니다")
    page.reload()
    expect(page.locator("#away")).to_contain_text("11월 5일 18:00까지 비어 있다고")
    page.get_by_role("button", name="돌아오셨습니다").tap()
    expect(page.locator("#do-away")).to_be_visible()


def test_stay_that_ends_before_it_begins_says_so(signed_in: SignIn) -> None:
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    page.goto(str(page.locator(AT_HOME).nth(1).get_attribute("href")))
    page.locator(".thumb a[href='#do-away']").tap()
    page.locator("#id_until").fill("2026-11-01T18:00")
    page.get_by_role("radio", name="가족").tap()
    page.locator("#do-away button").tap()
    expect(page.locator("[data-outbox-says=error]")).to_have_text("돌아오는 때가 떠나는 때와 지금보다 뒤여야 합니다")
    expect(page.locator("#id_until")).to_have_value("2026-11-01T18:00")
