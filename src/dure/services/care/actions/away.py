# SPDX-License-Identifier: Apache-2.0
"""“I am away”: the elder, the family or the worker says so; alarms are held back and come back by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from dure.city import audit, clock, rules
from dure.city.errors import Conflict, Invalid
from dure.city.models import Household, User
from dure.services.care.models import Away, AwayReason, AwaySource
from dure.services.care.rules import CareRules


@transaction.atomic
def declare_away(
    household: Household,
    *,
    starts_at: datetime,
    ends_at: datetime,
    said_by: AwaySource,
    actor: User | str,
    reason: AwayReason = AwayReason.TRIP,
) -> Away:
    """Hold alarms and daily calls of a home back from ``starts_at`` to ``ends_at`` (aware).
    Saying the same again changes nothing.

    Raises Invalid naming the field when the times do not make sense, Conflict when another stay overlaps.
    """
    now = clock.now()
    longest = timedelta(days=rules.load(CareRules, "care", household.area).away_most_days)
    if ends_at <= max(starts_at, now):
        raise Invalid(
            "돌아오는 때가 떠나는 때와 지금보다 뒤여야 합니다", "must be after the start and now", field="until"
        )
    if ends_at - starts_at > longest:
        raise Invalid(
            f"한 번에 {longest.days}일까지 알릴 수 있습니다", f"at most {longest.days} days at a time", field="until"
        )
    overlapping = aways_of(household).filter(starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if overlapping is not None:
        if (overlapping.starts_at, overlapping.ends_at) == (starts_at, ends_at):
            return overlapping
        raise Conflict("이미 알려 둔 외출과 겹칩니다", "this overlaps a stay that was already declared", field="from")
    away = Away.objects.create(
        household=household,
        starts_at=starts_at,
        ends_at=ends_at,
        said_by=said_by,
        reason=reason,
        recorded_by=actor if isinstance(actor, User) else None,
        recorded_at=now,
    )
    audit.record(
        "care:away:declared",
        actor=actor,
        subject=f"household:{household.ref}",
        detail={"from": starts_at.isoformat(), "until": ends_at.isoformat(), "said_by": said_by, "reason": reason},
    )
    return away


@transaction.atomic
def returned(away: Away, *, at: datetime, actor: User | str) -> None:
    """They are back before the time they gave: alarms work again from now on."""
    if away.returned_at is not None:
        return
    away.returned_at = at
    away.save(update_fields=["returned_at"])
    audit.record("care:away:returned", actor=actor, subject=f"household:{away.household.ref}")


def aways_of(household: Household) -> QuerySet[Away]:
    """Stays of a home that nobody has come back from early."""
    return Away.objects.filter(household=household, returned_at=None)


def away_at(households: list[int], at: datetime) -> dict[int, Away]:
    """Which of these homes (by id) are away at ``at``."""
    found = Away.objects.filter(household__in=households, returned_at=None, starts_at__lte=at, ends_at__gt=at)
    return {away.household_id: away for away in found.select_related("household")}
