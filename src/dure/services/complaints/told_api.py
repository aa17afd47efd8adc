# SPDX-License-Identifier: Apache-2.0
"""What the desk made of its complaints, for whoever compares it with what was true of them. No word of any."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from dure.city.bearer import MachineKey
from dure.city.given_time import GivenTime
from dure.services.complaints.models import Complaint

router = Router(tags=["complaints"])
_MARK = re.compile(r"⟦([A-Z]+)_\d+⟧")


class ComplaintLine(Schema):
    """One complaint. ``departments`` and ``topics``: codes as judged when it came, best first; ``masked``: the kinds of
    the marks that stand in its text, in their order."""

    number: str
    door: str
    received_at: datetime
    case: str
    departments: list[str]
    topics: list[str]
    decided: bool
    urgency: int
    masked: list[str]
    first_answered_at: datetime | None


class ComplaintsTold(Schema):
    """By their times."""

    complaints: list[ComplaintLine]


@router.get(
    "/complaints/told",
    auth=MachineKey("statistics"),
    response=ComplaintsTold,
    summary="How complaints were judged, joined, masked and answered",
)
def told(request: HttpRequest, since: GivenTime) -> dict[str, object]:
    """Those received at or after ``since``."""
    rows = Complaint.objects.filter(received_at__gte=since).select_related("case", "judgement")
    shown = rows.defer("text", "vault", "reporter", "address").order_by("received_at", "pk")
    return {"complaints": [_line(one) for one in shown]}


def _line(one: Complaint) -> dict[str, Any]:
    judgement = getattr(one, "judgement", None)
    return {
        "number": one.number,
        "door": one.door,
        "received_at": one.received_at,
        "case": one.case.number,
        "departments": [label["label"] for label in judgement.labels] if judgement else [],
        "topics": [label["label"] for label in judgement.topics] if judgement else [],
        "decided": bool(judgement and judgement.decided),
        "urgency": judgement.urgency if judgement else 1,
        "masked": [kind.lower() for kind in _MARK.findall(f"{one.title} {one.masked}")],
        "first_answered_at": one.first_answered_at,
    }
