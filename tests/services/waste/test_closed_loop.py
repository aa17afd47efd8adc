# SPDX-License-Identifier: Apache-2.0
"""The closed loop: what a policy sees, what it costs, and the files that say so."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from dure.cli import main
from dure.engines.filling.shape import Floats
from dure.services.waste.closed_loop import Bins, Deposits, Fleet, Setting, SettingError, simulate
from dure.services.waste.closed_loop.policies import Ask, Latest, Municipal, opportunities, policy_named
from dure.services.waste.closed_loop.run import summary, write
from dure.services.waste.closed_loop.world import Sensors, World

START = datetime(2026, 6, 1)  # noqa: DTZ001 the file's own clock; a Monday
DAYTIME = np.array([2.0 if 8 <= hour < 20 else 0.4 for hour in range(24)])


def city(bins: int = 12, days: int = 12, a_day: float = 35.0) -> tuple[Bins, Deposits]:
    """Bins within two kilometres of one another, busy by day."""
    chance = np.random.default_rng(4)
    names = tuple(f"b{number}" for number in range(bins))
    rates = chance.lognormal(0, 0.4, bins) * a_day * DAYTIME[:, None] / DAYTIME.sum()
    amounts = chance.poisson(np.tile(rates, (days, 1))).astype(float)
    lon, lat = 126.77 + 0.02 * chance.random(bins), 37.65 + 0.02 * chance.random(bins)
    return Bins(names, lon, lat, np.full(bins, 240.0)), Deposits(START, amounts)


def decisions(folder: Path) -> list[dict[str, str]]:
    with (folder / "decisions.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("routing", [False, True])
def test_what_falls_in_later_changes_no_decision_before(tmp_path: Path, routing: bool) -> None:
    bins, deposits = city(bins=6)
    fleet = Fleet((126.77, 37.65), (126.8, 37.66), trucks=1, iterations=20) if routing else None
    setting = Setting("dure", (6, 14), faults=True, fleet=fleet, warmup_days=0)
    changed = deposits.amounts.copy()
    changed[24 * 8 + 14 :] = 9
    lines = []
    for name, amounts in (("one", deposits.amounts), ("two", changed)):
        write(simulate(bins, Deposits(START, amounts), setting), tmp_path / name)
        lines.append((tmp_path / name / "decisions.csv").read_bytes().splitlines())
    before = [[line for line in of if line < b"2026-06-09T14:00:01"] for of in lines]

    assert before[0] == before[1]
    assert len(before[0]) > 5
    assert lines[0] != lines[1]


def test_policy_is_given_readings_and_nothing_else() -> None:
    """Noise of 3 points, 2 % lost, whole points from 0 to 100."""
    seen: list[Floats] = []

    class Listener(Latest):
        def observe(self, at: datetime, readings: Floats) -> None:
            seen.append(readings.copy())

        def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
            return self._ask(np.zeros(40, bool))

    bins, deposits = city(40, 20)
    flat = replace(deposits, amounts=np.zeros_like(deposits.amounts))
    flat.amounts[0] = 50
    simulate(bins, flat, Setting(""), lambda _: Listener(40))
    readings = np.array(seen[1:])
    known = readings[np.isfinite(readings)]

    assert np.isnan(readings).mean() == pytest.approx(0.02, abs=0.003)
    assert known.std() == pytest.approx(3.0, abs=0.1)
    assert known.mean() == pytest.approx(50, abs=0.1)
    assert np.array_equal(known, np.rint(known))


def test_overflow_is_counted_by_the_hours_that_end_full() -> None:
    world = World(1)
    found, over = world.pass_hour(np.array([90.0]), {})
    assert (found, over.sum()) == ([], 0)

    found, over = world.pass_hour(np.array([40.0]), {0: 0.25})

    assert found[0].fill == 100  # 90 and a quarter of 40
    assert world.level[0] == 30
    assert over.sum() == 0
    assert world.pass_hour(np.array([70.0]), {})[1].sum() == 1


def test_ours_is_cheaper_than_a_calendar_and_overflows_less() -> None:
    bins, deposits = city(16, 16, 26)
    ours = simulate(bins, deposits, Setting("dure"))
    calendar = simulate(bins, deposits, Setting("calendar:mon,wed,fri"))

    assert ours.collections_per_bin_week < calendar.collections_per_bin_week
    assert ours.overflow_hours_per_bin_week < calendar.overflow_hours_per_bin_week


def test_faults_make_little_more_overflow() -> None:
    bins, deposits = city(20, 18, 45)
    well, faulty = (simulate(bins, deposits, Setting("dure", faults=faults)) for faults in (False, True))
    most = 1.25 * well.overflow_hours_per_bin_week + 0.2  # and what chance does in 20 bins

    assert faulty.overflow_hours_per_bin_week <= most


def test_faulty_sensors_fall_silent_stick_and_spike() -> None:
    sensors = Sensors(200, 1, faults=True)
    readings = np.array([sensors.read(np.full(200, 50.0)) for _ in range(500)])

    silent = np.isnan(readings).sum(0) > 24
    spiking = (np.abs(readings - 50) > 20).sum(0) > 1
    stuck = np.array([np.diff(of[np.isfinite(of)]).tolist().count(0) > 100 for of in readings.T])
    assert min(silent.sum(), spiking.sum(), stuck.sum()) >= 3


def test_calendar_goes_once_on_its_days_and_threshold_by_level() -> None:
    bins, deposits = city(4, 14)
    days = {one.at.weekday() for one in simulate(bins, deposits, Setting("calendar:mon,fri", (6, 14))).collections}
    full = simulate(bins, deposits, Setting("threshold:70"))

    assert days == {0, 4}
    assert min(one.fill for one in full.collections) > 60


def test_municipal_rule_takes_those_that_fill_soonest() -> None:
    policy = Municipal(3, 1)
    for hour in range(10):
        policy.observe(START.replace(hour=hour), np.array([80.0, 5.0 * hour, 20.0]))

    assert policy.choose(START, (24,)).go.tolist() == [False, True, False]


def test_trucks_drive_what_they_can_and_unload_at_the_tip(tmp_path: Path) -> None:
    bins, deposits = city(10, 10, 60)
    fleet = Fleet((126.77, 37.65), (126.80, 37.66), trucks=1, capacity=1000, iterations=30)
    outcome = simulate(bins, deposits, Setting("threshold:40", fleet=fleet, warmup_days=2))
    write(outcome, tmp_path)
    with (tmp_path / "routes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))

    assert said["km_per_day"] == pytest.approx(outcome.km_per_day, abs=0.001)
    assert 5 < said["km_per_day"] < 60
    assert said["infeasible_plans"] == 0
    assert rows[-1]["kind"] == "site"
    assert sum(row["kind"] == "stop" for row in rows) == len(outcome.collections)
    assert all(one.at.minute or one.at.second for one in outcome.collections)


def test_must_that_does_not_fit_is_an_infeasible_plan() -> None:
    bins, deposits = city(10, 3, 60)
    fleet = Fleet((126.77, 37.65), (126.80, 37.66), trucks=1, iterations=10, bin_seconds=6000)
    outcome = simulate(bins, deposits, Setting("calendar:wed", fleet=fleet, warmup_days=0))

    assert summary(outcome)["infeasible_plans"] == 1
    assert 0 < len(outcome.collections) < 10


def test_opportunities_follow_the_decisions_of_a_week() -> None:
    assert opportunities(6, (6, 14))[:3] == (8, 24, 32)
    assert opportunities(14, (6, 14))[:2] == (16, 24)
    assert opportunities(6, (6,))[-1] == 168


@pytest.mark.parametrize(
    "policy", ["dur", "threshold", "threshold:x", "threshold:nan", "calendar:", "calendar:moo", "municipal:0", "ours:1"]
)
def test_policy_that_cannot_be_meant(policy: str) -> None:
    with pytest.raises(SettingError, match=policy):
        policy_named(policy, 3, 1)


def write_city(folder: Path, bins: Bins, deposits: Deposits) -> list[str]:
    lines = ["bin,lon,lat,volume_l"]
    lines += [f"{name},{lon},{lat},240" for name, lon, lat in zip(bins.names, bins.lon, bins.lat, strict=True)]
    (folder / "bins.csv").write_text("\n".join(lines), encoding="utf-8")
    rows = ["bin,at,amount"]
    for hour, amounts in enumerate(deposits.amounts):
        at = f"2026-06-{1 + hour // 24:02d}T{hour % 24:02d}:00:00+09:00"
        rows += [f"{name},{at},{amount}" for name, amount in zip(bins.names, amounts, strict=True)]
    (folder / "deposits.csv").write_text("\n".join(rows), encoding="utf-8")
    return ["waste", "simulate", str(folder / "deposits.csv"), "--bins", str(folder / "bins.csv")]


def test_command_writes_what_it_promises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = write_city(tmp_path, *city(4, 9))
    out = tmp_path / "out"
    options = ["--policy", "dure", "--decisions", "06:00,14:00", "--noise-seed", "2", "--no-routing", "--out", str(out)]

    assert main([*asked, *options]) == 0
    said = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (said["bins"], said["days"], said["km_per_day"], said["noise_seed"]) == (4, 2, None, 2)
    assert (out / "collections.csv").read_text(encoding="utf-8").startswith("bin,at,fill\n")
    assert {row["at"][11:13] for row in decisions(out)} <= {"06", "14"}
    assert "collections_per_bin_week" in capsys.readouterr().out
    assert not (out / "routes.csv").exists()


def test_weather_is_heeded_and_what_it_does_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bins, deposits = city(12, 14)
    hours = np.arange(len(deposits.amounts))
    wet = (hours // 24 % 2 == 1) & (hours % 24 >= 8)
    dried = replace(deposits, amounts=np.where(wet[:, None], deposits.amounts / 3, deposits.amounts))
    asked = write_city(tmp_path, bins, dried)
    lines = [f"2026-06-{1 + hour // 24:02d}T{hour % 24:02d}:00+09:00,{3 * wet[hour]},20" for hour in hours]
    (tmp_path / "weather.csv").write_text("\n".join(["at,rain_mm,celsius", *lines]), encoding="utf-8")
    options = ["--policy", "dure", "--no-routing", "--weather", str(tmp_path / "weather.csv")]

    assert main([*asked, *options, "--out", str(tmp_path / "out")]) == 0
    said = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["weather"]
    assert said["rain"]["share"] < -3 * said["rain"]["error"]
    assert said["ten_degrees"]["share"] == 0


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("weather", "2026-06-01T03:30,0,20", "2: at: "),
        ("weather", "2026-06-01T03:00,-1,20", "2: rain_mm: "),
        ("weather", "2026-06-01T03:00,0,hot", "2: celsius: "),
        ("deposits", "b0,2026-06-01T03:30,1", "2: at: "),
        ("deposits", "b0,yesterday,1", "2: at: "),
        ("deposits", "nobody,2026-06-01T03:00,1", "2: bin: "),
        ("deposits", "b0,2026-06-01T03:00,-1", "2: amount: "),
        ("deposits", "b0,2026-06-01T03:00,nan", "2: amount: "),
        ("deposits", "b0,2026-06-01T03:00", "2: amount: "),
        ("deposits", "b0,2026-06-01T03:00,1\nb0,2026-06-01T03:00,1", "3: at: "),
        ("deposits", "b0,2026-06-01T03:00Z,1\nb0,2026-06-01T04:00,1", "3: at: "),
        ("deposits", "", "1: bin: "),
        ("bins", "b0,200,37,240", "2: lon: "),
        ("bins", "b0,127,37,240\nb0,127,37,240", "3: bin: "),
        ("bins", "b0,127,37,none", "2: volume_l: "),
    ],
)
def test_wrong_file_is_said_with_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, line: str, said: str
) -> None:
    asked = write_city(tmp_path, *city(1, 1))
    weather, path = tmp_path / "weather.csv", tmp_path / f"{file}.csv"
    weather.write_text("at,rain_mm,celsius", encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n" + line, encoding="utf-8")
    options = ["--policy", "dure", "--no-routing", "--weather", str(weather), "--out", str(tmp_path / "out")]

    assert main([*asked, *options]) == 2
    assert f"{file}.csv:{said}" in capsys.readouterr().err
