# SPDX-License-Identifier: Apache-2.0
"""How many times the usual is expected of each bin, hour by hour: events and weather that somebody told of beforehand.

An influence of 300 % that holds for half of an hour counts 200 % in it; several on one bin are multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from dure.city.areas import reach
from dure.engines.filling.shape import Flags, Floats
from dure.engines.routing.travel import great_circle
from dure.services.waste.models import Bin, Influence

HOUR = timedelta(hours=1)


def times_usual(bins: Sequence[Bin], start: datetime, hours: int) -> Floats:
    """(bins, hours) from ``start`` on, 1 where nothing is known."""
    times = np.ones((len(bins), hours))
    known = Influence.objects.filter(cancelled_at=None, starts_at__lt=start + hours * HOUR, ends_at__gt=start)
    for one in known.order_by("pk"):
        there = _there(one, bins)
        for hour in range(hours):
            begins = start + hour * HOUR
            share = (min(one.ends_at, begins + HOUR) - max(one.starts_at, begins)) / HOUR
            if share > 0:
                times[there, hour] *= 1 + (one.percent / 100 - 1) * share
    return times


def _there(one: Influence, bins: Sequence[Bin]) -> Flags:
    if one.area_id is not None:
        below = set(reach([one.area_id]))
        return np.array([bin_.area_id in below for bin_ in bins], bool)
    if one.lon is None or one.lat is None or one.radius_m is None:
        return np.ones(len(bins), bool)
    lon, lat = (np.array([getattr(bin_, name) for bin_ in bins], float) for name in ("lon", "lat"))
    return np.asarray(great_circle(lon, lat, one.lon, one.lat) <= one.radius_m)
