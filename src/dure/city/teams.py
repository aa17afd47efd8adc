# SPDX-License-Identifier: Apache-2.0
"""Which team answers for a service in an area: so that a case always has somebody."""

from __future__ import annotations

from django.db.models import Q

from dure.city.errors import Conflict
from dure.city.models import Area, Team


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
