# SPDX-License-Identifier: Apache-2.0
"""What waste collection does on the clock."""

from __future__ import annotations

from dure.city import clock, escalation
from dure.city.worker import Lane, every
from dure.services.waste import account_data, forecast, watch
from dure.services.waste.actions import photos
from dure.services.waste.actions.rounds import calendar

GROUPS_AT_ONCE = 5
"""A long backlog is taken in several turns, so that the worker does its other tasks and shows that it lives."""


@every(seconds=2, lane=Lane.URGENT)
def watch_bins() -> None:
    """Take the readings that have arrived; a fire is begun with at once."""
    opened = 0
    try:
        for _ in range(GROUPS_AT_ONCE):
            turn = watch.run_once()
            opened += turn.cases
            if not turn.readings:
                break
    finally:
        if opened:
            escalation.run_due()


@every(minutes=5)
def settle_bins() -> None:
    """What has been wrong for long enough, and what is over."""
    watch.settle_all()


@every(minutes=10)
def forecast_bins() -> None:
    """How full each bin will be, once every full hour is over."""
    forecast.step(clock.now() - forecast.LATE)


@every(minutes=60)
def remove_old_photos() -> None:
    """Drivers' photos are kept for a while only."""
    photos.remove_old_photos()


@every(minutes=2)
def keep_rounds() -> None:
    """Rounds are planned before they begin, given out by themselves where the city wants it so, and ended."""
    calendar.keep()


@every(minutes=360)
def keep_accounts() -> None:
    """What the weeks came to, as far as it is known; late words change the last two."""
    for week in account_data.weeks_to_count():
        account_data.keep_week(week)
