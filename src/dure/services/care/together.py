# SPDX-License-Identifier: Apache-2.0
"""Silence of one kind of signal in many homes at once: a failed network, which says nothing of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dure.city import clock
from dure.city.models import Area
from dure.city.teams import lineage
from dure.engines.habits import Watch, silent_together
from dure.engines.habits.homes import SLOT_SECONDS
from dure.services.care.actions import outages
from dure.services.care.half_hours import Columns, first_of_each, half_hour_of

RECENT = timedelta(hours=24)
"""A common silence of long ago is not counted and opens no case."""


def believed(watch: Watch, kind: str, told: Columns, areas: Mapping[int, int]) -> Columns:
    """``told`` with NaN for the values of what is silent in a whole area or in the whole city.

    Whole intervals are compared, each home once a half hour in which they end: of an hour with a call nobody knows the
    second half, so that among second halves there are silent ones only. ``areas``: the area (by id) of each row. Opens
    and ends the outage of the signal in the record.
    """
    one = _one_a_half_hour(told)
    slot, used, place = half_hour_of(one.end)[0], one.value > 0, _places(one, areas)
    expected = watch.expected(kind, one.row, one.end - np.maximum(one.seconds - SLOT_SECONDS, 0))
    told_slot, told_place = half_hour_of(told.end)[0], _places(told, areas)
    doubtful = np.zeros(len(told.row), bool)
    for at in np.unique(slot).tolist():
        now = slot == at
        for where in (None, *np.unique(place[now]).tolist()):
            here = now & (place == where) if where is not None else now
            if silent_together([expected[here].sum()], [used[here].sum()])[0]:
                doubtful |= (told_slot == at) & ((told_place == where) if where is not None else True)
                area = _city_of(int(place[now][0])) if where is None else Area.objects.get(pk=where)
                if clock.now() - datetime.fromtimestamp(at * SLOT_SECONDS, UTC) < RECENT:
                    homes = int(np.count_nonzero(here))
                    outages.signal_outage(
                        kind, area, expected=float(expected[here].sum()), used=int(used[here].sum()), homes=homes
                    )
                if where is None:
                    break
    if used.any():
        _end(kind, set(place[used].tolist()), int(one.end[used].max()))
    return replace(told, value=np.where(doubtful & (told.value == 0), np.nan, told.value))


def _one_a_half_hour(told: Columns) -> Columns:
    """What each home told of each half hour's end: an interval with activity before one without, and of those only
    one that ends it."""
    slot, ends_it = half_hour_of(told.end)
    speaks = np.flatnonzero((told.value > 0) | ((told.value == 0) & ends_it))
    order = speaks[np.lexsort((-told.value[speaks], told.row[speaks], slot[speaks]))]
    return told.part(order[first_of_each(told.row[order], slot[order])])


def _places(told: Columns, areas: Mapping[int, int]) -> NDArray[np.int64]:
    return np.array([areas[row] for row in told.row.tolist()], np.int64)


def _city_of(area: int) -> Area:
    return lineage(Area.objects.get(pk=area))[-1]


def _end(kind: str, active: set[int], at: int) -> None:
    """Activity of this kind is back in these areas: what was said of them is over."""
    for case in outages.open_outages().filter(about__startswith=f"{kind}:").select_related("area"):
        begun = case.opened_at.timestamp()
        if at > begun and any(case.area in lineage(one) for one in Area.objects.filter(pk__in=active)):
            outages.outage_over(case)
