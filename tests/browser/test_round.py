# SPDX-License-Identifier: Apache-2.0
"""The dispatcher at a round: what a change costs is seen before it is made, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser


def order(page: Page, truck: str) -> list[str]:
    """The bins on the truck, as the page lists them."""
    return page.locator(f"[data-stops={truck}] li[id] b").all_inner_texts()


def test_stop_is_dragged_moved_by_keyboard_pinned_and_given_out(signed_in: SignIn) -> None:
    page = signed_in("dispatcher")
    page.goto("/waste/rounds/")
    page.locator("li:last-child [data-round]").click()
    page.locator("#map[data-drawn=routes]").wait_for(state="attached")
    before = order(page, "truck-1")
    assert sorted(before) == ["bin-1", "bin-2", "bin-4"]

    cost = page.locator("#change #cost")
    page.locator("#stop-bin-1").drag_to(page.locator("#truck-truck-2"))
    expect(cost).to_contain_text("옮기면 +")
    expect(page.locator("#change #truck")).to_have_value("truck-2")
    page.locator("#change").get_by_role("button", name="닫기").click()
    assert order(page, "truck-1") == before, "looking costs nothing"

    last = before[-1]
    page.get_by_role("link", name=f"옮기기 {last}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#change h1")).to_have_text(last)
    page.locator("#change #position").focus()
    page.locator("#change #position").select_option("0")
    expect(cost).to_contain_text("옮기면")
    expect(page.locator("#position")).to_be_focused()
    page.get_by_role("button", name="이렇게 옮기기").press("Enter")
    expect(page.locator(".toasts")).to_contain_text("옮겼습니다")
    assert order(page, "truck-1") == [last, *before[:-1]]

    page.wait_for_load_state()
    page.get_by_role("link", name="옮기기 bin-1").click()
    page.locator("#change").get_by_role("button", name="가지 않음").click()
    expect(page.locator(".toast--warning:visible")).to_contain_text("다시 계획하면 따릅니다")
    page.get_by_role("button", name="다시 계획하기").click()
    expect(page.locator(".toasts")).to_contain_text("다시 계획했습니다")
    assert sorted(order(page, "truck-1")) == ["bin-2", "bin-4"]
    other = signed_in("dispatcher")
    other.goto(page.url)
    page.get_by_role("button", name="기사에게 나눠 주기").click()
    expect(page.locator(".board__head .tag")).to_have_text("나눠 줌")
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # or within ten seconds
    expect(other.locator(".board__head .tag")).to_have_text("나눠 줌")
