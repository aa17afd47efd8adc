# SPDX-License-Identifier: Apache-2.0
"""A worker that is killed with SIGKILL while it judges homes raises the same alarms as one that was left alone."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from dure.city import clock
from tests.city.own_city import LIVES, OwnCity, own_city

pytestmark = [pytest.mark.kill, pytest.mark.once]

KILLS = 3
NOW = 1_793_577_600
"""Monday 2 November 2026, 09:00 in Seoul: city time begins here in every process, and hardly moves."""

PREPARE = """
from datetime import UTC, datetime, timedelta
from tests.factories import make_city
from tests.services.care.living import Living, enrolled
city, now = make_city(), datetime.fromtimestamp(int(__import__("os").environ["NOW"]), UTC)
for number, silent, back in ((1, 30, 0), (2, 40, 9), (3, 0, 0), (4, 70, 0)):
    home = Living(enrolled(city, number=number), seed=number)
    home.send(now - timedelta(days=24), now - timedelta(hours=silent))
    home.send(now - timedelta(hours=silent), now - timedelta(hours=back), alive=False)
    home.send(now - timedelta(hours=back), now)
"""
WORK = """
import os, random, signal
from dure.engines import habits
from dure.services.care import habit_state, watch

def work(killed):
    chance, kills = random.Random(killed), killed < int(os.environ["KILLS"])

    def perhaps_die():
        if kills and chance.random() < 0.1:
            os.kill(os.getpid(), signal.SIGKILL)

    def dangerous(name, module):
        real = getattr(module, name)
        def run(*arguments):
            found = real(*arguments)
            perhaps_die()
            return found
        setattr(module, name, run)

    for name, module in (("_feed", watch), ("save", habit_state), ("_settle", watch)):
        dangerous(name, module)
    while watch.run_once(limit=250):
        perhaps_die()

habits.ready()
ends = lives(work)
"""
REPORT = """
import hashlib, json
from dure.city import audit
from dure.city.models import Case, Finding
from dure.services.care.models import HabitState
findings = [[one.household_id, one.level, one.score, one.reason["en"], str(one.found_at), str(one.ended_at)]
            for one in Finding.objects.order_by("id")]
cases = [[one.household_id, one.kind, one.level, one.status, one.outcome, one.findings.count()]
         for one in Case.objects.order_by("id")]
state = {one.part: hashlib.sha256(bytes(one.data)).hexdigest() for one in HabitState.objects.all()}
report = {"findings": findings, "cases": cases, "state": state, "breaks": len(audit.verify())}
print(json.dumps([report, ends]))
"""


def judged(city: OwnCity, kills: int) -> tuple[dict[str, Any], list[int]]:
    """What a worker makes of the readings that is killed until it was ``kills`` times; and how its lives ended."""
    begun = clock.real_now().timestamp()
    settled = {"DURE_CLOCK": f"0.001@{begun:.0f}={NOW}", "NOW": str(NOW), "KILLS": str(kills)}
    answer, _ = city.run(PREPARE + LIVES + WORK + REPORT, **settled)
    report, ends = json.loads(answer)
    return report, ends


def test_any_restart_gives_the_same_alarms(tmp_path: Path) -> None:
    with own_city(tmp_path / "left-alone") as calm, own_city(tmp_path / "killed") as rough:
        expected, uncut = judged(calm, kills=0)
        found, ends = judged(rough, kills=KILLS)
    assert (uncut, ends) == ([0], [-signal.SIGKILL] * KILLS + [0])
    assert len(expected["cases"]) >= 2
    assert len(expected["findings"]) >= 2
    assert found == expected
    assert found["breaks"] == 0
