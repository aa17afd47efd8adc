# SPDX-License-Identifier: Apache-2.0
"""Silence of one kind of signal in many homes at once: a failed network, which says nothing of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dure.city import clock
from dure.city.models import Area
from dure.city.teams import lineage
from dure.engines.habits import Watch, silent_together
from dure.services.care.actions import outages
from dure.services.care.signals import Columns

RECENT = timedelta(hours=24)
"""A common silence of long ago is not counted and opens no case."""


def believed(watch: Watch, kind: str, told: Columns, areas: Mapping[int, int]) -> NDArray[np.float64]:
    """The values of ``told`` (each home once), NaN where the signal is silent in a whole area or in the whole city.

    ``areas``: the area (by id) of each row. Opens and ends the outage of the signal in the record.
    """
    expected = watch.expected(kind, told.row, told.end)
    place, used, value = (
        np.array([areas[row] for row in told.row.tolist()], np.int64),
        told.value > 0,
        told.value.copy(),
    )
    for end in np.unique(told.end).tolist():
        now = told.end == end
        for where in (None, *np.unique(place[now]).tolist()):
            here = now & (place == where) if where is not None else now
            if silent_together([expected[here].sum()], [used[here].sum()])[0]:
                value[here & ~used] = np.nan
                area = _city_of(int(place[now][0])) if where is None else Area.objects.get(pk=where)
                if clock.now() - datetime.fromtimestamp(end, UTC) < RECENT:
                    homes = int(np.count_nonzero(here))
                    outages.signal_outage(
                        kind, area, expected=float(expected[here].sum()), used=int(used[here].sum()), homes=homes
                    )
                if where is None:
                    break
    if used.any():
        _end(kind, set(place[used].tolist()), int(told.end[used].max()))
    return value


def _city_of(area: int) -> Area:
    return lineage(Area.objects.get(pk=area))[-1]


def _end(kind: str, active: set[int], at: int) -> None:
    """Activity of this kind is back in these areas: what was said of them is over."""
    for case in outages.open_outages().filter(about__startswith=f"{kind}:").select_related("area"):
        begun = case.opened_at.timestamp()
        if at > begun and any(case.area in lineage(one) for one in Area.objects.filter(pk__in=active)):
            outages.outage_over(case)
