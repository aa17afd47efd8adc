# SPDX-License-Identifier: Apache-2.0
"""From a sensor's reports to a level: what is believed, and what is said of what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.services.waste.models import Bin, BinState, BinStatus, Mount
from dure.services.waste.rules import SensorRules
from dure.services.waste.sensing import Emptied, Report, take

START = datetime(2026, 11, 1, tzinfo=UTC)
RULES = SensorRules()


class Watched:
    """A bin of 1,000 mm from empty (1,200 mm) to full (200 mm), with a sensor on its lid that reports every hour."""

    def __init__(self, **changes: Any) -> None:
        self.bin = Bin(**{"empty_mm": 1200, "full_mm": 200, "blind_mm": 150, "mount": Mount.LID} | changes)
        self.state = BinState()
        self.hours = 0.0
        self.emptied: list[Emptied] = []

    def hear(self, *distances: float | None, hours: float = 1, **said: Any) -> None:
        """Reports with these distances, ``hours`` apart."""
        for distance in distances:
            self.hours += hours
            report = Report(START + timedelta(hours=self.hours), distance, **said)
            emptied = take(self.state, self.bin, report, RULES)
            if emptied is not None:
                self.emptied.append(emptied)

    def fills(self, *percents: float, **said: Any) -> None:
        self.hear(*(1200 - 10 * percent for percent in percents), **said)


@pytest.fixture
def bin() -> Watched:
    watched = Watched()
    watched.fills(38, 40, 42)
    return watched


def test_distance_becomes_a_level_by_the_bins_own_calibration(bin: Watched) -> None:
    assert (bin.state.fill, bin.state.status) == (40, BinStatus.OK)
    assert bin.state.fill_at == START + timedelta(hours=3)
    bin.hear(100, 1210, 1205)
    assert bin.state.fill == 0, "beyond the empty distance is empty, and too near before was no level"


def test_one_spike_changes_nothing(bin: Watched) -> None:
    bin.fills(99, 43, 2, 44)
    assert bin.state.fill == 43
    assert bin.emptied == []


def test_too_near_is_full_after_filling_and_something_in_the_way_before(bin: Watched) -> None:
    bin.hear(90, 90, 90)
    assert bin.state.fill == 40
    bin.fills(80, 84, 86)
    bin.hear(90, 90)
    assert bin.state.fill == 100
    assert bin.state.full_since is not None


def test_distance_that_cannot_be_is_not_believed_and_after_a_while_nothing_is_known(bin: Watched) -> None:
    bin.hear(*[1400] * 12)
    assert (bin.state.fill, bin.state.status) == (40, BinStatus.OK)
    bin.hear(None)
    assert (bin.state.fill, bin.state.status) == (40, BinStatus.UNKNOWN)
    bin.fills(50)
    assert bin.state.status == BinStatus.OK


@pytest.mark.parametrize(
    ("mount", "said", "status"),
    [
        (Mount.LID, {"tilt": 1.0}, BinStatus.LID_OPEN),
        (Mount.BODY, {"tilt": 1.0}, BinStatus.TILTED),
        (Mount.BODY, {"lid": 1.0}, BinStatus.LID_OPEN),
        (Mount.LID, {"lid": 1.0, "tilt": 0.0}, BinStatus.LID_OPEN),
    ],
)
def test_open_lid_and_fallen_bin_keep_the_last_level_until_they_are_over(
    mount: Mount, said: dict[str, float], status: BinStatus
) -> None:
    bin = Watched(mount=mount)
    bin.fills(38, 40, 42)
    bin.hear(1150, 1150, **said)
    assert (bin.state.fill, bin.state.status) == (40, status)
    bin.hear(None)
    assert bin.state.status == status, "a report that is silent about it changes nothing"
    bin.fills(43, **dict.fromkeys(said, 0.0))
    assert (bin.state.fill, bin.state.status) == (42, BinStatus.OK)


def test_fire_is_seen_at_once_and_is_over_when_it_is_cool(bin: Watched) -> None:
    bin.fills(42, temperature=61.0)
    assert bin.state.status == BinStatus.BURNING
    bin.fills(42)
    assert bin.state.status == BinStatus.BURNING
    bin.fills(42, temperature=30.0)
    assert bin.state.status == BinStatus.OK


def test_emptying_is_a_drop_that_stays(bin: Watched) -> None:
    bin.fills(60, 75, 81, 5)
    assert bin.emptied == []
    low_at = START + timedelta(hours=bin.hours)
    bin.fills(7, 6, 8)
    assert bin.emptied == [Emptied(low_at, 75, 6)]
    assert (bin.state.fill, bin.state.emptied_at) == (7, low_at)


def test_emptying_is_seen_where_readings_are_rare(bin: Watched) -> None:
    for percent in (50, 85, 4, 10):
        bin.hear(1200 - 10 * percent, hours=24)
    assert [(one.before, one.after) for one in bin.emptied] == [(85, 7)]


def test_what_settles_is_no_emptying(bin: Watched) -> None:
    bin.fills(80, 82, 60, 58, 57)
    assert bin.emptied == []
    assert bin.state.fill == 58


def test_full_is_not_ended_by_noise(bin: Watched) -> None:
    bin.fills(94, 97, 96)
    since = bin.state.full_since
    bin.fills(93, 92, 91)
    assert bin.state.full_since == since is not None
    bin.fills(5, 5)
    assert bin.state.full_since is None


def test_sensor_that_gives_a_level_itself(bin: Watched) -> None:
    bin.hear(None, None, None, fill=71.0)
    assert bin.state.fill == 71


def test_late_report_changes_nothing(bin: Watched) -> None:
    before = dict(vars(bin.state))
    bin.hours = 0
    bin.fills(90)
    assert vars(bin.state) == before


@given(st.lists(st.tuples(st.floats(0, 2000) | st.none(), st.sampled_from([None, 0.0, 1.0])), max_size=40))
def test_whatever_is_reported_the_level_is_one_and_emptyings_are_in_order(
    reports: list[tuple[float | None, float | None]],
) -> None:
    bin = Watched()
    for distance, tilt in reports:
        bin.hear(distance, tilt=tilt)
    assert bin.state.fill is None or 0 <= bin.state.fill <= 100
    assert [one.at for one in bin.emptied] == sorted({one.at for one in bin.emptied})
    assert all(one.before - one.after >= RULES.emptied_points for one in bin.emptied)
    assert len(bin.state.recent) <= 5
