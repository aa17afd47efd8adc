# SPDX-License-Identifier: Apache-2.0
"""Workers that are killed with SIGKILL while they escalate and hand over: nothing repeated, nothing forgotten."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dure.city import clock
from tests.city.own_city import LIVES, OwnCity, own_city

pytestmark = pytest.mark.kill

CASES, STEPS, ATTEMPTS = 6, 4, 3
KILLS = 8
SPEED = 600
"""City seconds a real second: a gap of one minute is a tenth of a second."""

PREPARE = f"""
from datetime import timedelta
from dure.city import clock, escalation
from dure.city.models import AreaLevel, Team
from tests.city.casework import calls, care_plan, open_care_case
from tests.factories import make_area
area, team = make_area("4199000000", AreaLevel.CITY, "두레시"), Team.objects.create(name="돌봄팀")
step = calls(attempts={ATTEMPTS}, gap_minutes=1, wait_minutes=2, timeout_minutes=10)
care_plan(*[step] * {STEPS}, rearm_minutes=500_000)
for _ in range({CASES}):
    case = open_care_case(area, team, due_at=clock.now() + timedelta(days=300))
    escalation.start(case)
"""
WORK = """
import os, sys
from dure.city import cases, escalation
from dure.city.models import AttemptResult, Channel, Escalation, EscalationAttempt

def ring(attempt):
    text = f"{attempt.round}.{attempt.step}.{attempt.attempt}"
    cases.add_note(attempt.escalation.case, actor="tests", text="rang", data={"rang": text})
    print("ringing", flush=True)  # not committed yet

def work(life):
    print("ready", os.getpid(), flush=True)
    for _ in sys.stdin:
        escalation.run_due()
        for attempt in EscalationAttempt.objects.filter(result="pending").select_related("escalation__case"):
            escalation.attempt_ended(attempt, AttemptResult.NO_ANSWER)
            print("ended", flush=True)
        print("turn" if Escalation.objects.filter(state="running").exists() else "finished", flush=True)

escalation.register_channel(Channel.AI_CALL, ring)
lives(work)
"""
REPORT = """
import json
from dure.city import audit
from dure.city.models import Case
told = {}
for case in Case.objects.exclude(escalation=None):
    tries = case.escalation.tries.order_by("id")
    told[case.number] = {
        "tries": [f"{one.round}.{one.step}.{one.attempt}" for one in tries],
        "results": sorted({one.result for one in tries}),
        "minutes": [(later.started_at - one.ended_at).total_seconds() / 60 for one, later in zip(tries, tries[1:])],
        "rang": [event.data["rang"] for event in case.events.filter(kind="note").order_by("id")],
        "notices": [event.data["notice"] for event in case.events.order_by("id") if "notice" in event.data],
        "state": case.escalation.state,
    }
print(json.dumps({"cases": told, "breaks": len(audit.verify())}))
"""
HAND_OVER = f"""
from dure.city import cases
from dure.city.models import Area, Team
from tests.city.casework import open_care_case
area, team = Area.objects.first(), Team.objects.first()
for number in range({CASES}):
    case = open_care_case(area, team)
    cases.hand_over(case, target="119", payload=f"home {{number}}", actor="tests")
"""
DELIVER = """
import os, sys
from pathlib import Path
from dure.city import cases, clock
from dure.city.models import Handover

def send(outgoing):
    with Path(os.environ["RECEIVER"]).open("a") as receiver:
        receiver.write(f"{outgoing.id} {outgoing.payload}\\n")
    print("sent", flush=True)  # the answer is not written down yet
    return f"119-{outgoing.id}"

def work(life):
    print("ready", os.getpid(), flush=True)
    for _ in sys.stdin:
        cases.deliver_handovers(clock.now(), send)
        print("turn" if Handover.objects.exclude(state="accepted").exists() else "finished", flush=True)

lives(work)
"""
DELIVERED = """
import json
from dure.city.models import Handover
rows = Handover.objects.order_by("id").values_list("id", "state", "reference", "case__status", "attempts")
print(json.dumps(list(rows)))
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCity]:
    with own_city(tmp_path_factory.mktemp("city")) as made:
        made.run(PREPARE)
        yield made


class Worker:
    """A process that does one turn when told to, and lives again after it was killed in the middle of one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.live()

    def live(self) -> None:
        """Wait until it is there (again)."""
        while not (first := self.read(1)) or not first[0].startswith("ready"):
            assert first, self.process.communicate()[1]
        self.pid = int(first[0].split()[1])

    def go(self) -> None:
        """Have it begin a turn."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def read(self, most: int = 10**9) -> list[str]:
        """What it writes: ``most`` lines, or to the end of its turn."""
        assert self.process.stdout is not None
        found: list[str] = []
        for line in self.process.stdout:
            found.append(line.strip())
            if len(found) == most or found[-1] in ("turn", "finished"):
                break
        return found

    def die(self, after: int) -> None:
        """SIGKILL once it wrote so many lines."""
        self.read(after)
        os.kill(self.pid, signal.SIGKILL)


def turn(workers: Sequence[Worker], *, kill_after: int | None = None) -> bool:
    """All do a turn at once, the first killed after it wrote ``kill_after`` lines. Whether everything is done."""
    for worker in workers:
        worker.go()
    if kill_after is not None:
        workers[0].die(kill_after)
    lines = [worker.read() for worker in list(workers)[int(kill_after is not None) :]]
    assert all(lines), "a worker ended by itself"
    return any("finished" in one for one in lines)


def work_and_be_killed(city: OwnCity, code: str, *, workers: int, kills: int, **variables: str) -> None:
    """Let workers finish their work with ``kills`` of them killed on the way."""
    rng = random.Random(workers)
    start = clock.real_now().timestamp()
    pace = str(clock.Pace(SPEED, start, start))
    with ExitStack() as stack:
        crew = deque[Worker]()
        for _ in range(workers):
            process = city.start(LIVES + code, DURE_CLOCK=pace, **variables)
            stack.callback(process.communicate)
            crew.append(Worker(process))
        for _ in range(kills):
            finished = turn(crew, kill_after=rng.randint(1, 3))
            assert not finished, "there was too little work for so many kills"
            crew[0].live()
            crew.rotate(-1)
        deadline = clock.real_now() + timedelta(minutes=5)
        while not turn(crew):
            assert clock.real_now() < deadline


def test_a_killed_worker_neither_repeats_nor_forgets_a_step(city: OwnCity) -> None:
    work_and_be_killed(city, WORK, workers=2, kills=KILLS)
    report: dict[str, Any] = json.loads(city.run(REPORT)[0])
    expected = [f"1.{step}.{attempt}" for step in range(1, STEPS + 1) for attempt in range(1, ATTEMPTS + 1)]
    assert len(report["cases"]) == CASES
    for told in report["cases"].values():
        assert told["tries"] == told["rang"] == expected
        assert told["results"] == ["no_answer"]
        least = [1 if n % ATTEMPTS else 2 for n in range(1, STEPS * ATTEMPTS)]
        assert all(minutes >= gap for minutes, gap in zip(told["minutes"], least, strict=True))
        assert (told["state"], told["notices"]) == ("exhausted", ["exhausted"])
    assert report["breaks"] == 0


def test_a_killed_sender_loses_no_handover(city: OwnCity, tmp_path: Path) -> None:
    city.run(HAND_OVER)
    receiver = tmp_path / "receiver"
    work_and_be_killed(city, DELIVER, workers=1, kills=3, RECEIVER=str(receiver))
    arrived = [line.split(" ", 1) for line in receiver.read_text().splitlines()]
    delivered = json.loads(city.run(DELIVERED)[0])
    assert len(delivered) == CASES
    for number, state, reference, status, attempts in delivered:
        sendings = [payload for row, payload in arrived if int(row) == number]
        assert (state, status, reference) == ("accepted", "handover_accepted", f"119-{number}")
        assert 1 <= len(sendings) <= attempts  # at least once; what arrives twice has the same number
        assert len(set(sendings)) == 1
