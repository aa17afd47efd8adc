# SPDX-License-Identifier: Apache-2.0
"""Triggers on SQLite, put back after every migration: there, changing a table makes it anew without its triggers.

On PostgreSQL triggers outlive such changes; migration 0002 makes them once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections

APPEND_ONLY = ("city_auditentry", "city_auditmention", "city_caseevent")
REGISTRY = {
    "city_feed": "code, kind",
    "city_device": "code, feed_id, retired_at",
    "city_series": "device_id, name, unit, min_value, max_value",
    "city_devicekey": "feed_id, device_id, digest, revoked_at",
}
"""Tables and columns whose changes a door must know of: see dure.city.registry."""
_RENEW = (
    "INSERT INTO city_registrystamp (id, stamp) VALUES (1, lower(hex(randomblob(16)))) "
    "ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp"
)


def restore(using: str, **_: Any) -> None:
    """Make the triggers that are not there (signal ``post_migrate``)."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for statement in _statements():
                cursor.execute(statement)


def _statements() -> Iterator[str]:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table, columns in REGISTRY.items():
        for verb, on in (("insert", "INSERT"), ("delete", "DELETE"), ("update", f"UPDATE OF {columns}")):
            yield f"CREATE TRIGGER IF NOT EXISTS {table}_registry_{verb} AFTER {on} ON {table} BEGIN {_RENEW}; END"
