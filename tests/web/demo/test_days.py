# SPDX-License-Identifier: Apache-2.0
"""A new demo asks nobody about their day before anybody can answer."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from dure.city import clock
from dure.services.care.actions.daily import Spec
from dure.services.care.models import RoutineKind
from dure.web.demo.days import HISTORY_TAKES, _first_day


@pytest.mark.parametrize("hour", [0, 6, 11, 15, 23])
@pytest.mark.parametrize("at", [time(0, 30), time(8), time(12, 30), time(19, 30)])
def test_routine_begins_when_the_history_is_in_and_no_day_later(hour: int, at: time) -> None:
    now = datetime(2026, 11, 22, hour, 40, tzinfo=clock.SEOUL)
    with clock.frozen(now):
        first = datetime.combine(_first_day(Spec(RoutineKind.GREETING, "인사", at)), at, clock.SEOUL)
    assert 0 < (first - now - HISTORY_TAKES).total_seconds() <= 24 * 3600
