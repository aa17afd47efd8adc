# SPDX-License-Identifier: Apache-2.0
"""The whole job: a home falls silent, its readings come through the door, a worker sees it on a phone and ends it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from dure.simulator.city import load_city
from dure.simulator.emergencies import Emergency
from dure.simulator.life import begin_life
from dure.simulator.memory import State
from dure.simulator.pace import slot_of
from tests.browser.care_city import DAYS, KEYS, CareServer
from tests.browser.chromium import PHONE, type_password
from tests.browser.city_server import MORNING, ROOT
from tests.browser.conftest import SignIn
from tests.browser.pages import OFFICER, WORKER
from tests.empty_city import own_database

pytestmark = pytest.mark.browser
SILENT_HOURS = 38
SPEED = 20
"""City seconds a second: the platform judges what has come every three seconds."""
NOTICED_WITHIN = 120_000
"""Real milliseconds; a machine with much else to do needs some of them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CareServer]:
    """A city with one home and no readings yet; the platform's worker runs. On PostgreSQL where the tests do."""
    folder = tmp_path_factory.mktemp("care-job")
    with (
        own_database() as database_url,
        CareServer(folder, "--bare", speed=SPEED, working=True, database_url=database_url) as running,
    ):
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """Sign-ins of this server."""
    return {}


def send(page: Page, server: CareServer, readings: list[dict[str, object]]) -> dict[str, Any]:
    """Post to the readings' door with the key of the meters' feed."""
    headers = {"Authorization": f"Bearer {server.key('ami')}"}
    answer = page.request.post("/api/v1/readings", headers=headers, data=readings)
    assert answer.ok, answer.text()
    return dict(answer.json())


def weeks_that_end_in_silence(now: datetime) -> list[dict[str, object]]:
    """Half hours of a home with breakfast, lunch, supper and an evening, and then of its refrigerator alone."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    chance = np.random.default_rng(3)
    readings: list[dict[str, object]] = []
    for slot in range(DAYS * 48):
        at = end - timedelta(minutes=30 * (DAYS * 48 - slot))
        hour = at.astimezone(MORNING.tzinfo).hour
        lives = at < end - timedelta(hours=SILENT_HOURS) and hour in (7, 8, 12, 17, 18, 19, 20, 21)
        value = 0.03 + 0.015 * (slot % 2) + (chance.uniform(0.08, 0.5) if lives else chance.uniform(0, 0.008))
        readings.append({"device": "meter-000001", "series": "power", "at": at.isoformat(), "value": round(value, 4)})
    return readings


@pytest.mark.postgresql
def test_from_a_silent_meter_to_a_case_that_a_worker_closes(signed_in: SignIn, server: CareServer) -> None:
    page = signed_in(WORKER, viewport=PHONE, has_touch=True)
    page.goto("/care/today/")
    expect(page.locator("h1 + p")).to_have_text("맡은 1분 모두 평소와 같습니다.")
    page.locator("html[data-live=on]").wait_for(state="attached")

    readings = weeks_that_end_in_silence(server.now)
    assert send(page, server, readings)["stored"] == DAYS * 48
    assert send(page, server, readings)["duplicates"] == DAYS * 48

    card = page.locator("article")
    expect(card).to_have_count(1, timeout=NOTICED_WITHIN)
    expect(card).to_contain_text("전기를 쓰셨는데, 지금까지")
    expect(card).to_contain_text("냉장고처럼 늘 켜져 있는 것 말고는 쓰신 것이 없습니다.")
    page.locator(".thumb .button--first").tap()
    page.wait_for_url("**/cases/**")
    expect(page.locator(".case__why")).to_contain_text("정도만 전기를 쓰신 흔적이 있었어도 알리지 않았을 것입니다")
    assert page.locator(".case__why a[href^='tel:']").count() == 3

    take_and_call(page)
    note_without_connection(page, "문 앞에 신문이 쌓여 있음. 초인종에 답이 없어 관리실에 열쇠를 부탁함.")
    visit_and_close(page, "방문해 안부 확인")
    page.goto("/care/today/")
    expect(page.locator("h1 + p")).to_have_text("맡은 1분 모두 평소와 같습니다.")

    officer = signed_in(OFFICER)
    officer.goto("/care/board/")
    expect(officer.locator("[aria-labelledby=open]").first).to_contain_text("열린 사건이 없습니다")
    noticed = officer.locator("[aria-labelledby=budget] td:nth-child(4)").all_inner_texts()
    assert sum(int(text.split("/")[0]) for text in noticed) == 1
    officer.goto(page.evaluate("document.querySelector('#calm a').href"))
    expect(officer.locator("[aria-labelledby=past]")).to_contain_text("방문해 안부 확인")


def take_and_call(page: Page) -> None:
    """The worker takes the case from the thumb's bar and calls in vain."""
    page.get_by_role("button", name="맡기", exact=True).tap()
    expect(page.locator(".case__head .status")).to_have_text("확인함")
    page.locator(".thumb").get_by_role("link", name="전화").tap()
    page.get_by_role("radio", name="받지 않음").tap()
    page.locator("#do-call textarea").fill("두 번 걸었으나 받지 않으심.")
    page.locator("#do-call button").tap()
    expect(page.locator(".thread__text").first).to_have_text("두 번 걸었으나 받지 않으심.")


def note_without_connection(page: Page, text: str) -> None:
    """The connection goes while a note is typed; the note is kept, and sent once when it is back."""
    page.locator(".thumb").get_by_role("link", name="메모").tap()
    page.locator("#do-note textarea").fill(text[:10])
    page.context.set_offline(True)
    page.locator("#do-note textarea").fill(text)
    page.locator("#do-note button").tap()
    expect(page.locator("[data-outbox-says]")).to_have_text("저장됨 · 연결되면 보냅니다")
    page.locator("#do-note button").tap()
    page.context.set_offline(False)
    expect(page.locator(".thread__text", has_text=text)).to_have_count(1)
    expect(page.locator("[data-outbox-says]")).to_have_text("보냈습니다")
    page.reload()
    expect(page.locator(".thread__text", has_text=text)).to_have_count(1)


def visit_and_close(page: Page, outcome: str) -> None:
    """The worker goes there, and ends the case with what came of it."""
    page.locator(".thumb").get_by_role("link", name="방문").tap()
    page.get_by_role("radio", name="만났음").tap()
    page.locator("#do-visit textarea").fill("댁에 계심.")
    page.locator("#do-visit button").tap()
    expect(page.locator(".case__head .status")).to_have_text("처리 중")
    page.locator(".thumb").get_by_role("link", name="닫기").tap()
    page.get_by_role("radio", name=outcome, exact=True).tap()
    page.locator("#do-close button").tap()
    expect(page.locator(".case__head .status")).to_have_text("닫힘")
    expect(page.locator(".case__head")).to_contain_text(outcome)


BACKFILL_DAYS = 16
LIVED_HOURS = 60
"""For how long the city of real homes has lived when the platform opens."""


@pytest.fixture
def real_homes(tmp_path: Path, shared_data: Path) -> Iterator[tuple[CareServer, list[Emergency]]]:
    """A city in which 50 measured homes live, with its injected emergencies; its meters speak to the open platform."""
    file = shared_data / "care/sgsc_nsw_50_halfhourly.parquet"
    if not file.exists():
        pytest.skip("no measured homes beside this checkout")
    city, platform = tmp_path / "city", tmp_path / "platform"
    platform.mkdir()
    started = MORNING - timedelta(hours=LIVED_HOURS)
    make = [
        "simulate",
        "city",
        str(city),
        "--readings",
        str(file),
        "--workers",
        "worker",
        "--start",
        started.isoformat(),
    ]
    subprocess.run([sys.executable, "-m", "dure.cli", *make], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    state = State(city)
    live_from = state.once("live_from", slot_of(started.timestamp()))
    backfill = state.once("backfill_days", BACKFILL_DAYS)
    state.close()
    emergencies = begin_life(load_city(city), live_from, backfill).emergencies.before(slot_of(MORNING.timestamp()))
    with CareServer(platform, "--simulated", str(city), speed=SPEED, working=True) as server:
        clock = server.environment["DURE_CLOCK"]
        server.run_beside(
            "simulate", "run", str(city), "--url", server.url, "--keys", str(platform / KEYS), "--clock", clock
        )
        yield server, emergencies


def test_emergency_among_real_homes_is_found_and_closed_on_the_phone(
    browser: Browser, real_homes: tuple[CareServer, list[Emergency]]
) -> None:
    from dure.web.demo.people import PASSWORD

    server, emergencies = real_homes
    phone: Any = {"viewport": PHONE, "has_touch": True, "locale": "ko-KR", "base_url": server.url}
    page = browser.new_page(**phone)
    page.set_default_timeout(30_000)
    type_password(page, "worker", PASSWORD)
    page.goto("/care/today/")
    phones = [number_of(server, emergency) for emergency in emergencies]
    card = page.locator("article").filter(has=page.locator(", ".join(f"a[href='tel:{phone}']" for phone in phones)))
    expect(card.first).to_be_visible(timeout=240_000)
    expect(card.first).to_contain_text("쓰신 것이 없습니다")
    server.stop_beside()  # or the level rises while the worker is at it, which takes the case from their hands again
    page.goto(str(card.first.locator("a[href^='/cases/']").get_attribute("href")))
    page.get_by_role("button", name="맡기", exact=True).tap()
    expect(page.locator(".case__head .status")).to_have_text("확인함")
    visit_and_close(page, "병원으로 모심")
    page.context.close()


def number_of(server: CareServer, emergency: Emergency) -> str:
    """The telephone of the home where somebody lies, as the platform writes it."""
    homes = (Path(str(server.arguments[1])) / "homes.jsonl").read_text(encoding="utf-8").splitlines()
    return str(json.loads(homes[emergency.home])["person"]["phone"]).replace("-", "")
