# SPDX-License-Identifier: Apache-2.0
"""``dure demo`` as a person meets it: real processes, a real port, a real Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from dure.web.demo.people import PASSWORD
from tests.postgres_cluster import free_port

pytestmark = [pytest.mark.kill, pytest.mark.once]
DEADLINE = 300.0
"""Seconds; for a machine that is busy with other tests."""
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True)
class Demo:
    """A demo that runs; ``output`` is what it has printed."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text()

    def processes(self) -> dict[int, str]:
        """Every living process of this city but the demo itself, by what it is called."""
        mark = f"\0DURE_HOME={self.home}\0"
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in "\0" + (folder / "environ").read_text() + "\0"
                command = (folder / "cmdline").read_text().split("\0")
            except (OSError, UnicodeDecodeError):
                continue
            if ours and int(folder.name) != self.process.pid:
                found[int(folder.name)] = " ".join(command)
        return found

    def pid_of(self, word: str) -> int | None:
        """The process with this word in its command line."""
        return next((pid for pid, command in self.processes().items() if word in command.split()), None)

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something of a demo that must be running meanwhile."""
        _until(lambda: self.process.poll() is not None or true())
        assert self.process.poll() is None, self.output

    def wait_for_page(self) -> None:
        """Until the sign-ins are printed: the first page is there then."""
        self.until(lambda: PASSWORD in self.output)
        assert httpx.get(f"{self.url}/accounts/login/", timeout=DEADLINE).status_code == 200

    def answers(self) -> bool:
        """Whether the city is well."""
        return httpx.get(f"{self.url}/healthz", timeout=DEADLINE).status_code == 200

    def metrics(self) -> str:
        """What it measures of itself."""
        return httpx.get(f"{self.url}/metrics", timeout=DEADLINE).text

    def city_time(self) -> float:
        """Epoch seconds."""
        shown = re.search(r"^dure_city_time_seconds (\S+)", self.metrics(), re.M)
        assert shown
        return float(shown[1])

    def tell(self, number: int) -> int:
        """Send a signal (SIGINT is Ctrl-C) and wait for the end; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _command(home: Path, port: int, speed: float = 60.0) -> list[str]:
    options = ["--home", str(home), "--port", str(port), "--homes", "3", "--bins", "3", "--speed", str(speed)]
    return [sys.executable, "-m", "dure.cli", "demo", *options]


def _environment() -> dict[str, str]:
    left_out = ("DURE_", "DJANGO_", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


@contextmanager
def _running(home: Path, speed: float = 60.0) -> Iterator[Demo]:
    port = free_port()
    log = home.with_suffix(".output")
    with log.open("wb") as output:
        process = subprocess.Popen(_command(home, port, speed), env=_environment(), stdout=output, stderr=output)
    demo = Demo(process, home, port, log)
    try:
        yield demo
    finally:
        if process.poll() is None:
            demo.tell(signal.SIGINT)


def _refused(home: Path, port: int, *more: str) -> str:
    """What a demo that cannot start says."""
    command = [*_command(home, port), *more]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False, timeout=DEADLINE)
    assert done.returncode == 1
    return done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A new city, in the remains of one that was not finished. It lives as long as nobody stops it: starting one more
    costs as much as all that is asked of it here."""
    home = tmp_path_factory.mktemp("demo") / "city"
    home.mkdir()
    (home / "demo.json").touch()
    (home / "dure.sqlite3").write_text("half a database")
    with _running(home) as demo:
        demo.wait_for_page()
        assert "새 도시를 만듭니다" in demo.output
        yield demo


@pytest.fixture(scope="module")
def home(demo: Demo) -> Path:
    """The city of the first demo, which has stopped."""
    if demo.process.poll() is None:
        assert demo.tell(signal.SIGINT) == 0
    return demo.home


def test_somebody_signs_in(demo: Demo) -> None:
    with httpx.Client(base_url=demo.url, follow_redirects=True, timeout=DEADLINE) as browser:
        token = CSRF.search(browser.get("/accounts/login/").text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": "officer", "password": PASSWORD}
        page = browser.post("/accounts/login/", data=form)
    assert page.status_code == 200
    assert page.url.path != "/accounts/login/"
    assert "정은별" in page.text


def test_a_port_in_use_is_a_clear_error(demo: Demo, tmp_path: Path) -> None:
    said = _refused(tmp_path / "other", demo.port)
    assert f"127.0.0.1:{demo.port}" in said
    assert "PORT=" in said
    assert demo.answers()


def test_a_city_runs_once(demo: Demo) -> None:
    assert "DIR=" in _refused(demo.home, free_port())
    assert demo.answers()


def test_every_process_comes_to_life(demo: Demo) -> None:
    names = ("web", "worker", "gateway")
    demo.until(lambda: all(f'dure_process_alive_seconds{{name="{name}' in demo.metrics() for name in names))


def test_the_history_comes_in_through_the_door(demo: Demo) -> None:
    demo.until(lambda: re.search(r'^dure_consumer_behind{consumer="latest"} 0', demo.metrics(), re.M) is not None)
    demo.until(lambda: 'dure_feed_seen_seconds{feed="ami"}' in demo.metrics())


def test_a_process_that_is_killed_comes_back(demo: Demo) -> None:
    first = demo.pid_of("worker")
    assert first
    os.kill(first, signal.SIGKILL)
    demo.until(lambda: demo.pid_of("worker") not in (None, first))
    assert "worker" in demo.output


def test_ctrl_c_stops_every_process_and_nothing_else(demo: Demo) -> None:
    with subprocess.Popen(["sleep", "600"]) as bystander:
        demo.until(lambda: demo.pid_of("worker") is not None)
        assert demo.tell(signal.SIGINT) == 0
        assert demo.processes() == {}
        assert bystander.poll() is None
        bystander.kill()


def test_a_city_that_was_killed_leaves_nothing_behind_and_goes_on_at_another_speed(home: Path) -> None:
    """Two cities run side by side then. A service manager stops the one, the other's terminal is closed."""
    other = shutil.copytree(home, home.with_name("other"))
    stood = json.loads((home / "clock.json").read_text())["city"]
    began = time.monotonic()
    with _running(home, speed=1200) as demo:
        demo.wait_for_page()
        assert stood < demo.city_time() <= stood + 1200 * (time.monotonic() - began)
        demo.until(lambda: "live" in (home / "logs" / "simulator.log").read_text())
        before = _watermark(home)
        demo.until(lambda: _watermark(home) > before)
        demo.process.kill()
        demo.process.wait()
        _until(lambda: demo.processes() == {})
        reached = _watermark(home)
    (home / "clock.json").unlink()
    with _running(home, speed=2) as demo:
        demo.wait_for_page()
        assert demo.city_time() >= reached
        assert _refuses_what_is_old(demo)
        _close_the_terminal_of_another(other)
        assert demo.answers()
        assert demo.tell(signal.SIGTERM) == 0
        assert demo.processes() == {}


def _refuses_what_is_old(demo: Demo) -> bool:
    """Whether the readings' door is open."""
    key = json.loads((demo.home / "keys.json").read_text())["ami"]
    reading = {"device": "meter-000001", "series": "power", "at": "2020-01-01T00:00:00Z", "value": 0.1}
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{demo.url}/api/v1/readings", json=reading, headers=headers, timeout=DEADLINE)
    return (answer.status_code, answer.json()["rejected"][0]["field"]) == (422, "at")


def _close_the_terminal_of_another(home: Path) -> None:
    """It stops in good order, although nobody reads what it says."""
    port = free_port()
    process = subprocess.Popen(_command(home, port), env=_environment(), stdout=subprocess.PIPE)
    assert process.stdout
    demo = Demo(process, home, port, home / "logs" / "web.log")
    demo.until(lambda: demo.pid_of("simulate") is not None)
    process.stdout.close()
    assert demo.tell(signal.SIGHUP) == 0
    assert demo.processes() == {}


def _watermark(home: Path) -> float:
    """City time at which readings were last worked on; 0 before the first."""
    with closing(sqlite3.connect(f"file:{home / 'dure.sqlite3'}?mode=ro", uri=True)) as record:
        (moved,) = record.execute("SELECT max(moved_at) FROM city_watermark").fetchone()
    return datetime.fromisoformat(moved).replace(tzinfo=UTC).timestamp() if moved else 0.0


@pytest.mark.parametrize("wrong", [("--homes", "0"), ("--speed", "nan"), ("--port", "99999")])
def test_an_impossible_option_is_named(wrong: tuple[str, str], tmp_path: Path) -> None:
    said = _refused(tmp_path / "city", free_port(), *wrong)
    assert f"{wrong[0]}: must be" in said
    assert not (tmp_path / "city" / "dure.sqlite3").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert str(tmp_path) in _refused(tmp_path, free_port())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
