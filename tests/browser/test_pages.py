# SPDX-License-Identifier: Apache-2.0
"""Every page, in both languages, both schemes and both sizes: axe-core finds nothing, nothing overflows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE, confirm_password
from tests.browser.conftest import SignIn
from tests.browser.pages import CASE_LINKS, PLACES, Place

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


@pytest.fixture(scope="package")
def axe() -> str:
    """The source of axe-core."""
    if not AXE.exists():
        pytest.skip("no axe-core: run 'npm ci' first")
    return AXE.read_text()


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the page as it is now, one line each."""
    page.evaluate(axe)  # by the debugging protocol, which the page's own policy does not bind
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:240]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def visit(page: Page, place: Place) -> None:
    """Open the page and see that it answers as it should."""
    address = place.address
    for kind, list_address in CASE_LINKS.items():
        if f"{{{kind}}}" in address:
            page.goto(list_address)
            address = str(page.locator("[data-row]").first.get_attribute("href"))
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == place.expects
    if place.name != "reauthenticate":
        confirm_password(page)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_is_accessible_and_fits(signed_in: SignIn, new_page: Any, axe: str, place: Place, language: str) -> None:
    locale = LOCALES[language]
    page = signed_in(place.user, locale=locale) if place.user else new_page(locale=locale)
    visit(page, place)
    assert page.locator("html").get_attribute("lang") == language
    if page.locator("#map").count():
        page.locator("#map[data-drawn]").wait_for(state="attached", timeout=60_000)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page, axe) == [], f"{size['width']} px, {scheme}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the page is {wide} px wider than a window of {size['width']} px"


@pytest.mark.parametrize("place", [place for place in PLACES if place.expects == 200], ids=lambda place: place.name)
def test_english_page_says_nothing_in_korean(signed_in: SignIn, new_page: Any, place: Place) -> None:
    """Names of places and of people (the demo's sign-ins, too) stay as they are; the page's own words do not."""
    page = signed_in(place.user, locale="en-GB") if place.user else new_page(locale="en-GB")
    visit(page, place)
    words = page.evaluate(
        "[...document.querySelectorAll('h1, h2, label, legend, th[scope=col], button, summary, nav a, dt')]"
        ".filter(part => !part.closest('[lang=ko], form:has([type=hidden][name=login])'))"
        ".map(part => part.textContent.trim())"
    )
    assert [text for text in words if any("가" <= letter <= "힣" for letter in text)] == names(words)


def names(words: list[str]) -> list[str]:
    """The words that are names: users are called by their roles' Korean names in the made city."""
    from dure.city.models import Role

    called = {*(str(role.label) for role in Role), "아직 역할 없음"}
    return [text for text in words if any(name in text for name in called)]


def test_print_leaves_only_the_case(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    visit(page, Place("case", "/cases/{closed}/"))
    page.emulate_media(media="print")
    assert not page.locator(".bar").is_visible()
    assert not page.locator(".case__do").is_visible()
    assert page.locator("h1").is_visible()
    assert page.locator(".thread").is_visible()
