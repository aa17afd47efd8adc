# SPDX-License-Identifier: Apache-2.0
"""What every database connection promises: an answered commit is on disk, and nobody waits for ever."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

log = logging.getLogger(__name__)
T = TypeVar("T")
ROWS_AT_ONCE = 500
"""Rows, or names of rows, in one statement: SQLite takes so many parameters and no more of wide rows."""

SQLITE_LOOKS_EVERY = 0.11
"""Seconds: the longest step of SQLite's busy handler, and a little more."""


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


def refresh_statistics() -> None:
    """Let the database look at how its tables are filled, by which it chooses its way to an answer.

    PostgreSQL does so by itself. SQLite does not, and without it looks through whole tables where an index is near.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit=1000")
            cursor.execute("ANALYZE")


def let_others_write() -> None:
    """Between two groups of a long backlog: on SQLite whoever waits to write looks only every 100 ms whether it may,
    and would never be in time for the moment between two transactions."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(SQLITE_LOOKS_EVERY)


def in_parts(many: Iterable[T], size: int = ROWS_AT_ONCE) -> Iterator[list[T]]:
    """Lists of ``size``, the last one shorter."""
    rest = iter(many)
    while part := list(islice(rest, size)):
        yield part


def one_by_one(items: Iterable[T], do: Callable[[T], int], *, failed_at: str) -> tuple[int, list[Exception]]:
    """Do each in a savepoint of its own: what fails is undone and logged as ``failed_at``, and the others stand. The
    sum of what ``do`` returns, and the failures. A lost connection or a busy database ends all."""
    done, failed = 0, list[Exception]()
    for item in items:
        try:
            with transaction.atomic():
                done += do(item)
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:
            log.exception(failed_at)
            failed.append(fault)
    return done, failed


@contextmanager
def triggers_lifted(table: str) -> Iterator[None]:
    """Without the table's own triggers (append-only) within the block, which must be inside a transaction: to seal
    what is there anew, and for tests. Who else writes to the table waits; a roll-back brings the triggers back."""
    if not connection.in_atomic_block:
        raise RuntimeError("triggers_lifted: open a transaction first")
    with connection.cursor() as cursor:
        triggers = _triggers(cursor, table)
        if connection.vendor == "postgresql":
            _alter_triggers(cursor, table, triggers, "DISABLE")
            yield
            _alter_triggers(cursor, table, triggers, "ENABLE")
            return
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def _alter_triggers(cursor: CursorWrapper, table: str, triggers: list[tuple[str, str]], verb: str) -> None:
    if triggers:
        connection.check_constraints()  # PostgreSQL alters no table with deferred checks still to make
    for name, _ in triggers:
        cursor.execute(f'ALTER TABLE "{table}" {verb} TRIGGER "{name}"')


def _triggers(cursor: CursorWrapper, table: str) -> list[tuple[str, str]]:
    """Names and definitions of the triggers that we put on the table."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
    else:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
    return cursor.fetchall()
