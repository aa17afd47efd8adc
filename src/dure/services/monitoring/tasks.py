# SPDX-License-Identifier: Apache-2.0
"""What monitoring does on the clock."""

from __future__ import annotations

from dure.city import escalation
from dure.city.worker import every
from dure.services.monitoring import watch
from dure.services.monitoring.actions import ranges

GROUPS_AT_ONCE = 5
"""A long backlog is judged in several turns, so that the worker does its other tasks and shows that it lives."""


@every(seconds=1)
def watch_vitals() -> None:
    """Take the readings that have arrived; what became a case is begun with at once, not at the next round."""
    alarms = 0
    try:
        for _ in range(GROUPS_AT_ONCE):
            turn = watch.run_once()
            alarms += turn.alarms
            if not turn.readings:
                break
    finally:
        if alarms:
            escalation.run_due()


@every(minutes=1)
def end_unwatched() -> None:
    """What is held against people who no longer agree."""
    watch.end_unwatched()


@every(minutes=60)
def learn_ranges() -> None:
    """What is usual for each person, from their own weeks."""
    ranges.learn_due()
