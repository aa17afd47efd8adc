# SPDX-License-Identifier: Apache-2.0
"""From the kept forecast of a bin to what its pages say: will it be full before anybody can go there again?"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from dure.city import clock, rules
from dure.services.waste.actions.rounds.drafting import next_decision
from dure.services.waste.forecast import AHEAD
from dure.services.waste.models import Bin, BinForecast, Round
from dure.services.waste.round_rules import RoundRules

HOUR = timedelta(hours=1)


def shift_end(now: datetime | None = None) -> datetime:
    """When the round under way ends; between rounds, when the next one begins."""
    now = now or clock.now()
    under_way = Round.objects.filter(begins_at__lte=now, ends_at__gt=now).order_by("-begins_at").first()
    return under_way.ends_at if under_way else next_decision(now, rules.load(RoundRules, "waste"))


def chance_full(of: Bin, until: datetime) -> int | None:
    """Percent: how likely the bin is full by ``until``, between the hours that the forecast was made for by a straight
    line; beyond the last one, as of then. None where nothing is forecast."""
    expected: BinForecast | None = getattr(of, "forecast", None)
    if expected is None or len(expected.chances) != len(AHEAD):
        return None
    full_now = float(expected.level >= 100)
    chance = np.interp((until - expected.at) / HOUR, (0, *AHEAD), (full_now, *expected.chances))
    return round(100 * float(chance))
