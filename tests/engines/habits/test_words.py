# SPDX-License-Identifier: Apache-2.0
"""The reason names its figures, in both languages."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dure.engines.habits import Evidence, Watch, words
from dure.engines.habits.explain import HourOfUse

from .made_homes import DAY, MIDNIGHT, SLOT, feed, living, silent

EVIDENCE = Evidence(
    level=2,
    by_own_habit=True,
    learned_days=40,
    remembered_days=28,
    hours_silent=9.0,
    hours_without_value=0.0,
    silent_since=0,
    known_until=9 * 3600,
    silent_hours=(HourOfUse(7, 20), HourOfUse(8, 25), HourOfUse(9, 24)),
    score=3.4,
    threshold=2.8,
    half_hours_of_use_needed=1,
    meter_stuck=False,
    no_current=False,
    usual_day=(0.1,) * 48,
    yesterday=(0.1,) * 48,
    today=(None,) * 48,
)


def test_habit_in_words() -> None:
    assert words.reason(EVIDENCE, "ko") == (
        "08시면 28일 중 25일은 전기를 쓰셨는데, "
        "지금까지 9시간 동안 냉장고처럼 늘 켜져 있는 것 말고는 쓰신 것이 없습니다."
    )
    english = words.reason(EVIDENCE, "en")
    assert all(figure in english for figure in ("08:00", "25 of 28 days", "9 hours"))


def test_missing_values_are_said() -> None:
    evidence = replace(EVIDENCE, hours_without_value=3.5)
    assert "3시간 30분은 계량기 값이 오지 않아" in words.reason(evidence, "ko")
    assert "3½ hours" in words.reason(evidence, "en")


def test_the_fixed_rule_is_called_one() -> None:
    evidence = replace(EVIDENCE, by_own_habit=False, learned_days=9, threshold=24.0, hours_silent=24.5)
    korean, english = words.reason(evidence, "ko"), words.reason(evidence, "en")
    assert all(figure in korean for figure in ("배우는 중(9일째)", "정해진 규칙", "24시간", "24시간 30분째"))
    assert all(figure in english for figure in ("fixed rule", "24 hours", "24½ hours", "day 9"))


def test_nothing_is_claimed_where_no_hour_is_telling() -> None:
    evidence = replace(EVIDENCE, silent_hours=(HourOfUse(3, 0), HourOfUse(5, 13)))
    assert "일 중" not in words.reason(evidence, "ko")
    assert "9시간" in words.reason(evidence, "ko")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_what_would_have_changed_it_and_meter_notes(lang: words.Language) -> None:
    assert "30" in words.what_would_change_it(EVIDENCE, lang)
    assert words.meter_note(EVIDENCE, lang) is None
    assert words.meter_note(replace(EVIDENCE, meter_stuck=True), lang)
    assert words.meter_note(replace(EVIDENCE, no_current=True), lang)
    assert words.ended(lang)


def test_evidence_of_a_real_silence_holds_the_picture() -> None:
    watch = Watch(1, "Asia/Seoul")
    kwh = silent(living(1, 30), 28 * DAY + 16, 30 * DAY)
    changes = feed(watch, kwh)
    evidence = next(
        e for at, e in zip(changes.at, changes.evidence, strict=True) if at > MIDNIGHT + 28 * DAY * SLOT and e
    )
    silent_slots = (evidence.known_until - MIDNIGHT) // SLOT - (28 * DAY + 16)
    assert evidence.hours_silent <= (silent_slots + 2) / 2 + 8  # the quiet end of the night before may count
    assert evidence.hours_without_value == 0
    assert evidence.score >= (evidence.threshold or 0) > 0
    assert all(
        0 < hour.days_used <= evidence.remembered_days == 28 for hour in evidence.silent_hours if 9 <= hour.hour < 22
    )
    assert len(evidence.usual_day) == len(evidence.yesterday) == len(evidence.today) == DAY
    known = [k for k, value in enumerate(evidence.today) if value is not None]
    first_day = (evidence.known_until - SLOT - MIDNIGHT) // SLOT // DAY
    for k in known:
        assert evidence.today[k] == pytest.approx(kwh[0, first_day * DAY + k], rel=0.05)
    assert evidence.usual_day[30] is not None
    assert evidence.usual_day[30] > (evidence.usual_day[6] or 0)
    json.dumps(evidence.as_dict())
