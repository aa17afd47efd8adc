# SPDX-License-Identifier: Apache-2.0
"""How long the record keeps what nobody needs for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_noop as _

from dure.city import audit, clock, rules
from dure.city.database import in_parts
from dure.city.models import RejectedReading
from dure.city.rules import rule

ACTOR = "city:retention"
SERVICE = "city"
ROWS_AT_ONCE = 5_000
"""Rows removed in one transaction: the doors write to the same table meanwhile."""


@dataclass(frozen=True)
class RetentionRules:
    """How long, and how much, a city keeps."""

    rejected_days: int = field(
        default=30,
        metadata=rule(
            ko="받지 못한 값을 두는 기간",
            en="How long refused readings are kept",
            unit=_("일"),
            source=_("도시가 정함; 한 달이면 보내는 쪽의 잘못을 찾아 고칠 수 있음"),
            least=1,
            most=365,
        ),
    )
    rejected_most: int = field(
        default=200_000,
        metadata=rule(
            ko="받지 못한 값을 두는 개수",
            en="How many refused readings are kept",
            unit=_("개"),
            source=_("도시가 정함; 한 개에 약 1 kB, 모두 200 MB를 넘지 않음"),
            least=1_000,
            most=10_000_000,
        ),
    )


def prune_rejected() -> int:
    """Remove refused readings that are older than the rule, or beyond its number; returns how many.

    What was removed is one audit entry. Running it again removes nothing.
    """
    kept = rules.load(RetentionRules, SERVICE)
    newest: int = RejectedReading.objects.aggregate(newest=Max("pk"))["newest"] or 0
    too_old = Q(received_at__lt=clock.now() - timedelta(days=kept.rejected_days))
    beyond = Q(pk__lte=newest - kept.rejected_most)
    removed = 0
    while part := _remove_some(too_old | beyond):
        removed += part
    return removed


@transaction.atomic
def _remove_some(which: Q) -> int:
    audit.take_turn()
    ids = list(RejectedReading.objects.filter(which).order_by("pk").values_list("pk", flat=True)[:ROWS_AT_ONCE])
    for part in in_parts(ids):
        RejectedReading.objects.filter(pk__in=part).delete()
    if ids:
        audit.record(
            "city:rejected:pruned", actor=ACTOR, subject="readings:rejected", detail={"first": ids[0], "last": ids[-1]}
        )
    return len(ids)
