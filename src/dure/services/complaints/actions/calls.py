# SPDX-License-Identifier: Apache-2.0
"""A call under way: what is heard of it, line by line, for the agent who speaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from dure.city import audit, clock, phones
from dure.city.errors import Conflict, Invalid
from dure.city.models import Role, User
from dure.city.plain_text import plain
from dure.city.sealed import blind_index
from dure.services.complaints.models import LiveCall

MOST_LINES = 5_000
"""A call of many hours; a recogniser that goes on is broken."""


@dataclass(frozen=True)
class Line:
    """One thing that was said, by its number within the call."""

    n: int
    who: Literal["citizen", "agent"]
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class Heard:
    """How many lines of a call there are, and how many of those sent were new."""

    heard: int
    new: int


@transaction.atomic
def hear(
    ref: UUID, lines: Sequence[Line], *, actor: str, caller: str = "", agent: str = "", ended: bool = False
) -> Heard:
    """Keep lines of a call in the order in which they come; a line whose number is there changes nothing, and a number
    may come later than higher ones.

    ``caller``: the telephone number; ``agent``: whose call it is (a user name). Raises Invalid naming ``caller`` or
    ``agent``, Conflict for more than MOST_LINES or for new lines of a call that has ended.
    """
    audit.take_turn()
    call = LiveCall.objects.select_for_update().filter(ref=ref).first() or _begun(ref, actor)
    if caller and not call.caller_index:
        number = phones.normalise(caller, field="caller")
        call.caller, call.caller_index = number, blind_index(number)
    if agent and call.agent is None:
        call.agent = _agent(agent)
    new = _add(call, lines)
    if ended and call.ended_at is None:
        call.ended_at = clock.now()
        audit.record("complaints:call:ended", actor=actor, subject=f"call:{ref}", detail={"lines": call.heard})
    call.save()
    return Heard(call.heard, new)


def _begun(ref: UUID, actor: str) -> LiveCall:
    audit.record("complaints:call:begun", actor=actor, subject=f"call:{ref}")
    return LiveCall.objects.create(ref=ref, started_at=clock.now(), lines="[]")


def _agent(username: str) -> User:
    agent = User.objects.filter(
        username=username, is_active=True, memberships__role__in=[Role.CALL_AGENT, Role.DESK_LEAD]
    ).first()
    if agent is None:
        raise Invalid("그런 상담사가 없습니다", f"there is no agent {username[:40]!r}", field="agent")
    return agent


def _add(call: LiveCall, lines: Sequence[Line]) -> int:
    """Add the new ones among ``lines`` behind what is there; how many they were."""
    kept = json.loads(call.lines.open()) if call.heard else []
    known = {one["n"] for one in kept}
    fresh = {one.n: one for one in reversed(lines) if one.n not in known}  # of two with one number the first counts
    if not fresh:
        return 0
    if call.ended_at is not None:
        raise Conflict("끝난 통화입니다", "the call has ended", field="ref")
    if len(kept) + len(fresh) > MOST_LINES:
        raise Conflict(f"한 통화는 {MOST_LINES:,}줄까지입니다", f"a call has at most {MOST_LINES} lines", field="lines")
    now = clock.now()
    kept += [
        {"n": one.n, "at": (one.at or now).isoformat(), "who": one.who, "text": plain(one.text)}
        for one in sorted(fresh.values(), key=lambda one: one.n)
    ]
    call.lines, call.heard = json.dumps(kept, ensure_ascii=False), len(kept)
    return len(fresh)
