# SPDX-License-Identifier: Apache-2.0
"""Abuse as it is really typed is seen; other words, quotations and denials are not."""

from __future__ import annotations

import pytest

from dure.engines.language.abuse import abuse


def kinds(text: str) -> set[str]:
    return {str(one.kind) for one in abuse(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("야 이 씨발 새끼야", "insult"),
        ("시1발 일 똑바로 해", "insult"),
        ("ㅅㅂ 뭐하냐", "insult"),
        ("아 씨 발 진짜", "insult"),
        ("병@신같은 것들", "insult"),
        ("담당자 너 진짜 멍청하냐", "insult"),
        ("꺼져!", "insult"),
        ("You idiot", "insult"),
        ("밤길 조심해라", "threat"),
        ("가만 안 둔다", "threat"),
        ("칼 들고 찾아간다", "threat"),
        ("내가 죽여버린다고 했지", "threat"),
        ("I will kill you", "threat"),
        ("목소리가 섹시하네", "sexual"),
        ("몸매 좀 보여줘", "sexual"),
    ],
)
def test_abuse_is_seen_with_its_place(text: str, kind: str) -> None:
    found = abuse(text)
    assert kind in {str(one.kind) for one in found}
    assert all(text[one.start : one.end].strip() == one.words for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "서류를 다시발급 해주세요",
        "질병신고는 어디에 하나요",
        "시발점이 어디인가요",
        "수도시설발주 일정",
        "우리 시 발주 공사와 10시 발 열차",
        "빈 병 신고 보상금",
        "차례를 다음 사람에게 넘기는 게 년도마다 달라요",
        "고양이 새끼가 있어요",
        "가로등이 꺼져 있어요",
        "위기가 닥쳐왔습니다",
        "시키는 대로 했습니다",
        "문서를 보지 못했습니다",
        "가슴이 아파서 병원에 갔어요",
        "옆집이 '씨발'이라고 욕을 했어요",
        "이웃이 죽여버린다고 협박했어요",
        "병신이라는 뜻은 아닙니다",
        "He called me a bitch",
    ],
)
def test_other_words_quotations_and_denials_are_not_abuse(text: str) -> None:
    assert kinds(text) == set()
