# SPDX-License-Identifier: Apache-2.0
"""Are two reports of one thing? By place, time, topic and words, with the reasons in words.

Words alone never make two reports one: forty people write "가로등이 고장났어요" of forty lamps. They have to be near or
name the same house, soon after one another (the topic says how near and how soon); then place, topics and words are
weighed together (Fellegi and Sunter 1969), or the same number on the thing itself decides.
Groups are stars, not chains: everybody in one is of one thing with its first report, so a street of broken lamps, each
30 m from the next, does not become one case.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from dure.engines.routing.travel import great_circle

from .tokens import Tokenizer, bigrams, normal

PLACE, WORDS, TOPIC, TIME = 0.4, 0.3, 0.2, 0.1
"""What each counts in the score; place and words were given most because the other two hold for most pairs."""

CLOSE, WITHIN, APART, SAME_HOUSE = 2.0, 0.5, -1.0, 1.25
"""Evidence (natural log of odds) of marks within half of the topic's metres, within them, and farther where both name
the same house; and of that."""
ONE_TOPIC, TWO_TOPICS, AGREEING, ALIKE, NOTHING_SHARED, AGAINST = 1.0, -1.75, 2.0, 3.0, -1.0, -1.85
"""Of the same topic or another, decided or likely; times the agreement of their topics (0–1); times the words (to
MOST_WORDS); of two that share hardly a topic or word; and of two of which nothing is known. By a logistic regression on
the pairs of one made city (seed 1, 510 complaints), rounded; docs/complaints-simulator.md has the score of others."""
MOST_WORDS = 0.6
SHARED_WORDS, SHARED_TOPICS = 0.15, 0.1
LIKELY_ENOUGH = 0.5
"""From here on the likeliest topic counts although nobody has decided it."""
SURE = 0.9
"""How much of a report's topics is the one that was decided or chosen: citizens take another's at times."""

_MARK = re.compile(r"⟦[A-Z]+_\d+⟧")
_NUMBERED = re.compile(
    r"(?:관리\s?번호|시설\s?번호|가로등|보안등|신호등|전주|전봇대|전신주|맨홀|정류[장소]|수거함|[Nn]o\.?|number)\s?(?:번호)?\s?(?:는|은|이|가|:|#)?\s?"
    r"([A-Za-z가-힣]{0,2}-?\d[\dA-Za-z\-]*)\s?(?:번|호|(?![\dA-Za-z가-힣]))"
)

Rarity = Callable[[Sequence[str]], Sequence[float]]
"""What each token tells: its idf among all complaints (``Index.rarity``)."""


class Reason(NamedTuple):
    """One reason in Korean and in English."""

    ko: str
    en: str


@dataclass(frozen=True)
class Limits:
    """Reports of one topic so near and so soon after one another are of one thing; ``metres`` 0: never."""

    metres: float = 0.0
    days: float = 14.0


@dataclass(frozen=True)
class Report:
    """One complaint. ``text``: masked. ``topic``: its code, or empty where nobody has decided; ``likely``: codes with
    their probabilities; ``house``: of its address, equal for the same one, or empty. ``lon``, ``lat``: °."""

    id: str
    text: str
    at: datetime
    topic: str = ""
    lon: float | None = None
    lat: float | None = None
    tokenizer: Tokenizer = field(default_factory=Tokenizer, compare=False, repr=False)
    likely: Mapping[str, float] = field(default_factory=dict)
    house: str = ""

    @property
    def called(self) -> str:
        """The decided topic, else the likeliest where it is likely enough."""
        best = max(self.likely, key=lambda code: self.likely[code], default="")
        return self.topic or (best if best and self.likely[best] >= LIKELY_ENOUGH else "")

    @property
    def topics(self) -> dict[str, float]:
        """What it may be about, with probabilities."""
        if not self.topic:
            return dict(self.likely)
        rest = {code: (1 - SURE) * p for code, p in self.likely.items()}
        return rest | {self.topic: rest.get(self.topic, 0.0) + SURE}

    @cached_property
    def _said(self) -> str:
        return _MARK.sub(" ", normal(self.text))

    @cached_property
    def content(self) -> Counter[str]:
        """Its content morphemes; marks in the place of personal data say nothing."""
        return Counter(self.tokenizer.content(self._said))

    @cached_property
    def pairs(self) -> Counter[str]:
        """Its character bigrams, which outlast misspelling."""
        return Counter(bigrams(self._said))

    @cached_property
    def pairs_weighed(self) -> _Vector:
        """Its bigrams by how often they stand there."""
        return _by_rarity(self.pairs, None)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """What is written on the thing: numbers of lamps, poles, manholes, stops."""
        return frozenset(one.lower().strip("-") for one in _NUMBERED.findall(self._said))


@dataclass(frozen=True)
class Likeness:
    """``score`` 0–1, the higher the likelier; ``same``: to be joined without asking, and of several the one of the most
    ``evidence`` (log odds); ``reasons``, for and against."""

    score: float
    evidence: float
    same: bool
    reasons: tuple[Reason, ...]


def words_alike(one: Report, other: Report, rarity: Rarity | None = None) -> float:
    """0–1: the cosine of tf-idf, of content morphemes and of character bigrams, in the mean."""
    content = _cosine(_by_rarity(one.content, rarity), _by_rarity(other.content, rarity))
    return (content + _cosine(one.pairs_weighed, other.pairs_weighed)) / 2


@dataclass(frozen=True)
class _Vector:
    """Tokens by weight, and the length of it all."""

    weights: Mapping[str, float]

    @cached_property
    def norm(self) -> float:
        return math.sqrt(sum(w * w for w in self.weights.values()))


def _by_rarity(counts: Mapping[str, int], rarity: Rarity | None) -> _Vector:
    known = rarity(list(counts)) if rarity else [1.0] * len(counts)
    rows = zip(counts.items(), known, strict=True)
    return _Vector({token: (1 + math.log(n)) * max(w, 1e-3) for (token, n), w in rows})


def _cosine(one: _Vector, other: _Vector) -> float:
    dot = sum(weight * other.weights[token] for token, weight in one.weights.items() if token in other.weights)
    return dot / (one.norm * other.norm) if dot else 0.0


def likeness(one: Report, other: Report, limits: Limits, rarity: Rarity | None = None) -> Likeness:
    """How likely two reports are of one thing. ``limits``: of their topic."""
    words = words_alike(one, other, rarity)
    days = abs((one.at - other.at).total_seconds()) / 86_400
    metres = _metres(one, other)
    one_topic = bool(one.topic) and one.topic == other.topic
    two_topics = bool(one.topic and other.topic) and not one_topic
    near = metres is not None and metres <= limits.metres
    soon = days <= limits.days
    shared, differ = one.numbers & other.numbers, bool(one.numbers and other.numbers)
    same_house = bool(one.house) and one.house == other.house
    evidence = _evidence(one, other, metres, limits, words)
    same = soon and not two_topics and limits.metres > 0
    same = same and (bool(shared) or ((near or same_house) and not differ and evidence >= 0))
    score = PLACE * _closeness(metres, limits.metres) + WORDS * words + TOPIC * one_topic
    score += TIME * max(0.0, 1 - days / max(limits.days, 1e-9))
    if shared:
        score = max(score, 0.95)
    elif differ or two_topics:
        score *= 0.5
    reasons = [
        *_of_numbers(shared, differ),
        *_of_place(metres, same_house),
        *_of_time(days),
        *_of_topic(one_topic, two_topics),
    ]
    return Likeness(min(score, 1.0), evidence, same, (*reasons, _of_words(one, other)))


def _evidence(one: Report, other: Report, metres: float | None, limits: Limits, words: float) -> float:
    """Log odds that two reports, near and soon after one another, are of one thing."""
    found = AGAINST + ALIKE * min(words, MOST_WORDS)
    if metres is not None:
        found += CLOSE if metres <= limits.metres / 2 else WITHIN if metres <= limits.metres else APART
    if one.house and one.house == other.house:
        found += SAME_HOUSE
    others = other.topics
    agreeing = sum(p * others.get(code, 0.0) for code, p in one.topics.items())
    if one.called and other.called:
        found += ONE_TOPIC if one.called == other.called else TWO_TOPICS
    if words < SHARED_WORDS and agreeing < SHARED_TOPICS:
        found += NOTHING_SHARED
    return found + AGREEING * agreeing


def _metres(one: Report, other: Report) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return float(great_circle(one.lon, one.lat, other.lon, other.lat))


def _closeness(metres: float | None, limit: float) -> float:
    """1 at the same place, ½ at the limit; nothing where a place is not known or nothing is ever joined."""
    if metres is None or limit <= 0:
        return 0.0
    return 1 / (1 + (metres / limit) ** 2)


def _of_numbers(shared: frozenset[str], differ: bool) -> list[Reason]:
    if shared:
        number = ", ".join(sorted(shared))
        return [Reason(f"같은 시설 번호 {number}", f"the same number on it, {number}")]
    return [Reason("시설 번호가 다름", "another number on it")] if differ else []


def _of_place(metres: float | None, same_house: bool) -> list[Reason]:
    if same_house:
        return [Reason("같은 주소", "the same address")]
    if metres is None:
        return [Reason("자리를 모름", "place not known")]
    far = f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
    return [Reason(f"{far} 떨어짐", f"{far} apart")]


def _of_time(days: float) -> list[Reason]:
    if days < 1:
        return [Reason("하루 안", "within a day")]
    return [Reason(f"{days:.0f}일 사이", f"{days:.0f} days apart")]


def _of_topic(one_topic: bool, two_topics: bool) -> list[Reason]:
    if one_topic:
        return [Reason("같은 갈래", "the same topic")]
    return [Reason("갈래가 다름", "another topic")] if two_topics else []


def _of_words(one: Report, other: Report) -> Reason:
    shared = [token for token in one.content if token in other.content][:4]
    if not shared:
        return Reason("같은 낱말 없음", "no word in common")
    return Reason(f"같은 낱말: {', '.join(shared)}", f"words in common: {', '.join(shared)}")


def groups(
    reports: Iterable[Report], limits_of: Callable[[str], Limits], rarity: Rarity | None = None
) -> dict[str, str]:
    """The id of each report → the id of the first report of the same thing (its own, where it is the first).

    In the order of time; each is compared with the first reports alone and joins the likeliest. ``limits_of``: a
    topic's limits.
    """
    heads: list[Report] = []
    head_of: dict[str, str] = {}
    for report in sorted(reports, key=lambda one: (one.at, one.id)):
        best: tuple[float, Report] | None = None
        for head in heads:
            like = likeness(head, report, limits_of(report.topic or head.topic), rarity)
            if like.same and (best is None or like.evidence > best[0]):
                best = (like.evidence, head)
        if best is None:
            heads.append(report)
        head_of[report.id] = best[1].id if best else report.id
    return head_of
