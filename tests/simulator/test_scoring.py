# SPDX-License-Identifier: Apache-2.0
"""The score's arithmetic, on a truth of a few lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dure.cli import main
from dure.simulator.city import City
from dure.simulator.memory import Event, Truth
from dure.simulator.report import Answers, answers_in, as_json, as_table
from dure.simulator.scoring import CaseLine, Score, score

from .conftest import KEYS, Platform

BEGAN = datetime(2026, 11, 21, tzinfo=UTC)
UNTIL = BEGAN + timedelta(days=10)


def hours(count: float) -> datetime:
    return BEGAN + timedelta(hours=count)


def case(
    number: int, meter: str, at: float, *, kind: str = "unlike_habit", level: int = 2, closed: bool = True
) -> CaseLine:
    end = hours(at + 1) if closed else None
    return CaseLine(str(number), kind, level, meter, hours(at), end, end, "well_by_phone" if closed else "")


def emergency(meter: str, at: float, kind: str = "clean") -> list[Event]:
    return [
        Event("emergency", meter, hours(at), hours(at + 72), kind),
        Event("hospital", meter, hours(at + 72), hours(at + 72 + 336)),
    ]


def judged(events: list[Event], cases: list[CaseLine], until: datetime = UNTIL) -> Score:
    return score(events, cases, homes=100, since=BEGAN, until=until, area_of={"m7": "area"})


def test_an_emergency_is_found_by_the_first_case_after_its_onset() -> None:
    result = judged(
        emergency("m1", 10) + emergency("m2", 20, "timers") + emergency("m3", 30),
        [case(1, "m1", 22), case(2, "m1", 40), case(3, "m2", 50), case(4, "m3", 5)],
    )
    assert [one.hours for one in result.found] == [12, 30, None]
    assert result.within(12) == (1, 3)
    assert result.within(24) == (1, 3)
    assert result.within(48) == (2, 3)
    assert result.within(48, "timers") == (1, 1)
    assert result.delays() == [12, 30]
    # The case before m3's onset was about nothing; the second one about m1 is neither found nor false.
    assert result.false_alarms == {"nothing": 1}


def test_a_case_after_the_person_was_found_anyway_is_no_find() -> None:
    result = judged(emergency("m1", 10), [case(1, "m1", 83)])
    assert result.found[0].hours is None
    assert not result.false_alarms


def test_an_emergency_not_watched_long_enough_does_not_count_against_the_platform() -> None:
    result = judged(emergency("m1", 10) + emergency("m2", 230), [], until=UNTIL)
    assert result.within(12) == (0, 1)
    assert [one.followed_hours for one in result.found] == [72, 10]


def test_home_days_leave_out_emergencies_and_hospital() -> None:
    result = judged(emergency("m1", 24), [])
    assert result.home_days == pytest.approx(100 * 10 - 9)
    assert judged([], []).home_days == 1000


def test_false_alarms_by_what_was_really_so_and_per_1000_home_days() -> None:
    events = [
        Event("trip", "m4", hours(0), hours(48)),
        Event("stuck", "m5", hours(0), hours(48)),
        Event("feeder_outage", "area", hours(0), hours(5)),
    ]
    cases = [
        case(1, "m4", 30),
        case(2, "m4", 80),
        case(3, "m4", 100),
        case(4, "m5", 20, level=3),
        case(5, "m7", 6),
        case(6, "m8", 6),
    ]
    result = judged(events, cases)
    assert result.false_alarms == {"trip": 2, "data fault": 2, "nothing": 2}
    assert result.false_alarms_by_level == {2: 5, 3: 1}
    assert result.per_1000(result.false_alarms.total()) == pytest.approx(6.0)


def test_cases_about_devices_are_no_alarms_but_show_that_the_fault_was_seen() -> None:
    events = [
        Event("outage", "m1", hours(0), hours(60)),
        Event("outage", "m2", hours(0), hours(60)),
        Event("stuck", "m1", hours(200), hours(230)),
    ]
    result = judged(events, [case(1, "m1", 40, kind="silent"), case(2, "m1", 41, kind="meter_fault")])
    assert not result.false_alarms
    assert result.data_faults == {"outage": 1, "stuck": 0}
    assert result.data_faults_true == {"outage": 2, "stuck": 1}


def test_alarms_cases_about_meters_and_what_people_said_are_told_apart() -> None:
    events = [Event("outage", "m1", hours(0), hours(60))]
    cases = [
        case(1, "m1", 10, kind="meter_fault"),
        case(2, "m1", 12),
        case(3, "m1", 13, kind="said_in_call"),
        case(4, "m2", 14, kind="silent"),
    ]
    result = judged(events, cases)
    assert result.cases == {"meter_fault": 1, "unlike_habit": 1, "said_in_call": 1, "silent": 1}
    assert result.false_alarms == {"data fault": 1}
    assert result.data_faults == {"outage": 1}
    said = as_table(result)
    assert "1 alarms (homes unlike themselves), 2 about meters and their data, 1 others" in said
    assert "really: data fault" in said
    assert "outage 1 of 1" in said
    assert judged(events, [case(3, "m1", 13, kind="said_in_call")]).data_faults == {"outage": 0}


def test_only_the_judged_time_counts() -> None:
    result = judged(emergency("m1", -5) + emergency("m2", 300), [case(1, "m3", -3), case(2, "m3", 300)])
    assert result.found == []
    assert result.cases.total() == 0


def test_cases_are_counted_through_to_their_end() -> None:
    result = judged([], [case(1, "m1", 5), case(2, "m2", 6, closed=False)])
    assert (result.cases.total(), result.acknowledged, result.closed) == (2, 1, 1)
    assert result.outcomes == {"well_by_phone": 1}


def test_table_and_json_say_the_same() -> None:
    result = judged(emergency("m1", 10) + emergency("m2", 20, "left_on"), [case(1, "m1", 22), case(2, "m9", 50)])
    table, data = as_table(result), as_json(result)
    everything = data["emergencies"]["all"]
    assert (everything["began"], everything["found"], everything["median_hours"]) == (2, 1, 12)
    assert everything["within_24_h"] == {"found": 1, "of": 2}
    assert data["emergencies"]["left_on"]["median_hours"] is None
    row = next(line for line in table.splitlines() if line.startswith("all"))
    assert row.split() == ["all", "2", "1", "12.0", "h", "12.0", "h", "1/2", "1/2", "1/2"]
    assert "(1)" in next(line for line in table.splitlines() if line.startswith("  all "))


def door_line(one: CaseLine) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(one).items()}


def test_the_command_asks_the_platform_with_the_key_of_the_statistics(
    made_city: City, platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = Truth(made_city.folder)
    truth.keep(emergency("meter-000001", 10))
    truth.lived("began", BEGAN)
    truth.lived("known", UNTIL)
    truth.close()
    platform.cases = [door_line(case(1, "meter-000001", 25))]
    keys = tmp_path / "keys.json"
    arguments = ["simulate", "score", str(made_city.folder), "--url", platform.url, "--keys", str(keys)]
    keys.write_text(json.dumps(KEYS))
    assert main(arguments) == 0
    assert "15.0 h" in capsys.readouterr().out
    for wrong, said in (({"statistics": "other"}, "401"), ({}, "statistics")):
        keys.write_text(json.dumps(wrong))
        assert main(arguments) == 2
        assert said in capsys.readouterr().err


def test_the_command_scores_a_file_of_cases(
    made_city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["simulate", "score", str(made_city.folder), "--cases", str(tmp_path / "cases.json"), "--json"]
    assert main(arguments) == 2
    assert "not lived yet" in capsys.readouterr().err
    assert main(["simulate", "score", str(tmp_path / "none"), "--cases", str(tmp_path / "cases.json")]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    truth = Truth(made_city.folder)
    truth.keep(emergency("meter-000001", 10))
    truth.keep(emergency("meter-000001", 10))
    truth.lived("began", BEGAN)
    truth.lived("known", UNTIL)
    truth.keep_call("c", "meter-000001", hours(11), "helpless")
    truth.close()
    lines = [door_line(case(1, "meter-000001", 25))]
    (tmp_path / "cases.json").write_text(json.dumps({"cases": lines}))
    assert answers_in(tmp_path / "cases.json") == Answers([case(1, "meter-000001", 25)], [], None)
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["emergencies"]["clean"]["median_hours"] == 15
    assert said["home_days"] == pytest.approx(40 * 10 - (240 - 10) / 24, abs=0.01)
    assert said["calls"] == {"helpless": 1}
