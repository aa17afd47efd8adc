# SPDX-License-Identifier: Apache-2.0
"""An SQLite database in which nothing is yet: migrated once in a test run, and copied by whoever begins a city."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

KEPT = "DURE_TESTS_EMPTY_CITY"
"""Environment: where the empty database of a test run is kept; all its processes share it."""


def copy_empty(database: Path) -> None:
    """Put an empty migrated database at ``database``; in a test run the first to ask makes the one that is kept."""
    database.parent.mkdir(parents=True, exist_ok=True)
    if KEPT not in os.environ:
        _make(database)
        return
    kept = Path(os.environ[KEPT])
    with kept.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not kept.exists():
            _make(kept)
    shutil.copy(kept, database)


def _make(place: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"DURE_HOME": home, "DJANGO_SETTINGS_MODULE": "dure.web.settings"}
        migrate = [sys.executable, "-m", "dure.cli", "migrate"]
        subprocess.run(migrate, env=environment, check=True, stdout=subprocess.DEVNULL)
        made = Path(home) / "dure.sqlite3"
        with sqlite3.connect(made) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(made, place)
