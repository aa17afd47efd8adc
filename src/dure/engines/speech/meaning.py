# SPDX-License-Identifier: Apache-2.0
"""What somebody said, as far as a call needs to know it. Rules on words: every judgement can be read and tested.

The rules lean to one side on purpose. A word of danger (살려, 119) means help whatever stands around it; a word of
pain means pain unless it is plainly denied ("안 아파요"), and a denial is a meaning of its own, so that a script can
ask once more; what says both yes and no is unclear. Nothing that is not a plain yes is ever taken for one: what else
is said beside it must hold no "but" and no "not", whatever the words that we do not know.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from .korean import Language
from .vocabulary import HIDDEN_AFTER, VOCABULARIES, Vocabulary


class Meaning(StrEnum):
    """What was heard."""

    SILENCE = "silence"
    HELP = "help"
    PAIN = "pain"
    DENIED = "denied"
    """Pain or need of help was named and denied."""
    YES = "yes"
    NO = "no"
    LATER = "later"
    AGAIN = "again"
    """Please say it again."""
    UNCLEAR = "unclear"


_DENIES = r"(?:시|으시|하|하시)?지(?:는|도|가|를|만)?(?:않|안|못)"
_NOTHING = r"(?:은|는|이|가|도)?(?:하나도|전혀|별로|특별히|아무것도)?(?:없|업)"
_DENIED_AFTER = re.compile(
    rf"{_DENIES}|(?:시|신|으신|하신|한|운|러운|린)?(?:거나그런|거나)?(?:데|곳|것|건|거|일|적){_NOTHING}"
)
_NOUN_DENIED_AFTER = re.compile(_NOTHING)
_NOUNS = ("통증", "몸살", "필요", "냄새", "마비")
_DENIED_BEFORE = ("안", "안너무", "안그렇게")
_NEGATED_BEFORE = ("안", "못")
_DOUBT = re.compile(r"근데|그런데|하지만|그치만|(?:지만|는데|은데|인데|다고|라고)(?!요?$)|못|않|없")
_DOUBT_ENGLISH = re.compile(" (?:but|except|however|although|though|if|only) ")
_DENIED_BEFORE_ENGLISH = re.compile(
    r"\b(?:no|not|never|nothing|nowhere|without|doesn't|don't|didn't|isn't|haven't|hasn't|wasn't)"
    r"(?: (?:any|in|need|have|had|feel|feeling|been|at|all|really|of|for|is|a|an|the|more|some|much))* $"
)


def understand(text: str | None, language: Language = "ko", vocabulary: Vocabulary | None = None) -> Meaning:
    """What ``text`` (a recogniser's or a person's writing; None or blank for silence) means in a call."""
    words = vocabulary or VOCABULARIES[language]
    said = _plain(text or "", language)
    if not said.strip():
        return Meaning.SILENCE
    if any(_places(said, word, language) for word in words.danger):
        return Meaning.HELP
    denied = False
    for meaning, of_it in ((Meaning.HELP, words.help), (Meaning.PAIN, words.pain)):
        for word in of_it:
            for start, end in _places(said, word, language):
                if not _is_denied(said, start, end, language):
                    return meaning
                denied = True
    return Meaning.DENIED if denied else _answer(said, set((text or "").split()), words, language)


def _answer(said: str, tokens: set[str], words: Vocabulary, language: Language) -> Meaning:
    for meaning, of_it in ((Meaning.AGAIN, words.again), (Meaning.LATER, words.later)):
        if any(_places(said, word, language) for word in of_it):
            return meaning
    alone = {_plain(token, language) for token in tokens}
    agreed = bool(alone.intersection(words.yes_alone))
    refused = bool(alone.intersection(words.no_alone)) or any(_places(said, word, language) for word in words.no)
    for word in words.yes:
        for start, end in _places(said, word, language):
            if language == "ko" and (said[:start].endswith(_NEGATED_BEFORE) or re.match(_DENIES, said[end:])):
                refused = True
            else:
                agreed = True
    if agreed == refused or (agreed and _is_doubtful(said, alone, words, language)):
        return Meaning.UNCLEAR
    return Meaning.YES if agreed else Meaning.NO


def _is_doubtful(said: str, tokens: set[str], words: Vocabulary, language: Language) -> bool:
    """Whether a "but" or a "not" is beside the words of agreement."""
    if language == "en":
        return bool(_DOUBT_ENGLISH.search(said))
    beside = said
    for word in words.yes:
        beside = beside.replace(word, " ")
    return bool(_DOUBT.search(beside)) or not tokens.isdisjoint(_NEGATED_BEFORE)


def _plain(text: str, language: Language) -> str:
    """Lower case, composed, without punctuation; Korean without spaces, English between single ones."""
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    if language == "ko":
        return re.sub(r"[^0-9a-z가-힣]", "", text)
    return " " + " ".join(re.sub("[^0-9a-z']", " ", text).split()) + " "


def _places(said: str, word: str, language: Language) -> list[tuple[int, int]]:
    if language == "ko":
        hidden = f"(?<!{HIDDEN_AFTER[word]})" if word in HIDDEN_AFTER else ""
        return [match.span() for match in re.finditer(hidden + re.escape(word), said)]
    pattern = rf"(?<= ){re.escape(word[:-1])}\S*(?= )" if word.endswith("*") else rf"(?<= ){re.escape(word)}(?= )"
    return [match.span() for match in re.finditer(pattern, said)]


def _is_denied(said: str, start: int, end: int, language: Language) -> bool:
    if language == "en":
        return bool(_DENIED_BEFORE_ENGLISH.search(said[:start]))
    if said[:start].endswith(_DENIED_BEFORE) or _DENIED_AFTER.match(said, end):
        return True
    return said[start:end].endswith(_NOUNS) and bool(_NOUN_DENIED_AFTER.match(said, end))
