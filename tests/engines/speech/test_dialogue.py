# SPDX-License-Identifier: Apache-2.0
"""Calls without sound."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.engines.speech import Dialogue, Meaning, Script
from tests.engines.speech.scripts import tables
from tests.engines.speech.test_meaning import SAID

SCRIPT = Script.parse(tables())
ANYTHING = [text for texts in SAID.values() for text in texts]


def call() -> Dialogue:
    return Dialogue(SCRIPT, "ko", {"name": "김두레"})


def test_plain_yes_ends_well() -> None:
    dialogue = call()
    assert dialogue.says == "김두레는 잘 지내고 계세요?"
    assert dialogue.hear("네 잘 있어요").meaning is Meaning.YES
    assert (dialogue.outcome, dialogue.is_well, dialogue.says) == ("well", True, "다행입니다.")


@pytest.mark.parametrize(("key", "outcome"), [("1", "well"), ("2", "asks_for_help")])
def test_keys(key: str, outcome: str) -> None:
    dialogue = call()
    assert dialogue.keys == ("1", "2")
    dialogue.hear(key=key)
    assert dialogue.outcome == outcome


def test_denial_is_asked_about_once_more() -> None:
    dialogue = call()
    dialogue.hear("안 아파요")
    assert (dialogue.outcome, dialogue.says) == ("", "편찮으신 데가 없으시지요?")
    dialogue.hear("네 안 아파요")
    assert dialogue.is_well


def test_words_of_a_state_count_there() -> None:
    dialogue = call()
    dialogue.hear("그냥저냥이야")
    assert dialogue.is_well


def test_said_again_then_lost() -> None:
    dialogue = call()
    dialogue.hear("모르겠네")
    assert (dialogue.state, dialogue.outcome) == ("ask", "")
    dialogue.hear(key="9")
    assert (dialogue.outcome, dialogue.is_well) == ("not_reached", False)
    with pytest.raises(ValueError, match="has ended"):
        dialogue.hear("네")


def test_line_that_is_cut_is_not_reached() -> None:
    dialogue = call()
    dialogue.hung_up()
    assert dialogue.outcome == "not_reached"
    well = call()
    well.hear("네")
    well.hung_up()
    assert well.outcome == "well"


def test_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match="name"):
        Dialogue(SCRIPT, "ko", {})


@given(st.lists(st.one_of(st.sampled_from(ANYTHING), st.none(), st.text(max_size=10)), max_size=8))
def test_a_good_end_follows_a_plain_answer_only(answers: list[str | None]) -> None:
    """Whatever is said: a call ends, and it ends well only upon a yes, or a denial said twice."""
    dialogue = call()
    for answer in [*answers, *[None] * 4]:
        if dialogue.outcome:
            break
        dialogue.hear(answer)
        if dialogue.turns[-1].meaning is Meaning.HELP:
            assert dialogue.outcome == "asks_for_help"
        if dialogue.turns[-1].meaning is Meaning.PAIN:
            assert dialogue.outcome == "in_pain"
    assert dialogue.outcome
    if dialogue.is_well:
        meanings = [turn.meaning for turn in dialogue.turns]
        assert (
            meanings[-1] is Meaning.YES
            or meanings[-2:] == [Meaning.DENIED, Meaning.DENIED]
            or (meanings[-1] is Meaning.DENIED and Meaning.DENIED in meanings[:-1])
        )


@given(st.lists(st.sampled_from(ANYTHING), max_size=4), st.integers(0, 4))
def test_call_goes_on_where_it_stood(answers: list[str], cut: int) -> None:
    straight, halting = call(), call()
    for number, answer in enumerate(answers):
        if straight.outcome:
            break
        straight.hear(answer)
        halting.hear(answer)
        if number == cut:
            halting = Dialogue.from_dict(SCRIPT, json.loads(json.dumps(halting.as_dict())))
    assert halting.as_dict() == straight.as_dict()
    assert halting.turns == straight.turns
