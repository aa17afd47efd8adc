# SPDX-License-Identifier: Apache-2.0
"""Words against whoever serves (법 제4조 제2항): the program sees them, a person decides, and all of it is kept."""

from __future__ import annotations

import json
from enum import StrEnum

from django.db import transaction

from dure.city import audit, clock
from dure.city.cases.access import require_actor
from dure.city.errors import Conflict, require_one_of
from dure.city.models import User
from dure.engines.language.abuse import abuse
from dure.services.complaints.models import Complaint, Concern, ConcernStage

NEXT = {
    ConcernStage.SEEN: (ConcernStage.WARNED, ConcernStage.ENDED, ConcernStage.DISMISSED),
    ConcernStage.WARNED: (ConcernStage.ENDED, ConcernStage.DISMISSED),
    ConcernStage.ENDED: (),
    ConcernStage.DISMISSED: (ConcernStage.WARNED,),
}
"""A call is ended after a warning or, where it is grave, at once; what was dismissed too early can be warned for."""


class Tag(StrEnum):
    SEEN = "complaints:concern:seen"
    DECIDED = "complaints:concern:decided"


@transaction.atomic
def see(complaint: Complaint, text: str, *, actor: User | str) -> list[Concern]:
    """Keep what ``text`` has of insults, threats and sexual words, one row a kind; what is new of a kind that nobody
    has decided on yet is put to it, and after a decision there is a new row.

    Nothing follows by itself: whoever serves decides with :func:`decide`.
    """
    by_kind: dict[str, list[str]] = {}
    for one in abuse(text):
        by_kind.setdefault(one.kind.value, []).append(one.words)
    if not by_kind:
        return []
    audit.take_turn()
    undecided = {one.kind: one for one in Concern.objects.filter(complaint=complaint, stage=ConcernStage.SEEN)}
    kept = [
        row
        for kind, words in by_kind.items()
        if (row := _keep(undecided.get(kind) or Concern(complaint=complaint, at=clock.now(), kind=kind), words))
    ]
    if kept:
        detail = {"kinds": [one.kind for one in kept]}
        audit.record(Tag.SEEN, actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    return kept


def _keep(row: Concern, words: list[str]) -> Concern | None:
    """The row with these words too; None where it has them."""
    known = json.loads(row.words.open()) if row.pk else []
    if not (new := [one for one in words if one not in known]):
        return None
    row.words = json.dumps([*known, *new], ensure_ascii=False)
    row.save()
    return row


@transaction.atomic
def decide(concern: Concern, stage: str, *, actor: User) -> Concern:
    """A person warned, ended the call, or found nothing wrong. Raises Conflict where that was decided already."""
    require_one_of([str(one) for one in ConcernStage if one != ConcernStage.SEEN], stage, "stage")
    if concern.complaint is not None:
        require_actor(actor, concern.complaint.case)
    audit.take_turn()
    row = Concern.objects.select_for_update().get(pk=concern.pk)
    to = ConcernStage(stage)
    if to not in NEXT[ConcernStage(row.stage)]:
        raise Conflict("이미 정해진 일입니다", "that was decided already", field="stage")
    at = clock.now()
    row.history = [*row.history, {"stage": row.stage, "until": at, "by": actor.pk}]
    row.stage, row.by, row.changed_at = to, actor, at
    row.save(update_fields=["history", "stage", "by", "changed_at"])
    subject = f"complaint:{row.complaint.number}" if row.complaint else f"call:{row.call_id}"
    audit.record(Tag.DECIDED, actor=actor, subject=subject, detail={"kind": row.kind, "stage": str(to)})
    return row
