# SPDX-License-Identifier: Apache-2.0
"""From the hot table to what the engine takes: one person's readings of each sign, and whether they were at rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from dure.city.devices import SeriesSpec
from dure.city.models import Quality, Reading, Series
from dure.engines.vitals import Readings, Vital
from dure.services.monitoring.kinds import KINDS, STEPS_PER_MINUTE

SPECS: dict[Vital, SeriesSpec] = {
    Vital(one.name): one for kind in KINDS.values() for one in kind.series if one.name in list(Vital)
}
AT_REST_ONLY = frozenset({Vital.HEART_RATE, Vital.BREATHING})

Span = tuple[int, int]


def readings_of(people: Iterable[int], since: datetime, until: datetime) -> dict[tuple[int, Vital], Readings]:
    """By person's id and sign, the readings of [``since``, ``until``] of the devices that are theirs now.

    Only a GOOD value is usable; of heart and breath only what was measured while the person did not walk.
    """
    known = {
        pk: (person, name, minutes * 60, given)
        for pk, person, name, minutes, given in Series.objects.filter(
            device__personal__person__in=list(people),
            device__personal__ended_at=None,
            name__in=[*map(str, Vital), "steps"],
        ).values_list("pk", "device__personal__person_id", "name", "interval_minutes", "device__personal__since")
    }
    rows = Reading.objects.filter(series__in=list(known), at__gte=since, at__lte=until)
    found: dict[tuple[int, Vital], list[tuple[int, float | None, bool]]] = defaultdict(list)
    walks: dict[int, list[Span]] = defaultdict(list)
    for pk, at, value, quality in rows.values_list("series_id", "at", "value", "quality"):
        person, name, seconds, given = known[pk]
        start, good = int(at.timestamp()), quality == Quality.GOOD and at >= given
        if name != "steps":
            found[person, Vital(name)].append((start, value, good))
        elif good and value is not None and value >= STEPS_PER_MINUTE * seconds / 60:
            walks[person].append((start, start + seconds))
    return {
        (person, vital): Readings.of(_at_rest(kept, walks[person]) if vital in AT_REST_ONLY else kept)
        for (person, vital), kept in found.items()
    }


def _at_rest(rows: list[tuple[int, float | None, bool]], walks: list[Span]) -> list[tuple[int, float | None, bool]]:
    """The rows, of which none during a walk is usable."""
    minutes = {minute for start, end in walks for minute in range(start // 60, (end + 59) // 60)}
    return [(at, value, good and at // 60 not in minutes) for at, value, good in rows]
