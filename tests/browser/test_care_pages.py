# SPDX-License-Identifier: Apache-2.0
"""Care's pages in both languages, both schemes and both sizes; large enough for a hand; there without connection."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import LOCALES, korean_words, look_over
from tests.browser.care_city import CareServer
from tests.browser.chromium import PHONE, type_password
from tests.browser.conftest import Lookers, SignIn
from tests.browser.pages import CARE_PLACES, CROWDED, ELDER, FAMILY, LONG_NAME, OFFICER, WORKER, Place
from tests.browser.test_errors import broken

pytestmark = pytest.mark.browser

AT_HOME = "#calm li:not(:has(.tag)) a"
FIRST = "article a[href^='/care/people/']"


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


IN_THE_HAND = {
    CARE_PLACES[-1],
    *(place for place in CARE_PLACES if place.user in (WORKER, ELDER, FAMILY) and "roster" not in place.name),
}


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("place", CARE_PLACES, ids=lambda place: place.name)
def test_page_is_accessible_fits_and_speaks_one_language(lookers: Lookers, place: Place, language: str) -> None:
    """Names of people, areas, relations and plans stay as they were written; the page's own words do not."""
    page = lookers.open(place, LOCALES[language])
    look_over(page, language)
    if language == "ko" and place in IN_THE_HAND:
        assert too_small(page) == []
    if language == "en":
        called = "[...document.querySelectorAll('.who, .load__who, h1, .thumb .button, .back, .chips, .plan-name')]"
        shown: list[str] = page.evaluate(f"{called}.map(part => part.textContent.trim()).filter(text => text)")
        names = {*shown, "딸", "돌봄팀", "이바다", "박누리", "생활지원사", "복지 공무원"}
        assert korean_words(page, names) == []
    lookers.made.judge()


def too_small(page: Page) -> list[str]:
    """What is too small for a hand on a phone: sentences below 18 px, whatever can be tapped below 48 px either way."""
    sentences: list[str] = page.evaluate(
        "[...document.querySelectorAll('main p, main dd, main li, main .button, main summary, main label')]"
        ".filter(part => part.checkVisibility() && part.innerText.trim() && !part.querySelector('small'))"
        ".filter(part => !part.closest('.chart, .unseen, .toasts'))"
        ".filter(part => parseFloat(getComputedStyle(part).fontSize) < 18).map(part => part.outerHTML.slice(0, 120))"
    )
    targets: list[str] = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main summary, main input:not([type=hidden])')]"
        ".filter(part => part.checkVisibility() && !part.closest('.unseen, .case__line'))"
        ".map(part => [part.outerHTML.slice(0, 120), part.getBoundingClientRect()])"
        ".filter(([html, box]) => box.height < 47.5 || box.width < 47.5)"
        ".map(([html, box]) => `${html} ${box.width}×${box.height}`)"
    )
    return sentences + targets


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


KEPT_SINCE = "이 화면은 11월 2일 09:10의 것"
"""Care's city stands still at this time."""


def keep(page: Page) -> str:
    """A worker's phone that has kept today's page, the first person's and their case; the person's address."""
    page.goto("/care/today/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    person = str(page.locator(FIRST).first.get_attribute("href"))
    for address in (person, str(page.locator(".thumb .button--first").get_attribute("href")), "/care/today/"):
        page.goto(address)
    return person


def test_kept_pages_open_without_connection_and_say_of_when_they_are(signed_in: SignIn) -> None:
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    person = keep(page)
    name = page.locator("article h2 a").first.inner_text()
    other = str(page.locator("#calm a").last.get_attribute("href"))
    expect(page.locator("#no-connection")).to_be_hidden()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("article h2 a").first).to_have_text(name)
    expect(page.locator("#no-connection")).to_contain_text(KEPT_SINCE)
    page.locator(".thumb .button--first").tap()
    page.wait_for_url("**/cases/**")
    expect(page.locator(".case__why")).to_contain_text(name)
    page.goto(person)
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("#no-connection")).to_contain_text(KEPT_SINCE)
    page.goto(other)
    expect(page.locator("h1")).to_have_text("연결이 끊겼습니다")
    page.goto(person)
    page.context.set_offline(False)
    expect(page.locator("#no-connection")).to_be_hidden(timeout=30_000)
    assert page.evaluate("'kept' in document.documentElement.dataset") is False


def test_kept_page_says_so_although_the_phone_thinks_itself_connected(signed_in: SignIn, server: CareServer) -> None:
    """The network is there, the city is not: nothing tells the phone, so the page must."""
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    person = keep(page)
    server.stop()
    try:
        page.goto(person)
        assert page.evaluate("navigator.onLine") is True
        expect(page.locator("#no-connection")).to_contain_text(KEPT_SINCE)
        expect(page.locator("#city-clock")).to_have_text("09:10")
    finally:
        server.start()
    expect(page.locator("#no-connection")).to_be_hidden(timeout=30_000)


def test_nothing_is_kept_after_signing_out(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    type_password(page, WORKER)
    person = keep(page)
    page.goto("/accounts/logout/")
    page.locator("form[data-signs-out] button").tap()
    page.wait_for_url("**/accounts/login/**")
    assert "dure-pages" not in page.evaluate("caches.keys()")
    page.context.set_offline(True)
    for address in (person, "/care/today/"):
        page.goto(address)
        expect(page.locator("h1")).to_have_text("연결이 끊겼습니다")


def test_nothing_is_kept_for_who_may_not_see_it_any_more(signed_in: SignIn, server: CareServer) -> None:
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    keep(page)
    role = "UPDATE city_membership SET role = '{}' WHERE role = '{}'"
    with broken(server, role.format("planner", "care_worker"), role.format("care_worker", "planner")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('dure:changed'))")
        expect(page.locator("h1")).to_have_text("이 화면을 볼 권한이 없습니다")
    page.context.set_offline(True)
    page.goto("/care/today/")
    expect(page.locator("h1")).to_have_text("연결이 끊겼습니다")


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


def choose_to_share(page: Page, count: int) -> list[str]:
    """Mark the first people of a worker who has too many and ask how they would be shared out; their names."""
    page.goto(f"/care/workers/?of={CROWDED}#people")
    chosen = page.locator(".pick:has([name=person])").all()[:count]
    for one in chosen:
        one.click()
    names = [one.locator("b").inner_text() for one in chosen]
    with page.expect_navigation():
        page.locator("#people form button").click()
    return names


def test_sharing_out_is_shown_first_and_changes_nothing_until_it_is_confirmed(signed_in: SignIn) -> None:
    page = signed_in(OFFICER)
    names = choose_to_share(page, 4)
    expect(page.locator("h1")).to_have_text("이렇게 나눕니다")
    assert sorted(page.locator("main .cards .rows b").all_inner_texts()) == sorted(names)
    gains = [text.split(" → ") for text in page.locator("main .cards .number").all_inner_texts()]
    assert sum(int(after) - int(before) for before, after in gains) == 4
    look_over(page, "ko")
    page.get_by_role("link", name="그만두기").click()
    theirs = page.locator(".load__count", has=page.locator("xpath=preceding-sibling::*[text()='이바다']"))
    expect(theirs).to_contain_text("30명")
    assert choose_to_share(page, 4) == names
    page.get_by_role("button", name="4분의 담당을 바꾸기").click()
    expect(page.locator(".toasts")).to_contain_text("4분의 담당을 바꾸었습니다")
    expect(theirs).to_contain_text("26명")
    shown = page.locator(".pick:has([name=person]) b").all_inner_texts()
    assert len(shown) == 26


def test_preview_of_sharing_out_speaks_english(signed_in: SignIn) -> None:
    page = signed_in(OFFICER, locale="en-GB")
    choose_to_share(page, 2)
    look_over(page, "en")
    called: list[str] = page.evaluate("[...document.querySelectorAll('.who')].map(part => part.textContent.trim())")
    assert korean_words(page, {*called, "복지 공무원"}) == []


def test_plan_is_said_in_words_while_it_is_typed(signed_in: SignIn) -> None:
    page = signed_in(OFFICER)
    page.goto("/plans/care/city/")
    said, attempts = page.locator("#said"), page.locator("[name=s0-attempts]")
    for typed, words in (("3", "모두 3번까지"), ("0", "아직 말로 옮길 수 없습니다"), ("4", "모두 4번까지")):
        attempts.fill(typed)
        attempts.blur()
        expect(said).to_contain_text(words)
        expect(attempts).to_have_value(typed)
    expect(said).to_contain_text("심각 수준의 사건은 조용한 시간에도")
    for number in (0, 1, 2):
        page.locator(f"[name=s{number}-quiet_action]").select_option("go")
    expect(said).not_to_contain_text("심각 수준의 사건은 조용한 시간에도")
    page.reload()
    expect(said).to_contain_text("모두 2번까지")
    expect(said).not_to_contain_text("모두 4번까지")


def test_form_waits_for_the_connection_and_is_sent_once(signed_in: SignIn) -> None:
    """One that the outbox does not keep: what was typed stays in it, and two presses are not two routines."""
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    page.goto(str(page.locator(AT_HOME).nth(0).get_attribute("href")) + "plan/")
    page.locator("#add summary").first.tap()
    form = page.locator("#add form").first
    form.locator("[name=kind][value=meal]").check(force=True)
    form.locator("[name=title]").fill("늦은 저녁")
    form.locator("[name=at]").fill("20:10")
    form.locator("[name=confirm_by]").first.check(force=True)
    page.context.set_offline(True)
    form.locator("button").tap()
    expect(page.locator("[data-outbox-says]")).to_contain_text("연결되면 다시 눌러 주세요")
    expect(form.locator("[name=title]")).to_have_value("늦은 저녁")
    page.context.set_offline(False)
    with page.expect_navigation():
        form.locator("button").dblclick()
    expect(page.locator(".plan-name", has_text="늦은 저녁")).to_have_count(1)
