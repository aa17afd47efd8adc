# SPDX-License-Identifier: Apache-2.0
"""Whose a complaint is before a department has it: the desk's own team."""

from __future__ import annotations

from django.db.models import Q

from dure.city.errors import Conflict
from dure.city.models import Area, AreaLevel, Team
from dure.city.teams import lineage

SERVICE = "complaints"


def desk_team(area: Area) -> Team:
    """The nearest team that answers for complaints (or for all services) and is no department's.

    Raises Conflict when the city has none.
    """
    teams = Team.objects.filter(Q(service=SERVICE) | Q(service=""), departments=None).order_by("id")
    nearest: list[int | None] = [*(one.pk for one in lineage(area)), None]
    suited = [team for team in teams if team.area_id in nearest]
    if not suited:
        words = "민원실 팀이 없습니다. 먼저 팀을 등록하세요.", "no team answers for complaints here"
        raise Conflict(*words)
    return min(suited, key=lambda team: (team.service != SERVICE, nearest.index(team.area_id), team.pk))


def whole_city() -> Area:
    """Where a complaint is that has no place. Raises Conflict before the city's areas are known."""
    area = Area.objects.filter(level=AreaLevel.CITY, valid_to=None).order_by("code").first()
    if area is None:
        raise Conflict("도시의 지역이 등록되지 않았습니다", "the city's areas are not known yet")
    return area
