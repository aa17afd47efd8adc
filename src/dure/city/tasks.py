# SPDX-License-Identifier: Apache-2.0
"""What the record itself needs done on the clock."""

from __future__ import annotations

from dure.city import audit, escalation, people, retention, vigil
from dure.city.cases import escalate_overdue
from dure.city.database import let_others_write, refresh_statistics
from dure.city.readings import advance_latest
from dure.city.worker import Lane, every

GROUPS_AT_ONCE = 5
"""A long backlog is worked off in several turns, so that the worker does its other tasks and shows that it lives."""


@every(seconds=20)
def keep_latest() -> None:
    """The newest value of each series, and the last sign of life of devices and feeds."""
    for _ in range(GROUPS_AT_ONCE):
        if not advance_latest():
            return
        let_others_write()


@every(seconds=20, lane=Lane.URGENT)
def run_escalations() -> None:
    """Steps of escalation plans that are due."""
    escalation.run_due()


@every(minutes=1)
def tell_overdue() -> None:
    """Cases that passed their due time."""
    escalate_overdue()


@every(minutes=10)
def watch_silence() -> None:
    """Devices, feeds and processes that stopped speaking become cases."""
    vigil.watch_silence()


@every(minutes=1, lane=Lane.URGENT)
def watch_processes() -> None:
    """Processes and lanes that stopped become cases, also while the ordinary lane is the one that hangs."""
    vigil.watch_processes()


@every(minutes=1)
def note_audit_head() -> None:
    """Note the audit chain's end outside the database."""
    audit.write_head()


@every(minutes=60)
def follow_area_successions() -> None:
    """Book homes of areas that ended today where they lie now."""
    people.follow_successions(actor="worker")


@every(minutes=60)
def refresh_database_statistics() -> None:
    """So that pages stay quick while the city grows."""
    refresh_statistics()


@every(minutes=60)
def prune_rejected_readings() -> None:
    """What doors refused is kept for a time only."""
    retention.prune_rejected()
