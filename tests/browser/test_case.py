# SPDX-License-Identifier: Apache-2.0
"""A case from the list to its outcome, on a phone; and two people who look at it at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE
from tests.browser.city_server import CityServer
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser


def open_case(page: Page, state: str = "open") -> str:
    """Go to the first case in that state; its address."""
    page.goto(f"/board/?state={state}")
    address = str(page.locator("[data-row]").first.get_attribute("href"))
    page.goto(address)
    return address


def press(page: Page, name: str) -> None:
    """Tap a button that sends a form, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).tap()


def test_worker_takes_calls_visits_and_closes_a_case_on_a_phone(signed_in: SignIn) -> None:
    page = signed_in("care_worker", viewport=PHONE, has_touch=True)
    address = open_case(page)
    press(page, "확인했습니다")
    expect(page.locator(".case__head .status")).to_have_text("확인함")
    page.get_by_role("link", name="전화 적기", exact=True).tap()
    page.get_by_role("radio", name="통화했음").check()
    page.locator("#do-call textarea").fill("통화했고 괜찮다고 하심.")
    press(page, "전화 적기")
    expect(page.locator(".thread__text").first).to_have_text("통화했고 괜찮다고 하심.")
    page.get_by_role("link", name="닫기", exact=True).tap()
    page.get_by_role("radio", name="전화로 안부 확인").check()
    press(page, "결과를 적고 닫기")
    expect(page.locator(".case__head .status")).to_have_text("닫힘")
    assert page.url.endswith(address)
    assert page.locator("#do-close").count() == 0


def test_missing_choice_comes_back_with_what_was_typed(signed_in: SignIn) -> None:
    """A browser asks for the choice itself; one that does not gets the page back, not an empty form."""
    page = signed_in("welfare_officer", java_script_enabled=False)
    address = open_case(page, "acknowledged")
    page.locator("#do-close summary").click()
    token = page.locator("#do-close [name=csrfmiddlewaretoken]").input_value()
    answer = page.request.post(f"{address}close/", form={"csrfmiddlewaretoken": token, "text": "적어 둔 것"})
    assert answer.status == 422
    assert "적어 둔 것</textarea>" in answer.text()
    assert 'id="closeform_outcome-error"' in answer.text()


def test_note_of_one_appears_on_the_page_of_the_other(signed_in: SignIn) -> None:
    reader = signed_in("welfare_officer")
    address = open_case(reader, "acknowledged")
    reader.locator("html[data-live=on]").wait_for(state="attached")
    reader.locator("#do-visit summary").click()
    writer = signed_in("care_worker")
    writer.goto(address)
    writer.locator("#do-note summary").click()
    writer.locator("#do-note textarea").fill("문 앞에 신문이 쌓여 있음")
    writer.locator("#do-note button").click()
    expect(reader.locator("#case-thread")).to_contain_text("문 앞에 신문이 쌓여 있음")
    expect(reader.locator("#do-visit textarea")).to_be_visible()


def test_what_is_being_typed_survives_the_others_note(signed_in: SignIn) -> None:
    reader = signed_in("welfare_officer")
    address = open_case(reader, "acknowledged")
    reader.locator("html[data-live=on]").wait_for(state="attached")
    reader.locator("#do-visit summary").click()
    reader.locator("#do-visit textarea").fill("쓰는 중")
    writer = signed_in("care_worker")
    writer.goto(address)
    writer.locator("#do-note summary").click()
    writer.locator("#do-note textarea").fill("다른 사람의 메모")
    writer.locator("#do-note button").click()
    expect(reader.locator("#case-thread")).to_contain_text("다른 사람의 메모")
    expect(reader.locator("#do-visit textarea")).to_have_value("쓰는 중")


def test_what_can_be_done_follows_what_the_other_did(signed_in: SignIn) -> None:
    reader = signed_in("welfare_officer", viewport=PHONE)
    address = open_case(reader)
    reader.locator("html[data-live=on]").wait_for(state="attached")
    writer = signed_in("care_worker")
    writer.goto(address)
    writer.locator("#case-do button", has_text="확인했습니다").click()
    expect(reader.locator(".case__head .status")).to_have_text("확인함")
    expect(reader.get_by_role("button", name="확인")).to_have_count(0)
    reader.locator("#do-call summary").click()
    reader.locator("#do-call textarea").fill("그사이 쓴 글")
    writer.locator("#do-close summary").click()
    writer.get_by_role("radio", name="전화로 안부 확인").check()
    writer.locator("#do-close button").click()
    expect(reader.locator(".case__head .status")).to_have_text("닫힘")
    expect(reader.locator("#do-call textarea")).to_have_value("그사이 쓴 글")
    reader.get_by_role("radio", name="통화했음").check()
    reader.locator("#do-call button").click()
    expect(reader.locator(".thread__text", has_text="그사이 쓴 글")).to_have_count(1)
    expect(reader.locator("#do-call")).to_have_count(0)


def test_new_case_appears_on_an_open_board(signed_in: SignIn, server: CityServer) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    before = int(page.locator(".figures dd").first.inner_text())
    server.cast("--only-open-one")
    expect(page.locator(".figures dd").first).to_have_text(str(before + 1))


def test_case_opened_between_a_pages_making_and_its_listening_appears(signed_in: SignIn, server: CityServer) -> None:
    page = signed_in("welfare_officer")
    page.route("**/live/**", lambda route: route.abort(), times=1)
    page.goto("/board/")
    page.locator("html[data-live=off]").wait_for(state="attached")
    before = int(page.locator(".figures dd").first.inner_text())
    server.cast("--only-open-one")
    expect(page.locator(".figures dd").first).to_have_text(str(before + 1))


def test_busy_city_takes_nothing_off_an_open_page(signed_in: SignIn, server: CityServer) -> None:
    """An empty page would say that nobody waits."""
    page = signed_in("welfare_officer", service_workers="block")
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    before = page.locator("#board .figures").inner_text()
    page.route("**/board/", lambda route: route.fulfill(status=503, content_type="text/html", body="<h1>바쁩니다</h1>"))
    page.evaluate("document.body.dispatchEvent(new CustomEvent('dure:changed'))")
    expect(page.locator("#not-fresh")).to_be_visible()
    assert page.locator("#board .figures").inner_text() == before
    page.unroute("**/board/")
    server.cast("--only-open-one")
    expect(page.locator("#not-fresh")).to_be_hidden()
    expect(page.locator("#board .figures")).not_to_have_text(before, use_inner_text=True)


def test_open_page_of_an_ended_session_asks_to_sign_in(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    page.context.clear_cookies()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('dure:changed'))")
    page.wait_for_url("**/accounts/login/**")


def test_page_that_was_looked_away_from_is_of_now_again(signed_in: SignIn) -> None:
    """A telephone that slept: its timers stood still, and its stream may be dead without its knowing."""
    page = signed_in("welfare_officer")
    page.clock.install()
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    expect(page.locator(".bar__date")).to_contain_text("11월 2일")
    with page.expect_request("**/live/?after=*"), page.expect_response("**/board/"):
        page.clock.fast_forward("24:00:00")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".bar__date")).to_have_text("11월 3일 (화)")
    expect(page.locator("#not-fresh")).to_be_hidden()


def test_page_that_nobody_looks_at_holds_no_connection(signed_in: SignIn, server: CityServer) -> None:
    """A browser has six for a city: the seventh page that listens would stop them all."""
    page = signed_in("welfare_officer")
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    before = int(page.locator(".figures dd").first.inner_text())
    turn = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    turn += "document.dispatchEvent(new Event('visibilitychange')) }"
    with page.expect_event("requestfailed", lambda request: "/live/" in request.url):
        page.evaluate(turn, True)
    expect(page.locator("html[data-live=off]")).to_be_attached()
    server.cast("--only-open-one")
    page.evaluate(turn, False)
    expect(page.locator(".figures dd").first).to_have_text(str(before + 1))


def test_page_gives_way_as_a_whole_when_its_reader_chose_another_language(signed_in: SignIn) -> None:
    page = signed_in("welfare_officer")
    page.goto("/board/")
    page.locator("html[data-live=on]").wait_for(state="attached")
    other = page.context.new_page()
    other.goto("/board/")
    other.get_by_role("button", name="English").click()
    expect(other.locator("html")).to_have_attribute("lang", "en")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('dure:changed'))")
    expect(page.locator(".bar__name")).to_contain_text("Dure")
    expect(page.locator("h1")).to_have_text("Board")


def test_server_stops_at_once_while_pages_listen(signed_in: SignIn, server: CityServer) -> None:
    """And the page finds the server again when it is back, and asks for what it missed."""
    page = signed_in("welfare_officer")
    open_case(page)
    page.locator("html[data-live=on]").wait_for(state="attached")
    server.stop()
    assert "Cancel" not in server.said()
    page.locator("html[data-live=off]").wait_for(state="attached")
    expect(page.locator("#not-fresh")).to_be_visible()
    server.start()
    page.locator("html[data-live=on]").wait_for(state="attached", timeout=30_000)
    expect(page.locator("#not-fresh")).to_be_hidden()
