# SPDX-License-Identifier: Apache-2.0
"""Children run, are started again when they die, and never outlive the supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dure.web.demo.children import Child, Supervisor

SLEEP = ("sleep", "600")
DEADLINE = 90.0


def _runs(pid: int | None) -> bool:
    """Whether a process is there and not just waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def deaths() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def supervisor(deaths: list[tuple[str, int]]) -> Iterator[Supervisor]:
    supervisor = Supervisor(lambda child, status: deaths.append((child.name, status)))
    yield supervisor
    supervisor.stop()


def _child(tmp_path: Path, *command: str, name: str = "child") -> Child:
    return Child(name, command, tmp_path / f"{name}.log")


def test_what_a_child_prints_is_in_its_log(tmp_path: Path, supervisor: Supervisor) -> None:
    child = _child(tmp_path, "sh", "-c", "echo out; echo err >&2; exec sleep 600")
    supervisor.start(child)
    _until(lambda: (tmp_path / "child.log").read_text() == "out\nerr\n")


def test_a_child_that_dies_is_told_of_once_and_started_again(
    tmp_path: Path, supervisor: Supervisor, deaths: list[tuple[str, int]]
) -> None:
    child = _child(tmp_path, *SLEEP)
    supervisor.start(child)
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)
    _until(lambda: child.status is not None)
    supervisor.look()
    supervisor.look()
    assert deaths == [("child", -signal.SIGKILL)]
    assert child.pid != first
    assert _runs(child.pid)


def test_a_child_that_keeps_dying_rests_before_it_is_started_again(
    tmp_path: Path, supervisor: Supervisor, deaths: list[tuple[str, int]]
) -> None:
    child = _child(tmp_path, "false")
    supervisor.start(child)
    _until(lambda: child.status is not None)
    supervisor.look()
    _until(lambda: child.status is not None)
    second = child.pid
    supervisor.look()
    assert child.pid == second
    assert deaths == [("child", 1), ("child", 1)]


def test_stopping_ends_the_children_and_what_they_started(tmp_path: Path, supervisor: Supervisor) -> None:
    script = f"{' '.join(SLEEP)} & echo $!; exec {' '.join(SLEEP)}"
    child = _child(tmp_path, "sh", "-c", script)
    supervisor.start(child)
    _until(lambda: child.log.read_text().endswith("\n"))
    grandchild = int(child.log.read_text())
    supervisor.stop()
    _until(lambda: not _runs(child.pid) and not _runs(grandchild))


def test_a_child_that_ignores_being_told_is_killed(
    tmp_path: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dure.web.demo.children.STOP_SECONDS", 0.5)
    child = _child(tmp_path, "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
    supervisor.start(child)
    _until(lambda: child.log.read_text() == "ready\n")
    supervisor.stop()
    _until(lambda: not _runs(child.pid))


@pytest.mark.kill
@pytest.mark.once
def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from dure.web.demo.children import Child\n"
        f"child = Child('child', {SLEEP!r}, Path(sys.argv[1]))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(600)"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout
    pid = int(supervisor.stdout.readline())
    # The parent's death counts from when setpriv has become the program itself.
    _until(lambda: Path(f"/proc/{pid}/comm").read_text().strip() == "sleep")
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    _until(lambda: not _runs(pid))
