# SPDX-License-Identifier: Apache-2.0
"""A database in which nothing is yet: migrated once in a test run, and copied by whoever begins a city."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql

KEPT = "DURE_TESTS_EMPTY_CITY"
"""Environment: where the empty database of a test run is kept; all its processes share it."""


def copy_empty(database: Path) -> None:
    """Put an empty migrated database at ``database``; in a test run the first to ask makes the one that is kept."""
    database.parent.mkdir(parents=True, exist_ok=True)
    if KEPT not in os.environ:
        _make(database)
        return
    kept = Path(os.environ[KEPT])
    with one_at_a_time("empty"):
        if not kept.exists():
            _make(kept)
    shutil.copy(kept, database)


def copy_empty_on_server(name: str) -> None:
    """The same for a database of that name on the PostgreSQL of ``DATABASE_URL``."""
    server = urlsplit(os.environ["DATABASE_URL"])
    kept = f"{server.path[1:]}_empty"
    with one_at_a_time("empty"), psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(kept)))
            with tempfile.TemporaryDirectory() as home:
                url = server._replace(path=f"{server.path}_empty").geturl()
                _migrate({**os.environ, "DATABASE_URL": url, "DURE_HOME": home})
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(kept)))


@contextmanager
def own_database() -> Iterator[str]:
    """The address of an empty database of its own on the PostgreSQL of ``DATABASE_URL``, dropped at the end; "" where
    the tests run on SQLite."""
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not server.scheme.startswith("postgres"):
        yield ""
        return
    name = f"own_{uuid4().hex}"
    copy_empty_on_server(name)
    yield server._replace(path=f"/{name}").geturl()
    with psycopg.connect(server.geturl(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """While this holds, no other process of the test run makes ``what`` all of them share."""
    with Path(os.environ[KEPT]).with_name(f"{what}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _migrate(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "dure.cli", "migrate"]
    environment |= {"DJANGO_SETTINGS_MODULE": "dure.web.settings"}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _make(place: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        _migrate({name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"DURE_HOME": home})
        made = Path(home) / "dure.sqlite3"
        with sqlite3.connect(made) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(made, place)
