# SPDX-License-Identifier: Apache-2.0
"""What an answer means: danger always heard, a denial no yes, nothing unclear taken for well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.engines.speech import Language, Meaning, understand
from dure.engines.speech.vocabulary import KOREAN, VOCABULARIES

SAID = {
    "yes": [
        "네",
        "네 괜찮아요",
        "예, 잘 있습니다",
        "응",
        "별일 없어요",
        "네네네 아 네",
        "그럼요",
        "걱정 마세요",
        "괜찮은데요",
        "안녕하세요, 네 아무 일 없어요",
        "괜찮다고요",
    ],
    "no": [
        "아니요",
        "안 괜찮아",
        "괜찮지 않아",
        "괜찮지는 않아요",
        "괜찮지가 않아요",
        "별로",
        "싫어요",
        "잘 못 잤어",
        "잘 못 지내",
        "별일 있어요",
    ],
    "denied": [
        "안 아파요",
        "네, 안 아파요",
        "아픈 데 없어요",
        "아픈 데는 하나도 없습니다",
        "아프지 않아요",
        "통증은 없어요",
        "불편한 데 없어요",
        "어지럽지는 않아요",
        "안 넘어졌어요",
        "도움 필요 없어요",
    ],
    "pain": [
        "아파",
        "가슴이 아파요",
        "머리는 안 아픈데 가슴이 아파",
        "허리가 좀 아프긴 한데 괜찮아",
        "어지러워서 누워 있어",
        "몸이 안 좋아",
        "네 근데 다리가 저려요",
        "무릎이 아픕니다",
        "응 힘이 없어",
        "응 그런데 못 걷겠어",
        "가슴이 조여요",
        "아 파",
    ],
    "help": [
        "살려줘",
        "사람 살려",
        "119",
        "일일구 불러 줘",
        "도와주세요",
        "넘어졌어",
        "쓰러질 것 같아",
        "숨을 못 쉬겠어",
        "불이야",
        "자살",
        "아파 죽겠어 약이 없어",
        "119는 필요 없어요",
    ],
    "later": ["이따 먹을게", "아직이요", "나중에 할게요"],
    "again": ["뭐라고?", "잘 안 들려요", "다시 말해 봐"],
    "silence": ["", "   ", "…", "!?"],
    "unclear": [
        "모르겠네",
        "동네 사람이 왔어",
        "아니 괜찮아",
        "오늘 비가 오네요",
        "예전에는 그랬지",
        "약이 뭐야",
        "네 그런데 손이 이상해요",
        "괜찮은데 문이 잠겼어",
        "응 문을 못 열겠어",
        "응 안 일어나져",
        "네 물이 없어요",
        "괜찮다고 하라고 해서",
        "네 나쁘지 않아요",
    ],
}
SAID_IN_ENGLISH = {
    "yes": ["yes", "I'm fine", "Yeah, I'm good"],
    "no": ["no", "nope", "I forgot"],
    "denied": ["no pain", "it doesn't hurt", "I don't need any help", "nothing really hurts"],
    "pain": ["my chest hurts", "I'm not well", "a headache", "I feel dizzy but fine"],
    "help": ["help", "I fell", "I can't breathe", "I could not get up", "it doesn't hurt but I fell", "call 119"],
    "later": ["later", "not yet"],
    "again": ["pardon?", "I can't hear you"],
    "silence": ["", " - "],
    "unclear": ["no, I'm fine", "the weather", "unhelpful", "wellness", "yes, but my hand is odd", "fine if you come"],
}


@pytest.mark.parametrize(
    ("language", "text", "meaning"),
    [("ko", text, meaning) for meaning, texts in SAID.items() for text in texts]
    + [("en", text, meaning) for meaning, texts in SAID_IN_ENGLISH.items() for text in texts],
)
def test_what_was_said(language: Language, text: str, meaning: str) -> None:
    assert understand(text, language) == meaning


@given(st.text(max_size=30), st.sampled_from(KOREAN.danger), st.text(max_size=30))
def test_a_word_of_danger_is_heard_through_anything(before: str, danger: str, after: str) -> None:
    assert understand(f"{before} {danger} {after}") is Meaning.HELP


@given(
    st.lists(st.sampled_from([*SAID["yes"], *SAID["pain"], *SAID["unclear"], *SAID["help"]]), min_size=2, max_size=4)
)
def test_a_yes_does_not_hide_pain_or_help(parts: list[str]) -> None:
    together = understand(", ".join(parts))
    if any(part in SAID["help"] for part in parts):
        assert together is Meaning.HELP
    elif any(part in SAID["pain"] for part in parts):
        assert together in {Meaning.PAIN, Meaning.HELP}


@given(st.text(max_size=60), st.sampled_from(["ko", "en"]))
def test_any_text_has_a_meaning_and_chatter_is_no_yes(text: str, language: Language) -> None:
    meaning = understand(text, language)
    words = VOCABULARIES[language]
    if meaning is Meaning.YES:
        plain = "".join(text.lower().split())
        assert any(word.replace(" ", "") in plain for word in (*words.yes, *words.yes_alone))


def test_words_of_one_place_add_to_the_vocabulary() -> None:
    more = KOREAN.with_words({"yes": ("먹었",)})
    assert understand("약 먹었어요", vocabulary=more) is Meaning.YES
    assert understand("약 안 먹었어요", vocabulary=more) is Meaning.NO
    assert understand("약 먹었어요") is Meaning.UNCLEAR
    with pytest.raises(KeyError, match="maybe"):
        KOREAN.with_words({"maybe": ("글쎄",)})


def test_a_while_ago_is_not_forgotten_whatever_the_spacing() -> None:
    taken = KOREAN.with_words({"yes": ("먹었",)})
    for text in ("아까 먹었어요", "아까먹었어"):
        assert understand(text, "ko", taken) is Meaning.YES
    assert understand("까먹었어요", "ko") is Meaning.NO
    assert understand("약을 까먹고 있었네", "ko") is Meaning.NO
