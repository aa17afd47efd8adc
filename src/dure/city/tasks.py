# SPDX-License-Identifier: Apache-2.0
"""What the record itself needs done on the clock."""

from __future__ import annotations

from dure.city import audit, people
from dure.city.worker import every


@every(minutes=1)
def note_audit_head() -> None:
    """Note the audit chain's end outside the database."""
    audit.write_head()


@every(minutes=60)
def follow_area_successions() -> None:
    """Book homes of areas that ended today where they lie now."""
    people.follow_successions(actor="worker")
