# SPDX-License-Identifier: Apache-2.0
"""A draft answer to a complaint, kept with the passages it rests on, and with what a model was asked and said.

Only masked text is searched with and goes out. A language model is used where one has registered itself
(``gateways.language_model``); without one, and whenever it fails, sentences of the city's own texts are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.db import transaction

from dure.city import audit, clock
from dure.city.cases.access import require_actor
from dure.city.models import User
from dure.engines.language import draft as engine
from dure.engines.language.grounding import Passage, Sentence
from dure.engines.language.tokens import Tokenizer

from . import assist, masking
from .models import Complaint, Draft, DraftState, Source

PASSAGES = 5
"""Passages that a draft may rest on."""

_MARK = re.compile(r"⟦[A-Z]+_\d+⟧")
_TOKENIZER = Tokenizer()


class Tag(StrEnum):
    MADE = "complaints:draft:made"


@dataclass(frozen=True)
class Model:
    """A language model that writes. ``name``: what it is called now."""

    write: engine.Writer
    name: Callable[[], str]


_models: list[Model] = []


def register_writer(write: engine.Writer, name: Callable[[], str]) -> None:
    """Have drafts written by this model from now on, in the place of one before it."""
    _models[:] = [Model(write, name)]


def unregister_writer() -> None:
    """Quote only, from now on."""
    _models.clear()


def notice(language: str) -> str:
    """What stands on every draft."""
    return engine.NOTICE.get(language, engine.NOTICE["en"])


def draft_for(complaint: Complaint, actor: User | str) -> Draft:
    """Draft an answer to ``complaint``; drafts of it that were offered before are no longer.

    Called outside transactions: a model may take its time. Raises NotFound or NotAllowed where ``actor`` may not act
    on the case.
    """
    require_actor(actor, complaint.case)
    question = f"{complaint.title}\n{complaint.masked}".strip()
    passages = _passages(question)
    model = _models[0] if _models else None
    made = engine.drafted(
        question,
        passages,
        _TOKENIZER,
        writer=model.write if model else None,
        language=complaint.language,
    )
    writer = model.name() if model and made.writer != engine.EXTRACTIVE else engine.EXTRACTIVE
    return _keep(complaint, made, passages, writer, actor)


def _passages(question: str) -> list[Passage]:
    found = assist.get().search(_MARK.sub(" ", question), top=PASSAGES)
    return [
        Passage(
            n,
            one.row.code,
            one.row.title,
            # what was once answered to somebody may name them
            masking.mask(one.text).text if one.row.source == Source.ANSWER else one.text,
            str(one.row.department or ""),
            one.row.valid_from,
            one.strength,
        )
        for n, one in enumerate(found, 1)
    ]


@transaction.atomic
def _keep(complaint: Complaint, made: engine.Draft, passages: list[Passage], writer: str, actor: User | str) -> Draft:
    audit.take_turn()
    at, by = clock.now(), actor if isinstance(actor, User) else None
    offered = Draft.objects.filter(complaint=complaint, state=DraftState.OFFERED)
    offered.filter(version__lt=complaint.version).update(state=DraftState.STALE, decided_at=at, by=by)
    offered.update(state=DraftState.DROPPED, decided_at=at, by=by)
    draft = Draft.objects.create(
        complaint=complaint,
        version=complaint.version,
        at=at,
        writer=writer[:120],
        action=made.action,
        passages=[_row_of_passage(one) for one in passages],
        sentences=[_row_of_sentence(one) for one in made.sentences],
        prompt=made.prompt or None,
        output=made.output or None,
        problem=" / ".join(filter(None, made.problem))[:200],
        by=by,
    )
    detail = {
        "draft": draft.pk,
        "version": draft.version,
        "writer": draft.writer,
        "action": draft.action,
        "passages": [one.code for one in passages],
        "kept": sum(one.kept for one in made.sentences),
        "dropped": sum(not one.kept for one in made.sentences),
    }
    audit.record(Tag.MADE, actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return draft


def _row_of_passage(passage: Passage) -> dict[str, Any]:
    return {
        "n": passage.n,
        "code": passage.code,
        "title": passage.title,
        "text": passage.text,
        "digest": sha256(passage.text.encode()).hexdigest(),
        "department": passage.department,
        "valid_from": passage.valid_from,
    }


def _row_of_sentence(sentence: Sentence) -> dict[str, Any]:
    why = " / ".join(filter(None, sentence.why))
    return {"text": sentence.text, "cites": list(sentence.cites), "kept": sentence.kept, "why": why}
