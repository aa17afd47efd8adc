# SPDX-License-Identifier: Apache-2.0
"""A made city lives against a platform: history first, then by the clock, stopped, killed and shut out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dure.simulator.city import City
from dure.simulator.life import begin_life
from dure.simulator.memory import Truth
from dure.simulator.names import phone
from dure.simulator.pace import SLOTS_PER_DAY, real_now, slot_of

from .conftest import KEYS, Platform
from .living import BACKFILL_DAYS, CITY_START, FAST, LIVE_FROM, WITHIN, begin, living, options, text, wait_until


@pytest.fixture(autouse=True)
def begun(made_city: City) -> None:
    begin(made_city)


def arrived(platform: Platform, prefix: str, slot: int) -> Callable[[], bool]:
    return lambda: any(at >= text(slot) for at in platform.times(prefix))


def missing(city: City, platform: Platform, until: int) -> list[tuple[str, str]]:
    """Readings of the half hours before ``until`` that should have come and did not."""
    power = begin_life(city, LIVE_FROM, BACKFILL_DAYS).power
    history = power.between(LIVE_FROM - BACKFILL_DAYS * SLOTS_PER_DAY, LIVE_FROM)
    lived = [power.due(slot) for slot in range(LIVE_FROM, until)]
    return [
        (one["device"], one["at"])
        for part in (history, *lived)
        for one in part.objects()
        if platform.values.get((one["device"], "power", one["at"]), "none") != one["value"]
    ]


def test_history_then_live_and_a_restart_without_holes_or_doubts(made_city: City, platform: Platform) -> None:
    real_start = real_now()
    with living(made_city, options(platform, real_start)):
        wait_until(arrived(platform, "meter", LIVE_FROM + 10))
    time_between = slot_of(options(platform, real_start).pace.now())
    wait_until(lambda: slot_of(options(platform, real_start).pace.now()) > time_between + 5)
    with living(made_city, options(platform, real_start)):
        wait_until(arrived(platform, "meter", time_between + 10))
        wait_until(arrived(platform, "phone", time_between + 10))
    assert missing(made_city, platform, time_between + 8) == []
    assert platform.conflicts == 0


def test_each_feed_speaks_with_its_own_key_for_its_own_devices(made_city: City, platform: Platform) -> None:
    with living(made_city, options(platform, real_now())):
        wait_until(arrived(platform, "meter", LIVE_FROM + 4))
        wait_until(arrived(platform, "phone", LIVE_FROM + 2))
    assert platform.sent_by == {"key-ami": {"meter"}, "key-telecom": {"phone"}}


def test_a_closed_door_holds_up_only_itself_and_loses_nothing(
    made_city: City, platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.closed.add("/readings")
    platform.ringing = [_call("c1", phone(3))]
    with living(made_city, options(platform, real_now())):
        wait_until(lambda: platform.refused >= 2)
        wait_until(lambda: _decided(made_city, "c1"))
        platform.closed.clear()
        wait_until(arrived(platform, "meter", LIVE_FROM + 4))
    assert missing(made_city, platform, LIVE_FROM + 4) == []
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    doors = [one["state"] for one in said if one["event"] == "door" and one["name"] == "ami"]
    assert doors == ["closed", "open"]
    history = [one for one in said if one["event"] == "history" and one["feed"] == "ami"]
    assert [one["done"] for one in history] == sorted(one["done"] for one in history)
    assert history[-1]["done"] == history[-1]["total"] == BACKFILL_DAYS * SLOTS_PER_DAY


@pytest.mark.kill
@pytest.mark.once
def test_killed_in_the_middle_it_goes_on_without_a_hole(made_city: City, platform: Platform, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    clock = f"{FAST}@{real_now()}={CITY_START}"
    command = [sys.executable, "-m", "dure.cli", "simulate", "run", str(made_city.folder), "--url", platform.url]
    command += ["--keys", str(keys), "--clock", clock, "--backfill-days", str(BACKFILL_DAYS)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until(arrived(platform, "meter", LIVE_FROM - SLOTS_PER_DAY))
        os.kill(process.pid, signal.SIGKILL)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until(arrived(platform, "meter", LIVE_FROM + 5))
        os.kill(process.pid, signal.SIGKILL)
    reached = slot_of(datetime.fromisoformat(max(platform.times("meter"))).timestamp())
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until(arrived(platform, "meter", reached + 5))
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN) == 0
    assert missing(made_city, platform, reached + 4) == []
    assert platform.conflicts == 0


def test_the_truth_is_kept_and_nothing_of_it_is_sent(made_city: City, platform: Platform) -> None:
    with living(made_city, options(platform, real_now())):
        wait_until(arrived(platform, "meter", LIVE_FROM + 30))
        wait_until(lambda: _kinds(made_city) >= {"emergency", "trip"})
    truth = Truth(made_city.folder)
    events, began = truth.events(), truth.when("began")
    truth.close()
    assert began == datetime.fromtimestamp(CITY_START, UTC)
    assert all(event.begins_at >= began for event in events if event.kind == "emergency")
    everything = " ".join(platform.bodies)
    for word in ("emergency", "clean", "left_on", "timers", "hospital", "trip", "outage", "stuck", "late", "seed"):
        assert word not in everything


def test_the_well_answer_and_the_helpless_never_do(made_city: City, platform: Platform) -> None:
    life = begin_life(made_city, LIVE_FROM, BACKFILL_DAYS)
    first = life.emergencies.before(LIVE_FROM + 10)[0]
    since = (first.begin + 1) * 1800.0 - 9 * 3600
    platform.ringing = [_call(f"h{n}", phone(first.home), since) for n in range(5)]
    platform.ringing += [_call(f"w{n}", phone(home), since) for n, home in enumerate(range(30)) if home != first.home]
    platform.ringing.append(_call("family", phone(5_000_000), since))
    given = options(platform, real_now() - (since + 3600 - CITY_START) / FAST)
    with living(made_city, given):
        wait_until(lambda: len(platform.answers) >= 10)
        wait_until(lambda: len(_calls(made_city)) >= 34)
    assert {call[0] for call, _ in platform.answers} == {"w"}
    assert all(words for _, words in platform.answers)
    assert len({words for _, words in platform.answers}) > 2, "people answer in words of their own"
    did = _calls(made_city)
    assert {did[f"h{n}"] for n in range(5)} == {"helpless"}
    assert "family" not in did
    assert "unheard" in did.values()


def test_declared_trips_are_said_beforehand_with_the_phone(
    made_city: City, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dure.simulator.diary.TRIPS_PER_DAY", 0.6)
    with living(made_city, options(platform, real_now())):
        wait_until(lambda: len(platform.away) >= 3)
    for notice in platform.away:
        assert notice["device"].startswith("phone-")
        assert datetime.fromisoformat(notice["from"]) < datetime.fromisoformat(notice["until"])
    assert len({(notice["device"], notice["from"]) for notice in platform.away}) == len(platform.away)


def _call(name: str, number: str, since: float = CITY_START) -> dict[str, object]:
    begins, ends = (datetime.fromtimestamp(at, UTC).isoformat() for at in (since, since + 600))
    return {"id": name, "phone": number, "ringing_since": begins, "rings_until": ends, "text": {}}


def _calls(city: City) -> dict[str, str]:
    truth = Truth(city.folder)
    rows = truth.read("SELECT id, did FROM call")
    truth.close()
    return {row[0]: row[1] for row in rows}


def _decided(city: City, call: str) -> bool:
    return call in _calls(city)


def _kinds(city: City) -> set[str]:
    truth = Truth(city.folder)
    kinds = {event.kind for event in truth.events()}
    truth.close()
    return kinds
