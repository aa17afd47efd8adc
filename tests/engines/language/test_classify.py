# SPDX-License-Identifier: Apache-2.0
"""Complaints find their department from guides alone, from labels, and from a correction."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure.engines.language.classify import Classifier, train
from dure.engines.language.documents import Document
from dure.engines.language.folders import LanguageFileError

WASTE = ("대형폐기물을 신고하고 스티커를 붙여 배출합니다", "종량제봉투에 담지 않은 쓰레기는 수거하지 않습니다")
TRAFFIC = ("불법 주정차 차량을 단속하고 견인합니다", "신호등과 횡단보도를 설치하고 고칩니다")
WELFARE = ("기초연금은 어르신이 주민센터에서 신청합니다", "장애인 활동지원 급여를 신청합니다")
GUIDES = [
    Document(f"{category}{number}", text, f"{category} 안내", category, topic)
    for category, texts in (("청소", WASTE), ("교통", TRAFFIC), ("복지", WELFARE))
    for number, (text, topic) in enumerate(zip(texts, ("가", "나"), strict=True))
]


@pytest.fixture(scope="module")
def model() -> Classifier:
    return train(GUIDES)


def test_guides_alone_are_enough_to_start(model: Classifier) -> None:
    decision = model.classify("집 앞에 불법 주정차한 차를 견인해 주세요")
    assert [decision.labels[0].label, len(decision.labels)] == ["교통", 3]
    assert sum(one.p for one in decision.labels) == pytest.approx(1)


def test_what_no_guide_speaks_of_is_not_decided(model: Classifier) -> None:
    assert not model.classify("ㅎㅎ").decided
    assert not model.classify("우주 망원경").decided


def test_the_words_and_texts_that_decided_are_named(model: Classifier) -> None:
    reasons = model.why("종량제봉투 쓰레기를 안 가져가요")
    assert "쓰레기" in [word for word, _ in reasons.words]
    assert reasons.texts[0].document.id == "guide:청소1"


def test_a_correction_is_learned_at_once_and_kept(tmp_path: Path) -> None:
    model = train(GUIDES)
    asked = "킥보드가 인도에 쓰러져 있어요"
    model.correct(Document("1", "전동 킥보드가 인도를 막고 있습니다", category="킥보드"))
    assert model.classify(asked).labels[0].label == "킥보드"
    model.save(tmp_path / "model")
    assert Classifier.open(tmp_path / "model").classify(asked) == model.classify(asked)


def test_labels_alone_teach_how_a_thing_is_said(tmp_path: Path) -> None:
    things = ("가로등", "도로", "하수구", "공원", "버스", "벤치", "신호등", "화단", "보도", "간판", "놀이터", "육교")
    asks = [Document(f"r{n}", f"{thing} 어디로 신고하나요?", category="질문") for n, thing in enumerate(things * 3)]
    wants = [Document(f"w{n}", f"{thing} 고쳐 주세요", category="요청") for n, thing in enumerate(things * 3)]
    model = train([], asks + wants)
    assert model.machine is not None
    assert model.classify("정류장은 어디서 물어보나요?").labels[0].label == "질문"
    model.save(tmp_path / "model")
    decisions = Classifier.open(tmp_path / "model").classify_all(["정류장 고쳐 주세요", "정류장은 어디서 물어보나요?"])
    assert [decision.labels[0].label for decision in decisions] == ["요청", "질문"]


def test_what_cannot_be_learned_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to learn"):
        train([])
    with pytest.raises(ValueError, match="has no category"):
        train([Document("g", "글")])
    with pytest.raises(LanguageFileError):
        Classifier.open(tmp_path)
