# SPDX-License-Identifier: Apache-2.0
"""Help is ordered from a case with one press on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import SignIn
from tests.browser.test_case import open_case

pytestmark = pytest.mark.browser


def test_one_press_orders_a_repair_and_the_thread_says_so(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    open_case(page, "acknowledged")
    with page.expect_navigation():
        page.get_by_role("button", name="집수리").tap()
    expect(page.locator(".thread__what").first).to_contain_text("후속 지원")
    expect(page.locator(".thread__what").first).to_contain_text("집수리")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
