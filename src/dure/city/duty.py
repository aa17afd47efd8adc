# SPDX-License-Identifier: Apache-2.0
"""Who is on duty for a team, and when nobody is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dure.city import audit, clock
from dure.city.errors import Invalid
from dure.city.models import DutyShift, Team, User


def add_shift(team: Team, user: User, *, starts_at: datetime, ends_at: datetime, actor: User | str) -> DutyShift:
    """Put ``user`` on duty in [starts_at, ends_at). Shifts may overlap: two people at night are welcome.

    Raises Invalid naming ``starts_at``, ``ends_at`` or ``user``.
    """
    require_aware(starts_at, "starts_at")
    require_aware(ends_at, "ends_at")
    if ends_at <= starts_at:
        raise Invalid("시작보다 늦어야 합니다", "must be later than the start", field="ends_at")
    if not user.is_active or not team.members.filter(pk=user.pk).exists():
        raise Invalid("이 팀에서 일하는 사람이 아닙니다", "does not work in this team", field="user")
    with transaction.atomic():
        shift = DutyShift.objects.create(team=team, user=user, starts_at=starts_at, ends_at=ends_at)
        _record("city:duty:added", shift, actor)
    return shift


def remove_shift(shift: DutyShift, *, actor: User | str) -> None:
    """Take a shift off the roster; removing it again changes nothing."""
    with transaction.atomic():
        if DutyShift.objects.filter(pk=shift.pk).delete()[0]:
            _record("city:duty:removed", shift, actor)


def on_duty(team: Team, at: datetime | None = None) -> list[User]:
    """The team's people on duty at ``at`` (default: now), who came first first; one who left the city is not."""
    moment = at or clock.now()
    shifts = DutyShift.objects.filter(team=team, starts_at__lte=moment, ends_at__gt=moment, user__is_active=True)
    people = {shift.user_id: shift.user for shift in shifts.order_by("starts_at", "id").select_related("user")}
    return list(people.values())


def gaps(team: Team, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The times in [start, end) when nobody of ``team`` is on duty, in order. Raises Invalid naming ``end``."""
    if end <= start:
        raise Invalid("시작보다 늦어야 합니다", "must be later than the start", field="end")
    shifts = DutyShift.objects.filter(team=team, starts_at__lt=end, ends_at__gt=start, user__is_active=True)
    found, covered_until = [], start
    for starts_at, ends_at in shifts.order_by("starts_at").values_list("starts_at", "ends_at"):
        if starts_at > covered_until:
            found.append((covered_until, starts_at))
        covered_until = max(covered_until, ends_at)
    if covered_until < end:
        found.append((covered_until, end))
    return found


def require_aware(at: datetime, field: str) -> None:
    """Raise Invalid naming ``field`` unless ``at`` says in which time zone it is."""
    if at.tzinfo is None:
        raise Invalid("시간대가 있어야 합니다", "must have a time zone", field=field)


def _record(tag: str, shift: DutyShift, actor: User | str) -> None:
    detail = {"user": shift.user_id, "from": shift.starts_at.isoformat(), "to": shift.ends_at.isoformat()}
    audit.record(tag, actor=actor, subject=f"team:{shift.team_id}", detail=detail)
