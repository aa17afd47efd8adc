# SPDX-License-Identifier: Apache-2.0
"""What every door does between reading a message and answering it: check each reading, store the good ones, keep the
refused ones, count. Several submissions go through together, in one transaction, and are answered one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import connection

from dure.city import clock, readings
from dure.city.devices import Holder
from dure.city.errors import DureError, Unavailable
from dure.city.models import Feed, RejectedReading
from dure.city.readings import READINGS, ReadingBatch, StoreResult
from dure.city.registry import Registry
from dure.gateways.checks import Checked, Columns, Refusal, check, lies_ahead
from dure.gateways.items import printable

MOST = 10_000
"""Readings in one submission, and about as many in one transaction."""
KEPT_REJECTED = 100
"""Of one submission, this many refused readings are kept; all are answered and counted."""


@dataclass(frozen=True)
class Submission:
    """What came together: readings, the digest of the key that was shown (none where the broker has vouched), and the
    text of each reading by its index, asked for only when one is refused."""

    columns: Columns
    text: Callable[[int], str]
    key: str | None = None


@dataclass(frozen=True)
class Taken:
    """The answer to one submission. ``duplicates`` changed nothing; ``conflicts`` are those of them that were sent
    with another value than the one that is kept. ``foreign``: all were refused as not this key's to send."""

    stored: int
    duplicates: int
    conflicts: list[Refusal] = field(default_factory=list)
    rejected: list[Refusal] = field(default_factory=list)
    foreign: bool = False


_FAILED = Unavailable("서버 오류입니다", "the server failed; nothing is promised about what was sent")


class UnknownKey(DureError):
    """No key was shown, or one that is unknown, revoked, or of a retired device."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "기기 열쇠가 없거나 올바르지 않습니다",
            "a valid device or feed key is needed: 'Authorization: Bearer <key>'",
            field="Authorization",
        )


class _Entry:
    """A submission that waits: claimed by whoever leads its group, then answered."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.claimed = False
        self.answered = threading.Event()
        self.outcome: Taken | DureError = _FAILED

    def answer(self, outcome: Taken | DureError) -> None:
        self.outcome = outcome
        self.answered.set()


class Intake:
    """One door's way in, in one process. ``take`` may be called by many threads: whoever comes while others'
    transactions are under way waits, and then all who waited go into the next one together."""

    def __init__(self, door: str) -> None:
        self.door = door
        self.totals = {"stored": 0, "duplicate": 0, "conflict": 0, "rejected": 0}
        self._registry = Registry()
        self._waiting: list[_Entry] = []
        self._guard = threading.Lock()
        self._checking = threading.Lock()
        # Two transactions at a time keep PostgreSQL busy while Python checks; SQLite has one writer anyway.
        self._leaders = threading.Semaphore(2 if connection.vendor == "postgresql" else 1)

    def take(self, submission: Submission) -> Taken:
        """Check and store one submission. Returns after the commit.

        Raises UnknownKey, or Unavailable when nothing could be stored.
        """
        entry = _Entry(submission)
        with self._guard:
            self._waiting.append(entry)
        with self._leaders:
            while not entry.claimed:
                self._lead()
        entry.answered.wait()
        if isinstance(entry.outcome, DureError):
            raise entry.outcome
        return entry.outcome

    def _lead(self) -> None:
        """Answer those who wait, from the first on, in one transaction."""
        with self._guard:
            sizes = np.cumsum([len(entry.submission.columns) for entry in self._waiting])
            count = 1 + int(np.searchsorted(sizes, MOST))
            group, self._waiting = self._waiting[:count], self._waiting[count:]
            for entry in group:
                entry.claimed = True
        if not group:
            return  # another leader was faster
        outcomes: list[Taken | DureError] = [_FAILED] * len(group)
        try:
            outcomes = self.take_group([entry.submission for entry in group])
        except DureError as error:
            outcomes = [error] * len(group)
        finally:
            for entry, outcome in zip(group, outcomes, strict=True):
                entry.answer(outcome)

    def take_group(self, submissions: Sequence[Submission]) -> list[Taken | DureError]:
        """Check and store several submissions in one transaction; one answer each.

        Raises Unavailable when nothing could be stored: the database is down or full.
        """
        with readings.available(), self._checking:
            self._registry.refresh()
            wrong_since = readings.clock_fell_back_from()
            checked = [self._check(submission, wrong_since) for submission in submissions]
        good = [one for one, _ in checked if isinstance(one, Checked)]
        result = readings.store(_together([one.batch for one in good]))
        answers = dict(zip(map(id, good), _answers(good, result), strict=True))
        readings.keep_rejected(
            row
            for (one, holder), submission in zip(checked, submissions, strict=True)
            if isinstance(one, Checked)
            for row in self._kept(answers[id(one)], submission, holder)
        )
        with self._guard:
            for answer in answers.values():
                self._count(answer)
        return [answers[id(one)] if isinstance(one, Checked) else one for one, _ in checked]

    def _check(self, submission: Submission, wrong_since: datetime | None) -> tuple[Checked | DureError, Holder | None]:
        holder = self._registry.holder(submission.key) if submission.key else None
        if submission.columns.feed is None and holder is None:
            return UnknownKey(), None
        if wrong_since is not None and lies_ahead(submission.columns, clock.now()):
            return _clock_is_wrong(wrong_since), None
        return check(submission.columns, self._registry, holder, clock.now()), holder

    def _kept(self, answer: Taken, submission: Submission, holder: Holder | None) -> Iterator[RejectedReading]:
        columns = submission.columns
        place = {int(index): position for position, index in enumerate(columns.index)} if _faults(answer) else {}
        for refusal in _faults(answer)[:KEPT_REJECTED]:
            position = place.get(refusal.index)
            yield RejectedReading(
                feed=holder.feed if holder else _feed_of(columns, position),
                door=self.door,
                device_code="" if position is None else printable(columns.device[position])[:64],
                field=refusal.field[:40],
                reason=refusal.message_ko[:200],
                payload=printable(submission.text(refusal.index))[:500],
            )

    def _count(self, answer: Taken) -> None:
        conflicts = len(answer.conflicts)
        for result, count in (
            ("stored", answer.stored),
            ("duplicate", answer.duplicates - conflicts),
            ("conflict", conflicts),
            ("rejected", len(answer.rejected)),
        ):
            self.totals[result] += count
            READINGS.labels(self.door, result).inc(count)


def _clock_is_wrong(since: datetime) -> Unavailable:
    """A server whose clock has fallen back would blame true readings for being from the future: senders keep theirs
    until it is right again."""
    return Unavailable(
        f"서버 시계가 뒤로 갔습니다 ({since:%Y-%m-%dT%H:%M:%SZ} 이후여야 합니다)",
        f"the server's clock is wrong: it was {since:%Y-%m-%dT%H:%M:%SZ} already",
    )


def _together(batches: list[ReadingBatch]) -> ReadingBatch:
    if len(batches) == 1:
        return batches[0]
    if not batches:
        return ReadingBatch.of([])
    return ReadingBatch(
        np.concatenate([batch.series for batch in batches]),
        np.concatenate([batch.at for batch in batches]),
        np.concatenate([batch.value for batch in batches]),
        np.concatenate([batch.quality for batch in batches]),
    )


def _answers(checked: list[Checked], result: StoreResult) -> Iterator[Taken]:
    """Deal what became of all readings back to the submissions they came in."""
    start = 0
    conflicts = set(result.conflicts)
    for one in checked:
        here = range(start, start + len(one.batch))
        start = here.stop
        duplicates = [position for position in here if position in result.duplicates] if result.duplicates else []
        yield Taken(
            stored=len(here) - len(duplicates),
            duplicates=len(duplicates),
            conflicts=[
                _conflict(int(one.index[position - here.start]), result.duplicates[position])
                for position in duplicates
                if position in conflicts
            ],
            rejected=one.refused,
            foreign=one.foreign,
        )


def _conflict(index: int, kept: float | None) -> Refusal:
    value = "null" if kept is None else repr(kept)
    return Refusal(
        index,
        "value",
        f"another value came first for this time and stays: {value}",
        f"이 시각의 다른 값이 먼저 들어와 그대로 둡니다: {value}",
    )


def _faults(answer: Taken) -> list[Refusal]:
    return [*answer.rejected, *answer.conflicts]


def _feed_of(columns: Columns, position: int | None) -> Feed | None:
    if columns.feed is None or position is None:
        return None
    return Feed.objects.filter(code=columns.feed[position]).first()
