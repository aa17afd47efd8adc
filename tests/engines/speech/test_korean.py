# SPDX-License-Identifier: Apache-2.0
"""Figures as Koreans say them, and particles that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.engines.speech import korean


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("08:30에 혈압약 2알", "오전 여덟 시 삼십 분에 혈압약 두 알"),
        ("13:00, 00:00, 12:00", "오후 한 시, 자정, 정오"),
        ("12:05", "오후 열두 시 오 분"),
        ("0.5정을 5mg", "영 점 오 정을 오 밀리그램"),
        ("20개와 21개", "스무 개와 스물한 개"),
        ("3시간 뒤 3분", "세 시간 뒤 삼 분"),
        ("6월 10일, 10월 6일", "유월 십 일, 시월 육 일"),
        ("1,250원", "천이백오십 원"),
        ("1번을 누르세요. 3번 전화했습니다", "일 번을 누르세요. 세 번 전화했습니다"),
        ("기온 -3도, 체온 37.2도", "기온 영하 삼 도, 체온 삼십칠 점 이 도"),
        ("119로 알립니다", "일일구로 알립니다"),
        ("010-1234-5678", "공일공, 일이삼사, 오육칠팔"),
        ("5 정도", "오 정도"),
        ("2026년", "이천이십육 년"),
        ("그림 없이 말만", "그림 없이 말만"),
    ],
)
def test_readable(written: str, said: str) -> None:
    assert korean.readable(written) == said


@given(st.text(alphabet="0123456789.,:-%도시분번알월mg 가a", max_size=40))
def test_readable_leaves_no_figure(text: str) -> None:
    said = korean.readable(text)
    assert not any(c.isdigit() for c in said)
    assert korean.readable(said) == said


def _read_sino(said: str) -> int:
    """The number that was written, by adding up what its syllables say."""
    ones = {c: n for n, c in enumerate("영일이삼사오육칠팔구")}
    total = group = digit = 0
    for c in said:
        if c in ones:
            digit = ones[c]
        elif c in "십백천":
            group += (digit or 1) * {"십": 10, "백": 100, "천": 1000}[c]
            digit = 0
        else:
            total += (group + digit or 1) * {"만": 10**4, "억": 10**8, "조": 10**12}[c]
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**16 - 1))
def test_sino_says_the_number(number: int) -> None:
    assert _read_sino(korean.sino(number)) == number


def test_native_is_distinct_and_bounded() -> None:
    assert len({korean.native(n) for n in range(1, 100)}) == 99
    assert (korean.native(3), korean.native(11), korean.native(20), korean.native(28)) == (
        "세",
        "열한",
        "스무",
        "스물여덟",
    )
    for outside in (0, 100):
        with pytest.raises(ValueError, match="1 to 99"):
            korean.native(outside)


@pytest.mark.parametrize(
    ("word", "particle", "together"),
    [
        ("혈압약", "를", "혈압약을"),
        ("주스", "을", "주스를"),
        ("서울", "으로", "서울로"),
        ("부산", "로", "부산으로"),
        ("119", "으로", "119로"),
        ("3", "이", "3이"),
        ("김두레", "은", "김두레는"),
        ("Aspirin", "을", "Aspirin을(를)"),
        ("아침(밥)", "과", "아침(밥)과"),
    ],
)
def test_particle_follows_the_sound(word: str, particle: str, together: str) -> None:
    assert korean.with_particle(word, particle) == together


def test_unknown_particle_and_missing_value_are_named() -> None:
    with pytest.raises(ValueError, match="particle must be one of"):
        korean.with_particle("약", "도")
    with pytest.raises(KeyError, match="dose"):
        korean.filled("{medicine:을} {dose} 드세요", {"medicine": "혈압약"})
    assert korean.slots("{medicine:을} {dose}") == {"medicine", "dose"}
