# SPDX-License-Identifier: Apache-2.0
"""Small parts that every page uses: times as people say them, badges, names of services."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from dure.city.models import CaseStatus, Level
from dure.web.templatetags.components import service_name
from tests.conftest import StandingClock


def shown(source: str, language: str = "ko", **context: object) -> str:
    """The text of a piece of template, without its elements."""
    with translation.override(language):
        return re.sub(r"<[^>]*>", "", Template(source).render(Context(context))).strip()


@pytest.mark.parametrize(
    ("hours", "korean", "english"),
    [
        (0, "오늘 09:00", "today 09:00"),
        (-10, "어제 23:00", "yesterday 23:00"),
        (16, "내일 01:00", "tomorrow 01:00"),
        (72, "11월 5일 09:00", "5 Nov 09:00"),
    ],
)
def test_moment_is_named_by_its_day_in_korea(
    standing_clock: StandingClock, hours: int, korean: str, english: str
) -> None:
    at = standing_clock.now + timedelta(hours=hours)
    assert shown("{{ at|moment }}", at=at) == korean
    assert shown("{{ at|moment }}", "en", at=at) == english


@pytest.mark.parametrize(
    ("minutes", "korean", "english"),
    [
        (0, "방금", "just now"),
        (-12, "12분 전", "12 min ago"),
        (95, "1시간 35분 뒤", "in 1 h 35 min"),
        (-8 * 60 - 5, "8시간 전", "8 h ago"),
        (-3 * 24 * 60, "3일 전", "3 d ago"),
    ],
)
def test_distance_is_told_by_the_citys_clock(
    standing_clock: StandingClock, minutes: int, korean: str, english: str
) -> None:
    at = standing_clock.now + timedelta(minutes=minutes)
    assert shown("{{ at|ago }}", at=at) == korean
    assert shown("{{ at|ago }}", "en", at=at) == english


@pytest.mark.parametrize(
    "on", [date(2027, 12, 31), datetime(2027, 12, 30, 15, 30, tzinfo=UTC)], ids=["a day", "half past midnight in Korea"]
)
def test_day_has_its_year_in_words(on: date) -> None:
    assert shown("{{ on|day }}", on=on) == "2027년 12월 31일"
    assert shown("{{ on|day }}", "en", on=on) == "31 Dec 2027"


def test_no_time_is_nothing() -> None:
    assert shown("{{ at|ago }}{{ at|moment }}{{ at|day }}", at=None) == ""


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("web", "화면"),
        ("gateway-mqtt-1", "MQTT 문 1"),
        ("worker-2", "정기 작업 2"),
        ("worker-urgent", "급한 작업"),
        ("webcam", "webcam"),
    ],
)
def test_program_is_called_by_what_it_does(name: str, called: str) -> None:
    assert shown("{{ name|program_name }}", name=name) == called


@pytest.mark.parametrize("level", Level)
def test_level_has_a_shape_and_a_word(level: Level) -> None:
    drawn = Template("{% level_badge level %}").render(Context({"level": level}))
    assert f"#level-{level.value}" in drawn
    assert str(level.label) in drawn


@pytest.mark.parametrize("status", CaseStatus)
def test_every_status_has_its_own_sign(status: CaseStatus) -> None:
    from django.contrib.staticfiles import finders

    drawn = Template("{% status_badge status %}").render(Context({"status": status}))
    assert str(status.label) in drawn
    assert f'id="{status.value}"' in Path(str(finders.find("img/icons.svg"))).read_text()


def test_service_is_called_by_its_name_and_the_platform_by_its_own() -> None:
    assert service_name("care") == "안부 확인"
    assert service_name("city") == "도시 운영"
    assert service_name("no-such-service") == "도시 운영"


def test_every_process_that_the_record_names_has_a_name_for_people() -> None:
    from dure.web.actors import PROCESSES

    sources = Path(__file__).resolve().parent.parent.parent / "src/dure"
    acting = re.compile(r'^(?:ACTOR|CALLER|CLOCK|ENGINE) = "([^"]+)"$|actor="([a-z:-]+)"', re.MULTILINE)
    named = {a or b for path in sources.rglob("*.py") for a, b in acting.findall(path.read_text())}
    assert len(named) > 10
    assert {one for one in named if not one.startswith("command:")} - PROCESSES.keys() == set()
