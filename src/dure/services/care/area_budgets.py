# SPDX-License-Identifier: Apache-2.0
"""Alarms that each area's budget allows beside those that were given, by level."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from dure.city import clock, rules
from dure.city.models import Area, Finding, User
from dure.services.care import habit_state
from dure.services.care.actions.alarms import UNLIKE_HABIT
from dure.services.care.overview import LevelBudget, enrolments_of, home_days_by, level_budgets
from dure.services.care.rules import CareRules

DAYS = 28


@dataclass(frozen=True)
class AreaBudget:
    """One area's homes and what its budget allows and was given in the last ``DAYS`` days."""

    area: Area
    homes: int
    home_days: float
    set_by: Area | None
    """The area, this one or one above it, whose own budget holds here; None: the city's."""
    levels: list[LevelBudget]

    @property
    def own(self) -> bool:
        """Whether the budget is this very area's."""
        return self.set_by == self.area


def area_budgets(user: User) -> list[AreaBudget]:
    """Every area with homes that an officer answers for, those of most homes first."""
    now = clock.now()
    since, mine = now - timedelta(days=DAYS), enrolments_of(user)
    homes = dict(mine.order_by().values_list("household__area").annotate(n=Count("pk")))
    days = home_days_by(mine, now, DAYS)
    alarms = _alarms(list(homes), since)
    own = habit_state.areas_with_own_budget()
    nearest, city = habit_state.nearest_of(own), rules.load(CareRules, "care")
    chosen = {pk: rules.load(CareRules, "care", area) for pk, area in own.items()}
    areas = Area.objects.in_bulk(homes)
    found = []
    for pk, area in areas.items():
        setter, spent = nearest.get(pk), days.get(pk, 0.0)
        levels = level_budgets(alarms.get(pk, Counter()), spent, chosen[setter] if setter else city)
        found.append(AreaBudget(area, homes[pk], spent, own[setter] if setter else None, levels))
    return sorted(found, key=lambda one: (-one.homes, one.area.code))


def _alarms(areas: list[int], since: datetime) -> dict[int, Counter[int]]:
    found: dict[int, Counter[int]] = {}
    given = Finding.objects.filter(service="care", kind=UNLIKE_HABIT, area__in=areas, found_at__gte=since)
    for area, level, count in given.order_by().values_list("area", "level").annotate(n=Count("pk")):
        found.setdefault(area, Counter())[level] = count
    return found
