# SPDX-License-Identifier: Apache-2.0
"""What is said in a call. The dialogue is sealed in the call's row; nothing else opens it.

Who asks is on the audit chain: the telephone that reads out the next sentence answers for it with its answer
(``care:call:answered``), and staff read what was heard in the case's thread, whose reading is recorded there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from dure.city.models import Person
from dure.engines.speech import Dialogue, Language, Meaning, Turn
from dure.engines.speech.korean import filled
from dure.services.care.models import Call, CallOutcome
from dure.services.care.scripts import script

MEANINGS: dict[Meaning | None, tuple[str, str]] = {
    Meaning.SILENCE: ("말씀 없음", "silence"),
    Meaning.HELP: ("도움 요청", "asks for help"),
    Meaning.PAIN: ("아픔", "pain"),
    Meaning.DENIED: ("아프지 않다고 하심", "denies pain"),
    Meaning.YES: ("네", "yes"),
    Meaning.NO: ("아니요", "no"),
    Meaning.LATER: ("나중에", "later"),
    Meaning.AGAIN: ("다시 물으심", "asks again"),
    Meaning.UNCLEAR: ("알아듣지 못함", "not understood"),
    None: ("번호", "key"),
}
CONCLUSIONS: dict[str, tuple[str, str]] = {
    CallOutcome.WELL: ("안부를 확인했습니다", "well"),
    CallOutcome.DONE: ("하신 것으로 적었습니다", "noted as done"),
    CallOutcome.NOT_DONE: ("조금 뒤에 다시 여쭙니다", "asked again a little later"),
    CallOutcome.LATER: ("조금 뒤에 다시 전화합니다", "called again a little later"),
    CallOutcome.PAIN: ("담당자에게 알립니다", "the care worker is told"),
    CallOutcome.HELP: ("바로 사람에게 알립니다", "somebody is told at once"),
    CallOutcome.TOLD: ("가족이 연락해 보십니다", "family will look"),
    CallOutcome.VOUCHED: ("가족이 잘 계신다고 하셨습니다", "family says they are well"),
    CallOutcome.LOST: ("대답을 알아듣지 못해 다시 전화합니다", "not understood; called again"),
    CallOutcome.CUT_OFF: ("말씀 중에 끊어져 다시 전화합니다", "the line was cut; called again"),
}
SPOKEN: tuple[Language, ...] = ("ko", "en")


@dataclass(frozen=True)
class Saying:
    """What the telephone says now."""

    text: str
    language: Language
    keys: dict[str, str]
    """Keys that mean something now, each with the outcome it leads to at once ("" where more is asked)."""
    turn: int
    """Answers heard so far: the number of the answer that is awaited."""
    over: bool


def language_of(person: Person) -> Language:
    """The language of a person's calls: English for English, else Korean."""
    return "en" if person.language == "en" else "ko"


def begun(name: str, language: Language, values: Mapping[str, str] | None = None) -> str:
    """A call by this script before anything was heard, as it is kept in ``Call.dialogue``."""
    return _packed(Dialogue(script(name), language, dict(values or {})))


def dialogue_of(call: Call) -> Dialogue:
    """Where the call stands."""
    if call.dialogue is None:  # a call from before there were scripts
        return Dialogue(script(call.script), language_of(call.person), {})
    return Dialogue.from_dict(script(call.script), json.loads(call.dialogue.open()))


def keep(call: Call, dialogue: Dialogue) -> None:
    """Seal the dialogue into the call's row, which the caller saves."""
    call.dialogue = _packed(dialogue)


def saying(call: Call) -> Saying:
    """What is to be said now."""
    dialogue = dialogue_of(call)
    state = dialogue.script.states[dialogue.state]
    leads_to = {key: dialogue.script.states[target].end for key, target in state.keys.items()}
    return Saying(dialogue.says, dialogue.language, leads_to, len(dialogue.turns), bool(dialogue.outcome))


def opening(call: Call) -> dict[str, str]:
    """The first sentence in every language, for a telephone that speaks by itself."""
    dialogue = dialogue_of(call)
    first = dialogue.script.states[dialogue.script.start]
    return {language: filled(first.say[language], dict(dialogue.values)) for language in SPOKEN}


def account(dialogue: Dialogue, outcome: str) -> str:
    """What was heard, how it was understood and what follows, in words for the case's thread: Korean / English."""
    turns = [turn for turn in dialogue.turns if turn.heard or turn.key]
    ko, en = CONCLUSIONS[outcome]
    if not turns:
        return f"{ko}. / {en}."
    *before, last = turns
    said_ko, said_en = _told(last)
    text = f"{said_ko} {ko}. / {said_en}: {en}."
    if before:
        text += " (" + ", ".join(f"“{one.heard}”" if one.heard else f"{one.key}번" for one in before) + ")"
    return text


def _told(turn: Turn) -> tuple[str, str]:
    if turn.key is not None:
        return f"{turn.key}번을 누르셔서", f"key {turn.key}"
    ko, en = MEANINGS[turn.meaning]
    return f"“{turn.heard}”라고 하셔서({ko})", f"“{turn.heard}” ({en})"


def _packed(dialogue: Dialogue) -> str:
    return json.dumps(dialogue.as_dict(), ensure_ascii=False)
