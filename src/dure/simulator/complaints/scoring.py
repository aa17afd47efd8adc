# SPDX-License-Identifier: Apache-2.0
"""What the complaint desk made of what citizens said, against what was true. Values in, values out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import comb
from typing import Any

from dure.simulator.memory import Said
from dure.simulator.scoring import quantile

DANGER = 4
"""The level of urgency at which the duty officer is rung."""
NUMBERS = "number"
SORTS = {"name": "name", "address": "address"}
"""Kinds of marks that are told apart; every other one is of a number, whichever the platform took it for."""


@dataclass(frozen=True)
class Judged:
    """A complaint as the platform's door tells of it."""

    number: str
    case: str
    departments: Sequence[str]
    decided: bool
    urgency: int
    masked: Sequence[str]
    received_at: datetime
    first_answered_at: datetime | None

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> Judged:
        """From the door's JSON. Raises KeyError or ValueError for another form."""
        answered = line["first_answered_at"]
        return cls(
            str(line["number"]),
            str(line["case"]),
            list(line["departments"]),
            bool(line["decided"]),
            int(line["urgency"]),
            list(line["masked"]),
            datetime.fromisoformat(line["received_at"]),
            datetime.fromisoformat(answered) if answered else None,
        )


@dataclass(frozen=True)
class Routing:
    """Of ``asked`` complaints: the first candidate was right, one of three was; the platform decided by itself, and
    rightly."""

    asked: int
    first: int
    three: int
    decided: int
    decided_right: int


@dataclass(frozen=True)
class Pairs:
    """Pairs of complaints that are of one thing, that have one case, and both."""

    true: int
    joined: int
    right: int


@dataclass(frozen=True)
class ComplaintScore:
    """``words``: of those who chose no topic, so that only their words told; ``chosen``: of those who did, right or
    wrong. ``rung``: dangers and others that were taken for one. ``missed``: by sort, what points to a person and is not
    masked, of how much. ``hours``: until the first answer, sorted."""

    said: int
    taken: int
    doors: Counter[str]
    words: Routing
    chosen: Routing
    pairs: Pairs
    dangers: int
    rung: int
    rung_for_nothing: int
    missed: dict[str, tuple[int, int]]
    hours: list[float]


def score_complaints(truth: Sequence[Said], told: Iterable[Judged]) -> ComplaintScore:
    """Judge the complaints of ``truth``; what is told of others is passed over."""
    known = {one.number: one for one in told}
    both = [(one, known[one.number]) for one in truth if one.number in known]
    dangers = [judged.urgency >= DANGER for one, judged in both if one.danger]
    answered = [
        (one.first_answered_at - one.received_at).total_seconds() / 3600
        for _, one in both
        if one.first_answered_at is not None
    ]
    return ComplaintScore(
        said=len(truth),
        taken=len(both),
        doors=Counter(one.door for one, _ in both),
        words=_routing([(one, judged) for one, judged in both if not one.chose]),
        chosen=_routing([(one, judged) for one, judged in both if one.chose]),
        pairs=_pairs(both),
        dangers=len(dangers),
        rung=sum(dangers),
        rung_for_nothing=sum(judged.urgency >= DANGER for one, judged in both if not one.danger),
        missed=_missed(both),
        hours=sorted(answered),
    )


def _routing(both: Sequence[tuple[Said, Judged]]) -> Routing:
    """Of those with a right department; of several matters any one of their departments is right."""
    asked = [(set(one.departments), judged) for one, judged in both if one.departments]
    first = [bool(right & set(judged.departments[:1])) for right, judged in asked]
    decided = [hit for hit, (_, judged) in zip(first, asked, strict=True) if judged.decided]
    three = sum(bool(right & set(judged.departments[:3])) for right, judged in asked)
    return Routing(len(asked), sum(first), three, len(decided), sum(decided))


def _pairs(both: Sequence[tuple[Said, Judged]]) -> Pairs:
    """What has no thing is of none with any other."""
    things, cases, together = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for one, judged in both:
        cases[judged.case] += 1
        if one.thing:
            things[one.thing] += 1
            together[one.thing, judged.case] += 1
    true, joined, right = (sum(comb(n, 2) for n in counted.values()) for counted in (things, cases, together))
    return Pairs(true, joined, right)


def _missed(both: Sequence[tuple[Said, Judged]]) -> dict[str, tuple[int, int]]:
    """By sort in each text: fewer marks than there should be. The place of a thing is masked as an address as well, so
    that an address beside one may be missed and not be seen here."""
    missed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one, judged in both:
        marks = Counter(SORTS.get(kind, NUMBERS) for kind in judged.masked)
        for sort, count in Counter(SORTS.get(kind, NUMBERS) for kind, _ in one.personal).items():
            missed[sort][0] += max(count - marks[sort], 0)
            missed[sort][1] += count
    return {sort: (missing, of) for sort, (missing, of) in sorted(missed.items())}


def complaints_as_json(score: ComplaintScore) -> dict[str, Any]:
    """Everything the lines say."""
    pairs = score.pairs
    return {
        "said": score.said,
        "taken": score.taken,
        "doors": dict(score.doors),
        "routing": {"by_words": vars(score.words), "topic_chosen": vars(score.chosen)},
        "duplicates": {
            **vars(pairs),
            "precision": _ratio(pairs.right, pairs.joined),
            "recall": _ratio(pairs.right, pairs.true),
        },
        "danger": {"true": score.dangers, "rung": score.rung, "rung_for_nothing": score.rung_for_nothing},
        "not_masked": {sort: {"missed": missed, "of": of} for sort, (missed, of) in score.missed.items()},
        "first_answer": {
            "answered": len(score.hours),
            "median_hours": quantile(score.hours, 0.5),
            "p90_hours": quantile(score.hours, 0.9),
        },
    }


def complaints_as_lines(score: ComplaintScore) -> str:
    """Lines for a terminal."""
    doors = ", ".join(f"{door} {count}" for door, count in sorted(score.doors.items())) or "none"
    missed = ", ".join(f"{sort} {missing} of {of}" for sort, (missing, of) in score.missed.items()) or "none"
    hours = [quantile(score.hours, share) for share in (0.5, 0.9)]
    answered = "".join(f"{name}{one:.1f} h" for name, one in zip((", median ", ", p90 "), hours, strict=True) if one)
    return "\n".join(
        (
            f"complaints: {score.said} said, {score.taken} taken ({doors})",
            f"  department by words alone: {_routed(score.words)}",
            f"  department where a topic was chosen: {_routed(score.chosen)}",
            f"  pairs of one thing: {score.pairs.true}, of one case: {score.pairs.joined}, of both: {score.pairs.right}"
            f" (precision {_share(score.pairs.right, score.pairs.joined)}, "
            f"recall {_share(score.pairs.right, score.pairs.true)})",
            f"  dangers: {score.rung} of {score.dangers} rung, {score.rung_for_nothing} others rung",
            f"  personal data not masked: {missed}",
            f"  first answers: {len(score.hours)}{answered}",
        )
    )


def _routed(one: Routing) -> str:
    return (
        f"{one.asked}, first {_share(one.first, one.asked)}, in three {_share(one.three, one.asked)}; decided by itself"
        f" {_share(one.decided, one.asked)}, of these right {_share(one.decided_right, one.decided)}"
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"
