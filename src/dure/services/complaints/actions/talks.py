# SPDX-License-Identifier: Apache-2.0
"""What is kept of a talk at the chat door between one message and the next, and what waits to be said there.

A citizen is known by a digest of their account; what they said is sealed, opened only to go on with their own talk,
and emptied when it ends. The complaint that comes of a talk is on the audit chain by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from dure.city import clock
from dure.services.complaints.models import Complaint, Message, Talk, TalkStep, Waiting

UNFINISHED_MINUTES = 30
"""Somebody else may hold the phone by then: what was said is forgotten."""
WITH_PERSON_DAYS = 14
MOST_WORDS = 3
"""Messages of the city that are said at once."""


@dataclass
class OpenTalk:
    """A talk, opened to go on with."""

    ref: UUID
    step: TalkStep
    said: dict[str, Any] = field(repr=False)
    language: str
    turns: int
    complaint: Complaint | None


@dataclass(frozen=True)
class Word:
    """What the city has to say about a complaint."""

    pk: int
    number: str
    text: str = field(repr=False)


def access_talk(caller_index: str, language: str) -> OpenTalk:
    """The citizen's open talk, or a new one. One that nobody went on with is ended, and nothing of it comes along."""
    now = clock.now()
    for _ in range(2):
        known = Talk.objects.filter(caller_index=caller_index).exclude(step=TalkStep.ENDED).first()
        if known is not None and _is_stale(known):
            _end(known)
            known = None
        if known is not None:
            said = json.loads(known.said.open())
            return OpenTalk(known.ref, TalkStep(known.step), said, known.language, known.turns, known.complaint)
        try:
            with transaction.atomic():
                made = Talk.objects.create(
                    ref=uuid4(), caller_index=caller_index, said="{}", language=language, started_at=now, heard_at=now
                )
        except IntegrityError:  # two messages came at once: the other one has made it
            continue
        return OpenTalk(made.ref, TalkStep.START, {}, language, 0, None)
    raise RuntimeError("a talk was made and ended twice within one message")


def keep_talk(talk: OpenTalk) -> bool:
    """Keep how far a talk has come; False where another message of the same citizen was answered meanwhile."""
    ended = talk.step is TalkStep.ENDED
    changed = Talk.objects.filter(ref=talk.ref, turns=talk.turns).update(
        step=talk.step,
        said=json.dumps({} if ended else talk.said, ensure_ascii=False),
        language=talk.language,
        turns=talk.turns + 1,
        heard_at=clock.now(),
        complaint=talk.complaint,
    )
    return changed == 1


def _is_stale(talk: Talk) -> bool:
    with_person = talk.step == TalkStep.WITH_PERSON
    limit = timedelta(days=WITH_PERSON_DAYS) if with_person else timedelta(minutes=UNFINISHED_MINUTES)
    return clock.now() - talk.heard_at > limit


def _end(talk: Talk) -> None:
    Talk.objects.filter(pk=talk.pk).update(step=TalkStep.ENDED, said="{}")


def end_stale_talks() -> int:
    """End every talk that nobody goes on with, so that nothing said stays longer than it is needed; how many."""
    stale = [one for one in Talk.objects.exclude(step=TalkStep.ENDED) if _is_stale(one)]
    for talk in stale:
        _end(talk)
    return len(stale)


def leave_word(message: Message, text: str) -> None:
    """Have ``text`` said to the citizen of the message's complaint when they next write; twice changes nothing.

    Raises LookupError where the complaint did not come from a talk.
    """
    talk = Talk.objects.filter(complaint=message.complaint_id).order_by("-started_at").first()
    if talk is None:
        raise LookupError(f"complaint {message.complaint.number} has no talk")
    number = message.complaint.number
    Waiting.objects.get_or_create(
        message=message,
        defaults={"caller_index": talk.caller_index, "number": number, "text": text, "at": clock.now()},
    )


def access_words(caller_index: str) -> list[Word]:
    """What waits for a citizen, the oldest first, at most MOST_WORDS."""
    rows = Waiting.objects.filter(caller_index=caller_index)[:MOST_WORDS]
    return [Word(one.pk, one.number, one.text.open()) for one in rows]


def said_words(words: list[Word]) -> None:
    """Take note that they were said."""
    Waiting.objects.filter(pk__in=[one.pk for one in words]).delete()
