# SPDX-License-Identifier: Apache-2.0
"""What is said is what was measured, in both languages."""

from __future__ import annotations

from datetime import datetime

import pytest

from dure.engines.vitals import Range, Readings, Source, Sustained, Vital, judge, words
from dure.engines.vitals.words import LANGUAGES

NOW = 1_790_000_000 // 300 * 300


def test_reason_names_the_figures_the_range_and_whose_it_is() -> None:
    usual = Range(52, 88, Source.LEARNED, days=26)
    found = judge(Vital.HEART_RATE, Readings.of((NOW - 300 * n, 118, True) for n in range(5)), usual, Sustained(), NOW)
    assert words.reason(found, usual) == (
        "심박수가 118회/분 안팎으로 이분의 평소 범위(52–88회/분, 지난 26일에서 익힘)보다 높습니다. "
        "지난 25분 동안 5번 가운데 5번 그랬습니다."
    )
    assert words.reason(found, usual, "en") == (
        "Heart rate has been about 118 /min, above the person's own usual range (52–88 /min, learned from 26 days): "
        "5 of 5 times in the last 25 minutes."
    )
    assert words.what_would_change_it(found, usual) == ("그 가운데 2번만 더 88회/분 이하였어도 알리지 않았을 것입니다.")
    assert words.what_would_change_it(found, usual, "en") == (
        "Had it been 88 /min or lower 2 times more, this would not have been reported."
    )


@pytest.mark.parametrize("vital", Vital)
@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("value", [20.0, 99.0])
def test_every_sign_and_range_has_words(vital: Vital, source: Source, value: float) -> None:
    usual = Range(36, 37.5, source, days=20, by="이의사")
    rows = Readings.of((NOW - 300 * n, value, True) for n in range(5))
    found = judge(vital, rows, usual, Sustained(), NOW)
    for lang in LANGUAGES:
        said = words.reason(found, usual, lang)
        assert "37.5" in said
        assert words.figure(vital, value, lang) in said
        assert words.over(vital, lang)
    if source is Source.CLINICIAN:
        assert "이의사" in words.reason(found, usual)


def test_urgent_words_say_when_and_what() -> None:
    at = datetime(2026, 11, 2, 14, 3)  # noqa: DTZ001 - a local time as it is read
    assert words.urgent_reason("fall", at, "손목띠") == "14:03에 손목띠에서 넘어지심을 알렸습니다."
    assert words.urgent_reason("sos", at, "phone", "en") == (
        "At 14:03 the phone reported that the button for help was pressed."
    )
    assert "넘어짐을" in words.urgent_change("fall")
    assert "a call for help" in words.urgent_change("sos", "en")
