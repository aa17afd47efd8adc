# SPDX-License-Identifier: Apache-2.0
"""Which written sentences may stand in a draft: those that say what the passages they cite say, and nothing else.

Kept by code and not by asking a model for it: every sentence cites passages that were supplied; every fact in it
stands in one of them (``facts``); most of its words do; it does not deny what they say; nothing personal is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .facts import missing
from .tokens import Tokenizer, normal

LEAST_OVERLAP = 0.6
"""Share of a sentence's content morphemes that must stand in the passages it cites."""

NEAR_THE_BEST = 0.6
"""Sentences of a passage with so much of the best one's overlap are looked at for whether they deny."""

LONGEST = 400
"""Characters of one sentence."""

_SENTENCE = re.compile(r"[^\n]+?(?:(?<!\d)[.?!](?=\s|$)|$)|[^\n]+", re.M)
_MARK = re.compile(r"⟦[^⟧]*⟧?")
_DENIES = re.compile(
    r"없|아니|아닙|않|못\s?[하합해]|불가|금지|제외|(?<![가-힣])안\s?[됩되돼한합]|말아|cannot|can't|\bnot\b|n't\b|\bno\b|never|except",
    re.I,
)
_POLITE_WORDS = """
안내 문의 감사 안녕 답변 민원 드리다 바라다 있다 하다 되다 수 것 경우 관련 내용 대하다 위하다 따르다 알리다 말씀
확인 참고 가능 please thank you the
"""
_POLITE = frozenset(_POLITE_WORDS.split())
_TO_A_MACHINE = re.compile(
    r"(?:이전|앞선?|위의?|기존|모든|지금까지)[의]?\s?(?:모든\s?)?(?:지시|명령|지침|규칙|프롬프트|설정)[가-힣\s]{0,8}(?:무시|잊|따르지|버리|덮)"
    r"|(?:시스템|system)\s?(?:프롬프트|메시지|지시|prompt|message)|(?:너|넌|당신|귀하)[는은]?\s?(?:이제|지금)부터"
    r"|(?:\bAI\b|인공지능|챗봇|언어\s?모[델형]|어시스턴트|assistant)[^.\n]{0,24}(?:출력|답하[라시]|말하[라시]|작성하[라시]|무시|쓰시오|써라|하시오)"
    r"|(?:다음|아래)(?:과|와)?\s?(?:같이|처럼|대로)?[^.\n]{0,12}(?:출력|답변?)\s?(?:하라|해라|하시오|하세요|하십시오)|[\"']?(?:action|cites|role)[\"']?\s?:"
    r"|<\|[^|]*\|>|\[/?INST\]|^\s*(?:system|assistant|user)\s?:|(?:ignore|disregard|forget|override)\s(?:all|any|the|every|your|previous|prior|above)"
    r"|you\sare\snow|new\sinstructions?|jailbreak|(?:reveal|print|output|repeat)\s(?:your|the)\s(?:prompt|instructions?)",
    re.I | re.M,
)  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """What may be quoted. ``n``: its number in the draft, from 1. ``strength`` as :class:`search.Hit` has it."""

    n: int
    code: str
    title: str
    text: str
    department: str = ""
    valid_from: date | None = None
    strength: float = 1.0


@dataclass(frozen=True)
class Sentence:
    """One sentence and the passages it rests on; ``why`` (Korean, English) it was not ``kept``, where it was not."""

    text: str
    cites: tuple[int, ...]
    kept: bool = True
    why: tuple[str, str] = ("", "")


def sentences_of(text: str) -> list[str]:
    """The sentences of ``text``, each within its line."""
    return [found for match in _SENTENCE.finditer(text) if (found := match.group().strip())]


def without_orders(text: str) -> str:
    """``text`` without the sentences that order a language model about: they are nobody's matter and no guide."""
    if not _TO_A_MACHINE.search(text):
        return text
    lines = []
    for line in text.split("\n"):
        if not _TO_A_MACHINE.search(line):
            lines.append(line)
        elif kept := " ".join(one for one in sentences_of(line) if not _TO_A_MACHINE.search(one)):
            lines.append(kept)
    return "\n".join(lines)


def checked(written: Iterable[Sentence], passages: Sequence[Passage], tokenizer: Tokenizer) -> list[Sentence]:
    """Each sentence, kept or not and then why. A sentence that was written twice is kept once."""
    by_number = {passage.n: passage for passage in passages}
    found: list[Sentence] = []
    seen: set[str] = set()
    for sentence in written:
        why = _wrong(sentence, by_number, tokenizer)
        if why is None and sentence.text in seen:
            why = ("두 번 씀", "written twice")
        seen.add(sentence.text)
        found.append(replace(sentence, kept=False, why=why) if why else sentence)
    return found


def _wrong(sentence: Sentence, passages: dict[int, Passage], tokenizer: Tokenizer) -> tuple[str, str] | None:
    text = normal(sentence.text)
    if not sentence.cites or any(n not in passages for n in sentence.cites):
        return "근거가 없음", "cites no supplied passage"
    if not text.strip() or len(text) > LONGEST:
        return "비었거나 너무 김", "empty or too long"
    if _MARK.search(text):
        return "개인정보 표가 있음", "has a mark of personal data"
    if _TO_A_MACHINE.search(text):
        return "모형에 하는 지시", "an order to a model"
    cited = [passages[n] for n in sentence.cites]
    if unknown := missing(text, [f"{one.title}\n{one.text}" for one in cited]):
        words = ", ".join(unknown[:3])
        return f"근거에 없는 값: {words}", f"not in the passage: {words}"
    if _overlap(text, [f"{one.title}\n{one.text}" for one in cited], tokenizer) < LEAST_OVERLAP:
        return "근거에 없는 말이 많음", "too many words of its own"
    if not _agrees(text, cited, tokenizer):
        return "근거와 반대로 말함", "says the contrary of the passage"
    return None


def meaning(text: str, tokenizer: Tokenizer) -> list[str]:
    """The content morphemes of ``text`` that are no mere politeness; marks of personal data say nothing."""
    text = _MARK.sub(" ", text)
    return [token for token in tokenizer.content(text) if token not in _POLITE]


def _overlap(text: str, sources: Sequence[str], tokenizer: Tokenizer) -> float:
    own = meaning(text, tokenizer)
    known = {token for source in sources for token in tokenizer.content(source)}
    return sum(token in known for token in own) / len(own) if own else 0.0


def _agrees(text: str, cited: Sequence[Passage], tokenizer: Tokenizer) -> bool:
    """Whether one of the passages' sentences nearest to ``text`` denies just as it does, or as it does not."""
    own = set(meaning(text, tokenizer))
    rows = []
    for one in (one for passage in cited for one in (passage.title, *sentences_of(passage.text))):
        rows.append((len(own.intersection(tokenizer.content(one))), bool(_DENIES.search(one))))
    best = max(shared for shared, _ in rows)
    denies = bool(_DENIES.search(text))
    return any(other == denies for shared, other in rows if shared >= NEAR_THE_BEST * best)
