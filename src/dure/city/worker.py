# SPDX-License-Identifier: Apache-2.0
"""What runs on the clock. A service's tasks.py marks functions with :func:`every`; ``dure worker`` runs them.

A task is idempotent and short, and does its own transactions: two workers may run it at the same time.
A task that fails is logged and shown on the worker's sign of life, and the others go on.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.utils.module_loading import autodiscover_modules

from dure.city import clock, processes

log = logging.getLogger(__name__)
Run = Callable[[], object]
SIGN_EVERY = timedelta(seconds=5)
SHORTEST_REST = 0.05
"""Real seconds between two looks at the clock, however fast city time runs."""


@dataclass(frozen=True)
class Task:
    """``run`` once every ``every`` of city time."""

    name: str
    every: timedelta
    run: Run


TASKS: dict[str, Task] = {}


def every(*, minutes: float = 0, seconds: float = 0) -> Callable[[Run], Run]:
    """Register a function without arguments to run on the city's clock."""
    interval = timedelta(minutes=minutes, seconds=seconds)
    if interval <= timedelta(0):
        raise ValueError("every: the interval must be above 0")

    def register(run: Run) -> Run:
        name = f"{run.__module__.removeprefix('dure.').removeprefix('services.')}.{run.__name__}"
        TASKS[name] = Task(name, interval, run)
        return run

    return register


class Worker:
    """Runs every registered task when it is due, until told to stop."""

    def __init__(self, name: str = "worker") -> None:
        self.name = name
        self.failing: dict[str, str] = {}
        self.due: dict[str, datetime] = {}
        self._signed_at: datetime | None = None
        self._signed: dict[str, object] = {}

    def run_due(self) -> int:
        """Run each task whose time has come; return how many ran."""
        ran = 0
        for task in TASKS.values():
            if self.due.get(task.name, clock.now()) > clock.now():
                continue
            self._run(task)
            self.due[task.name] = clock.now() + task.every
            ran += 1
        return ran

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            close_old_connections()
            self._sign()
            self.run_due()
            rest = min((due - clock.now() for due in self.due.values()), default=timedelta(seconds=1))
            stop.wait(min(max(clock.real_seconds(rest), SHORTEST_REST), 1.0))
        processes.leave(self.name)

    def _run(self, task: Task) -> None:
        try:
            task.run()
        except Exception as error:
            log.exception("task %s failed", task.name)
            self.failing[task.name] = f"{type(error).__name__}: {error}"[:200]
        else:
            self.failing.pop(task.name, None)

    def _sign(self) -> None:
        """At most every SIGN_EVERY, but a change of what fails is shown at once."""
        now, detail = clock.real_now(), {"tasks": len(TASKS), "failing": dict(self.failing)}
        if self._signed_at and now - self._signed_at < SIGN_EVERY and detail == self._signed:
            return
        try:
            processes.alive(self.name, detail)
            self._signed_at, self._signed = now, detail
        except Exception:
            log.exception("could not write the sign of life")


def work(name: str) -> None:
    """``dure worker``: learn the tasks of every installed app and run them until SIGTERM or SIGINT."""
    autodiscover_modules("tasks")
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    log.info("%s: %d tasks: %s", name, len(TASKS), ", ".join(sorted(TASKS)))
    Worker(name).run(stop)
