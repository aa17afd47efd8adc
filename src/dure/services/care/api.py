# SPDX-License-Identifier: Apache-2.0
"""Care's HTTP API: the stand-in telephone, “I am away”, and what became of the cases."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dure.city.bearer import MachineKey
from dure.city.devices import Holder
from dure.city.errors import Invalid
from dure.city.given_time import GivenTime
from dure.services.care import conversation, queries
from dure.services.care.actions.away import declare_away
from dure.services.care.actions.calls import LONGEST_ANSWER, answer_call, hang_up
from dure.services.care.models import ON_THE_LINE, AwaySource

router = Router(tags=["care"])
telephone = MachineKey("telephony")


class RingingCall(Schema):
    """A call that rings now."""

    id: UUID
    phone: str
    ringing_since: datetime
    rings_until: datetime
    script: str
    language: str
    text: dict[str, str]


class RingingCalls(Schema):
    """All calls that ring now."""

    calls: list[RingingCall]


class Answer(Schema):
    """What was heard: a key that was pressed or words that were said (both null: silence), or that the line was cut.

    ``turn`` is the number of the answer from 0, as the last reply gave it: the same one sent again changes nothing.
    """

    key: Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] | None = None
    said: str | None = Field(None, max_length=LONGEST_ANSWER)
    turn: int | None = Field(None, ge=0, le=100)
    hung_up: bool = False


class CallGoesOn(Schema):
    """The call after the answer: what is said next, which keys mean something, and whether it is over."""

    id: UUID
    state: str
    says: str
    language: str
    keys: list[str]
    turn: int
    over: bool
    answer_until: datetime


class AwayForm(Schema):
    """The home of a device is empty between ``from`` and ``until``."""

    device: str
    starts_at: datetime = Field(alias="from")
    until: datetime


class AwayKept(Schema):
    """What was kept."""

    device: str
    starts_at: datetime = Field(serialization_alias="from")
    until: datetime


class CaseLine(Schema):
    """What became of one case, with the home named by its power meter only.

    A case of silent devices names the device where it is one, else ``about`` says which (``devices:{feed}:{area}``,
    ``feed:{code}``).
    """

    number: str
    kind: str
    level: int
    device: str | None
    about: str
    opened_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    outcome: str


class CaseLines(Schema):
    """Cases by the time they were opened."""

    cases: list[CaseLine]


@router.get("/calls", auth=telephone, response=RingingCalls, summary="Calls that ring now")
def ringing_calls(request: HttpRequest, state: Literal["ringing"] = "ringing") -> dict[str, object]:
    """The telephone asks which numbers to ring. Each number read is on the audit chain."""
    holder: Holder = request.auth  # type: ignore[attr-defined]
    ringing = queries.ringing_calls(reader=f"feed:{holder.feed.code}")
    return {
        "calls": [
            {
                "id": call.ref,
                "phone": phone,
                "ringing_since": call.ringing_since,
                "rings_until": call.rings_until,
                "script": call.script,
                "language": conversation.dialogue_of(call).language,
                "text": conversation.opening(call),
            }
            for call, phone in ringing
        ]
    }


@router.post("/calls/{uuid:ref}/answer", auth=telephone, response=CallGoesOn, summary="An answer in a call")
def answer(request: HttpRequest, ref: UUID, form: Answer) -> dict[str, object]:
    """Say what was heard, and hear what to say next. 404 unknown, 409 when the call is over."""
    holder: Holder = request.auth  # type: ignore[attr-defined]
    by = f"feed:{holder.feed.code}"
    if form.hung_up:
        call = hang_up(ref, by=by)
    elif not form.model_fields_set & {"key", "said"}:
        raise Invalid("누른 번호나 들은 말을 적어 주세요", "give a key, words, or null for silence", field="key")
    else:
        call = answer_call(ref, form.key, form.said, turn=form.turn, by=by)
    now = conversation.saying(call)
    return {
        "id": call.ref,
        "state": call.state,
        "says": now.text,
        "language": now.language,
        "keys": sorted(now.keys),
        "turn": now.turn,
        "over": call.state not in ON_THE_LINE,
        "answer_until": call.rings_until,
    }


@router.post("/care/away", auth=MachineKey(), response=AwayKept, by_alias=True, summary="A home is empty for a while")
def away(request: HttpRequest, form: AwayForm) -> dict[str, object]:
    """“I am away”, said with the phone: hold alarms back and bring them back by themselves."""
    holder: Holder = request.auth  # type: ignore[attr-defined]
    household = queries.household_of_device(form.device, holder)
    kept = declare_away(
        household,
        starts_at=form.starts_at,
        ends_at=form.until,
        said_by=AwaySource.ELDER,
        actor=f"feed:{holder.feed.code}",
    )
    return {"device": form.device, "starts_at": kept.starts_at, "until": kept.ends_at}


@router.get("/care/cases", auth=MachineKey("statistics"), response=CaseLines, summary="What became of the cases")
def case_lines(request: HttpRequest, since: GivenTime) -> dict[str, object]:
    """Cases opened at or after ``since``, without any personal data."""
    return {"cases": queries.case_lines(since)}
