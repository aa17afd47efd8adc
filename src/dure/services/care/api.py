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
from dure.services.care import queries
from dure.services.care.actions.away import declare_away
from dure.services.care.actions.calls import SCRIPT, answer_call
from dure.services.care.models import AwaySource

router = Router(tags=["care"])
telephone = MachineKey("telephony")


class RingingCall(Schema):
    """A call that rings now."""

    id: UUID
    phone: str
    ringing_since: datetime
    rings_until: datetime
    text: dict[str, str]


class RingingCalls(Schema):
    """All calls that ring now."""

    calls: list[RingingCall]


class Answer(Schema):
    """What was pressed: "1" fine, "2" help, null nothing."""

    key: Literal["1", "2"] | None


class CallEnded(Schema):
    """The call's state after the answer."""

    id: UUID
    state: str


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
    """What became of one case, with the home named by its power meter only."""

    number: str
    kind: str
    level: int
    device: str | None
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
                "text": SCRIPT,
            }
            for call, phone in ringing
        ]
    }


@router.post("/calls/{uuid:ref}/answer", auth=telephone, response=CallEnded, summary="A call was answered")
def answer(request: HttpRequest, ref: UUID, form: Answer) -> dict[str, object]:
    """Say what was pressed. 404 unknown, 409 when the call is over."""
    holder: Holder = request.auth  # type: ignore[attr-defined]
    call = answer_call(ref, form.key, by=f"feed:{holder.feed.code}")
    return {"id": call.ref, "state": call.state}


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
def case_lines(request: HttpRequest, since: datetime) -> dict[str, object]:
    """Cases opened at or after ``since``, without any personal data."""
    return {"cases": queries.case_lines(since)}
