# SPDX-License-Identifier: Apache-2.0
"""The habit engine's state in the record: a part for the city's alarm budget and one for every HOMES_A_PART homes.

A group of readings writes only the parts of the homes it speaks of, and one home is explained from its own part
alone. Whoever saves does so in the transaction of what the engine found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from dure.city import rules
from dure.city.models import Area
from dure.engines.habits import Evidence, HabitRules, StateError, Watch
from dure.services.care.models import Enrolment, HabitState
from dure.services.care.rules import CareRules

log = logging.getLogger(__name__)

TIMEZONE = "Asia/Seoul"
HOMES_A_PART = 1_000
"""Some 0.7 MB: small enough to be read for one page, large enough that a city of 170,000 homes has 170."""
BUDGETS = ("attention_per_1000", "alert_per_1000", "severe_per_1000")
"""The rules that are alarm budgets."""
CITY = 0
"""The part with the alarm budget and no home; the homes of row r are in part ``1 + r // HOMES_A_PART``."""


def load() -> Watch:
    """The engine as it was left, under the rules that hold now; a new one at the first start.

    Also a new one when what was kept is of another version of the engine or damaged: it learns again, with the fixed
    rule for new homes meanwhile.
    """
    habit_rules = _rules()
    parts = HabitState.objects.order_by("part").values_list("data", flat=True)
    try:
        kept = [Watch.from_bytes(bytes(part), habit_rules) for part in parts.iterator()]
    except StateError as error:
        log.warning("the habits are learned anew: %s", error)
        kept = []
    watch = Watch.joined(kept) if kept else Watch(0, TIMEZONE, habit_rules)
    share_budgets(watch)
    return watch


def share_budgets(watch: Watch) -> None:
    """Let each area that has set alarms per 1,000 of its own have a budget of its own, for all homes in it; the nearest
    such area counts. To be said again whenever homes were added."""
    own: dict[str, tuple[HabitRules, list[int]]] = {}
    for area, rows in homes_by_budget(len(watch)).items():
        own[area.code] = (_rules(area), rows)
    watch.share_budgets(own)


def homes_by_budget(known: int) -> dict[Area, list[int]]:
    """Of each area with a budget of its own the rows below ``known`` that it steers."""
    own = areas_with_own_budget()
    if not own:
        return {}
    rows: dict[Area, list[int]] = {area: [] for area in own.values()}
    nearest = nearest_of(own)
    homes = Enrolment.objects.filter(row__lt=known, household__area__in=nearest)
    for row, area in homes.order_by("row").values_list("row", "household__area"):
        rows[own[nearest[area]]].append(row)
    return rows


def areas_with_own_budget() -> dict[int, Area]:
    """Areas, by id, for which any of the alarm budgets has been set."""
    return {one.pk: one for one in Area.objects.filter(rulesetting__service="care", rulesetting__name__in=BUDGETS)}


def nearest_of(own: Mapping[int, Area]) -> dict[int, int]:
    """Each area in or below one of ``own``, and the nearest of them, by id."""
    parents = dict(Area.objects.values_list("pk", "parent"))
    found: dict[int, int] = {}
    for area in parents:
        at: int | None = area
        while at is not None and at not in own:
            at = parents[at]
        if at is not None:
            found[area] = at
    return found


def save(watch: Watch, rows: Iterable[int]) -> None:
    """Write the budget and the parts in which the homes of ``rows`` are: all whose state may have changed."""
    _write(CITY, watch.part(0, 0))
    for block in sorted({row // HOMES_A_PART for row in rows}):
        _write(1 + block, watch.part(block * HOMES_A_PART, (block + 1) * HOMES_A_PART))


def explain(row: int) -> Evidence | None:
    """What the engine holds of one home; None before it knows the home, or while it has to learn it anew."""
    kept = HabitState.objects.filter(part__in=(CITY, 1 + row // HOMES_A_PART)).order_by("part")
    habit_rules = _rules()
    try:
        parts = [Watch.from_bytes(bytes(one.data), habit_rules) for one in kept]
    except StateError:
        return None
    if len(parts) < 2:
        return None
    homes, place = Watch.joined(parts), row % HOMES_A_PART
    if place >= len(homes):
        return None
    steered = {area.code: (_rules(area), [place]) for area, rows in homes_by_budget(row + 1).items() if row in rows}
    homes.share_budgets(steered)
    return homes.explain(place)


def _rules(area: Area | None = None) -> HabitRules:
    chosen = rules.load(CareRules, "care", area)
    return HabitRules(alarms_per_1000=(chosen.attention_per_1000, chosen.alert_per_1000, chosen.severe_per_1000))


def _write(part: int, homes: Watch) -> None:
    HabitState.objects.update_or_create(part=part, defaults={"data": homes.to_bytes()})
