# SPDX-License-Identifier: Apache-2.0
"""Several matters for several departments are parts; several sentences on one matter are not."""

from __future__ import annotations

import pytest

from dure.engines.language.classify import Classifier, Label, train
from dure.engines.language.documents import Document
from dure.engines.language.split import pieces_of, split

DUTIES = [
    ("lights", "가로등", "가로등과 보안등이 고장나거나 꺼지면 고칩니다. 어두운 골목 조명, 깜빡이는 등."),
    ("waste", "쓰레기", "음식물 쓰레기를 수거합니다. 무단투기 단속, 종량제봉투, 안 치운 쓰레기."),
    ("pets", "동물", "반려동물 등록, 유기견 구조, 개가 짖는 소음, 목줄을 하지 않은 개와 배설물을 맡습니다."),
    ("parking", "주차", "불법 주정차 단속, 주차장 요금, 거주자 우선 주차구역과 견인을 맡습니다."),
]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Classifier:
    return train([Document(code, text, title, category=code) for code, title, text in DUTIES])


def parts(model: Classifier, text: str) -> list[tuple[str, str]]:
    found = split(text, lambda piece: model.classify(piece).labels)
    assert found[0].start == 0
    assert found[-1].end == len(text)
    return [(part.label, text[part.start : part.end].strip()) for part in found]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("골목 가로등이 고장나서 어둡습니다. 그리고 음식물 쓰레기를 수거하지 않아요.", ["lights", "waste"]),
        (
            "1. 가로등이 깜빡이고 꺼집니다 2. 불법 주정차 단속을 해 주세요 3. 개가 짖는 소음",
            ["lights", "parking", "pets"],
        ),
        ("첫째 종량제봉투가 찢어집니다 둘째 주차장 요금이 비싸요", ["waste", "parking"]),
        ("보안등이 고장나서 꺼졌고 무단투기 쓰레기도 안 치워가요", ["lights", "waste"]),
    ],
)
def test_each_department_gets_its_part(model: Classifier, text: str, labels: list[str]) -> None:
    assert [label for label, _ in parts(model, text)] == labels


@pytest.mark.parametrize(
    "text",
    [
        "가로등이 고장났어요. 밤에 어두워서 무섭습니다. 그리고 보안등도 깜빡입니다.",
        "가로등이 고장났는데 언제 고치나요",
        "안녕하세요. 수고 많으십니다. 쓰레기 수거 부탁드립니다. 감사합니다.",
        "쓰레기",
        "",
    ],
)
def test_one_matter_stays_whole(model: Classifier, text: str) -> None:
    assert len(parts(model, text)) == 1


def test_nobody_sure_nothing_split() -> None:
    text = "가로등이 고장났습니다. 그리고 쓰레기가 안 치워집니다."
    assert len(split(text, lambda piece: [Label("a", 0.4), Label("b", 0.35)])) == 1


def test_pieces_cover_the_text_and_keep_auxiliaries_together() -> None:
    text = "보상을 받고 싶습니다만 담당자가 없다고 하고 전화도 받지 않고 있습니다. 3.5m 도로입니다"
    pieces = pieces_of(text)
    assert "".join(text[start:end] for start, end in pieces) == text
    assert not any(text[start:end].rstrip().endswith(("받고", "않고", "3.")) for start, end in pieces)
