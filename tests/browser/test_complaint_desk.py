# SPDX-License-Identifier: Apache-2.0
"""The agent at the desk, by keyboard: a call is typed, sorted, corrected and answered; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.chromium import PHONE
from tests.browser.conftest import SignIn
from tests.gateways.running import wait_until

pytestmark = pytest.mark.browser
WORDS = "가로등이 꺼져서 밤에 무섭다고 하십니다"


def new_call(page: Page) -> None:
    """From the list by one key, and the first words."""
    page.goto("/complaints/")
    page.keyboard.press("n")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(WORDS)
    expect(page.locator("#hint")).to_contain_text("도로과")


def test_call_is_typed_suggestion_used_corrected_and_answered_without_a_mouse(signed_in: SignIn) -> None:
    page = signed_in("call_agent")
    new_call(page)
    page.keyboard.press("Alt+Digit1")
    expect(page.locator("#department")).to_have_value("roads")
    expect(page.locator("#hint [aria-pressed=true]").first).to_contain_text("도로과")
    expect(page.locator("#hint")).to_contain_text("우리 골목 가로등이")
    assert violations(page) == []
    page.locator("#name").fill("박하늘")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".pin")).to_have_text(re.compile(r"^\d{8}$"))
    expect(page.locator(".said")).to_have_text(WORDS)
    page.keyboard.press("Alt+m")
    expect(page.get_by_role("button", name="제가 맡습니다")).to_have_count(0)
    page.locator("#choose-department").select_option("waste")
    page.get_by_role("button", name="이렇게 고치기").press("Enter")
    expect(page.locator("[data-outbox-says]")).to_contain_text("배웠습니다")
    expect(page.locator(".case__head .facts")).to_contain_text("자원순환과")
    page.keyboard.press("Alt+d")
    expect(page.locator(".made")).to_contain_text("AI가 만든 초안입니다")
    page.keyboard.press("Alt+a")
    expect(page.locator("#answer-text")).to_be_focused()
    page.wait_for_load_state()
    page.keyboard.press("Alt+Digit7")
    page.keyboard.press("Control+End")
    page.keyboard.type(" 고맙습니다.")
    assert "3일 안에 고칩니다" in page.locator("#answer-text").input_value()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words__out").last).to_contain_text("고맙습니다.")
    expect(page.locator("main")).to_contain_text("답한 민원입니다")


def test_what_was_typed_before_the_scripts_came_is_kept_too(signed_in: SignIn) -> None:
    page = signed_in("call_agent")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/outbox*.js", hold)
    page.goto("/complaints/new/", wait_until="commit")
    page.locator("#text").fill(WORDS)
    wait_until(lambda: page.locator("#text").is_visible() and bool(held), "the script is asked for")
    held[0].continue_()
    page.unroute("**/outbox*.js")
    page.wait_for_load_state()
    page.reload()
    expect(page.locator("#text")).to_have_value(WORDS)


def test_what_was_typed_is_there_again_and_waits_while_there_is_no_connection(signed_in: SignIn) -> None:
    page = signed_in("call_agent")
    new_call(page)
    page.reload()
    expect(page.locator("#text")).to_have_value(WORDS)
    expect(page.locator("#hint")).to_contain_text("도로과")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-outbox-says]")).to_contain_text("연결되면 보냅니다")
    page.context.set_offline(False)
    expect(page.locator(".said")).to_have_text(WORDS)


def test_place_is_marked_by_keys_and_what_the_citizen_adds_is_read_before_the_answer_goes(
    signed_in: SignIn, new_page: Callable[..., Page]
) -> None:
    page = signed_in("call_agent")
    new_call(page)
    page.wait_for_load_state()
    page.keyboard.press("Alt+l")
    page.locator("#place-map[data-drawn]").wait_for(state="attached")
    page.locator("#place-map").evaluate("holder => holder.cityMap.jumpTo({center: [127.08472, 37.2501], zoom: 15})")
    page.keyboard.press("Enter")
    expect(page.locator("#place b")).to_have_text("보람동")
    expect(page.locator("#area option:checked")).to_have_text("보람동")
    page.locator("#text").press("Control+Enter")
    pin, number = page.locator(".pin").inner_text(), page.locator("h1 .number").inner_text()
    page.locator("#answer-text").fill("곧 고치겠습니다.")
    citizen = new_page(viewport=PHONE)
    citizen.goto("/complain/follow/")
    citizen.locator("#id_number").fill(number)
    citizen.locator("#id_pin").fill(pin)
    citizen.get_by_role("button", name="보기", exact=True).click()
    citizen.locator("form[action$='/add/'] textarea").fill("기둥 번호는 12번입니다")
    citizen.get_by_role("button", name="덧붙이기").click()
    expect(page.locator(".words")).to_contain_text("기둥 번호는 12번입니다")
    expect(page.locator("#said-more")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="읽었습니다").press("Enter")
    expect(page.locator("#answer-text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words__out").last).to_contain_text("곧 고치겠습니다.")
    expect(page.locator("main")).to_contain_text("답한 민원입니다")
