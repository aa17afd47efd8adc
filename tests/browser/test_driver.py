# SPDX-License-Identifier: Apache-2.0
"""A driver in an underpass: what is pressed is kept, the next stop is there at once, and it is sent once."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import SignIn
from tests.browser.test_outbox import kept
from tests.gateways.running import wait_until

pytestmark = pytest.mark.browser
SAYS = "[data-outbox-says]"


def next_code(page: Page) -> str:
    return page.locator("#next .stop__code").inner_text().split(" ")[0]


def test_round_goes_on_without_connection_and_is_sent_once(signed_in: SignIn) -> None:
    page = signed_in("driver", viewport=PHONE, has_touch=True)
    page.goto("/waste/drive/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # the worker keeps the page
    expect(page.locator("#next .stop__code")).to_contain_text("bin-1")
    page.locator("#next [data-photo]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.locator(SAYS)).to_have_text("보냈습니다")

    page.context.set_offline(True)
    page.locator("#next label", has_text="넘침").tap()
    page.locator("#next .stop__done").tap()
    expect(page.locator("#next .stop__code")).to_contain_text("bin-2")
    expect(page.locator(SAYS)).to_have_text("저장됨 · 연결되면 보냅니다")
    page.locator("#next [data-could-not]").tap()
    page.locator("#could-not label", has_text="주차 차량").tap()
    page.locator("#could-not [type=submit]").tap()
    expect(page.locator("#next .stop__code")).to_contain_text("bin-3")
    expect(page.locator("#made")).to_have_text("2")
    assert kept(page) == 2

    page.reload()
    expect(page.locator("html[data-kept]")).to_have_count(1)
    expect(page.locator("#next .stop__code")).to_contain_text("bin-3")
    left = page.locator("li[data-stop]").count() - 2
    expect(page.locator(".way circle")).to_have_count(left)
    page.locator("#next .stop__done").tap()
    expect(page.locator(".way circle")).to_have_count(left - 1)
    page.locator("#just button", has_text="되돌리기").last.tap()
    expect(page.locator("#next .stop__code")).to_contain_text("bin-3")

    page.context.set_offline(False)
    expect(page.locator("html[data-kept]")).to_have_count(0)  # it gives way to the city's own page
    said = page.locator("li[data-ended]:visible")
    expect(said).to_have_count(2)
    expect(said.first).to_contain_text("못 비움: 주차 차량")
    expect(page.locator("#next .stop__code")).to_contain_text("bin-3")
    page.locator("#next .stop__done").tap()
    expect(page.locator("#next .stop__code")).to_contain_text("bin-4")
    expect(said).to_have_count(3)
    wait_until(lambda: kept(page) == 0, "nothing waits any more")


def test_plan_that_changes_says_so_and_not_under_the_thumb(signed_in: SignIn) -> None:
    """Another phone of the same driver ends the stop that this one shows."""
    page = signed_in("driver", viewport=PHONE, has_touch=True)
    page.goto("/waste/drive/")
    first = next_code(page)
    page.locator("#next [data-could-not]").tap()
    other = signed_in("driver", viewport=PHONE, has_touch=True)
    other.goto("/waste/drive/")
    other.locator("#next .stop__done").tap()
    expect(other.locator("#next .stop__code")).not_to_contain_text(f"{first} ")
    expect(other.locator(SAYS)).to_have_text("보냈습니다")
    with page.expect_response("**/waste/drive/"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('dure:changed'))")
    assert next_code(page) == first, "a dialog is open"
    page.locator("#could-not [data-closes]").tap()
    expect(page.locator(SAYS)).to_contain_text("배차가 바뀌었습니다")
    expect(page.locator("#next .stop__code")).not_to_contain_text(f"{first} ")


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (2000, 1500), "teal").save(made, "PNG")
    return made.getvalue()
