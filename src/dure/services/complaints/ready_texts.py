# SPDX-License-Identifier: Apache-2.0
"""Texts that agents use again, filled in for one complaint, in the citizen's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import override

from dure.services.complaints.access import ComplaintRecord
from dure.services.complaints.joining import department_of
from dure.services.complaints.messages import day, named
from dure.services.complaints.models import Draft, Template

_SLOT = re.compile(r"\{(name|number|department|due)\}")


@dataclass(frozen=True)
class Filled:
    """A template's name (ko, en) and its text for this citizen."""

    name: dict[str, str]
    text: str


def templates_for(record: ComplaintRecord) -> list[Filled]:
    """Everybody's templates and those of the department that has the case; what has no text in the citizen's language
    is given in Korean."""
    complaint = record.complaint
    department = department_of(complaint.case)
    rows = Template.objects.filter(Q(department=None) | Q(department=department), removed_at=None).order_by("code")
    with override(complaint.language):
        values = {
            "name": record.name or ("민원인" if complaint.language == "ko" else "there"),
            "number": complaint.number,
            "department": named(department) if department else "",
            "due": day(complaint.due_at),
        }
    return [
        Filled(row.name, _SLOT.sub(lambda slot: values[slot[1]], row.text.get(complaint.language) or row.text["ko"]))
        for row in rows
    ]


def text_of(draft: Draft | None) -> str:
    """The sentences of a draft that stood the checks, as the agent begins with them."""
    return "\n".join(one["text"] for one in _kept(draft))


def sources_of(draft: Draft | None) -> list[dict[str, Any]]:
    """The passages that those sentences cite, and no others."""
    cited = {number for one in _kept(draft) for number in one["cites"]}
    return [one for one in draft.passages if one["n"] in cited] if draft else []


def _kept(draft: Draft | None) -> list[dict[str, Any]]:
    return [one for one in draft.sentences if one["kept"]] if draft else []
