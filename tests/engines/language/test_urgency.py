# SPDX-License-Identifier: Apache-2.0
"""Danger to life is never missed for a misspelling or a dialect, and words that mean another thing ring nobody."""

from __future__ import annotations

import pytest

from dure.engines.language.phrases import folded
from dure.engines.language.urgency import urgency

DANGER = [
    "살려주세여 사람이 쓰러졋어요",
    "살려 주이소",
    "불이야!!",
    "불났심더 빨리 오이소",
    "까스 냄세가 나요",
    "옆집에서 연기가 나는디요",
    "할머니가 넘어지셨는데 안 일어나요",
    "숨을 않쉬어요",
    "의식이 없습니다",
    "아버지가 눈을 안 떠요",
    "누가 다리 난간에 매달려 있어요",
    "119 불러주세요",
    "나무가 쓰러져 사람이 깔렸어요",
    "전봇대가 쓰러졌어요",
    "아이가 물에 빠졌어요",
    "칼을 들고 다녀요",
    "우리 아빠가 나를 때려요",
    "죽고싶어요",
    "다 끝내고 번개탄 샀어요",
    "불이 났어요 신고 방법 알려주세요",
    "가스 냄새가 나는데 행동요령 좀요",
    "작년에도 그랬는데 지금 화재가 났어요",
    "쓰레기 문의드립니다. 그런데 사람이 쓰러져 있어요.",
    "My neighbour collapsed",
    "there is a gas smell in my building",
    "I want to die",
]
NO_DANGER = [
    ("이불이야기 좀 들어 주세요", 1),
    ("가로등 불이 나갔어요", 1),
    ("아파트 119동 앞 쓰레기", 1),
    ("요금이 1,119원 나왔어요", 1),
    ("골목상권을 살려 주세요", 1),
    ("보도블록이 깔려 있어요", 1),
    ("회의가 연기됐다던데 맞나요", 1),
    ("칼국숫집 위생", 1),
    ("시끄러워 죽겠어요", 1),
    ("유서 깊은 마을입니다", 1),
    ("다리 보수 공사는 언제 끝나요", 1),
    ("정신없이 바쁘신데 죄송합니다", 1),
    ("How do I get a fire extinguisher?", 1),
    ("쓰레기를 며칠째 안 가져가요", 2),
    ("가스 냄새가 날 때 행동요령 알려주세요", 2),
    ("자살예방 교육 신청하려면요", 2),
    ("작년에 화재가 나서 보상을 못 받았어요", 2),
    ("가로수가 쓰러졌어요", 3),
    ("맨홀 뚜껑이 열려있어요", 3),
    ("신호등이 고장났어요", 3),
]


@pytest.mark.parametrize("text", DANGER)
def test_danger_to_life_is_four_and_says_by_which_words(text: str) -> None:
    found = urgency(text)
    assert found.level == 4
    assert found.words
    assert all(words in text for words in found.words)


@pytest.mark.parametrize(("text", "level"), NO_DANGER)
def test_what_only_sounds_like_danger_is_not_four(text: str, level: int) -> None:
    assert urgency(text).level == level


def test_folding_keeps_every_place() -> None:
    text = "쓰러졌어요 Gas 냄새 İ"
    assert len(folded(text)) == len(text)
    assert folded("쓰러졋어요 냄세") == folded("쓰러졌어요 냄새")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("저희 옆 공장에서 고무 타는 냄새가 나요", 3),
        ("고깃집 고기 타는 냄새 때문에 창문을 못 열어요", 3),
        ("집에서 고무 타는 냄새가 나요", 4),
        ("공장에 불이 났어요 타는 냄새가 나요", 4),
        ("길고양이가 차에 치여 죽어 있어요", 1),
        ("고양이를 피하다 사람이 차에 치였어요", 4),
        ("새 차에 치였어요", 4),
        ("옆집 할머니가 끙끙 앓는 소리가 나요", 4),
    ],
)
def test_a_nuisance_and_a_dead_animal_wake_nobody_and_people_do(text: str, level: int) -> None:
    assert urgency(text).level == level
