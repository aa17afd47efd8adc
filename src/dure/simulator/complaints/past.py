# SPDX-License-Identifier: Apache-2.0
"""What the city's people complained of in the weeks before, and how it was answered: a file as officers of 국민신문고
export it, for ``dure complaints import``.

It is the same life that goes on afterwards, as often and in the same voices; only the first who told of a thing is
there. In the last of its weeks lamps go out in one dong, which a board that looks for what rises has to show.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dure.simulator.chance import uniform
from dure.simulator.complaints.citizens import Complaint, complaints
from dure.simulator.complaints.desk import MADE
from dure.simulator.complaints.happenings import DAY, Happenings
from dure.simulator.complaints.office import is_open
from dure.simulator.pace import KOREA

HEAD = ("신청번호", "신청일시", "민원내용", "경도", "위도", "발생위치", "처리부서", "민원분류", "처리일시", "답변내용")
WEEKS = 5
"""As far back as the meters' readings go, and a day, so that they are whole."""
LATE_SHARE = 0.08
"""Of answers, those that take their department long."""
USUAL_DAYS, LATE_DAYS = 3.0, 14.0
ANSWERS = (
    "현장을 확인하고 처리했습니다.",
    "말씀하신 곳을 살펴보고 고쳤습니다. 불편을 드려 죄송합니다.",
    "담당자가 확인했습니다. 정비 계획에 넣어 순서대로 처리하겠습니다.",
    "문의하신 내용을 안내해 드렸습니다.",
)


def write_past(happenings: Happenings, until: float, file: Path) -> int:
    """Of the WEEKS before ``until`` (UTC epoch seconds), which is when they were exported; how many."""
    names = _names()
    rows = [_row(one, names, happenings.seed, until) for one in first_voices(happenings, until)]
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([HEAD, *rows])
    return len(rows)


def first_voices(happenings: Happenings, until: float) -> Iterator[Complaint]:
    """The first complaint of each thing, and what is of none; nothing dangerous, which is no matter of letters."""
    seen: set[str] = set()
    for one in complaints(happenings, until - (WEEKS * 7 + 1) * DAY, until):
        if one.danger or one.thing in seen or not one.departments:
            continue
        seen |= {one.thing} - {""}
        yield one


def _row(one: Complaint, names: dict[str, str], seed: int, until: float) -> Iterable[object]:
    number = one.ref.int % 2**62
    share = float(uniform(seed, "answered late", number))
    most = LATE_DAYS if share < LATE_SHARE else USUAL_DAYS
    answered = _office_hour(one.at + float(uniform(seed, "answered after", number, low=0.1, high=most)) * DAY)
    text = ANSWERS[number % len(ANSWERS)]
    called = names[one.departments[0]], names[one.topics[0]]
    ended = (*called, _korean(answered), text) if answered < until else ("", "", "", "")
    told_at = _korean(one.at)
    reference = f"1AA-{told_at[2:7].replace('-', '')}-{one.ref.int % 10**7:07d}"
    address = one.street if one.lon is None else ""
    return (reference, told_at, one.written.text, one.lon, one.lat, address, *ended)


def _office_hour(at: float) -> float:
    """The moment, or the first hour after it in which somebody is at work."""
    while not is_open(at):
        at += 3600
    return at


def _korean(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC) + KOREA:%Y-%m-%d %H:%M}"


def _names() -> dict[str, str]:
    """Of departments and topics, by code."""
    lines = [json.loads(line) for line in (MADE / "departments.jsonl").read_text(encoding="utf-8").splitlines()]
    named = [line[kind] for line in lines for kind in ("department", "topic") if kind in line]
    return {one["code"]: one["name"]["ko"] for one in named}
