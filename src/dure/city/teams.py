# SPDX-License-Identifier: Apache-2.0
"""Which team answers for a service in an area: so that a case always has somebody."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from dure.city import audit
from dure.city.audit import Tag
from dure.city.errors import Conflict, Invalid
from dure.city.models import Area, Team, User


@transaction.atomic
def set_team(
    name: str, members: Iterable[User], *, actor: User | str, service: str = "", area: Area | None = None
) -> Team:
    """Give the team of that name, service and area exactly these members; it is made if there is none yet.

    ``service`` "" answers for all services, ``area`` None for the whole city. Raises Invalid naming ``name``, or
    ``members`` for somebody who left.
    """
    if not 0 < len(name.strip()) <= 60:
        raise Invalid("1~60자여야 합니다", "must be 1 to 60 characters", field="name")
    people = {user.pk: user for user in members}
    if gone := [user.username for user in people.values() if not user.is_active]:
        raise Invalid(f"더는 일하지 않는 사람입니다: {gone[0]}", f"works here no more: {gone[0]}", field="members")
    audit.take_turn()
    team, made = Team.objects.get_or_create(name=name.strip(), service=service, area=area)
    before = set(team.members.values_list("pk", flat=True))
    if made or before != set(people):
        team.members.set(people.values())
        detail = {"name": team.name, "joined": sorted(set(people) - before), "left": sorted(before - set(people))}
        audit.record(Tag.Team.SET, actor=actor, subject=f"team:{team.pk}", detail=detail)
    return team


def lineage(area: Area) -> list[Area]:
    """``area`` and everything above it, nearest first."""
    found = [area]
    while (parent := found[-1].parent) is not None:
        found.append(parent)
    return found


def team_for(service: str, area: Area) -> Team:
    """The nearest team: of this area before one above it, of this service before one of all services.

    Raises Conflict when the city has no team at all that could answer.
    """
    teams = Team.objects.filter(Q(service=service) | Q(service="")).order_by("id")
    nearest: list[int | None] = [one.id for one in lineage(area)]
    places = [*nearest, None]
    suited = [team for team in teams if team.area_id in places]
    if not suited:
        raise Conflict(
            f"‘{service}’ 일을 맡을 팀이 없습니다. 먼저 팀을 등록하세요.", f"no team answers for {service!r} here"
        )
    return min(suited, key=lambda team: (places.index(team.area_id), team.service != service, team.id))
