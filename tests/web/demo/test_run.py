# SPDX-License-Identifier: Apache-2.0
"""``dure demo`` as a person meets it: real processes, a real port, a real Ctrl-C."""

from __future__ import annotations

import json
import os
import re
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

    def interrupt(self) -> int:
        """Ctrl-C, and the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _command(home: Path, port: int, speed: float = 60.0) -> list[str]:
    options = ["--home", str(home), "--port", str(port), "--homes", "3", "--speed", str(speed)]
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
            demo.interrupt()


def _refused(home: Path, port: int, *more: str) -> str:
    """What a demo that cannot start says."""
    command = [*_command(home, port), *more]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False, timeout=DEADLINE)
    assert done.returncode == 1
    return done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that was made, in the remains of one that was not finished, opened once and stopped."""
    home = tmp_path_factory.mktemp("demo") / "city"
    home.mkdir()
    (home / "demo.json").touch()
    (home / "dure.sqlite3").write_text("half a database")
    with _running(home) as demo:
        demo.wait_for_page()
        assert "새 도시를 만듭니다" in demo.output
        assert demo.interrupt() == 0
    return home


@pytest.fixture
def demo(home: Path) -> Iterator[Demo]:
    with _running(home) as demo:
        demo.wait_for_page()
        yield demo


def test_somebody_signs_in(demo: Demo) -> None:
    with httpx.Client(base_url=demo.url, follow_redirects=True, timeout=DEADLINE) as browser:
        token = CSRF.search(browser.get("/accounts/login/").text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": "officer", "password": PASSWORD}
        page = browser.post("/accounts/login/", data=form)
    assert page.status_code == 200
    assert page.url.path != "/accounts/login/"
    assert "정은별" in page.text


def test_every_process_comes_to_life(demo: Demo) -> None:
    def all_alive() -> bool:
        shown = httpx.get(f"{demo.url}/metrics", timeout=DEADLINE).text
        return all(f'dure_process_alive_seconds{{name="{name}' in shown for name in ("web", "worker", "gateway"))

    demo.until(all_alive)


def test_the_history_comes_in_through_the_door(demo: Demo) -> None:
    demo.until(lambda: re.search(r'^dure_consumer_behind{consumer="latest"} 0', _metrics(demo), re.M) is not None)
    demo.until(lambda: 'dure_feed_seen_seconds{feed="ami"}' in _metrics(demo))


def _metrics(demo: Demo) -> str:
    return httpx.get(f"{demo.url}/metrics", timeout=DEADLINE).text


def test_ctrl_c_stops_every_process_and_nothing_else(demo: Demo) -> None:
    with subprocess.Popen(["sleep", "600"]) as bystander:
        demo.until(lambda: demo.pid_of("worker") is not None)
        assert demo.interrupt() == 0
        assert demo.processes() == {}
        assert bystander.poll() is None
        bystander.kill()


def test_a_closed_terminal_and_a_service_manager_stop_it_too(home: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        with _running(home) as demo:
            demo.wait_for_page()
            demo.process.send_signal(number)
            assert demo.process.wait(DEADLINE) == 0
            assert demo.processes() == {}


def test_it_stops_in_good_order_when_nobody_reads_what_it_says(home: Path) -> None:
    port = free_port()
    process = subprocess.Popen(_command(home, port), env=_environment(), stdout=subprocess.PIPE)
    assert process.stdout
    demo = Demo(process, home, port, home)
    _until(lambda: demo.pid_of("simulate") is not None)
    process.stdout.close()
    process.terminate()
    assert process.wait(DEADLINE) == 0
    assert demo.processes() == {}


def test_nothing_outlives_a_demo_that_was_killed(demo: Demo) -> None:
    demo.until(lambda: demo.pid_of("simulate") is not None)
    demo.process.kill()
    demo.process.wait()
    _until(lambda: demo.processes() == {})


def test_a_process_that_is_killed_comes_back(demo: Demo) -> None:
    demo.until(lambda: demo.pid_of("worker") is not None)
    first = demo.pid_of("worker")
    assert first
    os.kill(first, signal.SIGKILL)
    demo.until(lambda: demo.pid_of("worker") not in (None, first))
    assert "worker" in demo.output


def test_city_time_goes_on_from_where_it_stood(home: Path) -> None:
    stood = json.loads((home / "clock.json").read_text())["city"]
    began = time.monotonic()
    with _running(home) as demo:
        demo.wait_for_page()
        shown = re.search(r"^dure_city_time_seconds (\S+)", _metrics(demo), re.M)
        passed = time.monotonic() - began
    assert shown
    assert stood < float(shown[1]) <= stood + 60 * passed


def test_a_city_that_was_killed_goes_on_at_another_speed_and_its_doors_are_open(home: Path) -> None:
    with _running(home, speed=1200) as demo:
        demo.wait_for_page()
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
        shown = re.search(r"^dure_city_time_seconds (\S+)", _metrics(demo), re.M)
        assert shown
        assert float(shown[1]) >= reached
        key = json.loads((home / "keys.json").read_text())["ami"]
        reading = {"device": "meter-000001", "series": "power", "at": "2020-01-01T00:00:00Z", "value": 0.1}
        answer = httpx.post(
            f"{demo.url}/api/v1/readings", json=reading, headers={"Authorization": f"Bearer {key}"}, timeout=DEADLINE
        )
        assert (answer.status_code, answer.json()["rejected"][0]["field"]) == (422, "at")


def _watermark(home: Path) -> float:
    """City time at which readings were last worked on; 0 before the first."""
    with closing(sqlite3.connect(f"file:{home / 'dure.sqlite3'}?mode=ro", uri=True)) as record:
        (moved,) = record.execute("SELECT max(moved_at) FROM city_watermark").fetchone()
    return datetime.fromisoformat(moved).replace(tzinfo=UTC).timestamp() if moved else 0.0


def test_a_port_in_use_is_a_clear_error(demo: Demo, tmp_path: Path) -> None:
    said = _refused(tmp_path / "other", demo.port)
    assert f"127.0.0.1:{demo.port}" in said
    assert "PORT=" in said
    assert httpx.get(f"{demo.url}/healthz", timeout=DEADLINE).status_code == 200


@pytest.mark.parametrize("wrong", [("--homes", "0"), ("--speed", "nan"), ("--port", "99999")])
def test_an_impossible_option_is_named(wrong: tuple[str, str], tmp_path: Path) -> None:
    said = _refused(tmp_path / "city", free_port(), *wrong)
    assert f"{wrong[0]}: must be" in said
    assert not (tmp_path / "city" / "dure.sqlite3").exists()


def test_a_city_runs_once(demo: Demo) -> None:
    assert "DIR=" in _refused(demo.home, free_port())
    assert httpx.get(f"{demo.url}/healthz", timeout=DEADLINE).status_code == 200


def test_two_cities_run_side_by_side(demo: Demo, tmp_path: Path) -> None:
    with _running(tmp_path / "other") as other:
        other.wait_for_page()
        assert httpx.get(f"{demo.url}/healthz", timeout=DEADLINE).status_code == 200
        assert other.interrupt() == 0
        assert demo.process.poll() is None


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert str(tmp_path) in _refused(tmp_path, free_port())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
