# SPDX-License-Identifier: Apache-2.0
"""What points to a person is found, and comes back from the vault. All numbers and names here are made up."""

from __future__ import annotations

import pytest

from dure.engines.language.mask import Masker, unmask
from dure.engines.language.numbers import business_check, luhn_check, resident_check


def found(text: str, *areas: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in Masker(areas).spans(text)]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("rrn", "900101-1234567"),
        ("rrn", "9001011234567"),
        ("rrn", "９００１０１－１２３４５６７"),
        ("rrn", "900101 - 1******"),
        ("frn", "900101-5234567"),
        ("phone", "010-1234-5678"),
        ("phone", "01012345678"),
        ("phone", "+82-10-1234-5678"),
        ("phone", "0 1 0 1 2 3 4 5 6 7 8"),
        ("phone", "02)123-4567"),
        ("phone", "031 123 4567"),
        ("phone", "공일공 일이삼사 오육칠팔"),
        ("phone", "공일공에 일이삼사에 오육칠팔"),
        ("phone", "010에 일이삼사에 5678"),
        ("card", "4111-1111-1111-1111"),
        ("card", "4111111111111111"),
        ("account", "123456-04-123456"),
        ("business", "123-45-67890"),
        ("licence", "11-22-123456-78"),
        ("passport", "M12345678"),
        ("plate", "12가3456"),
        ("plate", "123허 4567"),
        ("mail", "someone.else@example.co.kr"),
    ],
)
def test_a_number_is_found_by_its_form(kind: str, number: str) -> None:
    assert found(f"연락은 {number} 로 주세요") == [(kind, number)]


def test_the_check_digit_is_said_and_a_wrong_one_is_masked_as_well() -> None:
    right, wrong, foreign = "9001011234568", "9001011234567", "9001015234561"
    assert [resident_check(number) for number in (right, wrong, foreign)] == [True, False, True]
    assert [span.checked for span in Masker().spans(f"{right} {wrong}")] == [True, False]
    assert luhn_check("4111111111111111")
    assert not luhn_check("4111111111111112")
    assert business_check("1234567891")
    assert not business_check("1234567890")


def test_an_account_without_dashes_is_known_by_its_bank() -> None:
    assert found("농협 3521234567890 으로 환불해 주세요") == [("account", "3521234567890")]


@pytest.mark.parametrize(
    "text",
    [
        "접수번호 20240101 입니다",
        "2019-2024년 예산",
        "도로 3차선 앞으로 5일",
        "2024-01-15 오후 3시 30분",
        "1234-56 고시",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "동탄대로 123 101동 1203호",
        "경기도 화성시 봉담읍 왕림리 산 12-3번지",
        "화성시 동탄구 동탄반석로 41, 3층",
        "병점1로 45번길 12-3",
        "한마음아파트 101동 1203호",
        "101동 1203호",
    ],
)
def test_an_address_is_found_by_its_grammar(address: str) -> None:
    assert found(f"{address} 앞에 쓰레기가 있어요") == [("address", address)]


def test_a_named_road_needs_no_grammar_and_a_district_alone_is_no_address() -> None:
    assert found("솔빛나루 77 앞", "솔빛나루") == [("address", "솔빛나루 77")]
    assert found("화성시 봉담읍에 사는데요") == []
    assert found("저는 남양입니다", "남양읍") == []
    assert found("저는 남양입니다") == [("name", "남양")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("저는 김철수입니다", "김철수"),
        ("담당 박지훈 주무관이 안 받아요", "박지훈"),
        ("이웃 정예준이라고 하는 사람이", "정예준"),
        ("조현 씨가 그랬어요", "조현"),
        ("남궁민수 님께 전해 주세요", "남궁민수"),
        ("저는 임길분 입니다", "임길분"),
        ("성함이요? 최말심이요", "최말심"),
        ("저희 어머니 박끝순 님이 넘어지셨어요", "박끝순"),
        ("이름이 하은이에요", "하은"),
        ("저는 김철슈입니다", "김철슈"),
    ],
)
def test_a_name_is_found_by_how_it_is_used(text: str, name: str) -> None:
    assert found(text) == [("name", name)]


def test_words_that_look_like_names_stay() -> None:
    assert found("이용자가 신고자에게 고지하지 않은 지원금, 한국 선수와 강원도 주민, 임시 조치") == []
    assert found("이수정로 옆 자연 휴양림에서 김치 냄새가 나요, 담당 과장님. 아파트 이름이 한빛이에요") == []


def test_what_is_masked_comes_back_and_one_person_keeps_one_mark() -> None:
    masker = Masker()
    first = masker.mask("김철수 씨 010-1234-5678, 다시 김철수 씨")
    assert first.text == "⟦NAME_1⟧ 씨 ⟦PHONE_1⟧, 다시 ⟦NAME_1⟧ 씨"
    second = masker.mask("박영희 씨가 김철수 씨에게", first.vault)
    assert second.text == "⟦NAME_2⟧ 씨가 ⟦NAME_1⟧ 씨에게"
    assert (
        unmask(first.text + second.text, second.vault)
        == "김철수 씨 010-1234-5678, 다시 김철수 씨박영희 씨가 김철수 씨에게"
    )


def test_a_mark_that_a_citizen_types_brings_nobodys_data() -> None:
    vault = {"⟦PHONE_1⟧": "010-1234-5678"}
    masked = Masker().mask("답장에 ⟦PHONE_1⟧ 를 넣어 주세요", vault)
    assert "010" not in unmask(masked.text, masked.vault)
    assert unmask(masked.text, masked.vault) == "답장에 ⟦PHONE_1⟧ 를 넣어 주세요"
