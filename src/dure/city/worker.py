# SPDX-License-Identifier: Apache-2.0
"""What runs on the clock. A service's tasks.py marks functions with :func:`every`; ``dure worker`` runs them.

A task is idempotent and short, and does its own transactions: two workers may run it at the same time. Tasks of one
:class:`Lane` run one after another, the lanes beside each other: nobody on the floor waits for a monthly report.
A task that fails is logged and shown on its lane's sign of life, and the others go on.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import close_old_connections, connections
from django.utils.module_loading import autodiscover_modules

from dure.city import clock, processes

log = logging.getLogger(__name__)
Run = Callable[[], object]
SIGN_EVERY = timedelta(seconds=5)
SHORTEST_REST = 0.05
"""Real seconds between two looks at the clock, however fast city time runs."""


class Lane(StrEnum):
    """Whom a task may keep waiting."""

    ORDINARY = "ordinary"
    """May take minutes in a large city."""
    URGENT = "urgent"
    """A person waits for it: nothing here asks another system or looks at the whole city."""
    OUTSIDE = "outside"
    """Speaks to other systems, which may let us wait."""


SILENT_AFTER = {Lane.ORDINARY: 600, Lane.URGENT: 60, Lane.OUTSIDE: 300}
"""Real seconds without a sign of life, which a lane gives between two tasks, after which it counts as stopped."""


@dataclass(frozen=True)
class Task:
    """``run`` once every ``every`` of city time."""

    name: str
    every: timedelta
    run: Run
    lane: Lane


TASKS: dict[str, Task] = {}


def every(*, minutes: float = 0, seconds: float = 0, lane: Lane = Lane.ORDINARY) -> Callable[[Run], Run]:
    """Register a function without arguments to run on the city's clock."""
    interval = timedelta(minutes=minutes, seconds=seconds)
    if interval <= timedelta(0):
        raise ValueError("every: the interval must be above 0")

    def register(run: Run) -> Run:
        name = f"{run.__module__.removeprefix('dure.').removeprefix('services.')}.{run.__name__}"
        TASKS[name] = Task(name, interval, run, lane)
        return run

    return register


def sign_name(worker: str, lane: Lane) -> str:
    """The name under which a worker's lane gives its sign of life."""
    return worker if lane is Lane.ORDINARY else f"{worker}-{lane}"


class LaneRunner:
    """Runs the tasks of one lane when they are due, one after another, until told to stop."""

    def __init__(self, worker: str, lane: Lane) -> None:
        self.name, self.lane = sign_name(worker, lane), lane
        self.failing: dict[str, str] = {}
        self.due: dict[str, datetime] = {}
        self._signed_at: datetime | None = None
        self._signed: dict[str, object] = {}

    def run_due(self, stop: threading.Event | None = None) -> int:
        """Run each task whose time has come; return how many ran."""
        ran = 0
        for task in self._tasks():
            if not self._is_due(task):
                continue
            if stop is not None:
                if stop.is_set():
                    break
                self._sign()
            self._run(task)
            self.due[task.name] = clock.now() + task.every
            ran += 1
        return ran

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set, with a database connection of this thread's own."""
        try:
            while not stop.is_set():
                close_old_connections()
                self._sign()
                self.run_due(stop)
                rest = min((due - clock.now() for due in self.due.values()), default=timedelta(seconds=1))
                stop.wait(min(max(clock.real_seconds(rest), SHORTEST_REST), 1.0))
            processes.leave(self.name)
        finally:
            connections.close_all()

    def _is_due(self, task: Task) -> bool:
        """Its time has come, or lies further ahead than it can: then the clock was put back meanwhile."""
        now = clock.now()
        due = self.due.get(task.name, now)
        return not now < due <= now + task.every

    def _tasks(self) -> list[Task]:
        return [task for task in TASKS.values() if task.lane is self.lane]

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
        now = clock.real_now()
        detail = {"lane": str(self.lane), "tasks": len(self._tasks()), "failing": dict(self.failing)}
        if self._signed_at and abs(now - self._signed_at) < SIGN_EVERY and detail == self._signed:
            return
        try:
            processes.alive(self.name, detail, silent_after_seconds=SILENT_AFTER[self.lane])
            self._signed_at, self._signed = now, detail
        except Exception:
            log.exception("could not write the sign of life")


class Worker:
    """All lanes, each in a thread of its own."""

    def __init__(self, name: str = "worker") -> None:
        self.lanes = [LaneRunner(name, lane) for lane in Lane]
        self._broken: list[BaseException] = []

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set. A lane that ends of something else than a task's fault stops them all and raises
        it here: whoever looks after this process starts it again, whole."""
        threads = [threading.Thread(target=self._run_lane, args=(lane, stop), name=lane.name) for lane in self.lanes]
        for thread in threads:
            thread.start()
        stop.wait()
        for thread in threads:
            thread.join()
        if self._broken:
            raise self._broken[0]

    def _run_lane(self, lane: LaneRunner, stop: threading.Event) -> None:
        try:
            lane.run(stop)
        except BaseException as fault:
            log.critical("%s broke", lane.name, exc_info=fault)
            self._broken.append(fault)
        finally:
            stop.set()


def work(name: str) -> None:
    """``dure worker``: learn the tasks of every installed app and run them until SIGTERM or SIGINT."""
    autodiscover_modules("tasks")
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    for lane in Lane:
        names = sorted(task.name for task in TASKS.values() if task.lane is lane)
        log.info("%s: %d tasks: %s", sign_name(name, lane), len(names), ", ".join(names))
    Worker(name).run(stop)
