# SPDX-License-Identifier: Apache-2.0
"""Forty reports of one lamp are one thing, and reports of forty lamps are forty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dure.engines.language.documents import Document
from dure.engines.language.search import Index
from dure.engines.language.similar import Limits, Report, groups, likeness, words_alike
from dure.engines.language.tokens import Tokenizer

AT = datetime(2026, 11, 2, tzinfo=UTC)
LAMP = Limits(metres=30, days=14)
METRE = 1 / 111_195
"""Degrees of latitude."""

TOKENIZER = Tokenizer()


def report(
    number: int, text: str = "가로등이 고장났어요", topic: str = "lamp", metres: float | None = 0.0, days: float = 0.0
) -> Report:
    lat = None if metres is None else 37.2 + metres * METRE
    lon = None if metres is None else 127.0
    return Report(str(number), text, AT + timedelta(days=days), topic, lon, lat, TOKENIZER)


def test_near_soon_and_of_one_topic_is_one_thing_whatever_the_words() -> None:
    found = likeness(report(1), report(2, "밤에 너무 깜깜해요 불 들어오게 해주세요", metres=12, days=2), LAMP)
    assert found.same
    assert [reason.ko for reason in found.reasons] == ["12 m 떨어짐", "2일 사이", "같은 갈래", "같은 낱말 없음"]
    assert all(reason.en for reason in found.reasons)


@pytest.mark.parametrize(
    "other",
    [
        report(2, metres=45),
        report(2, days=15),
        report(2, topic="bin"),
        report(2, metres=None),
        report(2, "⟦PHONE_1⟧ 신호등이 이상해요", topic=""),
    ],
)
def test_far_late_of_another_topic_or_without_a_place_is_not_joined_by_itself(other: Report) -> None:
    assert not likeness(report(1, "⟦PHONE_1⟧ 가로등이 고장났어요"), other, LAMP).same


def test_a_topic_that_is_never_joined_is_not() -> None:
    assert not likeness(report(1), report(2), Limits(metres=0)).same


def test_the_number_on_the_thing_decides() -> None:
    here, same, other = (
        report(n, f"가로등 번호 {lamp}번이 꺼졌어요") for n, lamp in ((1, "12-7"), (2, "12-7"), (3, "12-8"))
    )
    unplaced = report(4, "가로등 12-7번 불이 안 와요", metres=None)
    assert likeness(here, same, LAMP).same
    assert likeness(here, unplaced, LAMP).same
    assert not likeness(here, other, LAMP).same


def test_a_report_without_a_topic_needs_like_words() -> None:
    assert likeness(report(1), report(2, "가로등 고장났슴니다", topic=""), LAMP).same
    assert not likeness(report(1), report(2, "쓰레기가 넘쳐요", topic=""), LAMP).same


def test_who_names_the_same_house_needs_no_mark_and_words_outweigh_a_likely_topic() -> None:
    def said(number: int, text: str, house: str, **likely: float) -> Report:
        return Report(str(number), text, AT, "", tokenizer=TOKENIZER, likely=likely, house=house)

    first = said(1, "고라니가 치여서 그대로 있어요", "한빛로3", animal=0.6, road=0.2)
    assert likeness(first, said(2, "고라니 한 마리가 죽어 있네요", "한빛로3", animal=0.7), LAMP).same
    assert not likeness(first, said(3, "고라니 한 마리가 죽어 있네요", "한빛로4", animal=0.7), LAMP).same
    assert not likeness(first, said(4, "가로등이 꺼졌어요", "한빛로3", lamp=0.9), LAMP).same
    assert likeness(
        said(5, "가로등이 꺼졌어요", "한빛로3", lamp=0.9), said(6, "가로등 꺼졌어요", "한빛로3", road=0.4), LAMP
    ).same


def test_a_street_of_lamps_is_no_chain() -> None:
    street = [report(number, metres=25.0 * number, days=number / 10) for number in range(5)]
    assert groups(street, lambda topic: LAMP) == {"0": "0", "1": "0", "2": "2", "3": "2", "4": "4"}


def test_words_that_everybody_writes_tell_less() -> None:
    index = Index(TOKENIZER)
    index.add([*(Document(str(n), "가로등 고장") for n in range(30)), Document("x", "가로등 감나무")])
    one, other, third = report(1, "가로등 고장 감나무"), report(2, "가로등 감나무"), report(3, "가로등 고장")
    assert words_alike(one, other, index.rarity) > words_alike(one, third, index.rarity)
