# SPDX-License-Identifier: Apache-2.0
"""Processes that live and die with the one that started them.

Each child has a process group of its own, so that Ctrl-C reaches only the supervisor, which then stops them.
The kernel ends a child whose supervisor is gone (``PR_SET_PDEATHSIG``, through setpriv), so that not even SIGKILL
leaves one behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LONGEST_REST = 30.0
"""Seconds between two starts of a child that keeps dying."""
STEADY = 60.0
"""A child that lived this many seconds is started at once when it dies."""
STOP_SECONDS = 10.0
"""How long a child may take to stop before it is killed."""


class Child:
    """One process that should run, or (``once``) come to a good end. ``log``: where its output goes. ``orphan_signal``:
    what it gets when we are gone."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        orphan_signal: str = "KILL",
        *,
        once: bool = False,
    ) -> None:
        self.name, self.log, self._once = name, log, once
        self._command = ["setpriv", "--pdeathsig", orphan_signal, "--", *command]
        self._environment = dict(os.environ if environment is None else environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._rest = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, None before the first start."""
        return self._process.pid if self._process else None

    @property
    def status(self) -> int | None:
        """Its exit status, None while it runs (or has not been started)."""
        return self._process.poll() if self._process else None

    @property
    def done(self) -> bool:
        """Whether it has come to the good end that it was started for."""
        return self._once and self.status == 0

    def start(self) -> None:
        """Start it; what it prints is added to its log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self._started = time.monotonic()

    def revive(self) -> None:
        """Start it again if it has died and rested long enough."""
        age = time.monotonic() - self._started
        if self.status is None or age < self._rest:
            return
        self._rest = 1.0 if age >= STEADY else min(max(1.0, 2 * self._rest), LONGEST_REST)
        self._sweep()
        self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until it has ended; at ``deadline`` (monotonic seconds) it and what it started are killed."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._sweep()

    def _sweep(self) -> None:
        """Nothing that the child itself started outlives it."""
        if self._process:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


class Supervisor:
    """Starts children, keeps them running, stops them all."""

    def __init__(self, tell_of_death: Callable[[Child, int], None]) -> None:
        self._children: list[Child] = []
        self._told: set[int | None] = set()
        self._tell_of_death = tell_of_death

    @property
    def children(self) -> tuple[Child, ...]:
        return tuple(self._children)

    def start(self, child: Child) -> None:
        """Start a child and look after it from now on."""
        self._children.append(child)
        child.start()

    def look(self) -> None:
        """Tell of each death once, and start again what has rested."""
        for child in self._children:
            if child.done:
                continue
            if child.status is not None and child.pid not in self._told:
                self._told.add(child.pid)
                self._tell_of_death(child, child.status)
            child.revive()

    def stop(self) -> None:
        """Ask all to stop, the last one started first, and wait until each has ended."""
        for child in reversed(self._children):
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self._children):
            child.wait_until_stopped(deadline)
        self._children.clear()
