# SPDX-License-Identifier: Apache-2.0
"""``POST /api/v1/complaints/calls/{ref}``: a telephone system's speech recogniser says what it hears."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, BeforeValidator, Field, StrictBool, StrictInt, StrictStr, TypeAdapter

from dure.city.bearer import MachineKey
from dure.city.devices import Holder
from dure.city.readings import available
from dure.services.complaints.actions import calls

KIND = "telephony"
MOST_AT_ONCE = 200
router = Router(tags=["complaints"], auth=MachineKey(KIND))


Moment = Annotated[AwareDatetime, BeforeValidator(TypeAdapter(StrictStr).validate_python)]
"""A time as text with its zone; pydantic would take a number for one, too."""


class SaidLine(Schema):
    """One thing that was said."""

    n: StrictInt = Field(
        ge=1, le=1_000_000, description="Its number within the call; the same number again changes nothing"
    )
    who: Literal["citizen", "agent"]
    text: str = Field(min_length=1, max_length=2_000)
    at: Moment | None = None


class Said(Schema):
    """What was heard since the last time."""

    lines: list[SaidLine] = Field(max_length=MOST_AT_ONCE)
    caller: str = Field("", max_length=40, description="The caller's number, once it is known")
    agent: str = Field("", max_length=150, description="User name of the agent who took the call")
    ended: StrictBool = False


class HeardAnswer(Schema):
    """What is on disk now."""

    heard: int = Field(description="Lines of this call")
    new: int = Field(description="Of those just sent")


@router.post("/complaints/calls/{ref}", response=HeardAnswer, summary="Lines of a call under way")
def post_lines(request: HttpRequest, ref: UUID, said: Said) -> calls.Heard:
    """With the key of a `telephony` feed. Answered when the lines are on disk; send again what was not answered."""
    holder: Holder = request.auth  # type: ignore[attr-defined]
    lines = [calls.Line(one.n, one.who, one.text, one.at) for one in said.lines]
    with available():
        return calls.hear(
            ref, lines, actor=f"feed:{holder.feed.code}", caller=said.caller, agent=said.agent, ended=said.ended
        )
