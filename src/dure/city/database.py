# SPDX-License-Identifier: Apache-2.0
"""What every database connection promises: an answered commit is on disk, and nobody waits for ever."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def harden(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Set durability and time limits on a new connection (signal ``connection_created``)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
        elif connection.vendor == "postgresql":
            cursor.execute("SET synchronous_commit = on")
            cursor.execute("SET lock_timeout = '20s'")
            cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
