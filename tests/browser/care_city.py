# SPDX-License-Identifier: Apache-2.0
"""Care's city of the browser tests: ``python -m tests.browser.care_city [--crowd N]``, and the server over it.

Homes live three weeks by a habit and some of them fall silent; the real engine judges them. Nobody in it exists.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from dure.city.clock import Pace, real_now
from tests.browser.care_days import ask_about_decisions, plan_days
from tests.browser.care_wearers import wear
from tests.browser.city_server import MORNING, PATIENCE, ROOT, CityServer
from tests.browser.pages import CROWDED, IDLE, LONG_NAME, WORKER

if TYPE_CHECKING:
    from dure.city.models import User
    from dure.services.care.models import Enrolment
    from tests.factories import City

DAYS = 24
SILENT_HOURS = {0: 38.0, 1: 12.5, 2: 62.0, 3: 26.0, 4: 14.0}
"""Home number: for how long nothing but its refrigerator has run."""
EXPIRING = (3, 7)
UNHEARD = 9
"""The home whose meter has said nothing for four days."""
KEYS = "keys.json"
"""In the city's folder: ``{feed code: key}``."""


class CareServer(CityServer):
    """The same server over care's city, at any speed, with the platform's worker and whatever else is asked for."""

    def __init__(
        self, folder: Path, *arguments: str, speed: float = 1, working: bool = False, database_url: str = ""
    ) -> None:
        super().__init__(folder, *arguments, database_url=database_url)
        self.speed, self.working = speed, working
        self.beside: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> CareServer:
        super().__enter__()
        return self

    def make(self) -> None:
        """Care's city instead; its time stands still until the server starts."""
        command = [sys.executable, "-m", "tests.browser.care_city", *self.arguments]
        subprocess.run(command, env=self.environment | {"DURE_CLOCK": str(self._pace(0.001))}, cwd=ROOT, check=True)

    def start(self) -> None:
        self.environment["DURE_CLOCK"] = str(self._pace(self.speed))
        super().start()
        if self.working:
            self.run_beside("worker")

    def run_beside(self, *command: str) -> None:
        """Another process of the platform (``dure …``), stopped with the server."""
        self.beside.append(
            subprocess.Popen(
                [sys.executable, "-m", "dure.cli", *command],
                env=self.environment,
                cwd=ROOT,
                stdout=self.log,
                stderr=subprocess.STDOUT,
            )
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as stops:
            stops.callback(super().__exit__, kind, error, trace)
            stops.callback(self.stop_beside)

    def stop_beside(self) -> None:
        """Stop the worker and what else runs beside the server, which goes on alone."""
        for process in self.beside:
            process.send_signal(signal.SIGTERM)
        for process in self.beside:
            process.wait(PATIENCE)
        self.beside.clear()

    @staticmethod
    def _pace(speed: float) -> Pace:
        return Pace(speed, real_now().timestamp(), MORNING.timestamp())

    @property
    def now(self) -> datetime:
        """City time."""
        pace = Pace.parse(self.environment["DURE_CLOCK"])
        seconds = pace.city_start + (real_now().timestamp() - pace.real_start) * pace.speed
        return datetime.fromtimestamp(seconds, MORNING.tzinfo)

    def key(self, feed: str) -> str:
        """The key of a feed of this city."""
        return str(json.loads((self.folder / KEYS).read_text())[feed])


def main() -> None:
    """Set up Django, bring the database to its shape, and fill it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--crowd", type=int, default=30, help="people of the second worker")
    parser.add_argument("--bare", action="store_true", help="staff, feeds and one home without readings")
    parser.add_argument("--simulated", type=Path, metavar="DIR", help="the files that dure simulate city made")
    arguments = parser.parse_args()

    from django.conf import settings

    from tests.browser.cast import begin_cheaply, empty_database

    begin_cheaply()
    empty_database()
    if arguments.simulated:
        make_simulated(arguments.simulated, settings.DURE_HOME / KEYS)
    elif arguments.bare:
        _enrol(_staff(settings.DURE_HOME / KEYS), 0, WORKER)
    else:
        make(_staff(settings.DURE_HOME / KEYS), crowd=arguments.crowd)


def make(city: City, *, crowd: int) -> None:
    """The worker's ten homes with their weeks, the other worker's ``crowd``, three homes that are nobody's."""
    from dure.city import processes
    from dure.city.models import Role

    homes = [_enrol(city, number, WORKER) for number in range(10)]
    for number in range(100, 100 + crowd):
        _enrol(city, number, CROWDED)
    for number in range(900, 903):
        _enrol(city, number, None)
    _live(homes)
    _work(homes, city.users[Role.CARE_WORKER])
    plan_days(homes, city.users[Role.WELFARE_OFFICER])
    ask_about_decisions(homes, city.users[Role.WELFARE_OFFICER])
    wear(homes, city.users[Role.CARE_WORKER])
    processes.alive("worker", {"lane": "ordinary"}, silent_after_seconds=3600)


def make_simulated(folder: Path, keys: Path) -> None:
    """A city of the simulator, taken in as a demo takes it in: its areas, staff, plan, feeds and homes."""
    from dure.web.demo import making

    making.make_areas(folder)
    making.make_people(homes=0)
    making.make_plan()
    making.make_feeds(keys)
    making.enrol_homes(folder)


def _staff(keys: Path) -> City:
    """Areas, an officer, three care workers, the team with its shifts, the plan, the feeds with their keys."""
    from dure.city import clock, duty
    from dure.city.devices import issue_key, register_feed
    from dure.city.models import Area, AreaLevel, Role, Team
    from dure.services.care.plan import set_default_plan
    from tests.browser.cast import _draw_dongs
    from tests.factories import City, make_user

    _draw_dongs()
    dongs = list(Area.objects.filter(level=AreaLevel.DONG).order_by("code"))
    users = {
        role: make_user(role.value, role, display_name=str(role.label))
        for role in (Role.CARE_WORKER, Role.WELFARE_OFFICER)
    }
    other = make_user(CROWDED, Role.CARE_WORKER, display_name="이바다")
    make_user(IDLE, Role.CARE_WORKER, display_name="박누리")
    team = Team.objects.create(name="돌봄팀", service="care")
    team.members.add(*users.values(), other)
    now = clock.now()
    for user in team.members.all():
        duty.add_shift(team, user, starts_at=now, ends_at=now + timedelta(days=30), actor="tests")
    set_default_plan("tests")
    feeds = [register_feed(code, code, code, service="care", actor="tests") for code in ("ami", "telecom", "telephony")]
    keys.write_text(json.dumps({feed.code: issue_key(feed, actor="tests") for feed in feeds}))
    return City(Area.objects.get(level=AreaLevel.CITY), (dongs[0], dongs[1]), users, team)


def _enrol(city: City, number: int, worker: str | None) -> Enrolment:
    from tests.services.care.living import enrolled

    made = "김이박최정강조윤장임"[number % 10] + "순영숙정미옥희자말복"[number % 9] + "자순례분임희"[number % 6]
    name = LONG_NAME if number in (1, 101) else made
    return enrolled(
        city,
        number=number + 1,
        worker=worker,
        area=city.dongs[number % 2].code,
        person={"name": name, "phone": f"010-0000-{1000 + number:04d}", "birth_year": 1934 + number % 18, "sex": "F"},
        contacts=[
            {"name": "김하나", "phone": f"010-0000-{5000 + number:04d}", "relation": "딸"},
            {"name": "박정숙", "phone": f"010-0000-{6000 + number:04d}", "relation": "이웃"},
        ],
        consent_until="2026-11-20" if number in EXPIRING else "2027-12-31",
    )


def _live(homes: Sequence[Enrolment]) -> None:
    """Three weeks of half hours, then silence where it is due, then the engine's judgement."""
    from dure.city import clock
    from tests.services.care.living import Living, judge

    now = clock.now().replace(minute=0, second=0, microsecond=0)
    for number, enrolment in enumerate(homes):
        living = Living(enrolment, seed=number)
        begins = now - timedelta(hours=SILENT_HOURS.get(number, 0))
        living.send(now - timedelta(days=DAYS), now - timedelta(days=4) if number == UNHEARD else begins)
        if number in SILENT_HOURS:
            living.send(begins, now, alive=False)
    judge()


def _work(homes: Sequence[Enrolment], worker: User) -> None:
    """What the staff, the clock and one of the elders have done so far this morning."""
    from dure.city import cases, clock, escalation
    from dure.city.models import Device
    from dure.city.vigil import watch_silence
    from dure.services.care.actions.away import declare_away
    from dure.services.care.actions.calls import answer_call
    from dure.services.care.models import AwaySource, Call, Enrolment
    from tests.services.care.living import open_case

    now = clock.now()
    Enrolment.objects.update(enrolled_at=now - timedelta(days=DAYS))
    escalation.run_due(now)
    answer_call(Call.objects.get(person=homes[2].person).ref, "2", by="tests")
    if taken := open_case(homes[3]):
        cases.acknowledge(taken, worker)
        cases.record_call(taken, actor=worker, reached=False, text="두 번 걸었으나 받지 않으심.")
    if well := open_case(homes[4]):
        cases.record_call(well, actor=worker, reached=True, text="감기로 누워 계셨다고 하심.")
        cases.close(well, actor=worker, outcome="well_by_phone", text="내일 다시 전화하기로 함.")
    until = now + timedelta(days=2)
    declare_away(homes[6].household, starts_at=now, ends_at=until, said_by=AwaySource.FAMILY, actor=worker)
    silent = Device.objects.filter(pk=homes[UNHEARD].power.device_id)
    Device.objects.update(last_seen_at=now)
    silent.update(last_seen_at=now - timedelta(days=4))
    watch_silence()


if __name__ == "__main__":
    main()
