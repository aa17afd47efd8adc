# SPDX-License-Identifier: Apache-2.0
"""How every verb of a round begins and ends: who may, in whose turn, of which version."""

from __future__ import annotations

from typing import Any

from dure.city import audit, clock
from dure.city.errors import Conflict, NotAllowed
from dure.city.models import Area, Role, User
from dure.city.roles import areas_of, roles_of
from dure.services.waste.models import Round, RoundStatus


def require_dispatcher(actor: User | str, *areas: Area) -> None:
    """Raise NotAllowed for a user who does not plan collection, or not in all of ``areas``."""
    if not isinstance(actor, User):
        return
    if not actor.is_active or Role.DISPATCHER not in roles_of(actor):
        raise NotAllowed("배차 담당만 할 수 있습니다", "only a dispatcher may do this")
    wanted = {one.pk for one in areas}
    if wanted and areas_of(actor, Role.DISPATCHER).filter(pk__in=wanted).count() < len(wanted):
        raise NotAllowed("맡은 지역의 수거함이 아닙니다", "the bin is in no area of yours")


def begin(round_: Round, expected_version: int | None) -> None:
    """Take the turn on the chain, then the round's row, and bring ``round_`` up to it.

    Raises Conflict when it is over, or when it is no more the version that the caller has seen (None: any).
    """
    audit.take_turn()
    round_.refresh_from_db(from_queryset=Round.objects.select_for_update(no_key=True))
    if round_.status == RoundStatus.OVER:
        raise Conflict("이미 끝난 차수입니다", "the round is over", field="status")
    if expected_version is not None and round_.version != expected_version:
        raise Conflict(
            "그 사이 다른 사람이 계획을 바꾸었습니다. 다시 열어 확인하세요.",
            "somebody has changed the plan meanwhile; open it again",
            field="version",
        )


def keep(round_: Round, tag: str, *, actor: User | str, detail: dict[str, Any] | None = None) -> None:
    """Keep the round as its next version, with the entry on the chain."""
    round_.version += 1
    round_.save(update_fields=["plan", "status", "version", "given_out_at"])
    told = {"version": round_.version} | (detail or {})
    audit.record(tag, actor=actor, subject=subject_of(round_), detail=told)


def outdate(round_: Round) -> None:
    """Something that the plan rests on has changed: it is not given out before it is made anew."""
    if round_.plan:
        round_.plan["stale"] = True


def subject_of(round_: Round) -> str:
    """How the chain names a round: by its begin, in Seoul."""
    return f"round:{round_.begins_at.astimezone(clock.SEOUL):%Y-%m-%dT%H:%M}"
