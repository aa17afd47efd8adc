# SPDX-License-Identifier: Apache-2.0
"""What is heard of a call under way, opened for the agent whose call it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.city import audit, clock
from dure.city.errors import NotFound
from dure.city.models import User
from dure.city.purposes import Purpose
from dure.services.complaints.models import Complaint, LiveCall

SHOWN_FOR = timedelta(hours=2)
"""A call that ended so long ago and became no complaint is offered no more."""


@dataclass(frozen=True, repr=False)
class HeardSoFar:
    """A call, opened: the caller's number, and ``[{"n","at","who","text","before"}]`` in the order of the call.

    ``heard``: how many lines have come, to ask for what comes after them. ``before``: the citizen's line, among those
    asked for earlier, before which one stands that came late; "" at the end.
    """

    call: LiveCall
    caller: str
    lines: list[dict[str, Any]]
    heard: int

    def __repr__(self) -> str:
        """Without what was said: it ends up in logs and tracebacks."""
        return f"<HeardSoFar {self.call.ref}>"


def calls_for(user: User) -> QuerySet[LiveCall]:
    """The agent's calls of which no complaint was made yet, and those that nobody's are; the newest first."""
    recent = Q(ended_at=None) | Q(ended_at__gte=clock.now() - SHOWN_FOR)
    found = LiveCall.objects.filter(recent, Q(agent=user) | Q(agent=None), complaint=None)
    return found.order_by("-started_at")


def access_call(user: User, ref: UUID) -> HeardSoFar:
    """Open a call for its agent; who opens one that is nobody's has it from then on. The opening is on the chain.

    Raises NotFound for another agent's call as for a number that is none. Called outside transactions.
    """
    with transaction.atomic(durable=True):
        audit.record("complaints:call:opened", actor=user, subject=f"call:{ref}", purpose=Purpose.COMPLAINT)
        call = LiveCall.objects.select_for_update().filter(ref=ref).filter(Q(agent=user) | Q(agent=None)).first()
        if call is not None and call.agent is None:
            call.agent = user
            call.save(update_fields=["agent"])
    if call is None:
        raise NotFound("그런 통화가 없습니다", "there is no such call")
    return _opened(call, 0)


def heard_since(user: User, ref: UUID, after: int) -> HeardSoFar:
    """What came after the first ``after`` lines of a call that the agent has opened: a page asks every second or two,
    and it is still the opening that is on the chain. Raises NotFound for a call that is not the agent's."""
    call = LiveCall.objects.filter(ref=ref, agent=user).first()
    if call is None:
        raise NotFound("그런 통화가 없습니다", "there is no such call")
    return _opened(call, after)


@transaction.atomic
def became(user: User, ref: UUID, complaint: Complaint) -> LiveCall:
    """A complaint was made of the agent's call; again changes nothing. Raises NotFound as :func:`heard_since`."""
    audit.take_turn()
    call = LiveCall.objects.select_for_update().filter(ref=ref, agent=user).first()
    if call is None:
        raise NotFound("그런 통화가 없습니다", "there is no such call")
    if call.complaint_id is None:
        call.complaint = complaint
        call.save(update_fields=["complaint"])
        complaint.concerns.filter(call=None).update(call=call)
        detail = {"complaint": complaint.number}
        audit.record("complaints:call:written_down", actor=user, subject=f"call:{ref}", detail=detail)
    return call


def _opened(call: LiveCall, after: int) -> HeardSoFar:
    came = json.loads(call.lines.open())
    shown = sorted((one for one in came[:after] if one["who"] == "citizen"), key=lambda one: int(one["n"]))
    lines = [
        one | {"before": next((other["text"] for other in shown if other["n"] > one["n"]), "")}
        for one in sorted(came[after:], key=lambda one: int(one["n"]))
    ]
    return HeardSoFar(call, call.caller.open() if call.caller else "", lines, len(came))
