# SPDX-License-Identifier: Apache-2.0
"""Looking at a page: axe-core finds nothing, nothing overflows at either size, English is English."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE

AXE = Path(__file__).resolve().parent.parent.parent / "node_modules/axe-core/axe.min.js"
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""All that a scheme can change: the second scheme of a page is asked these only."""
HOW: dict[str, Any] = {"resultTypes": ["violations"], "selectors": False, "preload": {"assets": ["media"]}}
"""Nothing is worked out that ``violations`` does not say, and nothing loaded that none of these rules reads."""
LOCALES = {"ko": "ko-KR", "en": "en-GB"}
ASKED: dict[tuple[str, bool], tuple[Literal["light", "dark"], dict[str, Any]]] = {
    ("ko", False): ("light", TAGS),
    ("ko", True): ("dark", COLOURS),
    ("en", True): ("light", TAGS),
}
"""By language and whether it is a phone, in which scheme axe-core is asked what."""


@cache
def axe_source() -> str:
    """axe-core's own script."""
    if not AXE.exists():
        pytest.skip("no axe-core: run 'npm ci' first")
    return AXE.read_text()


def violations(page: Page, rules: dict[str, Any] = TAGS) -> list[str]:
    """What axe-core finds on the page as it is now, one line each."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(axe_source())  # by the debugging protocol, which the page's own policy does not bind
    found: list[dict[str, Any]] = page.evaluate(
        "asked => axe.run(document, asked).then(found => found.violations)",
        {"runOnly": rules, **HOW},
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:240]}"
        for one in found
        for node in one["nodes"]
    ]


def look_over(page: Page, language: str) -> None:
    """Hold what every page must; the page is loaded once. It fits at both sizes. axe-core finds nothing on the Korean
    page on a desk and in the dark on a phone, and on the English one, of the same structure and colours, on a phone."""
    assert page.locator("html").get_attribute("lang") == language
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        _show_all_of(page)
        if asked := ASKED.get((language, size is PHONE)):
            scheme, rules = asked
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page, rules) == [], f"{size['width']} px, {scheme}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the page is {wide} px wider than a window of {size['width']} px"
        assert cut_off(page) == [], f"{size['width']} px"


def _show_all_of(page: Page) -> None:
    """Make the window as high as the page: what the bars at its foot lie over can be scrolled free of them, which axe
    does not know when it measures how large a target is."""
    size = page.viewport_size
    assert size is not None
    height: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})


def cut_off(page: Page) -> list[str]:
    """Words that run out of the box they stand in, where the box neither scrolls nor says that it leaves some out."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('main .button, main .tag, main .card, main h1, main h2, main h3,'
            + ' main td, main th, main summary, main .choice span, main .rows > li, nav a')]
            .filter(part => part.checkVisibility() && !part.closest('.scroll, .unseen, .map, svg')
                && getComputedStyle(part).textOverflow !== 'ellipsis' && part.scrollWidth > part.clientWidth + 1
                && getComputedStyle(part).display !== 'inline')
            .map(part => `${part.outerHTML.slice(0, 160)} ${part.scrollWidth} > ${part.clientWidth}`)"""
    )
    return found


def korean_words(page: Page, names: set[str]) -> list[str]:
    """The page's own words that are Korean: headings, labels, buttons, without ``names`` and what is marked Korean."""
    words: list[str] = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, label, legend, th[scope=col], dt, summary, button, .button,'"
        " + ' .level, .status, .tag, caption, nav a')]"
        ".filter(part => !part.closest('[lang=ko], .chips, form:has([type=hidden][name=login])'))"
        ".map(part => part.textContent.trim()).filter(text => /[가-힣]/.test(text))"
    )
    return [text for text in words if not any(name in text for name in names)]
