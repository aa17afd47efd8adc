# SPDX-License-Identifier: Apache-2.0
"""The talk itself: what was asked, what a citizen said to it, what comes next. Nothing here touches the record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dure.services.complaints.models import TalkStep

LONGEST = 4_000
SHORTEST = 5
"""Characters from which words that nobody asked for are taken as what somebody wants to tell."""
_NUMBER = re.compile(r"C-?(\d{4})-?(\d{6,})", re.IGNORECASE)
_PIN = re.compile(r"(?<!\d)\d{8}(?!\d)")
SAY = {
    "hello": {
        "ko": "안녕하세요, 시청 민원 창구입니다. 무엇을 도와드릴까요? 불편한 일을 바로 적으셔도 됩니다.",
        "en": "This is the city's complaint desk. How can we help? You may simply write what is wrong.",
    },
    "what": {"ko": "무슨 일인지 적어 주세요.", "en": "Please write what is wrong."},
    "where": {
        "ko": "어디인가요? 주소나 가까운 건물을 적어 주세요.",
        "en": "Where is it? Write an address or a building nearby.",
    },
    "consent": {
        "ko": "이렇게 접수할까요?\n\n{what}{where}\n\n"
        "적어 주신 글과 이 대화방의 식별값을 민원을 처리하고 답하는 데 쓰고, 법이 정한 기간만 보관합니다. "
        "동의하지 않으시면 접수되지 않으며, 전화나 방문으로도 접수하실 수 있습니다.",
        "en": "Shall we take it like this?\n\n{what}{where}\n\n"
        "What you wrote and the identifier of this chat are used to deal with it and to answer, and are kept for the "
        "time the law sets. Without your consent nothing is sent; you can also call or visit us.",
    },
    "received": {
        "ko": "접수했습니다.\n접수 번호: {number}\n비밀번호: {pin}\n"
        "답은 이 대화방에 다시 말을 걸어 주시면 전해 드립니다.",
        "en": "It has been received.\nNumber: {number}\nPIN: {pin}\nWrite here again and we will pass on the answer.",
    },
    "follow": {
        "ko": "접수 번호와 비밀번호를 함께 적어 주세요. 예: C-2026-000123 12345678",
        "en": "Write the number and the PIN together, e.g. C-2026-000123 12345678",
    },
    "person": {
        "ko": "상담사에게 전할 말을 적어 주세요. 상담사가 보고 답하며, 답은 다시 말을 걸어 주시면 보입니다.",
        "en": "Write what you want to tell an agent. They will answer, and you will see it when you write again.",
    },
    "added": {"ko": "상담사에게 전했습니다.", "en": "Passed on to the agent."},
    "dropped": {"ko": "그만두었습니다. 적으신 것은 지웠습니다.", "en": "Stopped. What you wrote was deleted."},
    "choose": {"ko": "아래에서 골라 주세요.", "en": "Please choose one below."},
    "danger": {
        "ko": "⚠ 지금 위험하면 119나 112로 바로 전화해 주세요.",
        "en": "⚠ If there is danger now, call 119 or 112 at once.",
    },
    "too_long": {"ko": "4,000자까지 적어 주세요.", "en": "At most 4,000 characters, please."},
}
PRESS = {
    "complain": {"ko": "민원 내기", "en": "Complain"},
    "follow": {"ko": "내 민원 보기", "en": "Follow mine"},
    "person": {"ko": "상담사와 이야기", "en": "Talk to a person"},
    "yes": {"ko": "동의하고 접수", "en": "Agree and send"},
    "stop": {"ko": "그만두기", "en": "Stop"},
    "skip": {"ko": "자리 없음", "en": "No place"},
}
"""Quick replies; labels have at most 14 characters there."""


@dataclass(frozen=True)
class Send:
    """Make a complaint of what was said."""


@dataclass(frozen=True)
class Add:
    """A word more for the complaint that an agent answers in this talk."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Look:
    """Say how far a complaint is."""

    number: str
    pin: str = field(repr=False)


Deed = Send | Add | Look | None


@dataclass
class Turn:
    """What follows from one message: the next step, what is kept, what is said, what may be pressed, what is done."""

    step: TalkStep
    said: dict[str, Any] = field(repr=False)
    words: list[str] = field(default_factory=list)
    presses: tuple[str, ...] = ()
    deed: Deed = None


def words(code: str, language: str, **values: str) -> str:
    """What the desk says."""
    return SAY[code]["ko" if language.startswith("ko") else "en"].format(**values)


def press(code: str, language: str) -> str:
    """What stands on a quick reply."""
    return PRESS[code]["ko" if language.startswith("ko") else "en"]


def begin(language: str) -> Turn:
    """The first words, and what may be pressed."""
    return Turn(TalkStep.START, {}, [words("hello", language)], ("complain", "follow", "person"))


def ended(words_said: str) -> Turn:
    """A talk that cannot go on, and why."""
    return Turn(TalkStep.ENDED, {}, [words_said], ("complain", "follow", "person"))


def answer(step: TalkStep, said: dict[str, Any], text: str, language: str) -> Turn:
    """What follows when somebody in ``step`` says ``text``."""
    if len(text) > LONGEST:
        return Turn(step, said, [words("too_long", language)], ("stop",))
    pressed = _pressed(text)
    if pressed == "stop":
        return ended(words("dropped", language))
    if pressed in {"complain", "follow", "person"}:
        return _chosen(pressed, language)
    match step:
        case TalkStep.WHAT | TalkStep.START:
            return _what(step, text, language)
        case TalkStep.WHERE:
            return consent(said | {"where": "" if pressed == "skip" else text}, language)
        case TalkStep.CONSENT:
            return _consented(said, pressed, language)
        case TalkStep.FOLLOW:
            return _follow(text, language)
        case TalkStep.PERSON:
            return consent({"what": text, "person": True}, language)
        case _:
            return Turn(TalkStep.WITH_PERSON, said, [words("added", language)], ("stop",), Add(text))


def _pressed(text: str) -> str:
    bare = " ".join(text.split()).casefold()
    return next((code for code, said in PRESS.items() if bare in {one.casefold() for one in said.values()}), "")


def _chosen(pressed: str, language: str) -> Turn:
    step, said = {
        "complain": (TalkStep.WHAT, "what"),
        "follow": (TalkStep.FOLLOW, "follow"),
        "person": (TalkStep.PERSON, "person"),
    }[pressed]
    return Turn(step, {}, [words(said, language)], ("stop",))


def _what(step: TalkStep, text: str, language: str) -> Turn:
    if _NUMBER.search(text) and _PIN.search(text):
        return _follow(text, language)
    if step is TalkStep.START and len(text) < SHORTEST:
        return begin(language)
    return Turn(TalkStep.WHERE, {"what": text}, [words("where", language)], ("skip", "stop"))


def consent(said: dict[str, Any], language: str) -> Turn:
    """Show what would be sent, and ask."""
    where = f"\n📍 {said['where']}" if said.get("where") else ""
    shown = words("consent", language, what=said["what"][:500], where=where)
    return Turn(TalkStep.CONSENT, said, [shown], ("yes", "stop"))


def _consented(said: dict[str, Any], pressed: str, language: str) -> Turn:
    if pressed != "yes":
        return Turn(TalkStep.CONSENT, said, [words("choose", language)], ("yes", "stop"))
    after = TalkStep.WITH_PERSON if said.get("person") else TalkStep.ENDED
    return Turn(after, said, [], ("stop",) if said.get("person") else ("complain", "follow", "person"), Send())


def _follow(text: str, language: str) -> Turn:
    number, pin = _NUMBER.search(text), _PIN.search(_NUMBER.sub(" ", text))
    if number is None or pin is None:
        return Turn(TalkStep.FOLLOW, {}, [words("follow", language)], ("stop",))
    look = Look(f"C-{number[1]}-{number[2]}", pin[0])
    return Turn(TalkStep.ENDED, {}, [], ("complain", "follow", "person"), look)
