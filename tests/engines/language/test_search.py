# SPDX-License-Identifier: Apache-2.0
"""What is found, in which order, and when no longer."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from dure.engines.language.documents import PASSAGE_CHARACTERS, Document, passages
from dure.engines.language.folders import LanguageFileError
from dure.engines.language.search import Index

DOCUMENTS = [
    Document("bulky", "대형폐기물은 신고한 뒤 스티커를 붙여 내놓습니다.", "대형폐기물 배출"),
    Document("parking", "불법 주정차는 안전신문고로 신고할 수 있습니다.", "불법 주정차 신고"),
    Document("pension", "기초연금은 만 65세부터 받습니다.", "기초연금", valid_to=date(2025, 12, 31)),
    Document(
        "pension26", "기초연금은 만 65세부터 받습니다. 금액이 올랐습니다.", "기초연금", valid_from=date(2026, 1, 1)
    ),
]


def found(index: Index, text: str, on: date | None = None) -> list[str]:
    return [hit.document.id for hit in index.search(text, on=on)]


@pytest.fixture
def index() -> Index:
    made = Index()
    made.add(DOCUMENTS)
    return made


def test_the_nearest_comes_first_and_what_shares_nothing_not_at_all(index: Index) -> None:
    assert found(index, "차가 불법으로 주정차되어 있어요")[0] == "parking"
    assert found(index, "ㅋㅋ!!") == found(index, "") == []
    wordless = Index()
    wordless.add([Document("smile", "^^")])
    assert found(wordless, "가로등") == []


def test_a_text_that_is_no_longer_in_force_is_not_found(index: Index) -> None:
    assert found(index, "기초연금", on=date(2025, 12, 31)) == ["pension"]
    assert found(index, "기초연금", on=date(2026, 1, 1)) == ["pension26"]
    assert set(found(index, "기초연금")) == {"pension", "pension26"}


def test_a_document_of_the_same_id_takes_the_place_of_the_old_one(index: Index) -> None:
    index.add([Document("parking", "견인된 차는 보관소에서 찾습니다.", "견인")])
    assert found(index, "안전신문고") == []
    assert found(index, "견인된 차") == ["parking"]
    assert len(index) == len(DOCUMENTS)


def test_what_is_removed_is_not_found_after_later_additions_either(index: Index) -> None:
    index.remove(["bulky", "never there"])
    index.add([Document(f"new{number}", "새 안내") for number in range(9)])
    assert "bulky" not in found(index, "대형폐기물 스티커")
    assert len(index) == len(DOCUMENTS) + 8


def test_adding_one_by_one_finds_the_same_as_adding_at_once(index: Index) -> None:
    slowly = Index()
    for document in DOCUMENTS:
        slowly.add([document])
    asked = "기초연금 신고는 언제부터"
    assert [(h.document.id, round(h.score, 9)) for h in slowly.search(asked)] == [
        (h.document.id, round(h.score, 9)) for h in index.search(asked)
    ]


def test_synonyms_that_agents_enter_are_found() -> None:
    index = Index(synonyms=[("쓰레기봉투", "종량제봉투")])
    index.add([Document("bag", "종량제봉투는 마트에서 삽니다"), Document("shop", "마트 영업 시간")])
    assert found(index, "쓰레기 봉투 어디서 사나요")[0] == "bag"


def test_an_index_on_disk_finds_the_same_and_can_be_changed(index: Index, tmp_path: Path) -> None:
    index.remove(["bulky"])
    index.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert opened.search("기초연금 주정차") == index.search("기초연금 주정차")
    opened.add([DOCUMENTS[0]])
    opened.save(tmp_path / "index")
    assert found(Index.open(tmp_path / "index"), "대형폐기물") == ["bulky"]


def test_what_is_no_index_is_said(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('{"dure": "language index", "version": 0}')
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(LanguageFileError):
            Index.open(folder)


def test_a_hit_shows_the_passage_that_answers() -> None:
    filler = "\n".join(["이 줄은 다른 이야기를 하는 긴 안내문입니다."] * 60)
    index = Index()
    index.add([Document("long", f"{filler}\n대형폐기물 스티커는 주민센터에서 삽니다.\n{filler}")])
    (hit,) = index.search("대형폐기물 스티커")
    assert "주민센터" in hit.document.text[hit.begin : hit.end]
    assert hit.end - hit.begin < 2 * PASSAGE_CHARACTERS


def test_passages_cover_a_text_without_gap() -> None:
    for text in ("", "\n\n", "가" * 5000, "한 문장입니다. " * 400, "줄\n" * 900):
        spans = passages(text)
        assert spans[0][0] == 0
        assert spans[-1][1] == len(text)
        assert all(end == begin for (_, end), (begin, _) in pairwise(spans))


def test_words_side_by_side_are_nearer_than_the_same_words_apart() -> None:
    index = Index()
    index.add(
        [
            Document("apart", "신고는 폐기물 창고에서 대형 차로"),
            Document("together", "창고에서 차로 대형 폐기물 신고는"),
        ]
    )
    assert found(index, "대형 폐기물 신고") == ["together", "apart"]


def test_of_texts_as_near_the_likelier_category_comes_first() -> None:
    index = Index()
    index.add(
        [
            Document("other", "감면 신청 안내", category="세금"),
            Document("tax", "재산세와 자동차세 고지서를 보냅니다", category="세금"),
            Document("right", "감면 신청 안내", category="수도"),
            Document("water", "수도 요금과 계량기 누수를 맡습니다", category="수도"),
        ]
    )
    places = [found(index, text) for text in ("수도 요금 누수 감면 신청 안내", "자동차세 고지서 감면 신청 안내")]
    assert [place.index("right") < place.index("other") for place in places] == [True, False]
