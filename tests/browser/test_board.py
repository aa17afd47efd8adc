# SPDX-License-Identifier: Apache-2.0
"""The board: by mouse, by keyboard, without JavaScript, and with 12,500 points on its map."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.chromium import DESKTOP, type_password
from tests.browser.city_server import CityServer
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser


def test_worklist_begins_with_the_gravest_and_what_is_due_first(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    levels = page.locator(".row__level .level").all_text_contents()
    order = {"심각": 4, "경계": 3, "주의": 2, "관심": 1}
    grades = [order[level.strip()] for level in levels]
    assert grades == sorted(grades, reverse=True)
    assert len(grades) >= 10


def test_filter_by_area_narrows_list_and_address(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    name = page.locator(".board__areas tbody th a").first.inner_text()
    before = page.locator("[data-row]").count()
    page.get_by_label("지역", exact=True).select_option(label=name)
    page.wait_for_url("**/board/?*area=*")
    expect(page.locator(".row__area").first).to_have_text(name)
    assert set(page.locator(".row__area").all_text_contents()) == {name}
    assert page.locator("[data-row]").count() < before


def test_answer_that_comes_late_does_not_take_the_filter_back(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer", service_workers="block")
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    held: list[Route] = []
    page.route("**/board/", lambda route, _request: held.append(route), times=1)
    with page.expect_request("**/board/"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('dure:changed'))")
    page.get_by_label("수준", exact=True).select_option("4")
    page.wait_for_url("**level=4**")
    with page.expect_response(lambda answer: "level=4" in answer.url):
        held[0].continue_()
    expect(page.locator("#board")).not_to_have_class("board htmx-request")
    assert {text.strip() for text in page.locator(".row__level").all_text_contents()} == {"심각"}
    assert page.locator("#filters [name=level]").input_value() == "4"


def test_click_on_the_map_filters_by_that_area(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    page.locator("#map[data-drawn]").wait_for(state="attached", timeout=60_000)
    code = str(page.locator(".board__areas tbody th a").first.get_attribute("href")).removeprefix("?area=")
    place = page.evaluate(
        """code => fetch(document.getElementById('map').dataset.areas).then(answer => answer.json()).then(areas => {
            const { lon, lat } = areas.features.find(area => area.properties.code === code).properties;
            const { x, y } = document.getElementById('map').cityMap.project([lon, lat]);
            return { x, y };
        })""",
        code,
    )
    page.locator("#map canvas").click(position=place)
    page.wait_for_url(f"**/board/?*area={code}*")
    assert page.locator("#filters [name=area]").input_value() == code


def test_keyboard_alone_finds_and_opens_a_case(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    second = page.locator("[data-row]").nth(1)
    expect(second).to_be_focused()
    address = str(second.get_attribute("href"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    page.go_back()
    page.keyboard.press("/")
    expect(page.locator("#filters select").first).to_be_focused()


def test_board_works_without_javascript(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer", java_script_enabled=False)
    page.goto("/board/")
    page.get_by_label("수준", exact=True).select_option("4")
    page.locator("#filters button[type=submit]").click()
    page.wait_for_url("**level=4**")
    expect(page.locator(".row__level").first).to_have_text("심각")
    assert {text.strip() for text in page.locator(".row__level").all_text_contents()} == {"심각"}
    assert not page.locator("#map").is_visible()
    page.locator("[data-row]").first.click()
    assert "/cases/" in page.url


def test_area_of_another_worker_is_not_on_the_list(signed_in: SignIn) -> None:
    """A role without care cases sees the same board, empty."""
    page = signed_in("planner")
    page.goto("/board/")
    assert page.locator("[data-row]").count() == 0
    assert page.locator(".board__areas a").count() == 0


def test_12500_points(browser: Browser, server: CityServer, record_property: Any, capsys: Any) -> None:
    """Reports how long until the map can be used and how long a pan takes; it asserts only that they are drawn."""
    page: Page = browser.new_page(base_url=server.url, viewport=DESKTOP, locale="ko-KR")
    page.set_default_timeout(90_000)
    type_password(page, "welfare_officer")
    began = time.monotonic()
    page.goto("/board/")
    page.locator("#map[data-drawn=areas]").wait_for(state="attached")
    areas_drawn = time.monotonic() - began
    began = time.monotonic()
    page.locator(".map__layers input").check()
    page.locator("#map[data-drawn=devices]").wait_for(state="attached")
    points_drawn = time.monotonic() - began
    pan = page.evaluate(
        """() => new Promise(done => {
            const map = document.getElementById('map').cityMap;
            const frames = [];
            const began = performance.now();
            let last = began;
            const tick = now => { frames.push(now - last); last = now; if (!ended) requestAnimationFrame(tick); };
            let ended = false;
            map.once('moveend', () => { ended = true; done({
                total: performance.now() - began, longest: Math.max(...frames), frames: frames.length }); });
            requestAnimationFrame(tick);
            map.panBy([260, 140], { duration: 500 });
        })"""
    )
    count = page.evaluate(
        "fetch(document.getElementById('map').dataset.devices).then(a => a.json()).then(d => d.features.length)"
    )
    page.context.close()
    assert count >= 12_500, "the trucks have units, too"
    assert pan["frames"] > 0
    figures = {"areas_drawn_s": round(areas_drawn, 2), "points_drawn_s": round(points_drawn, 2), **pan}
    record_property("map_of_12500_points", figures)
    with capsys.disabled():
        print(f"\n12,500 points on the map: {figures}")
