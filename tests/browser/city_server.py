# SPDX-License-Identifier: Apache-2.0
"""A real server over a small made city: its own folder, its own database, a free port of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from dure.city.clock import SEOUL, Pace, real_now
from tests.empty_city import KEPT, one_at_a_time

ROOT = Path(__file__).resolve().parent.parent.parent
MORNING = datetime(2026, 11, 2, 9, 10, tzinfo=SEOUL)
"""City time at the server's start: a Monday in November, when workers begin."""
PATIENCE = 180.0
"""Seconds within which a server must answer, or stop."""


class CityServer:
    """``with CityServer(folder) as server: server.url``. ``arguments`` go to the script that makes the city.

    The city is in an SQLite file in ``folder``, or in the PostgreSQL database of ``database_url``.
    """

    def __init__(self, folder: Path, *arguments: str, database_url: str = "") -> None:
        self.folder = folder
        self.arguments = arguments
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        if database_url:
            kept["DATABASE_URL"] = database_url
        self.environment = kept | {
            "DURE_HOME": str(folder),
            "DURE_CLOCK": str(Pace(1, real_now().timestamp(), MORNING.timestamp() + 1)),
            "DURE_SIMULATION": "1",
            "DURE_LOG": "WARNING",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *kept.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(
                os.pathsep
            ),
        }
        self.environment.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
        if self.environment["DJANGO_SETTINGS_MODULE"] == "tests.settings":
            self.environment["DJANGO_SETTINGS_MODULE"] = "dure.web.settings"

    def __enter__(self) -> CityServer:
        self.make()
        self.start()
        return self

    def make(self) -> None:
        """The city, before its server starts; in a test run the first to ask makes the one that the others copy."""
        if KEPT not in os.environ:
            self._make_at_first(self.folder)
            return
        kept = Path(os.environ[KEPT]).with_name("browser-city")
        with one_at_a_time(kept.name):
            if not kept.exists():
                fresh = kept.with_suffix(".new")
                self._make_at_first(fresh)
                fresh.rename(kept)
        shutil.copytree(kept, self.folder, dirs_exist_ok=True)

    def _make_at_first(self, folder: Path) -> None:
        """City time hardly moves meanwhile, so that nothing in it is later than the start of a server."""
        pace = str(Pace(0.01, real_now().timestamp(), MORNING.timestamp()))
        self._run_cast(self.arguments, {"DURE_HOME": str(folder), "DURE_CLOCK": pace})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def cast(self, *arguments: str) -> None:
        """Run the script that makes, or changes, the city; its failure is the test's."""
        self._run_cast(arguments, {})

    def _run_cast(self, arguments: Sequence[str], otherwise: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.browser.cast", *arguments]
        subprocess.run(command, env=self.environment | otherwise, cwd=ROOT, check=True)

    def start(self) -> None:
        """Start uvicorn and wait until it answers."""
        self.log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.serve", "web", "--port", str(self.port)],
            env=self.environment,
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError(f"the server did not start:\n{self.said()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/offline/", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> float:
        """Ask it to stop as an operator would; seconds until it was gone. Raises TimeoutExpired where it hangs."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self.log.close()
        return time.monotonic() - began

    def said(self) -> str:
        """What the server wrote."""
        return (self.folder / "server.log").read_text()
