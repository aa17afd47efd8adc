# SPDX-License-Identifier: Apache-2.0
"""A city of a test's own, with processes of its own: what they commit is on disk and in no other test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.empty_city import copy_empty, own_database

ROOT = Path(__file__).resolve().parents[2]
SET_UP = """
import django; django.setup()
from django.contrib.auth.hashers import get_hasher
get_hasher("pbkdf2_sha256").iterations = 1  # nobody signs in
"""
LIVES = """
def lives(work):
    '''Do work(number of the life) until a life is not killed in the middle of it; how each ended.'''
    import os, signal
    from django.db import connection
    connection.close()  # each life has its own
    ends = []
    while not ends or ends[-1] == -signal.SIGKILL:
        if not (child := os.fork()):
            work(len(ends))
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return ends
"""
"""A process is killed as dead when it was forked as when Python was started once more, which takes a second."""


@dataclass(frozen=True)
class OwnCity:
    """An installation in ``home``, on SQLite or in a database of its own on the server of DATABASE_URL."""

    home: Path
    environment: dict[str, str]

    @property
    def database_url(self) -> str | None:
        """None on SQLite."""
        return self.environment.get("DATABASE_URL")

    def start(self, code: str, **variables: str) -> subprocess.Popen[str]:
        """Python ``code`` as a process that has Django set up and talks through pipes."""
        return subprocess.Popen(
            [sys.executable, "-c", SET_UP + code],
            cwd=ROOT,
            env={**self.environment, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, **variables: str) -> tuple[str, str]:
        """As :meth:`start`, to its end; returns what it wrote to stdout and stderr."""
        with self.start(code, **variables) as process:
            out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out, err


@contextmanager
def own_city(home: Path) -> Iterator[OwnCity]:
    """Make a city in the empty folder ``home``, and drop its database afterwards."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DURE_")}
    environment |= {"DURE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "dure.web.settings"}
    with own_database() as url:
        if url:
            environment["DATABASE_URL"] = url
        else:
            copy_empty(home / "dure.sqlite3")
        yield OwnCity(home, environment)
