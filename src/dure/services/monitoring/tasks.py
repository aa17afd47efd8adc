# SPDX-License-Identifier: Apache-2.0
"""What monitoring does on the clock."""

from __future__ import annotations

from dure.city import escalation
from dure.city.worker import Lane, every
from dure.services.monitoring import watch
from dure.services.monitoring.actions import alarms, ranges

GROUPS_AT_ONCE = 5
"""A long backlog is judged in several turns, so that the worker does its other tasks and shows that it lives."""


@every(seconds=1, lane=Lane.URGENT)
def watch_vitals() -> None:
    """Take the readings that have arrived; what became a case is begun with at once, not at the next round."""
    told = 0
    try:
        for _ in range(GROUPS_AT_ONCE):
            turn = watch.run_once()
            told += turn.alarms
            if not turn.readings:
                break
    except ExceptionGroup:
        told += 1  # the others were judged all the same, and what became a case is begun with
        raise
    finally:
        if told:
            escalation.run_due()


@every(minutes=1)
def end_what_is_over() -> None:
    """What is held against people who no longer agree, and what people have dealt with."""
    watch.end_unwatched()
    alarms.end_what_was_dealt_with()


@every(minutes=60)
def learn_ranges() -> None:
    """What is usual for each person, from their own weeks."""
    ranges.learn_due()
