# SPDX-License-Identifier: Apache-2.0
"""What care does on the clock."""

from __future__ import annotations

from dure.city.database import let_others_write
from dure.city.worker import Lane, every
from dure.services.care import watch
from dure.services.care.actions import alarms, calls, missing, occasions, outages, slow

GROUPS_AT_ONCE = 5
"""A long backlog is judged in several turns, so that the worker does its other tasks and shows that it lives."""


@every(minutes=1)
def watch_habits() -> None:
    """Judge the readings that have arrived."""
    for _ in range(GROUPS_AT_ONCE):
        if not watch.run_once():
            return
        let_others_write()


@every(seconds=10, lane=Lane.URGENT)
def end_calls() -> None:
    """Calls that rang out."""
    calls.end_unanswered()


@every(minutes=5)
def end_aways() -> None:
    """Alarms held back by an “I am away” that is over."""
    alarms.unmute()


@every(minutes=1)
def daily_care() -> None:
    """Each day's greetings, medicines, meals: made, asked about, confirmed, missed."""
    occasions.make_due()
    occasions.run_due()


@every(minutes=5)
def watch_areas() -> None:
    """Areas whose homes lose power or values together."""
    outages.watch_areas()


@every(minutes=10)
def watch_values() -> None:
    """Meters that send readings without a value."""
    missing.watch_values()


@every(minutes=360)
def read_slow_changes() -> None:
    """Homes that have changed over a fortnight, for a person to read."""
    slow.read_slow_changes()
