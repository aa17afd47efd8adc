# SPDX-License-Identifier: Apache-2.0
"""The demo from its first line to its last: make the city if there is none, start everything, watch, stop it all."""

from __future__ import annotations

import http.client
import math
import os
import signal
import socket
import subprocess
import time
from types import FrameType

from dure.city import clock
from dure.city.errors import DureError
from dure.web.demo import Options
from dure.web.demo.children import Child, Supervisor
from dure.web.demo.city_time import SAVED_EVERY, CityTime
from dure.web.demo.history import History
from dure.web.demo.home import Home, HomeError
from dure.web.demo.programs import Programs
from dure.web.demo.screen import Bar, problem, show, step
from dure.web.demo.size import days_of_history, usual_speed

FIRST_PAGE_SECONDS = 180.0
"""Long, for a machine that is busy with other things; a server that has died is noticed at once."""
LOOK_EVERY = 0.25
LAST_PORT = 65_535


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where somebody asked for it


class Stopped(BaseException):
    """Somebody pressed Ctrl-C, or told the process to stop."""


def run(options: Options) -> int:
    """Run the demo until it is told to stop. 0 when it was, 1 when it could not run (the reason is printed)."""
    home = Home(options.home)
    supervisor = Supervisor(_tell_of_death)
    city_time: CityTime | None = None
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        _check(options)
        home.hold()
        if options.fresh or home.made is None:
            home.clear()
        home.logs.mkdir(exist_ok=True)
        homes = int(home.made["homes"]) if home.made else options.homes
        speed, days = options.speed or usual_speed(homes), days_of_history(homes)
        city_time = CityTime(home.path / "clock.json", home.path / "dure.sqlite3", speed)
        _settle(options, home, city_time)
        history = History(home.logs / "simulator.log")
        programs = Programs(home, options, days)
        _start(options, home, programs, supervisor)
        _watch(supervisor, city_time, history, days, programs.past())
    except Stopped:
        pass
    except (HomeError, DureError) as error:
        problem(error.ko, error.en)
        return 1
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if supervisor.children:
            step("멈추는 중입니다", "stopping")
        supervisor.stop()
        if city_time:
            city_time.save(stopping=True)
    step("도시가 멈췄습니다. 다음에 이어서 갑니다.", "the city stands still and will go on from here")
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _tell_of_death(child: Child, status: int) -> None:
    step(
        f"{child.name}: 멈춰서 다시 띄웁니다 (종료 {status}, {child.log})",
        f"{child.name} died with status {status} and is started again; see its log",
    )


def _check(options: Options) -> None:
    """Whatever can be known to be wrong before anything is made. Raises HomeError."""
    if options.speed is not None and not 0 < options.speed < math.inf:
        raise HomeError("--speed: 0보다 커야 합니다", "--speed: must be above 0")
    if options.homes < 1:
        raise HomeError("--homes: 1 이상이어야 합니다", "--homes: must be at least 1")
    if not 1 <= options.port <= LAST_PORT:
        raise HomeError(f"--port: 1부터 {LAST_PORT}까지입니다", f"--port: must be from 1 to {LAST_PORT}")
    if options.readings and not options.readings.is_file():
        raise HomeError(f"--readings: 파일이 없습니다: {options.readings}", "--readings: there is no such file")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise HomeError(
                f"{options.host}:{options.port}에서 열 수 없습니다. PORT=에 다른 번호를 주세요.",
                f"cannot listen on {options.host}:{options.port} ({error.strerror}); choose another PORT=",
            ) from error


def _settle(options: Options, home: Home, city_time: CityTime) -> None:
    """Say which city it is, and which time, to this process and to every one that is started from here."""
    hosts = {"127.0.0.1", "localhost", "[::1]", "*" if options.host == EVERYWHERE else options.host}
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("DURE_SECRETS", None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dure.web.settings",
        "DURE_HOME": str(home.path),
        "DURE_CLOCK": str(city_time.pace),
        "DURE_HOSTS": ",".join(sorted(hosts)),
        "DURE_SIMULATION": "1",
    }
    clock.set_pace(city_time.pace)


def _start(options: Options, home: Home, programs: Programs, supervisor: Supervisor) -> None:
    """Make the city where there is none and start every process; the sign-ins are printed when the first page is there.

    The pages of a city that was made before come up while this process gets ready itself: both take seconds.
    """
    web = programs.web()
    if home.made is None:
        step("새 도시를 만듭니다", "making a new city")
        _migrate()
        _make(options, home)
        step("프로그램을 띄웁니다", "starting the programs")
        supervisor.start(web)
    else:
        step("도시를 엽니다", "opening the city")
        if home.made != _made_with(options):
            step("새로 만들려면 DIR=을 바꿔 주세요", "it was made with other options; for a new one change DIR=")
        supervisor.start(web)
        _migrate()
    _wait_for_first_page(options, web)
    _show_sign_ins(f"http://127.0.0.1:{options.port}")
    for child in programs.others():
        supervisor.start(child)


def _migrate() -> None:
    """Set Django up here and bring the database to this version's shape."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def _make(options: Options, home: Home) -> None:
    from django.db import connections

    from dure.web.demo import days, desk, making

    try:
        making.make_files(home.city, homes=options.homes, readings=options.readings, bins=options.bins)
    except subprocess.CalledProcessError as error:
        raise HomeError("도시를 만들지 못했습니다 (까닭은 위에)", "the city could not be made; see above") from error
    count = making.make_areas(home.city)
    making.make_people(options.homes)
    making.make_plan()
    making.make_feeds(home.keys)
    step(f"행정동 {count}곳, 담당자, 단계 계획을 등록했습니다", f"{count} areas, the staff and the plan are there")
    step("어르신 댁을 등록합니다", "taking the homes into care")
    making.enrol_homes(home.city)
    making.give_wearables(home.city, home.keys)
    days.plan_days(making.ACTOR)
    bins = making.enrol_bins(home.city)
    step(f"수거함 {bins}개와 차량을 등록했습니다", f"{bins} bins and their trucks are there")
    departments = desk.open_desk(home.city, home.keys)
    step(
        f"민원 창구와 부서 {departments}곳을 열었습니다", f"the complaint desk and {departments} departments are there"
    )
    making.register_cameras(home.city)
    home.finish(_made_with(options))
    connections.close_all()


def _made_with(options: Options) -> dict[str, object]:
    made: dict[str, object] = {
        "homes": options.homes,
        "readings": str(options.readings) if options.readings else None,
    }
    return made if options.bins is None else made | {"bins": options.bins}


def _wait_for_first_page(options: Options, web: Child) -> None:
    """Raises HomeError naming the log when the page does not come."""
    deadline = time.monotonic() + FIRST_PAGE_SECONDS
    host = "127.0.0.1" if options.host == EVERYWHERE else options.host
    while time.monotonic() < deadline and web.status is None:
        connection = http.client.HTTPConnection(host, options.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise HomeError(f"첫 화면이 열리지 않습니다: {web.log}", f"the first page does not come; see {web.log}")


def _show_sign_ins(url: str) -> None:
    from dure.web.demo.people import PASSWORD, offered

    show(f"\n  {url}\n")
    for one in offered():
        show(f"    {one.username:<10} {one.name} {one.role.label}")
    show(f"    암호 · password: {PASSWORD}\n")
    step("Ctrl-C로 멈춥니다", "Ctrl-C stops it")


def _watch(supervisor: Supervisor, city_time: CityTime, history: History, days: int, past: Child | None) -> None:
    """Keep everything running until told to stop; show how the history comes in, once, where there is some to come.
    ``past`` is started behind it: the homes are worth more than the board of the desk."""
    saved, bar = 0.0, None
    while True:
        supervisor.look()
        share = history.share()
        if share is not None and share < 1 and bar is None:
            step(f"지난 {days}일의 생활을 들여옵니다", f"taking in the last {days} days")
            bar = Bar()
        if bar is not None and share is not None:
            bar.show(share)
            bar = None if share == 1 else bar
        if past is not None and share == 1:
            step("지난 다섯 주의 민원을 들여옵니다", "taking in the complaints of the five weeks before")
            supervisor.start(past)
            past = None
        if time.monotonic() - saved > SAVED_EVERY / 2:
            city_time.save()
            saved = time.monotonic()
        time.sleep(LOOK_EVERY)
