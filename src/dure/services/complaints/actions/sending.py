# SPDX-License-Identifier: Apache-2.0
"""Bringing answers to citizens who asked for that (e-mail, chat): an outbox that nothing falls out of.

A try is counted and committed before the sender is called, and its end is written afterwards. Killed in between, it is
tried again after :data:`ANSWER_WITHIN`: at least once, never not at all. What cannot be brought is said on the case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from dure.city import audit, cases, clock
from dure.city.retrying import wait_after
from dure.services.complaints import access
from dure.services.complaints.models import Message, MessageWay

log = logging.getLogger(__name__)
ACTOR = "complaints:delivery"
AT_ONCE = 50
ANSWER_WITHIN = timedelta(minutes=5)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)
TELL_AFTER = 3
"""Tries after which the people of the case are told."""
NO_SENDER = "보내는 곳이 설정되지 않음"


@dataclass(frozen=True, repr=False)
class Outgoing:
    """What a sender gets, opened: it goes to ``to`` (an e-mail address; "" at the chat) and nowhere else. ``message``
    stays the same for all tries."""

    message: Message
    number: str
    to: str
    name: str
    kind: str
    text: str
    language: str
    attempt: int


class Undeliverable(Exception):
    """It can never be brought there (no such address): it is not tried again."""


Send = Callable[[Outgoing], None]
"""Returns when the other side has taken it; raises when it has not."""

_senders: dict[str, Send] = {}


def register_sender(door: str, send: Send) -> None:
    """Have ``send`` bring what waits for citizens who are answered by ``door``."""
    _senders[door] = send


def deliver() -> int:
    """Bring what is due, the oldest first; how many arrived. Called outside transactions; several workers may run it.

    What fails is tried again after 1, 2, 4 … 60 minutes, for ever: the other side may be away for days.
    """
    due = Message.objects.filter(way=MessageWay.OUT, sent_at=None, next_at__lte=clock.now()).order_by("next_at", "pk")
    return sum(_bring(message) for message in list(due.select_related("complaint__case")[:AT_ONCE]))


def _bring(message: Message) -> bool:
    send = _senders.get(message.complaint.reply_by)
    if send is None:
        _failed(message, NO_SENDER, again=clock.now() + LONGEST_RETRY, tell=message.failure != NO_SENDER)
        return False
    outgoing = _claim(message)
    if outgoing is None:
        return False
    try:
        send(outgoing)
    except Undeliverable as fault:
        _failed(message, f"닿을 수 없음: {fault}", again=None, tell=True)
        return False
    except Exception as fault:
        log.exception("message %s could not be sent", message.pk)
        again = clock.now() + wait_after(outgoing.attempt, FIRST_RETRY, LONGEST_RETRY)
        _failed(message, type(fault).__name__, again=again, tell=outgoing.attempt == TELL_AFTER)
        return False
    _arrived(message)
    return True


@transaction.atomic
def _claim(message: Message) -> Outgoing | None:
    """Count the try; None when another worker is at it or it is done."""
    now = clock.now()
    claimed = Message.objects.filter(pk=message.pk, sent_at=None, next_at=message.next_at, next_at__lte=now)
    if not claimed.update(next_at=now + ANSWER_WITHIN, attempts=message.attempts + 1):
        return None
    message.refresh_from_db(fields=["attempts", "next_at"])
    record = access.reporter_of(message.complaint)
    return Outgoing(
        message=message,
        number=message.complaint.number,
        to=record.get("email", ""),
        name=record.get("name", ""),
        kind=message.kind,
        text=access.text_of(message),
        language=message.complaint.language,
        attempt=message.attempts,
    )


@transaction.atomic
def _arrived(message: Message) -> None:
    audit.take_turn()
    if Message.objects.filter(pk=message.pk, sent_at=None).update(sent_at=clock.now(), next_at=None, failure=""):
        _record("sent", message, {})


@transaction.atomic
def _failed(message: Message, why: str, *, again: datetime | None, tell: bool) -> None:
    audit.take_turn()
    waiting = Message.objects.filter(pk=message.pk, sent_at=None)
    if not waiting.update(failure=why[:200], next_at=again):
        return
    if tell:
        complaint = message.complaint
        text = f"시민에게 닿지 못했습니다 ({complaint.number}, {message.get_kind_display()}): {why}"
        data = {"what": "undelivered", "message": message.pk}
        cases.add_note(complaint.case, actor=ACTOR, text=text, data=data)
    _record("failed", message, {"why": why[:200], "again": again and again.isoformat()})


def _record(what: str, message: Message, detail: dict[str, object]) -> None:
    subject = f"complaint:{message.complaint.number}"
    facts = {"message": message.pk, "by": message.complaint.reply_by, "attempt": message.attempts, **detail}
    audit.record(f"complaints:message:{what}", actor=ACTOR, subject=subject, detail=facts)
