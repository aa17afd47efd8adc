# SPDX-License-Identifier: Apache-2.0
"""What the assistant has learned, and the folder in which the next process finds it.

Derived data: it may be thrown away at any time and is then made again from the rows.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from dure.engines.language import folders
from dure.engines.language.classify import Classifier, train
from dure.engines.language.documents import Document
from dure.engines.language.folders import About, LanguageFileError
from dure.engines.language.search import Index
from dure.engines.language.tokens import Tokenizer

from . import assist_rows
from .models import Judgement

ABOUT = About("model.json", "desk assistant", 2, "민원 도우미", "desk assistant")
NOBODY = UUID(int=0)


@dataclass
class Guides:
    """The two classifiers. ``mark``: of the duties and texts that they learned from (assist_rows.guide_mark), "" for
    none. ``taught``: complaint → when it was last taught, of the newest ones."""

    mark: str = ""
    departments: Classifier | None = None
    topics: Classifier | None = None
    taught_at: datetime | None = None
    taught: dict[int, datetime] = field(default_factory=dict)

    def categories(self) -> set[str]:
        """Which departments it knows."""
        return set(self.departments.categories) if self.departments else set()

    def teach(self, rows: Sequence[Judgement], overlap: timedelta) -> None:
        """Learn at once what people chose."""
        for model, examples in (
            (self.departments, assist_rows.labels(rows)),
            (self.topics, assist_rows.topic_labels(rows)),
        ):
            if model is not None:
                for example in examples:
                    model.correct(example)
        self.note(rows, overlap)

    def note(self, rows: Iterable[Judgement], overlap: timedelta) -> None:
        """These were taught."""
        for row in rows:
            if row.chosen_at is not None:
                self.taught[row.complaint_id] = row.chosen_at
                self.taught_at = max(row.chosen_at, self.taught_at or row.chosen_at)
        if self.taught_at is not None:
            after = self.taught_at - overlap
            self.taught = {pk: at for pk, at in self.taught.items() if at >= after}


@dataclass
class Kept:
    """Everything that an assistant knows, and up to where it has read each kind of rows; ``looked_at``: when this
    process did so (it is not kept)."""

    guides: Guides = field(default_factory=Guides)
    texts: Index = field(default_factory=Index)
    texts_at: datetime | None = None
    texts_seen: dict[str, datetime] = field(default_factory=dict)
    past: Index = field(default_factory=Index)
    past_last: tuple[int, UUID] = (0, NOBODY)
    past_seen: set[int] = field(default_factory=set)
    words_last: int = 0
    words_seen: set[int] = field(default_factory=set)
    looked_at: datetime | None = None


@dataclass(frozen=True)
class Lesson:
    """All that a model is trained from, read from the rows beforehand: training asks no database."""

    mark: str
    words: Sequence[str]
    departments: Sequence[Document]
    topics: Sequence[Document]
    chosen: Sequence[Judgement]

    @classmethod
    def of_the_rows(cls, mark: str) -> Lesson:
        """As the rows are now."""
        return cls(
            mark,
            assist_rows.own_words(),
            assist_rows.guides(),
            assist_rows.topic_guides(),
            assist_rows.chosen(),
        )

    def categories(self) -> set[str]:
        """The departments that will be known."""
        return {one.category for one in (*self.departments, *assist_rows.labels(self.chosen))}

    def learned(self) -> Guides:
        """The classifiers; none where there is nothing to learn from."""
        tokenizer = Tokenizer(self.words)
        made = Guides(self.mark)
        if self.departments:
            made.departments = train(self.departments, assist_rows.labels(self.chosen), tokenizer)
        if self.topics:
            made.topics = train(self.topics, assist_rows.topic_labels(self.chosen), tokenizer)
        made.note(self.chosen, timedelta(minutes=10))
        return made


def save(folder: Path, kept: Kept) -> None:
    """Keep it for other processes, in place of what was there, all or nothing."""
    about = {
        "mark": kept.guides.mark,
        "taught_at": _text(kept.guides.taught_at),
        "taught": {str(pk): at.isoformat() for pk, at in kept.guides.taught.items()},
        "texts_at": _text(kept.texts_at),
        "texts_seen": {code: at.isoformat() for code, at in kept.texts_seen.items()},
        "past_last": [kept.past_last[0], str(kept.past_last[1])],
        "past_seen": sorted(kept.past_seen),
        "words_last": kept.words_last,
        "words_seen": sorted(kept.words_seen),
    }
    with _alone(folder):
        fresh = folders.begun(folder)
        for name, model in (("departments", kept.guides.departments), ("topics", kept.guides.topics)):
            if model is not None:
                model.save(fresh / name)
        kept.texts.save(fresh / "texts")
        kept.past.save(fresh / "past")
        folders.ended(folder, fresh, ABOUT, about)


def opened(folder: Path) -> Kept | None:
    """What was kept; None where there is nothing, or nothing that this version reads."""
    with _alone(folder):
        try:
            about = folders.about(folder, ABOUT)
            guides = Guides(
                about["mark"],
                _classifier(folder / "departments"),
                _classifier(folder / "topics"),
                taught_at=_time(about["taught_at"]),
                taught={int(pk): datetime.fromisoformat(at) for pk, at in about["taught"].items()},
            )
            return Kept(
                guides=guides,
                texts=Index.open(folder / "texts"),
                texts_at=_time(about["texts_at"]),
                texts_seen={code: datetime.fromisoformat(at) for code, at in about["texts_seen"].items()},
                past=Index.open(folder / "past"),
                past_last=(about["past_last"][0], UUID(about["past_last"][1])),
                past_seen=set(about["past_seen"]),
                words_last=about["words_last"],
                words_seen=set(about["words_seen"]),
            )
        except LanguageFileError:
            return None


def _classifier(folder: Path) -> Classifier | None:
    return Classifier.open(folder) if folder.is_dir() else None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time reads or replaces the folder; what is mapped from the old one stays readable."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
