# SPDX-License-Identifier: Apache-2.0
"""The assistant of the desk: which department and topic, how urgent, what can be quoted, what is like it.

One for each process. What it knows is derived from the rows (duties, topics, texts, synonyms, complaints, and what
people chose) and kept as a folder of ``DURE_HOME``. Before it answers it asks the rows for what is new, so a correction
or a changed text counts at once in every process; where the duties themselves were changed a new model is trained
beside the old one. Without departments or texts it decides nothing and finds nothing.

Texts are given masked: the words by which it decided are shown and kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from threading import RLock, Thread, local
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q

from dure.city import clock
from dure.city.places import around
from dure.city.retrying import wait_after
from dure.engines.language.classify import Classifier, Decision
from dure.engines.language.search import Index
from dure.engines.language.similar import Limits, Report, likeness
from dure.engines.language.split import split
from dure.engines.language.tokens import Tokenizer
from dure.engines.language.urgency import urgency

from . import assist_files, assist_rows
from .assist_files import Kept, Lesson
from .models import Complaint, Department, Text, Topic

log = logging.getLogger(__name__)

CLASSIFIER = "classify/1"
OVERLAP = timedelta(minutes=10)
"""City time: a transaction that began before another may end after it, so rows of so long ago are looked at again."""
LOOKED_AGAIN = timedelta(hours=1)
"""City time: rows that were there so long before the last look were seen by it, however many they are."""
IDS_AGAIN = 200
"""The same for rows that are told apart by their number only."""
CANDIDATES, COMPARED = 12, 400
"""Past complaints that share words, of which the likest are told, and the characters of each that are compared: a pair
costs one to three milliseconds, and somebody is typing."""
PARTED = 1_500
"""Characters in which several matters are looked for: each piece is classified."""
REMEMBERED = 4_096
"""Past complaints whose words are kept counted: the same ones come again with each word that somebody types."""
FIRST_QUESTION = "가로등이 꺼졌습니다"
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)
"""Between tries to learn what could not be learned: a try costs seconds to minutes, and every question begins one."""
SEALED = ("text", "vault", "reporter", "address")
"""Columns that nothing here reads."""
SAVED_AFTER = 2000
"""New complaints after which the folder is written again: no process has to read more than that at its start."""


@dataclass(frozen=True)
class Judged:
    """What is said of a complaint before a person reads it; the fields of the row Judgement.

    ``labels`` and ``topics``: ``[{"label": code, "p": 0–1}]``, best first, at most three. ``why``: ``{"words": […],
    "texts": [codes], "complaints": [ids]}``.
    """

    labels: list[dict[str, Any]] = field(default_factory=list)
    topics: list[dict[str, Any]] = field(default_factory=list)
    decided: bool = False
    urgency: int = 1
    urgent_words: list[str] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    why: dict[str, Any] = field(default_factory=dict)
    engine: str = CLASSIFIER


@dataclass(frozen=True)
class Passage:
    """A part of a text that is in force: its row, and where the passage begins and ends in ``row.text``.

    ``score`` is comparable within one question, ``strength`` (0–1) between questions.
    """

    row: Text
    begin: int
    end: int
    score: float
    strength: float

    @property
    def text(self) -> str:
        """The passage itself."""
        return self.row.text[self.begin : self.end].strip()


class Similar(NamedTuple):
    """A past complaint like this one; ``why`` in words ``{"ko","en"}``."""

    complaint_id: int
    score: float
    why: list[dict[str, str]]


@dataclass(frozen=True)
class Failed:
    """The duties and texts (assist_rows.guide_mark) that could not be learned, how often, and when to try again."""

    mark: str
    tries: int
    again_at: datetime


class Assist:
    """Thread-safe: one question at a time. ``folder``: where what it learned is kept between processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = RLock()
        self._kept = Kept()
        self._training: Thread | None = None
        self._failed: Failed | None = None
        self._unsaved = 0
        self._asking = local()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Several questions about the same words, by this thread: the rows are asked for what is new before them all,
        and not before each."""
        self.learn()
        self._asking.looked = True
        try:
            yield
        finally:
            self._asking.looked = False

    def judge(
        self, text: str, *, topic: Topic | None = None, lon: float | None = None, lat: float | None = None
    ) -> Judged:
        """Which department and topic; ``topic``: what the citizen chose, whose department then comes first.

        Where the words clearly say another department than the citizen's topic does, nothing is decided.
        """
        with self._lock:
            self._look()
            guides = self._kept.guides
            said = guides.departments.classify(text) if guides.departments and text.strip() else None
            topics = guides.topics.classify(text) if guides.topics and text.strip() else None
            why = _why(guides.departments, text) if said and guides.departments else {}
            parts = _parts(guides.departments, text) if said and guides.departments else []
        labels, decided = _labels(said), bool(said and said.decided)
        danger = urgency(text)
        if topic is not None:
            chosen = topic.department.code
            decided = not decided or labels[0]["label"] == chosen
            labels = _first(chosen, labels)
        return Judged(
            labels=labels,
            topics=_first(topic.code, _labels(topics)) if topic is not None else _labels(topics),
            decided=decided,
            urgency=danger.level,
            urgent_words=danger.words,
            parts=parts,
            why=why,
        )

    def search(self, text: str, *, on: date | None = None, top: int = 5) -> list[Passage]:
        """The passages nearest to ``text`` among texts in force ``on`` that day (today)."""
        with self._lock:
            self._look()
            hits = self._kept.texts.search(text, top, on or clock.today()) if text.strip() else []
        rows = assist_rows.texts().in_bulk([hit.document.id for hit in hits], field_name="code")
        return [
            Passage(rows[hit.document.id], hit.begin, hit.end, hit.score, hit.strength)
            for hit in hits
            if hit.document.id in rows and rows[hit.document.id].text == hit.document.text
        ]

    def similar(
        self,
        text: str,
        *,
        lon: float | None = None,
        lat: float | None = None,
        topic: Topic | None = None,
        since: datetime | None = None,
        top: int = 5,
    ) -> list[Similar]:
        """Past complaints like this one, the likest first; of those received ``since`` then, where given."""
        if not text.strip():
            return []
        with self._lock:
            self._look()
            hits = self._kept.past.search(text, CANDIDATES)
            tokenizer, rarity = self._kept.past.tokenizer, self._kept.past.rarity
        by_words = Q(pk__in=[int(hit.document.id) for hit in hits])
        rows = Complaint.objects.filter(by_words | _near(topic, lon, lat)).select_related("topic").defer(*SEALED)
        if since is not None:
            rows = rows.filter(received_at__gte=since)
        asked = Report("", text[:COMPARED], clock.now(), topic.code if topic else "", lon, lat, tokenizer)
        others = [(row, _report_of(row, tokenizer)) for row in rows.order_by("-pk")[: 2 * CANDIDATES]]
        words = sorted({word for one in (asked, *(report for _, report in others)) for word in one.content})
        telling = dict(zip(words, rarity(words), strict=True))
        found = []
        for row, other in others:
            of = row.topic or topic
            limits = Limits(of.metres, of.days) if of else Limits()
            like = likeness(other, asked, limits, lambda tokens: [telling[token] for token in tokens])
            found.append(Similar(row.pk, like.score, [{"ko": one.ko, "en": one.en} for one in like.reasons]))
        return sorted(found, key=lambda one: -one.score)[:top]

    def learn(self) -> None:
        """Take in what is new now and keep it, so that nobody's page waits for it."""
        with self._lock:
            self._look()

    def settle(self) -> None:
        """Wait until a training that is under way counts."""
        if self._training is not None:
            self._training.join()

    def _look(self) -> None:
        """Ask the rows for what is new."""
        if getattr(self._asking, "looked", False):
            return
        now = clock.now()
        if self._is_of_another_record():
            self._kept = Kept()
        trained = self._look_at_guides()
        self._look_at_choices()
        self._look_at_texts()
        self._look_at_complaints()
        self._kept.looked_at = now
        if trained or self._unsaved >= SAVED_AFTER:
            self._save()

    def _is_of_another_record(self) -> bool:
        """Whether the newest complaint that is known is none of this database: it was put back, or is a new one."""
        number, born = self._kept.past_last
        return number > 0 and not Complaint.objects.filter(pk=number, client_id=born).exists()

    def _look_at_guides(self) -> bool:
        """Whether new models were trained here and now: there were none, or of other departments."""
        mark = assist_rows.guide_mark()
        if self._kept.guides.mark == "":
            self._open()
        guides = self._kept.guides
        if mark == guides.mark or (self._training is not None and self._training.is_alive()):
            return False
        if self._failed and self._failed.mark == mark and clock.now() < self._failed.again_at:
            return False
        lesson = Lesson.of_the_rows(mark)
        if guides.categories() != lesson.categories():
            return self._learn_from(lesson)
        self._training = Thread(target=self._train_beside, args=(lesson,), name="assist", daemon=True)
        self._training.start()
        return False

    def _train_beside(self, lesson: Lesson) -> None:
        if self._learn_from(lesson):
            with self._lock:
                self._save()

    def _learn_from(self, lesson: Lesson) -> bool:
        """Whether it could be learned. What could not is tried again later, and meanwhile the old models answer."""
        try:
            guides = lesson.learned()
        except Exception:
            with self._lock:
                tries = 1 + (self._failed.tries if self._failed and self._failed.mark == lesson.mark else 0)
                wait = wait_after(tries, FIRST_RETRY, LONGEST_RETRY)
                self._failed = Failed(lesson.mark, tries, clock.now() + wait)
            log.exception("the assistant could not learn (%s times); again in %s", tries, wait)
            return False
        with self._lock:
            self._kept.guides = guides
        return True

    def _open(self) -> None:
        """What an earlier process kept, if it is of this record."""
        kept = assist_files.opened(self._folder)
        if kept is not None:
            self._kept = kept
            if self._is_of_another_record():
                self._kept = Kept()

    def _save(self) -> None:
        assist_files.save(self._folder, self._kept)
        self._unsaved = 0

    def _look_at_choices(self) -> None:
        guides = self._kept.guides
        known = assist_rows.chosen_since(self._since(guides.taught_at))
        if fresh := [complaint for complaint, at in known if guides.taught.get(complaint) != at]:
            guides.teach(assist_rows.chosen(fresh), OVERLAP)

    def _since(self, newest: datetime | None) -> datetime | None:
        """From when on rows are looked at again, of which ``newest`` is the newest that is known."""
        if newest is None:
            return None
        looked_at = self._kept.looked_at
        return max(newest - OVERLAP, looked_at - LOOKED_AGAIN) if looked_at else newest - OVERLAP

    def _look_at_texts(self) -> None:
        kept = self._kept
        changed = assist_rows.changed_texts(self._since(kept.texts_at))
        if new := [code for code, at in changed if kept.texts_seen.get(code) != at]:
            fresh = assist_rows.with_codes(new)
            kept.texts.remove([row.code for row in fresh if row.removed_at is not None])
            kept.texts.add(assist_rows.document_of(row) for row in fresh if row.removed_at is None)
            newest = max(row.changed_at for row in fresh)
            kept.texts_at = max(newest, kept.texts_at or newest)
            kept.texts_seen |= {row.code: row.changed_at for row in fresh}
            kept.texts_seen = {c: at for c, at in kept.texts_seen.items() if at >= kept.texts_at - OVERLAP}
        if len(kept.texts) != assist_rows.texts().count():  # rows went without a word: it is made anew
            kept.texts = Index(Tokenizer(assist_rows.own_words()))
            kept.texts.add(map(assist_rows.document_of, assist_rows.texts().iterator()))
        kept.texts.synonyms = [tuple(group) for group in assist_rows.synonyms()]

    def _look_at_complaints(self) -> None:
        kept = self._kept
        added, words_at = self._words_added()
        last = kept.past_last[0]
        new = [pk for pk in assist_rows.complaints_after(last - IDS_AGAIN) if pk not in kept.past_seen]
        if fresh := assist_rows.complaints(sorted({*new, *added})):
            kept.past.add(map(assist_rows.complaint_document, fresh))
            self._unsaved += len(fresh)
        if new and fresh[-1].pk > last:
            kept.past_last = (fresh[-1].pk, fresh[-1].client_id)
        kept.past_seen |= set(new)
        kept.past_seen = {pk for pk in kept.past_seen if pk > kept.past_last[0] - IDS_AGAIN}
        kept.words_last = max([kept.words_last, *words_at])
        kept.words_seen = {pk for pk in {*kept.words_seen, *words_at} if pk > kept.words_last - IDS_AGAIN}

    def _words_added(self) -> tuple[set[int], list[int]]:
        """Complaints that are known and to which their citizens have added words since, and those messages' ids."""
        kept = self._kept
        if not kept.past_last[0]:  # all are read now, as they are
            newest = assist_rows.newest_words()
            return set(), [newest] if newest else []
        new = [one for one in assist_rows.words_after(kept.words_last - IDS_AGAIN) if one[0] not in kept.words_seen]
        return {complaint for _, complaint in new}, [message for message, _ in new]


def _near(topic: Topic | None, lon: float | None, lat: float | None) -> Q:
    """Complaints within twice the metres of their topic (of the widest, where nobody knows it): somebody may say the
    same in no word of the other's."""
    joined = Topic.objects.filter(metres__gt=0, **({"pk": topic.pk} if topic else {}))
    widest = joined.aggregate(widest=Max("metres"))["widest"] if lon is not None and lat is not None else None
    if lon is None or lat is None or widest is None:
        return Q(pk__in=())
    return around(lon, lat, 2 * widest) & (Q(topic=topic) if topic else Q())


def _report_of(row: Complaint, tokenizer: Tokenizer) -> Report:
    code, place = row.topic.code if row.topic else "", (row.lon, row.lat)
    return _report(row.pk, row.masked[:COMPARED], row.received_at, topic=code, place=place, tokenizer=tokenizer)


@lru_cache(maxsize=REMEMBERED)
def _report(
    pk: int, text: str, at: datetime, *, topic: str, place: tuple[float | None, float | None], tokenizer: Tokenizer
) -> Report:
    """A past complaint, whose words are counted once."""
    return Report(str(pk), text, at, topic, *place, tokenizer)


def _labels(said: Decision | None) -> list[dict[str, Any]]:
    return [{"label": one.label, "p": round(one.p, 4)} for one in said.labels] if said else []


def _first(code: str, labels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """``labels`` with this one before all others, with the probability that it has or none."""
    own = next((one for one in labels if one["label"] == code), {"label": code, "p": 0.0})
    return [own, *(one for one in labels if one["label"] != code)][:3]


def _why(model: Classifier, text: str) -> dict[str, Any]:
    reasons = model.why(text)
    ids = [hit.document.id for hit in reasons.texts]
    return {
        "words": [word for word, _ in reasons.words],
        "texts": [one.removeprefix("guide:") for one in ids if one.startswith("guide:")],
        "complaints": [int(one.removeprefix("label:")) for one in ids if one.startswith("label:")],
    }


def _parts(model: Classifier, text: str) -> list[dict[str, Any]]:
    """Nothing for a complaint of one matter."""
    parts = split(text[:PARTED], lambda piece: model.classify(piece).labels)
    return [{**asdict(part), "p": round(part.p, 4)} for part in parts] if len(parts) > 1 else []


@cache
def warm() -> None:
    """Have what the first question needs loaded beside (seconds; minutes where a large city is still to be learned), so
    that nobody waits for it. Nothing in a city without departments."""
    Thread(target=_warm, name="assist-warm", daemon=True).start()


def _warm() -> None:
    try:
        if Department.objects.exists():
            get().judge(FIRST_QUESTION)
    except Exception:
        log.exception("the assistant could not be made ready beforehand")
    finally:
        connection.close()


@cache
def get() -> Assist:
    """The assistant of this process."""
    return Assist(Path(settings.DURE_HOME) / "assist")
